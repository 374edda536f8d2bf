"""The issues of a project that are resolved in releases, with what is needed to judge them."""

from collections.abc import Iterator

from tracker.lifecycle.knowledge import Knowledge
from tracker.lifecycle.resolution import Kind, ReleaseKnowledge, Resolution
from tracker.models import Issue, Status

CHUNK = 1_000


def resolved_in_releases(project_id: int, *versions: str) -> Iterator[tuple[int, Resolution, ReleaseKnowledge]]:
    """Each such issue's id and resolution, ready to be judged for events of these versions.

    Three queries for every `CHUNK` issues; no more of them are in memory at once.
    """
    resolved = Issue.objects.filter(project=project_id, status=Status.RESOLVED, merged_into=None)
    in_release = resolved.filter(resolution__isnull=False).exclude(resolution__kind=Kind.NOW).order_by("id")
    last = 0
    while rows := list(in_release.filter(id__gt=last).values_list("id", "resolution")[:CHUNK]):
        resolutions = {id_: Resolution.from_json(form or {}) for id_, form in rows}
        knowledge = Knowledge.load([(project_id, resolution) for resolution in resolutions.values()], versions)
        for id_, resolution in resolutions.items():
            yield id_, resolution, knowledge.about(resolution, project_id)
        last = rows[-1][0]
