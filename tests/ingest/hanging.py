"""Which events, pages and searches hang on a server with the settings of `tests.ingest.hanging_settings`."""

HANGING_PAGE = "/this-one-hangs/"
SLOW_PAGE = "/this-one-is-slow/"
SLOW_SECONDS = 25.0
SLOW_QUERY = "slowquery"
FOREVER = {
    "sqlite": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c",
    "postgresql": "SELECT pg_sleep(600)",
}
HANGS = "this one hangs"
TAKES_LONG = "this one takes long"
LONG_SECONDS = 3.0
