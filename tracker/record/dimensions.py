"""Ids of the releases, environments, users and tags that a batch names; missing ones are made."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from tracker.record.digested import Digested
from tracker.record.projects import ProjectRow
from tracker.storage.memory import Remembered
from tracker.storage.sql import Columns, join_rows, write_rows, write_rows_returning
from tracker.versions import order_key

MAX_VALUES_PER_TAG = 5_000
"""Distinct values that one tag key may have in a project; later ones are in the payload but not counted."""
ASKED_AFTER = 250
"""New values of a tag key after which they are counted again, because other workers make some as well."""

Name = tuple[Any, ...]
"""(project id, text …): the natural key of a dimension's row."""


@dataclass(slots=True, frozen=True)
class Dimension:
    """A table of names: its natural key, and the columns that are written with a new row."""

    table: str
    key: Columns
    rest: Columns


RELEASE = Dimension(
    "tracker_release",
    (("project_id", "bigint"), ("version", "text")),
    (("created_at", "time"), ("url", "text"), ("ref", "text"), ("is_archived", "boolean"), ("order_key", "bytes")),
)
ENVIRONMENT = Dimension(
    "tracker_environment", (("project_id", "bigint"), ("name", "text")), (("is_hidden", "boolean"),)
)
USER = Dimension(
    "tracker_eventuser",
    (("project_id", "bigint"), ("identity", "text")),
    (("email", "text"), ("username", "text"), ("ip_address", "text")),
)
TAG = Dimension("tracker_tag", (("project_id", "bigint"), ("key", "text"), ("value", "text")), ())


@dataclass(slots=True, frozen=True)
class ValuesOfTag:
    """How many values a tag key has, as far as this worker knows."""

    count: int
    made: int
    """Those of them that this worker made since it last asked the database."""

    @property
    def is_certain(self) -> bool:
        return self.count >= MAX_VALUES_PER_TAG or self.made < ASKED_AFTER


_remembered: Remembered[tuple[str, int, Name], int] = Remembered(60_000)
_pairs: Remembered[tuple[int, int], bool] = Remembered(10_000)
"""Ids of releases and environments that are known to go together."""
_values_of_tag: Remembered[tuple[int, int, str], ValuesOfTag] = Remembered(5_000)


def forget_dimensions() -> None:
    """Drop everything remembered (tests, and after a failed batch)."""
    _remembered.clear()
    _values_of_tag.clear()
    _pairs.clear()


@dataclass(slots=True)
class Dimensions:
    """Ids by natural key."""

    releases: dict[Name, int]
    environments: dict[Name, int]
    users: dict[Name, int]
    tags: dict[int, dict[tuple[str, str], int]]
    """By project id, then by key and value; a value beyond the bound is absent."""


def _resolve(
    dimension: Dimension,
    wanted: dict[Name, tuple[Any, ...]],
    projects: dict[int, ProjectRow],
    admit: Callable[[list[Name]], list[Name]] = list,
) -> dict[Name, int]:
    """Ids of the wanted names. The values of `wanted` are the rest of a new row; `admit` says which may be made."""
    found: dict[Name, int] = {}
    missing: list[Name] = []
    for name in wanted:
        id_ = _remembered.get((dimension.table, projects[name[0]].version, name))
        if id_ is None:
            missing.append(name)
        else:
            found[name] = id_
    if not missing:
        return found
    # Workers that make the same rows at the same time do so in the same order, so that they never wait in a circle.
    missing.sort()
    select = ", ".join(["t.id", *(f't."{column}"' for column, _ in dimension.key)])
    existing = join_rows(dimension.table, dimension.key, missing, select)
    fresh: dict[Name, int] = {tuple(row[1:]): row[0] for row in existing}
    new = admit([name for name in missing if name not in fresh])
    if new:
        returning = ", ".join(["id", *(f'"{column}"' for column, _ in dimension.key)])
        rows = [(*name, *wanted[name]) for name in new]
        columns = (*dimension.key, *dimension.rest)
        written = write_rows_returning(dimension.table, columns, rows, returning, "ON CONFLICT DO NOTHING")
        fresh.update((tuple(row[1:]), row[0]) for row in written)
        # Another worker may have written one of them between our two statements.
        raced = [name for name in new if name not in fresh]
        fresh.update((tuple(row[1:]), row[0]) for row in join_rows(dimension.table, dimension.key, raced, select))
    found.update(fresh)
    pairs = [((dimension.table, projects[name[0]].version, name), id_) for name, id_ in fresh.items()]
    transaction.on_commit(lambda: _remembered.put_all(pairs))
    return found


def _admit_tags(new: list[Name], projects: dict[int, ProjectRow]) -> list[Name]:
    """Those of the new tags whose key may still have another value."""
    known = _count_values({(name[0], name[1]) for name in new}, projects)
    admitted: list[Name] = []
    for name in new:
        key = (name[0], name[1])
        values = known[key]
        if values.count < MAX_VALUES_PER_TAG:
            known[key] = ValuesOfTag(values.count + 1, values.made + 1)
            admitted.append(name)
    pairs = [((project, projects[project].version, key), values) for (project, key), values in known.items()]
    transaction.on_commit(lambda: _values_of_tag.put_all(pairs))
    return admitted


def _count_values(keys: set[tuple[int, str]], projects: dict[int, ProjectRow]) -> dict[tuple[int, str], ValuesOfTag]:
    """How many values each (project, tag key) has, asked of the database now and then."""
    known: dict[tuple[int, str], ValuesOfTag] = {}
    unknown: list[tuple[int, str]] = []
    for project, key in sorted(keys):
        values = _values_of_tag.get((project, projects[project].version, key))
        if values is None or not values.is_certain:
            unknown.append((project, key))
            known[project, key] = ValuesOfTag(0, 0)
        else:
            known[project, key] = values
    columns = (("project_id", "bigint"), ("key", "text"))
    for project, key, count in join_rows(
        TAG.table, columns, unknown, 't.project_id, t."key", count(*)', 'GROUP BY t.project_id, t."key"'
    ):
        known[project, key] = ValuesOfTag(count, 0)
    return known


def resolve_dimensions(batch: Iterable[Digested], projects: dict[int, ProjectRow], now: datetime) -> Dimensions:
    """Ids for everything that the batch names; at most a few statements for each of the four tables."""
    releases: dict[Name, tuple[Any, ...]] = {}
    environments: dict[Name, tuple[Any, ...]] = {}
    users: dict[Name, tuple[Any, ...]] = {}
    tags: defaultdict[int, set[tuple[str, str]]] = defaultdict(set)
    for event in batch:
        project = event.project_id
        if event.release:
            releases.setdefault((project, event.release), (now, "", "", False, order_key(event.release)))
        if event.environment:
            environments.setdefault((project, event.environment), (False,))
        if event.user_identity:
            users.setdefault(
                (project, event.user_identity), (event.user_email, event.user_username, event.user_ip_address)
            )
        tags[project].update(event.tags.items())
    return Dimensions(
        releases=_resolve(RELEASE, releases, projects),
        environments=_resolve(ENVIRONMENT, environments, projects),
        users=_resolve(USER, users, projects),
        tags=_resolve_tags(tags, projects),
    )


def _resolve_tags(
    tags: Mapping[int, set[tuple[str, str]]], projects: dict[int, ProjectRow]
) -> dict[int, dict[tuple[str, str], int]]:
    wanted: dict[Name, tuple[Any, ...]] = {(project, *tag): () for project, named in tags.items() for tag in named}
    found: dict[int, dict[tuple[str, str], int]] = {project: {} for project in tags}
    for (project, key, value), id_ in _resolve(TAG, wanted, projects, lambda new: _admit_tags(new, projects)).items():
        found[project][key, value] = id_
    return found


def note_environments(pairs: Iterable[tuple[int, int]]) -> None:
    """Note that events of releases came from environments, by their ids: one statement for what was not known yet."""
    new = sorted({pair for pair in pairs if not _pairs.get(pair)})
    columns = (("release_id", "bigint"), ("environment_id", "bigint"))
    write_rows("tracker_releaseenvironment", columns, new, "ON CONFLICT DO NOTHING")
    transaction.on_commit(lambda: _pairs.put_all((pair, True) for pair in new))
