"""From the body of Sentry's `PUT …/issues/` to the domain's verbs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from tracker.issues import actions
from tracker.issues.actions import ResolveIn
from tracker.issues.merge import merge as merge_into
from tracker.issues.status import Archival
from tracker.models import Issue, Organization, User
from web.api.shapes import Shape

STATUSES = ("resolved", "resolvedInNextRelease", "unresolved", "reopened", "ignored", "archived", "muted")
NEXT_LINES = {"inNextMajor": "in_next_major", "inNextMinor": "in_next_minor", "inNextRelease": "in_next_release"}
"""The first that is said counts: who means the next minor says the next release too."""
MAX_MINUTES = 10 * 366 * 24 * 60


class CommitName(serializers.Serializer[dict[str, str]]):
    commit = serializers.CharField(max_length=64)
    repository = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class StatusDetails(serializers.Serializer[dict[str, Any]]):
    """How it is resolved, or until when it is archived; windows of time are not counted."""

    inRelease = serializers.CharField(max_length=250, required=False)
    inReleases = serializers.ListField(child=serializers.CharField(max_length=250), max_length=20, required=False)
    inNextRelease = serializers.BooleanField(required=False)
    inNextMinor = serializers.BooleanField(required=False)
    inNextMajor = serializers.BooleanField(required=False)
    inRange = serializers.CharField(max_length=250, required=False)
    inCommit = CommitName(required=False)
    ignoreDuration = serializers.IntegerField(
        min_value=1, max_value=MAX_MINUTES, required=False, allow_null=True, help_text="minutes"
    )
    ignoreUntil = serializers.DateTimeField(required=False, allow_null=True)
    ignoreCount = serializers.IntegerField(
        min_value=1, max_value=10**12, required=False, allow_null=True, help_text="more events"
    )
    ignoreUserCount = serializers.IntegerField(
        min_value=1, max_value=10**12, required=False, allow_null=True, help_text="more users"
    )

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        windows = {"ignoreWindow", "ignoreUserWindow"}
        if isinstance(data, dict) and (given := [name for name in windows if data.get(name)]):
            raise ValidationError({name: ["Counts within a window of time are not supported."] for name in given})
        value: dict[str, Any] = super().to_internal_value(data)
        return value


class TriageInput(serializers.Serializer[dict[str, Any]]):
    """What to do with the issues. `hasSeen`, `isBookmarked`, `isSubscribed` and the like are taken and mean nothing."""

    status = serializers.ChoiceField(choices=STATUSES, required=False)
    statusDetails = StatusDetails(required=False, allow_null=True)
    assignedTo = serializers.CharField(max_length=254, required=False, allow_blank=True, allow_null=True)
    merge = serializers.BooleanField(required=False)


@dataclass(slots=True, frozen=True)
class Actor:
    """Who acts, and when."""

    user: User
    now: datetime


def apply_triage(issues: Sequence[Issue], wanted: dict[str, Any], organization: Organization, actor: Actor) -> None:
    """Do to the issues what the checked body asks. Raises ValidationError where it cannot be meant."""
    details = wanted.get("statusDetails") or {}
    try:
        if "assignedTo" in wanted:
            assignee = _assignee(wanted["assignedTo"], organization)
            actions.assign(issues, assignee, by=actor.user, now=actor.now)
        match wanted.get("status"):
            case "resolved":
                actions.resolve(issues, _resolution(details), by=actor.user, now=actor.now)
            case "resolvedInNextRelease":
                actions.resolve(issues, ResolveIn("in_next_release"), by=actor.user, now=actor.now)
            case "unresolved" | "reopened":
                actions.reopen(issues, by=actor.user, now=actor.now)
            case "ignored" | "archived" | "muted":
                _archive(issues, details, actor)
    except ValueError as error:
        raise ValidationError({"statusDetails": [str(error)]}) from error


def _resolution(details: dict[str, Any]) -> ResolveIn:
    if "inCommit" in details:
        named = details["inCommit"]
        return ResolveIn("in_commit", commit=named["commit"], repository=named["repository"])
    if details.get("inRange"):
        return ResolveIn("in_range", range=details["inRange"])
    if details.get("inReleases"):
        return ResolveIn("in_release", versions=tuple(details["inReleases"]))
    if details.get("inRelease") == "latest":
        return ResolveIn("in_current_release")
    if details.get("inRelease"):
        return ResolveIn("in_release", versions=(details["inRelease"],))
    for name, kind in NEXT_LINES.items():
        if details.get(name):
            return ResolveIn(kind)
    return ResolveIn("now")


def _archive(issues: Sequence[Issue], details: dict[str, Any], actor: Actor) -> None:
    until = details.get("ignoreUntil")
    if details.get("ignoreDuration"):
        until = actor.now + timedelta(minutes=details["ignoreDuration"])
    events, users = details.get("ignoreCount"), details.get("ignoreUserCount")
    if events is None and users is None:
        actions.archive(issues, Archival(until), by=actor.user, now=actor.now)
        return
    actions.archive_for_more(issues, events=events, users=users, until=until, by=actor.user, now=actor.now)


def _assignee(text: str | None, organization: Organization) -> User | None:
    """`user:<id>`, an id or an address of a member; nothing unassigns. Raises ValidationError for anybody else."""
    name = (text or "").removeprefix("user:").strip()
    if not name:
        return None
    members = organization.members.filter(is_active=True)
    found = members.filter(email=name.lower()).first()
    if found is None and name.isdecimal() and len(name) < 19:
        found = members.filter(pk=int(name)).first()
    if found is None:
        raise ValidationError({"assignedTo": ["Unknown actor input"]})
    return found


def merge(issues: Sequence[Issue], actor: Actor) -> Shape:
    """Merge; returns parent and children. Raises ValidationError where that cannot be."""
    if len(issues) < 2:
        raise ValidationError({"merge": ["Choose at least two issues."]})
    parent = max(issues, key=lambda issue: (issue.times_seen, -issue.pk))
    children = [issue for issue in issues if issue.pk != parent.pk]
    try:
        merge_into(children, parent, by=actor.user, now=actor.now)
    except ValueError as error:
        raise ValidationError({"merge": [str(error)]}) from error
    return {"parent": str(parent.pk), "children": [str(child.pk) for child in children]}
