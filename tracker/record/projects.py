"""The projects of a batch: one query tells what the other steps must know of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.models import Project


@dataclass(slots=True, frozen=True)
class ProjectRow:
    id: int
    version: int
    """`Project.config_generation`: part of every remembered key, so that a change in another process is noticed."""
    spike_events: int
    """Events of one issue in an hour beyond which only a sample is stored; 0 for no bound."""


def load_projects(ids: Iterable[int]) -> dict[int, ProjectRow]:
    """Rows by id; a project that is gone is absent."""
    rows = Project.objects.filter(id__in=set(ids)).values_list("id", "config_generation", "spike_events_per_hour")
    return {row[0]: ProjectRow(*row) for row in rows}


class IssuesMoved(Exception):
    """Issues were merged, taken apart or deleted while a batch was finding out where its events belong."""


def check_versions(projects: dict[int, ProjectRow]) -> None:
    """Once the batch has locked its issues, nobody moves them any more. Raises IssuesMoved where somebody just did."""
    for id_, project in load_projects(projects).items():
        if project.version != projects[id_].version:
            raise IssuesMoved(f"project {id_}")
