"""How long pages of issues and events take among many events; run by hand: `python -m tests.bench.search_pages`.

Makes a database of its own with 5,000 issues and asks every kind of page, at 10,000 events and at a million; on SQLite,
or with STACKTALE_PROFILE=servers on PostgreSQL.
"""
# ruff: noqa: E402

import os
import statistics
import sys
import time
from collections.abc import Callable

import tests.profile  # noqa: F401  (chooses the databases before Django reads its settings)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.config.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection, reset_queries
from django.test import Client
from django.utils import timezone

from tests.corpus.recordings import iter_cases
from tests.tracker.digested import digested
from tracker.accounts.people import add_member
from tracker.counters.stats import series_for, tag_shares
from tracker.models import Issue, Organization, Project, Role, User
from tracker.record.batch import record_batch
from tracker.record.dimensions import forget_dimensions
from tracker.record.issues import forget_keys
from tracker.search.lists import find_events, find_issues
from tracker.search.query import parse_query
from tracker.storage.payloads import forget_bases

ISSUES = 5_000
USUAL_BYTES = 20_000
NOW = timezone.now()
TAGS = (
    ("browser", 30, "'browser ' || i"),
    ("server", 4, "'web-' || i"),
    ("url", 3000, "'/page/' || i"),
    ("customer", 5000, "'customer ' || i"),
    ("release", 40, "'shop@1.' || i"),
    ("os", 12, "'os ' || i"),
)
QUERIES = [
    "",
    "is:unresolved",
    "is:resolved",
    'is:unresolved browser:"browser 3"',
    "url:/page/77",
    "!server:web-1 is:unresolved",
    "browser:*3*",
    "customer:*1*",
    "has:customer",
    "!has:customer",
    "has:customer browser:*3* !url:/page/7*",
    "charge",
    "nowhere-to-be-found",
    "user.email:u5@example.com",
    "user.email:*7@example.com",
    "user.id:5",
    "release:shop@1.7",
    "first_release:shop@1.7",
    "times_seen:>100 last_seen:-24h level:error",
]


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def numbers(count: int) -> str:
    """A table of 1 to `count` named `n`, with the column `i`, in both dialects."""
    return f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"


def moment(seconds: str) -> str:
    if connection.vendor == "sqlite":
        return f"strftime('%Y-%m-%d %H:%M:%S', {NOW.timestamp():.0f} - ({seconds}), 'unixepoch')"
    return f"to_timestamp({NOW.timestamp():.0f} - ({seconds}))"


class Rows:
    """The rows of one project, made by the database itself."""

    def __init__(self, project: Project, events: int) -> None:
        self.project = project.pk
        self.events = events
        is_sqlite = connection.vendor == "sqlite"
        self.false = "0" if is_sqlite else "false"
        self.payload = "randomblob(600)" if is_sqlite else "decode(repeat(md5(i::text), 38), 'hex')"
        self.event_id = "randomblob(16)" if is_sqlite else "decode(md5(i::text), 'hex')"
        # Half of all events fall on fifty issues.
        self.issue = f"CASE WHEN i % 2 = 0 THEN 1 + (i / 2) % 50 ELSE 1 + (i / 2) % {ISSUES} END"

    def insert(self, table: str, columns: str, count: int, select: str) -> None:
        execute(f"{numbers(count)} INSERT INTO tracker_{table} ({columns}) SELECT {select}")

    def fill(self) -> None:
        self.insert_issues()
        happened = moment("i % 7000000")
        self.insert(
            "event",
            "project_id, event_id, issue_id, occurred_at, received_at, level, payload",
            self.events,
            f"{self.project}, {self.event_id}, {self.issue}, {happened}, {happened}, 40, {self.payload} FROM n",
        )
        for key, values, name in TAGS:
            self.insert_tags(key, values, name)
        self.insert_users(max(100, self.events // 10))
        hour = f"{int(NOW.timestamp()) // 3600} - (i % 7000000) / 3600"
        select = f"{self.issue}, {hour}, count(*) FROM n GROUP BY 1, 2"
        self.insert("issuehour", "issue_id, hour, events", self.events, select)
        execute("ANALYZE")

    def insert_issues(self) -> None:
        columns = "project_id, version, created_at, url, ref, is_archived"
        select = f"{self.project}, 'shop@1.' || i, {moment('i * 86400')}, '', '', {self.false} FROM n"
        self.insert("release", columns, 40, select)
        self.insert(
            "issue",
            "id, project_id, number, title, type, value, culprit, platform, logger, level, is_unhandled, status, "
            "is_regressed, first_seen_at, last_seen_at, times_seen, users_affected, expected_since_resolved, "
            "first_release_id",
            ISSUES,
            f"i, {self.project}, i, 'ValueError: cannot charge card ' || i, 'ValueError', 'cannot charge card ' || i, "
            f"'shop.billing.view' || (i % 97) || ' in pay', 'python', '', 40, {self.false}, i % 3, {self.false}, "
            f"{moment('(i % 2000) * 3600 + 900000')}, {moment('(i * 7919) % 900000')}, i % 500, i % 50, 0, "
            "(SELECT min(id) FROM tracker_release) + i % 40 FROM n",
        )

        Project.objects.filter(pk=self.project).update(last_issue_number=ISSUES)
        if connection.vendor == "postgresql":
            execute(f"SELECT setval(pg_get_serial_sequence('tracker_issue', 'id'), {ISSUES})")

    def insert_tags(self, key: str, values: int, name: str) -> None:
        self.insert("tag", 'project_id, "key", "value"', values, f"{self.project}, '{key}', {name} FROM n")
        first = f"(SELECT min(id) FROM tracker_tag WHERE \"key\" = '{key}')"
        select = f"DISTINCT {self.issue}, {first} + (i / 7) % {values}, 3, {moment('86400')} FROM n"
        self.insert("issuetag", "issue_id, tag_id, times_seen, last_seen_at", self.events, select)

    def insert_users(self, users: int) -> None:
        columns = "project_id, identity, email, username, ip_address"
        self.insert(
            "eventuser", columns, users, f"{self.project}, 'id:' || i, 'u' || i || '@example.com', '', '' FROM n"
        )
        first = "(SELECT min(id) FROM tracker_eventuser)"
        select = f"DISTINCT {self.issue}, {first} + i % {users} FROM n"
        self.insert("issueuser", "issue_id, event_user_id", self.events, select)


def measured(name: str, call: Callable[[], object], results: dict[str, float]) -> None:
    call()
    times = []
    for _ in range(7):
        reset_queries()
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1000)
    results[name] = statistics.median(times)


def measure(project: Project, me: User) -> dict[str, float]:
    results: dict[str, float] = {}
    for text in QUERIES:
        query = parse_query(text)
        measured(text or "(all)", lambda query=query: find_issues([project], query, me=me, now=NOW), results)  # type: ignore[misc]
    everything = parse_query("is:unresolved")
    for sort in ("first_seen", "events", "users"):
        measured(
            f"sorted by {sort}",
            lambda sort=sort: find_issues([project], everything, me=me, now=NOW, sort=sort),  # type: ignore[misc]
            results,
        )
    page = find_issues([project], everything, me=me, now=NOW)
    for _ in range(30):
        assert page.next_cursor
        page = find_issues([project], everything, me=me, now=NOW, cursor=page.next_cursor)
    deep = page.next_cursor or ""
    measured("page 32", lambda: find_issues([project], everything, me=me, now=NOW, cursor=deep), results)
    hot = Issue.objects.get(pk=2)
    measured("events of a hot issue", lambda: find_events(hot), results)
    measured("tag shares of a hot issue", lambda: tag_shares(hot), results)
    measured("series of 25 issues, 24 h", lambda: series_for(page.issues, now=NOW), results)
    measured("series of a hot issue, 30 days", lambda: series_for([hot], now=NOW, hours=720, bucket_hours=24), results)
    return results


def add_issue_with_stacks(project: Project) -> Issue:
    """An issue whose events have a payload that a page can show: of the size that events of servers mostly have."""
    payloads = [content for case in iter_cases() for content in case.event_payloads() if b'"python"' in content]
    payload = min(payloads, key=lambda content: abs(len(content) - USUAL_BYTES))
    batch = [
        digested(project, number, "real", payload=payload, occurred_at=NOW, received_at=NOW) for number in range(100)
    ]
    return Issue.objects.select_related("project").get(pk=record_batch(batch, NOW)[0].issue_id)


def measure_pages(project: Project, owner: User) -> dict[str, float]:
    """Whole requests, from the view's first query to the last byte of HTML."""
    results: dict[str, float] = {}
    issue = add_issue_with_stacks(project)
    client = Client()
    client.force_login(owner)
    for name, path in (
        ("whole page: issue list", "/o/o/issues/"),
        ("whole page: search by tag", "/o/o/issues/?query=browser%3A%22browser+3%22"),
        ("whole page: issue", f"/o/o/issues/{issue.short_id}/"),
        ("whole page: event", f"/o/o/issues/{issue.short_id}/events/latest/"),
    ):
        assert client.get(path).status_code == 200, path
        measured(name, lambda path=path: client.get(path), results)  # type: ignore[misc]
    return results


def run(events: int) -> dict[str, float]:
    call_command("flush", interactive=False, verbosity=0)
    for forget in (forget_keys, forget_dimensions, forget_bases):
        forget()
    organization = Organization.objects.create(slug="o", name="O")
    project = Project.objects.create(organization=organization, slug="shop", name="Shop")
    Rows(project, events).fill()
    me = User.objects.create_user("me@example.com", "x")
    add_member(organization, me, Role.OWNER)
    return measure(project, me) | measure_pages(project, me)


if __name__ == "__main__":
    call_command("migrate", interactive=False, verbosity=0)
    few = run(10_000)
    many = run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    print(f"{connection.vendor}: milliseconds, median of 7; events: 10,000, then many; ratio")
    for name, took in many.items():
        print(f"{name:<46}{few[name]:>8.1f}{took:>12.1f}{took / few[name]:>8.2f}")
