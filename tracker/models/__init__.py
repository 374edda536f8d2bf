"""Every table."""

from tracker.models.accounts import ApiToken, Invitation, Member, Organization, Role, User
from tracker.models.activity import Activity, ActivityKind
from tracker.models.counters import IssueHour, OutcomeCount, ReleaseHour
from tracker.models.events import DeadLetter, DigestReceipt, Event, PayloadBase
from tracker.models.issues import EventUser, GroupKey, Issue, IssueTag, IssueUser, Level, Status, Tag
from tracker.models.jobs import FailedJob
from tracker.models.projects import GroupingRules, Project, ProjectKey, RateLimit
from tracker.models.releases import Commit, Deploy, Environment, Release, ReleaseEnvironment, SessionCount, SessionUsers
from tracker.models.signatures import IssueSignature, SignatureToken, Suggestion, TokenCount

__all__ = [
    "Activity",
    "ActivityKind",
    "ApiToken",
    "Commit",
    "DeadLetter",
    "Deploy",
    "DigestReceipt",
    "Environment",
    "Event",
    "EventUser",
    "FailedJob",
    "GroupKey",
    "GroupingRules",
    "Invitation",
    "Issue",
    "IssueHour",
    "IssueSignature",
    "IssueTag",
    "IssueUser",
    "Level",
    "Member",
    "Organization",
    "OutcomeCount",
    "PayloadBase",
    "Project",
    "ProjectKey",
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
