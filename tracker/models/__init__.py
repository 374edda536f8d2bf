"""Every table."""

from tracker.models.accounts import ApiToken, Invitation, Member, Organization, Role, User
from tracker.models.activity import Activity, ActivityKind
from tracker.models.counters import IssueHour, OutcomeCount, ReleaseHour
from tracker.models.events import DigestReceipt, Event, PayloadBase, SetAside
from tracker.models.issues import EventUser, GroupKey, Issue, IssueTag, IssueUser, Level, Status, Tag
from tracker.models.jobs import FailedJob
from tracker.models.projects import GroupingRules, Project, ProjectKey, RateLimit
from tracker.models.releases import Commit, Deploy, Environment, Release, ReleaseEnvironment, SessionCount, SessionUsers
from tracker.models.signatures import IssueSketch, SketchToken, Suggestion, TokenCount

__all__ = [
    "Activity",
    "ActivityKind",
    "ApiToken",
    "Commit",
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
    "IssueSketch",
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
    "SetAside",
    "SketchToken",
    "Status",
    "Suggestion",
    "Tag",
    "TokenCount",
    "User",
]
