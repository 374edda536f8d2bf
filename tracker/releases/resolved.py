"""The issues of a project that are resolved in releases, with what is needed to judge them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from tracker.lifecycle.knowledge import Knowledge
from tracker.lifecycle.resolution import Kind, ReleaseKnowledge, Resolution
from tracker.models import Issue, Status

CHUNK = 1_000
AROUND = 500

Claim = tuple[int, Resolution, ReleaseKnowledge]
"""An issue's id and resolution, ready to be judged."""


def resolved_in_releases(project_id: int) -> Iterator[Claim]:
    """All of them: three queries for every `CHUNK` issues, and no more of them are in memory at once."""
    in_release = _in_releases(project_id).order_by("id")
    last = 0
    while rows := list(in_release.filter(id__gt=last).values_list("id", "resolution")[:CHUNK]):
        yield from _with_knowledge(project_id, rows)
        last = rows[-1][0]


def resolved_around(project_id: int, at: datetime, *versions: str) -> Iterator[Claim]:
    """Those resolved last before a moment and first after it, `AROUND` of each: six queries.

    They can be judged for events of these versions.
    """
    in_release = _in_releases(project_id)
    before = in_release.filter(status_changed_at__lte=at).order_by("-status_changed_at", "-id")
    after = in_release.filter(status_changed_at__gt=at).order_by("status_changed_at", "id")
    for resolved in (before, after):
        yield from _with_knowledge(project_id, list(resolved.values_list("id", "resolution")[:AROUND]), *versions)


def _in_releases(project_id: int) -> QuerySet[Issue]:
    resolved = Issue.objects.filter(project=project_id, status=Status.RESOLVED, merged_into=None)
    return resolved.filter(resolution__isnull=False).exclude(resolution__kind=Kind.NOW)


def _with_knowledge(project_id: int, rows: Sequence[tuple[int, Any]], *versions: str) -> Iterator[Claim]:
    resolutions = {id_: Resolution.from_json(form or {}) for id_, form in rows}
    knowledge = Knowledge.load([(project_id, resolution) for resolution in resolutions.values()], versions)
    for id_, resolution in resolutions.items():
        yield id_, resolution, knowledge.about(resolution, project_id)
