"""The projects of a batch: one query tells what the other steps must know of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.models import Project


@dataclass(slots=True, frozen=True)
class ProjectRow:
    id: int
    version: int
    """`Project.grouping_version`: part of every remembered key, so that a change in another process is noticed."""
    has_events: bool


def load_projects(ids: Iterable[int]) -> dict[int, ProjectRow]:
    """Rows by id; a project that is gone is absent."""
    rows = Project.objects.filter(id__in=set(ids)).values_list("id", "grouping_version", "first_event_at")
    return {id_: ProjectRow(id_, version, first is not None) for id_, version, first in rows}
