"""From the body of Sentry's `PUT …/issues/` to a `TriageCommand`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from tracker.issues.claims import MAX_TEXT, MAX_VERSIONS, ResolveIn
from tracker.issues.results import Merged, TriageResult
from tracker.issues.status import MAX_MORE, ArchiveFor
from tracker.issues.triage import Assign, Merge, Reopen, TriageCommand
from web.api.shapes import Shape

STATUSES = ("resolved", "resolvedInNextRelease", "unresolved", "reopened", "ignored", "archived", "muted")
NEXT_LINES = {"inNextMajor": "in_next_major", "inNextMinor": "in_next_minor", "inNextRelease": "in_next_release"}
"""The first that is given counts: a client that means the next minor gives the next release too."""
MAX_MINUTES = 10 * 366 * 24 * 60


class CommitName(serializers.Serializer[dict[str, str]]):
    commit = serializers.CharField(max_length=64)
    repository = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class StatusDetails(serializers.Serializer[dict[str, Any]]):
    """How it is resolved, or until when it is archived; windows of time are not counted."""

    inRelease = serializers.CharField(max_length=MAX_TEXT, required=False)
    inReleases = serializers.ListField(
        child=serializers.CharField(max_length=MAX_TEXT), max_length=MAX_VERSIONS, required=False
    )
    inNextRelease = serializers.BooleanField(required=False)
    inNextMinor = serializers.BooleanField(required=False)
    inNextMajor = serializers.BooleanField(required=False)
    inRange = serializers.CharField(max_length=MAX_TEXT, required=False)
    inCommit = CommitName(required=False)
    ignoreDuration = serializers.IntegerField(
        min_value=1, max_value=MAX_MINUTES, required=False, allow_null=True, help_text="minutes"
    )
    ignoreUntil = serializers.DateTimeField(required=False, allow_null=True)
    ignoreCount = serializers.IntegerField(
        min_value=1, max_value=MAX_MORE, required=False, allow_null=True, help_text="more events"
    )
    ignoreUserCount = serializers.IntegerField(
        min_value=1, max_value=MAX_MORE, required=False, allow_null=True, help_text="more users"
    )

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        windows = {"ignoreWindow", "ignoreUserWindow"}
        if isinstance(data, dict) and (given := [name for name in windows if data.get(name)]):
            raise ValidationError({name: ["Counts within a window of time are not supported."] for name in given})
        value: dict[str, Any] = super().to_internal_value(data)
        return value


class TriageInput(serializers.Serializer[dict[str, Any]]):
    """What to do with an issue. `hasSeen`, `isBookmarked`, `isSubscribed` and the like are taken and mean nothing."""

    status = serializers.ChoiceField(choices=STATUSES, required=False)
    statusDetails = StatusDetails(required=False, allow_null=True)
    assignedTo = serializers.CharField(max_length=254, required=False, allow_blank=True, allow_null=True)


class BulkTriageInput(TriageInput):
    """What to do with the issues; `merge` makes them one, the one that was seen most often."""

    merge = serializers.BooleanField(required=False)


def command_of(wanted: Mapping[str, Any], now: datetime) -> TriageCommand:
    """What the checked body asks for."""
    return TriageCommand(
        assign=Assign(wanted["assignedTo"] or "") if "assignedTo" in wanted else None,
        status=_status(wanted.get("status"), wanted.get("statusDetails") or {}, now),
        merge=Merge() if wanted.get("merge") else None,
    )


def merge_shape(result: TriageResult) -> Shape | None:
    """The issue that the others were merged into, and the others; None where none were."""
    for each in result.results:
        if isinstance(each.effect, Merged):
            return {"parent": str(each.effect.into_id), "children": [str(id_) for id_ in each.effect.merged_ids]}
    return None


def _status(status: str | None, details: Mapping[str, Any], now: datetime) -> ResolveIn | ArchiveFor | Reopen | None:
    match status:
        case "resolved":
            return _resolution(details)
        case "resolvedInNextRelease":
            return ResolveIn("in_next_release")
        case "unresolved" | "reopened":
            return Reopen()
        case "ignored" | "archived" | "muted":
            until = details.get("ignoreUntil")
            if details.get("ignoreDuration"):
                until = now + timedelta(minutes=details["ignoreDuration"])
            return ArchiveFor(until, details.get("ignoreCount"), details.get("ignoreUserCount"))
    return None


def _resolution(details: Mapping[str, Any]) -> ResolveIn:
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
