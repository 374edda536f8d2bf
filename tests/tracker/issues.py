"""Issues and releases made by hand, for tests of what people do to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import count
from typing import Any

import pytest

from tracker.errors import DomainError, Value
from tracker.issues.resolution import Resolution
from tracker.models import Issue, Project, Release, Status

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
_numbers = count(1)


def make_issue(project: Project, release: str = "", **fields: Any) -> Issue:
    """An unresolved issue, seen once an hour before noon, in a release if one is named."""
    seen_at = NOON - timedelta(hours=1)
    found = make_release(project, release) if release else None
    defaults: dict[str, Any] = {
        "number": next(_numbers),
        "title": "ValueError: no such thing",
        "first_seen_at": seen_at,
        "last_seen_at": seen_at,
        "times_seen": 1,
        "first_release": found,
        "last_release": found,
    }
    return Issue.objects.create(project=project, **{**defaults, **fields})


def make_release(project: Project, version: str, age_hours: float = 24, **fields: Any) -> Release:
    """The release, made if there is none, known since so many hours before noon."""
    created_at = NOON - timedelta(hours=age_hours)
    return Release.objects.get_or_create(
        project=project, version=version, defaults={"created_at": created_at, **fields}
    )[0]


def resolution_of(issue: Issue) -> Resolution:
    """How the issue is resolved by now."""
    issue.refresh_from_db()
    assert issue.status == Status.RESOLVED and issue.resolution is not None
    return Resolution.from_json(issue.resolution)


@contextmanager
def refused(code: StrEnum, **values: Value) -> Iterator[None]:
    """Expects a DomainError with this code and these values."""
    with pytest.raises(DomainError) as raised:
        yield
    assert (raised.value.code, dict(raised.value.values)) == (code, values)
