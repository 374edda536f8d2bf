"""What clients say of releases, checked and bounded."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from tracker.releases.commits import MAX_COMMITS, CommitInput

MAX_PATHS = 1_000
MAX_PATH_LENGTH = 1_000


class PathInput(serializers.Serializer[dict[str, str]]):
    path = serializers.CharField(max_length=MAX_PATH_LENGTH)
    type = serializers.CharField(max_length=10, required=False)


class OneCommit(serializers.Serializer[dict[str, Any]]):
    """One commit; `id` is its hash."""

    id = serializers.CharField(max_length=64)
    repository = serializers.CharField(max_length=200, required=False, allow_blank=True, allow_null=True)
    author_name = serializers.CharField(max_length=128, required=False, allow_blank=True, allow_null=True)
    author_email = serializers.CharField(max_length=254, required=False, allow_blank=True, allow_null=True)
    message = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    timestamp = serializers.DateTimeField(required=False, allow_null=True)
    patch_set = serializers.ListField(child=PathInput(), required=False, allow_null=True, max_length=MAX_PATHS)


class RefInput(serializers.Serializer[dict[str, str]]):
    """The newest commit of a repository."""

    repository = serializers.CharField(max_length=200)
    commit = serializers.CharField(max_length=64)
    previousCommit = serializers.CharField(max_length=64, required=False, allow_blank=True, allow_null=True)


class ReleaseChange(serializers.Serializer[dict[str, Any]]):
    ref = serializers.CharField(max_length=250, required=False, allow_blank=True, allow_null=True)
    url = serializers.CharField(max_length=500, required=False, allow_blank=True, allow_null=True)
    status = serializers.ChoiceField(choices=["open", "archived"], required=False, allow_null=True)
    dateStarted = serializers.DateTimeField(required=False, allow_null=True)
    dateReleased = serializers.DateTimeField(required=False, allow_null=True)
    commits = serializers.ListField(child=OneCommit(), required=False, allow_null=True, max_length=MAX_COMMITS)
    refs = serializers.ListField(child=RefInput(), required=False, allow_null=True, max_length=100)


class ReleaseInput(ReleaseChange):
    version = serializers.CharField(max_length=250)
    projects = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, allow_null=True, max_length=1_000
    )


class DeployInput(serializers.Serializer[dict[str, Any]]):
    environment = serializers.CharField(max_length=64)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, allow_null=True)
    url = serializers.CharField(max_length=500, required=False, allow_blank=True, allow_null=True)
    dateStarted = serializers.DateTimeField(required=False, allow_null=True)
    dateFinished = serializers.DateTimeField(required=False, allow_null=True)
    projects = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, allow_null=True, max_length=1_000
    )


def commits_in(wanted: Mapping[str, Any]) -> list[CommitInput]:
    """The commits that a body names, the newest first; of `refs` alone, the newest commit of each repository."""
    named = [
        CommitInput(
            sha=commit["id"],
            repository=commit.get("repository") or "",
            author_name=commit.get("author_name") or "",
            author_email=commit.get("author_email") or "",
            message=commit.get("message") or "",
            committed_at=commit.get("timestamp"),
            files=tuple(entry["path"] for entry in commit.get("patch_set") or ()),
        )
        for commit in wanted.get("commits") or ()
    ]
    return named or [CommitInput(ref["commit"], ref["repository"]) for ref in wanted.get("refs") or ()]
