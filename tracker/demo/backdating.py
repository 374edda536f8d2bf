"""Moves the times that only a server can give, so that the demo looks as if it had been received over its days.

Events are sent within a minute or two. When they *happened* is in the payloads, and what people did was told its time;
only what the ingest endpoint and the digest note of themselves is of now: when something was received, counted, first
known, or came back. Each step here moves one of those to the time of the event that led to it.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from tracker.demo.organization import Company, DemoError
from tracker.demo.rhythm import Clock
from tracker.demo.sender import Sent
from tracker.issues.status import Archival, is_archive_over
from tracker.models import (
    Activity,
    ActivityKind,
    Event,
    GroupKey,
    Issue,
    Member,
    Organization,
    OutcomeCount,
    Project,
    ProjectKey,
    User,
)

BEFORE = timedelta(days=4)
"""The company came so long before its first event."""
BATCH = 400
"""Activities whose events are looked up by one query."""


def backdate(company: Company, clock: Clock, sent: Sent) -> None:
    """All steps. Raises DemoError where not everything that was sent was stored."""
    projects = [project.pk for project in company.projects.values()]
    with transaction.atomic():
        _move_company(company, clock.at(30) - BEFORE)
        Event.objects.filter(project__in=projects).update(received_at=F("occurred_at"))
        first_seen = Issue.objects.filter(pk=OuterRef("issue_id")).values("first_seen_at")
        GroupKey.objects.filter(project__in=projects).update(created_at=Subquery(first_seen[:1]))
        _move_first_seen(projects)
        _move_returns(projects)
        _move_outcomes(company, sent)


def _move_company(company: Company, made_at: datetime) -> None:
    organization = company.organization
    Organization.objects.filter(pk=organization.pk).update(created_at=made_at)
    Member.objects.filter(organization=organization).update(created_at=made_at)
    User.objects.filter(pk__in=[user.pk for user in company.users.values()]).update(date_joined=made_at)
    ProjectKey.objects.filter(project__organization=organization).update(created_at=made_at)
    for project in company.projects.values():
        first = Event.objects.filter(project=project).order_by("occurred_at").values_list("occurred_at", flat=True)
        Project.objects.filter(pk=project.pk).update(created_at=made_at, first_event_at=first.first())


def _move_first_seen(projects: Sequence[int]) -> None:
    """An issue was first heard of when its first event happened."""
    noted = list(Activity.objects.filter(project__in=projects, kind=ActivityKind.FIRST_SEEN))
    for start in range(0, len(noted), BATCH):
        part = noted[start : start + BATCH]
        ids = [bytes.fromhex(activity.details["event_id"]) for activity in part]
        events = Event.objects.filter(project__in=projects, event_id__in=ids).values_list("event_id", "occurred_at")
        happened = {bytes(event_id).hex(): at for event_id, at in events}
        for activity in part:
            activity.created_at = happened[activity.details["event_id"]]
    Activity.objects.bulk_update(noted, ["created_at"], batch_size=BATCH)


def _move_returns(projects: Sequence[int]) -> None:
    """An issue came back when the event happened that refuted its resolution, or was one too many for its archive."""
    for activity in Activity.objects.filter(project__in=projects, kind=ActivityKind.REGRESSED):
        resolved_at = datetime.fromisoformat(activity.details["resolution"]["resolved_at"])
        events = Event.objects.filter(issue=activity.issue_id, occurred_at__gt=resolved_at)
        first = events.filter(release__version=activity.details["release"]).order_by("occurred_at").first()
        _move_return(activity, first.occurred_at if first else None)
    for activity in Activity.objects.filter(project__in=projects, kind=ActivityKind.ARCHIVE_ENDED):
        archived = Activity.objects.filter(issue=activity.issue_id, kind=ActivityKind.ARCHIVED).latest("created_at")
        _move_return(activity, _exhausted_at(activity.issue_id, Archival.from_json(archived.details["archival"])))


def _exhausted_at(issue_id: int | None, archival: Archival) -> datetime | None:
    """When an issue had so many events, or users, that its archive was over."""
    events = Event.objects.filter(issue=issue_id).order_by("occurred_at").values_list("occurred_at", "user")
    users: set[int] = set()
    for count, (at, user) in enumerate(events, start=1):
        users.update([user] if user else [])
        if is_archive_over(archival, now=at, times_seen=count, users_affected=len(users)):
            return at
    return None


def _move_return(activity: Activity, at: datetime | None) -> None:
    if at is None:
        return
    Activity.objects.filter(pk=activity.pk).update(created_at=at)
    # What was changed since has its new time already.
    Issue.objects.filter(activities=activity.pk, status_changed_at=activity.created_at).update(status_changed_at=at)


def _move_outcomes(company: Company, sent: Sent) -> None:
    """What was received and stored, by the hour in which it happened; the sums stay the same."""
    slugs = {project.pk: slug for slug, project in company.projects.items()}
    counted: Counter[tuple[str, str, str]] = Counter()
    rows = OutcomeCount.objects.filter(project__in=slugs)
    for project, category, outcome, quantity in rows.values_list("project", "category", "outcome", "quantity"):
        counted[slugs[project], category, outcome] += quantity
    totals: dict[tuple[str, str], int] = defaultdict(int)
    for (slug, category, _), quantity in sent.items():
        totals[slug, category] += quantity
    for (slug, category), quantity in totals.items():
        stored = counted[slug, category, "stored"]
        if stored != quantity:
            raise DemoError(f"{quantity - stored:,} items of {slug} ({category}) were sent and not stored.")
    rows.delete()
    OutcomeCount.objects.bulk_create(
        OutcomeCount(
            project=company.projects[slug],
            key_id=company.keys[slug].pk,
            minute=hour * 60,
            category=category,
            outcome=outcome,
            quantity=quantity,
        )
        for (slug, category, hour), quantity in sorted(sent.items())
        for outcome in ("received", "stored")
    )
