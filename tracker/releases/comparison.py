"""What a deploy broke, what it fixed, and what went on: a release beside the one before it, over equal time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Sum

from tracker.issues.known_releases import Knowledge, previous_of
from tracker.issues.resolution import Kind, ReleaseKnowledge, Resolution, Verdict, judge
from tracker.models import Activity, ActivityKind, Issue, IssueTag, Release, ReleaseHour, Status

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


MAX_ISSUES = 100
MAX_LENGTH = timedelta(days=30)


@dataclass(slots=True, frozen=True)
class WentOn:
    """An issue that was seen in both releases, with its events in each: all, and by equal time."""

    issue: Issue
    events: int
    previous_events: int
    events_a_day: float
    previous_events_a_day: float


@dataclass(slots=True, frozen=True)
class Comparison:
    """Lists hold at most `MAX_ISSUES`, the ones seen most often first."""

    release: Release
    previous: Release | None
    hours: int
    """How long the release has been out, at most 30 days; as much of the previous one's life is counted."""
    events: int
    previous_events: int
    new: list[Issue]
    regressed: list[Issue]
    fixed: list[Issue]
    went_on: list[WentOn]


def previous_release(release: Release) -> Release | None:
    """The one before it, by the order of releases, archived ones left out: two queries at most."""
    return previous_of(Release.objects.filter(project_id=release.project_id, is_archived=False), release)


def compare_with_previous(release: Release, now: datetime) -> Comparison:
    """Compare a release with the one before it: a fixed number of queries, whatever the number of events and issues."""
    previous = previous_release(release)
    regressed, fixed = _most_seen(regressed_issues(release)), fixed_issues(release, previous, now)
    span = max(timedelta(hours=1), min(MAX_LENGTH, now - started_at(release)))
    return Comparison(
        release=release,
        previous=previous,
        hours=-(-span // timedelta(hours=1)),
        events=_events_of(release, span),
        previous_events=_events_of(previous, span) if previous else 0,
        new=_most_seen(new_issues(release)),
        regressed=regressed,
        fixed=fixed,
        went_on=_went_on(release, previous, {issue.pk for issue in (*regressed, *fixed)}) if previous else [],
    )


def started_at(release: Release) -> datetime:
    """When it began to run somewhere, as far as anybody can tell."""
    return release.first_event_at or release.released_at or release.created_at


def _events_of(release: Release, span: timedelta) -> int:
    """Events in the first `span` of the release's life, counted by whole hours."""
    first = int(started_at(release).timestamp()) // 3600
    hours = ReleaseHour.objects.filter(release=release, hour__gte=first, hour__lt=first - (-span // timedelta(hours=1)))
    return hours.aggregate(events=Sum("events"))["events"] or 0


def _visible(project_id: int) -> QuerySet[Issue]:
    return Issue.objects.filter(project=project_id, merged_into=None)


def _most_seen(issues: QuerySet[Issue]) -> list[Issue]:
    return list(issues.select_related("project", "assigned_to").order_by("-times_seen", "-id")[:MAX_ISSUES])


def new_issues(release: Release) -> QuerySet[Issue]:
    """Issues first seen in the release."""
    return _visible(release.project_id).filter(first_release=release)


def regressed_issues(release: Release) -> QuerySet[Issue]:
    """Issues that an event of the release brought back."""
    activities = Activity.objects.filter(
        project=release.project_id, kind=ActivityKind.REGRESSED, details__release=release.version
    )
    return _visible(release.project_id).filter(id__in=activities.values("issue"))


def fixed_issues(release: Release, previous: Release | None, now: datetime) -> list[Issue]:
    """Issues whose fix came with the release: an event of it would be a regression, one of the previous would not.

    They are looked for among those that were resolved around the time at which the release came out.
    """
    before, at = previous.version if previous else "", started_at(release)
    fixed = [
        issue_id
        for issue_id, resolution, knowledge in resolved_around(release.project_id, at, release.version, before)
        if judge(resolution, release.version, now, knowledge).verdict is Verdict.REGRESSION
        and (not before or judge(resolution, before, now, knowledge).verdict is not Verdict.REGRESSION)
    ]
    return _most_seen(_visible(release.project_id).filter(id__in=fixed))


def _went_on(release: Release, previous: Release, others: set[int]) -> list[WentOn]:
    """Issues seen in both, `others` left out, the ones with most events in the release first."""
    tags = IssueTag.objects.filter(tag__project=release.project_id, tag__key="release")
    before = tags.filter(tag__value=previous.version)
    both = tags.filter(tag__value=release.version, issue__in=before.values("issue"), issue__merged_into=None)
    both = both.exclude(issue__in=others)
    seen = dict(both.order_by("-times_seen").values_list("issue", "times_seen")[:MAX_ISSUES])
    seen_before = dict(before.filter(issue__in=seen).values_list("issue", "times_seen"))
    issues = Issue.objects.select_related("project", "assigned_to").in_bulk(list(seen))
    days, days_before = _days_seen(release), _days_seen(previous)
    return [
        WentOn(issues[id_], events, seen_before[id_], events / days, seen_before[id_] / days_before)
        for id_, events in seen.items()
        if id_ in issues
    ]


def _days_seen(release: Release) -> float:
    """From its first event to its last, an hour at least."""
    first, last = release.first_event_at, release.last_event_at
    return max(timedelta(hours=1), last - first if first and last else timedelta()) / timedelta(days=1)
