"""Every table."""

from tracker.models.accounts import ApiToken, Invitation, Member, Organization, Role, User
from tracker.models.activity import Activity, ActivityKind
from tracker.models.counters import IssueHour, OutcomeCount, ReleaseHour
from tracker.models.events import DeadLetter, DigestReceipt, Event, PayloadBase
from tracker.models.issues import EventUser, GroupKey, Issue, IssueTag, IssueUser, Level, Status, Tag
from tracker.models.jobs import Job, JobStatus, Queue
from tracker.models.outbox import AttemptOutcome, DeliveryAttempt, Notification, OutboxMessage
from tracker.models.projects import GroupingRules, Project, ProjectKey, RateLimit
from tracker.models.releases import Commit, Deploy, Environment, Release, ReleaseEnvironment, SessionCount, SessionUsers
from tracker.models.signatures import IssueSignature, SignatureToken, Suggestion, TokenCount

__all__ = [
    "Activity",
    "ActivityKind",
    "ApiToken",
    "AttemptOutcome",
    "Commit",
    "DeadLetter",
    "DeliveryAttempt",
    "Deploy",
    "DigestReceipt",
    "Environment",
    "Event",
    "EventUser",
    "GroupKey",
    "GroupingRules",
    "Invitation",
    "Issue",
    "IssueHour",
    "IssueSignature",
    "IssueTag",
    "IssueUser",
    "Job",
    "JobStatus",
    "Level",
    "Member",
    "Notification",
    "Organization",
    "OutboxMessage",
    "OutcomeCount",
    "PayloadBase",
    "Project",
    "ProjectKey",
    "Queue",
    "RateLimit",
    "Release",
    "ReleaseEnvironment",
    "ReleaseHour",
    "Role",
    "SessionCount",
    "SessionUsers",
    "SignatureToken",
    "Status",
    "Suggestion",
    "Tag",
    "TokenCount",
    "User",
]
