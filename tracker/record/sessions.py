"""Sessions of a batch: a fixed number of statements, whatever their number."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from tracker.counters.distinct import Distinct
from tracker.models import Project
from tracker.storage.sql import Columns, is_postgres, join_rows, update_rows, write_rows
from tracker.versions import order_key

RELEASE: Columns = (("project_id", "bigint"), ("version", "text"))
RELEASE_DEFAULTS: Columns = (
    ("created_at", "time"),
    ("url", "text"),
    ("ref", "text"),
    ("is_archived", "boolean"),
    ("order_key", "bytes"),
)
ROW: Columns = (("release_id", "bigint"), ("environment", "text"), ("minute", "time"))
COUNTS: Columns = (("exited", "integer"), ("errored", "integer"), ("crashed", "integer"), ("abnormal", "integer"))

Row = tuple[int, str, datetime]
"""Release id, environment, minute."""
DAY: Columns = (("release_id", "bigint"), ("environment", "text"), ("day", "integer"))
PEOPLE: Columns = (("users", "bytes"), ("crashed_users", "bytes"))
DAY_SECONDS = 86_400


class SessionKey(NamedTuple):
    """One row of `SessionCount`; `minute` has no seconds."""

    project_id: int
    release: str
    environment: str
    minute: datetime


@dataclass(slots=True)
class SessionCounts:
    """What is added, negative where sessions turned out to be of another kind."""

    exited: int = 0
    errored: int = 0
    crashed: int = 0
    abnormal: int = 0
    users: set[int] = field(default_factory=set)
    """Hashes of the people whose sessions they are, where they are named."""
    crashed_users: set[int] = field(default_factory=set)

    def count(self, kind: str, sessions: int) -> None:
        setattr(self, kind, getattr(self, kind) + sessions)

    @property
    def is_change(self) -> bool:
        return any((self.exited, self.errored, self.crashed, self.abnormal))

    def add(self, other: "SessionCounts") -> None:
        self.exited += other.exited
        self.errored += other.errored
        self.crashed += other.crashed
        self.abnormal += other.abnormal
        self.users |= other.users
        self.crashed_users |= other.crashed_users


def record_sessions(sessions: Iterable[tuple[SessionKey, SessionCounts]], now: datetime) -> None:
    """Add to the counts, in the caller's transaction; releases are made, projects that are gone left out.

    No count falls below zero, whatever reports are missing.
    """
    sums: dict[SessionKey, SessionCounts] = {}
    for key, counts in sessions:
        sums.setdefault(key, SessionCounts()).add(counts)
    if not sums:
        return
    there = set(Project.objects.filter(id__in={key.project_id for key in sums}).values_list("id", flat=True))
    sums = {key: counts for key, counts in sums.items() if key.project_id in there}
    releases = _release_ids({(key.project_id, key.release) for key in sums}, now)
    rows = [
        ((releases[key.project_id, key.release], key.environment, key.minute), counts) for key, counts in sums.items()
    ]
    rows.sort(key=lambda row: row[0])
    _add([(row, counts) for row, counts in rows if counts.is_change])
    _add_people(rows)


def _release_ids(names: set[tuple[int, str]], now: datetime) -> dict[tuple[int, str], int]:
    wanted = sorted(names)
    columns = (*RELEASE, *RELEASE_DEFAULTS)
    rows = [(*name, now, "", "", False, order_key(name[1])) for name in wanted]
    write_rows("tracker_release", columns, rows, "ON CONFLICT DO NOTHING")
    found = join_rows("tracker_release", RELEASE, wanted, 't."id", t."project_id", t."version"')
    return {(project_id, version): id_ for id_, project_id, version in found}


def _add(rows: list[tuple[Row, SessionCounts]]) -> None:
    """Empty rows are made first: the database would refuse a negative number before it looks whether a row is there."""
    empty = [(*row, 0, 0, 0, 0) for row, _ in rows]
    columns = (*ROW, *COUNTS)
    write_rows("tracker_sessioncount", columns, empty, "ON CONFLICT (release_id, environment, minute) DO NOTHING")
    select = 't."id", t."release_id", t."environment", t."minute"'
    found = join_rows("tracker_sessioncount", ROW, [row for row, _ in rows], select)
    ids = {(release, environment, _in_utc(minute)): id_ for id_, release, environment, minute in found}
    greatest = "GREATEST" if is_postgres() else "MAX"
    update_rows(
        "tracker_sessioncount",
        ("id", "bigint"),
        COUNTS,
        [(ids[row], new.exited, new.errored, new.crashed, new.abnormal) for row, new in rows],
        ", ".join(f'"{kind}" = {greatest}(0, t."{kind}" + new."{kind}")' for kind, _ in COUNTS),
    )


def _in_utc(minute: datetime) -> datetime:
    """SQLite answers without a zone what was written in UTC."""
    return minute if minute.tzinfo else minute.replace(tzinfo=UTC)


def _add_people(rows: list[tuple[Row, SessionCounts]]) -> None:
    """Join who had sessions into the days' counts of people; their rows are locked in one order by every worker."""
    days: dict[tuple[int, str, int], SessionCounts] = {}
    for (release_id, environment, minute), counts in rows:
        if counts.users:
            day = int(minute.timestamp()) // DAY_SECONDS
            days.setdefault((release_id, environment, day), SessionCounts()).add(counts)
    empty = [(*day, b"", b"") for day in sorted(days)]
    columns = (*DAY, *PEOPLE)
    write_rows("tracker_sessionusers", columns, empty, "ON CONFLICT (release_id, environment, day) DO NOTHING")
    select = 't."id", t."release_id", t."environment", t."day", t."users", t."crashed_users"'
    lock = 'ORDER BY t."id" FOR UPDATE OF t' if is_postgres() else ""
    joined = []
    for id_, release_id, environment, day, users, crashed in join_rows(
        "tracker_sessionusers", DAY, sorted(days), select, lock
    ):
        new = days[release_id, environment, day]
        joined.append((id_, _joined(users, new.users), _joined(crashed, new.crashed_users)))
    assignments = ", ".join(f'"{name}" = new."{name}"' for name, _ in PEOPLE)
    update_rows("tracker_sessionusers", ("id", "bigint"), PEOPLE, joined, assignments)


def _joined(stored: bytes, people: set[int]) -> bytes:
    distinct = Distinct(bytes(stored))
    distinct.add(people)
    return distinct.as_bytes()
