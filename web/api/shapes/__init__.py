"""What all shapes share."""

from datetime import UTC, datetime
from typing import Any, overload

Shape = dict[str, Any]


@overload
def iso(at: datetime) -> str: ...
@overload
def iso(at: datetime | None) -> str | None: ...
def iso(at: datetime | None) -> str | None:
    """`2026-11-22T12:00:00.123456Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if at else None


LETTER_AVATAR: Shape = {"avatarType": "letter_avatar", "avatarUuid": None}
