"""How a release does: sessions and users without a crash, and how far it is rolled out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F, Sum

from tracker.counters.distinct import Distinct
from tracker.models import Release, ReleaseHour, SessionCount, SessionUsers

WINDOW = timedelta(hours=24)
DAY_SECONDS = 86_400


@dataclass(slots=True, frozen=True)
class Health:
    """Sessions and events are of the last 24 hours, users of today and yesterday (UTC).

    Shares are 0 to 1, and None where nothing was reported to tell them from.
    """

    sessions: int = 0
    errored: int = 0
    """With an error, and without a crash."""
    crashed: int = 0
    project_sessions: int = 0
    """Of all releases."""
    users: int = 0
    crashed_users: int = 0
    project_users: int = 0
    are_users_exact: bool = True
    """Else an estimate: see `tracker.counters.distinct`."""
    event_share: float | None = None
    """Share of the project's events that are of this release."""

    @property
    def crash_free_sessions(self) -> float | None:
        return _crash_free(self.sessions, self.crashed)

    @property
    def crash_free_users(self) -> float | None:
        return _crash_free(self.users, self.crashed_users)

    @property
    def session_share(self) -> float | None:
        """Share of the project's sessions that run this release."""
        return self.sessions / self.project_sessions if self.project_sessions else None

    @property
    def user_share(self) -> float | None:
        return min(1.0, self.users / self.project_users) if self.project_users else None

    @property
    def adoption(self) -> float | None:
        """How far it is rolled out: by sessions; by events where no SDK reports sessions."""
        return self.event_share if self.session_share is None else self.session_share


def _crash_free(total: int, crashed: int) -> float | None:
    return max(0.0, 1 - crashed / total) if total else None


def health_of(releases: Sequence[Release], now: datetime, environment: str = "") -> dict[int, Health]:
    """The health of each release, by its id: five queries, however many releases of however many projects."""
    if not releases:
        return {}
    project_of = {release.pk: release.project_id for release in releases}
    sessions = _sessions_by_release(project_of, now, environment)
    all_sessions = _sessions_by_project(set(project_of.values()), now, environment)
    people = _people(project_of, now, environment)
    shares = _event_shares(project_of, now)
    healths = {}
    for id_, project_id in project_of.items():
        total, errored, crashed = sessions.get(id_, (0, 0, 0))
        who = people.of_release[id_]
        healths[id_] = Health(
            sessions=total,
            errored=errored,
            crashed=crashed,
            project_sessions=all_sessions.get(project_id, 0),
            users=len(who),
            crashed_users=len(people.crashed[id_]),
            project_users=len(people.of_project[project_id]),
            are_users_exact=who.is_exact,
            event_share=shares.get(id_),
        )
    return healths


_EVERY_SESSION = F("exited") + F("errored") + F("crashed") + F("abnormal")


def _sessions_by_release(
    release_ids: Iterable[int], now: datetime, environment: str
) -> dict[int, tuple[int, int, int]]:
    """Sessions of each release: all, those with an error, those that crashed."""
    counts = SessionCount.objects.filter(release__in=release_ids, minute__gt=now - WINDOW, minute__lte=now)
    if environment:
        counts = counts.filter(environment=environment)
    sums = counts.values_list("release").annotate(
        total=Sum(_EVERY_SESSION), errors=Sum("errored"), crashes=Sum("crashed")
    )
    return {id_: (total, errored, crashed) for id_, total, errored, crashed in sums}


def _sessions_by_project(project_ids: set[int], now: datetime, environment: str) -> dict[int, int]:
    counts = SessionCount.objects.filter(release__project__in=project_ids, minute__gt=now - WINDOW, minute__lte=now)
    if environment:
        counts = counts.filter(environment=environment)
    return dict(counts.values_list("release__project").annotate(total=Sum(_EVERY_SESSION)))


@dataclass(slots=True)
class _People:
    of_release: dict[int, Distinct] = field(default_factory=lambda: defaultdict(Distinct))
    crashed: dict[int, Distinct] = field(default_factory=lambda: defaultdict(Distinct))
    of_project: dict[int, Distinct] = field(default_factory=lambda: defaultdict(Distinct))


def _people(project_of: Mapping[int, int], now: datetime, environment: str) -> _People:
    """Who had sessions since yesterday began; who did on both days, or in two environments, counts once."""
    people = _People()
    since = int(now.timestamp()) // DAY_SECONDS - 1
    days = SessionUsers.objects.filter(release__project__in=set(project_of.values()), day__gte=since)
    if environment:
        days = days.filter(environment=environment)
    rows = days.values_list("release_id", "release__project_id", "users", "crashed_users")
    for release_id, project_id, users, crashed in rows.iterator(chunk_size=200):
        who = Distinct(bytes(users))
        people.of_project[project_id].join(who)
        if release_id in project_of:
            people.of_release[release_id].join(who)
            people.crashed[release_id].join(Distinct(bytes(crashed)))
    return people


def _event_shares(project_of: Mapping[int, int], now: datetime) -> dict[int, float]:
    """Of all events of its project that name a release, those of each release."""
    since = int((now - WINDOW).timestamp()) // 3600
    hours = ReleaseHour.objects.filter(release__project__in=set(project_of.values()), hour__gt=since)
    totals = dict(hours.values_list("release__project").annotate(total=Sum("events")))
    of_release = hours.filter(release__in=project_of).values_list("release").annotate(total=Sum("events"))
    events = dict(of_release)
    return {
        id_: events.get(id_, 0) / totals[project_id] for id_, project_id in project_of.items() if totals.get(project_id)
    }
