"""A believable world for `manage.py demo`: applications with faults, releases and people, sent as real payloads.

`apps/` holds the world as tables, one file for each application, with the source code of some in `sources/`. `wire/`
makes payloads of it in the shape that each platform's SDK sends. `plan` puts everything in the order of time, and
`run` sends it through the ingest endpoint of a running server. Everything but `run`, `server` and what they use is
pure: the same seed and end make the same payloads.
"""
