"""How a release does: sessions without a crash, and how far it is rolled out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Sum

from tracker.models import Release, ReleaseHour, SessionCount

WINDOW = timedelta(hours=24)


@dataclass(slots=True, frozen=True)
class Health:
    """Of the last 24 hours; shares are 0 to 1, and None where nothing was reported to tell them from."""

    sessions: int = 0
    crashed: int = 0
    crash_free_sessions: float | None = None
    adoption: float | None = None
    """Share of the project's sessions that run this release; of its events where no SDK reports sessions."""


def health_of(releases: Sequence[Release], now: datetime, environment: str = "") -> dict[int, Health]:
    """The health of each release, by its id: four queries at most, however many releases of however many projects."""
    project_of = {release.pk: release.project_id for release in releases}
    sessions, crashed = _sessions_by_release(project_of, now, environment)
    all_sessions = _sessions_by_project(set(project_of.values()), now, environment)
    silent = {project_id for project_id in project_of.values() if not all_sessions.get(project_id)}
    events, all_events = _events(project_of, silent, now)
    healths = {}
    for id_, project_id in project_of.items():
        count = sessions.get(id_, 0)
        share = (events, all_events) if project_id in silent else (sessions, all_sessions)
        total = share[1].get(project_id, 0)
        healths[id_] = Health(
            sessions=count,
            crashed=crashed.get(id_, 0),
            crash_free_sessions=1 - crashed.get(id_, 0) / count if count else None,
            adoption=share[0].get(id_, 0) / total if total else None,
        )
    return healths


_EVERY_SESSION = F("exited") + F("errored") + F("crashed") + F("abnormal")


def _sessions_by_release(
    project_of: dict[int, int], now: datetime, environment: str
) -> tuple[dict[int, int], dict[int, int]]:
    """Sessions and crashes of each release."""
    counts = SessionCount.objects.filter(release__in=project_of, minute__gt=now - WINDOW, minute__lte=now)
    if environment:
        counts = counts.filter(environment=environment)
    rows = list(counts.values_list("release").annotate(total=Sum(_EVERY_SESSION), crashes=Sum("crashed")))
    return {id_: total for id_, total, _ in rows}, {id_: crashed for id_, _, crashed in rows}


def _sessions_by_project(project_ids: set[int], now: datetime, environment: str) -> dict[int, int]:
    counts = SessionCount.objects.filter(release__project__in=project_ids, minute__gt=now - WINDOW, minute__lte=now)
    if environment:
        counts = counts.filter(environment=environment)
    return dict(counts.values_list("release__project").annotate(total=Sum(_EVERY_SESSION)))


def _events(project_of: dict[int, int], project_ids: set[int], now: datetime) -> tuple[dict[int, int], dict[int, int]]:
    """Events of each release, and of all releases of each project, in the last 24 hours."""
    if not project_ids:
        return {}, {}
    since = int((now - WINDOW).timestamp()) // 3600
    hours = ReleaseHour.objects.filter(release__project__in=project_ids, hour__gt=since)
    of_release = hours.filter(release__in=project_of).values_list("release").annotate(total=Sum("events"))
    return dict(of_release), dict(hours.values_list("release__project").annotate(total=Sum("events")))
