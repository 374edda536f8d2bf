"""The order of a project's releases. Pure.

A release is named `[package@]version[+build]`, or anything else that somebody chose. Two releases whose names are
versions of the same package are ordered by version; any other two by date. Which of both it is, is decided for the two
that are compared, never for the project: one odd name does not change how the others are ordered.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from operator import itemgetter
from typing import Any

_VERSION = re.compile(
    r"[vV]?(?P<components>\d+(?:\.\d+){0,3})"
    r"(?:-(?P<prerelease>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
    r"(?:\+(?P<build>.+)|\s*\((?P<build_in_brackets>[^()]+)\))?",
    re.ASCII,
)
# A lone number with a suffix is far more often a date, a hash or a UUID (2026-11-21, 1234567-dirty) than a version.
_PRERELEASE_OF_A_LONE_NUMBER = re.compile(r"(?:alpha|beta|rc|pre|preview|dev|nightly|canary|snapshot)\b.*|rc\d.*", re.I)

# One in 27 of git's abbreviated hashes has no letter. Numbers that long are rarely versions, and dates order them well.
_HASH_WITHOUT_LETTERS = re.compile(r"0\d+|\d{7,}", re.ASCII)

MAX_NAME = 250
"""Characters of a release's name. Python refuses to read numbers of thousands of digits."""

_PARTS = 4
_NO_BUILD_NUMBER = -1
_NOT_KNOWN_YET = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True, frozen=True)
class Version:
    """A release's name, understood. Versions of different packages have no order."""

    package: str
    """Empty where the name has none."""
    components: tuple[int, ...]
    """One to four, as written."""
    prerelease: tuple[str, ...] = ()
    build: str = ""

    @property
    def parts(self) -> tuple[int, ...]:
        """The components filled up to four, so that `1.4` is `1.4.0`."""
        return self.components + (0,) * (_PARTS - len(self.components))

    @property
    def order(self) -> tuple[Any, ...]:
        """Sort key: components, pre-release as semver 2.0.0 point 11 has it, then the build if it is a number."""
        before_release = tuple(
            (0, int(identifier), "") if identifier.isdigit() else (1, 0, identifier) for identifier in self.prerelease
        )
        build = int(self.build) if self.build.isascii() and self.build.isdigit() else _NO_BUILD_NUMBER
        return self.parts, not self.prerelease, before_release, build

    def next_minor(self) -> "Version":
        """The first version of the next minor: `2.4.0` after `2.3.7`, and after `2.4.0-rc.1`."""
        major, minor, *rest = self.parts
        is_before_minor = bool(self.prerelease) and not any(rest)
        return Version(self.package, (major, minor if is_before_minor else minor + 1, 0))

    def next_major(self) -> "Version":
        """The first version of the next major: `3.0.0` after `2.3.7`, and after `3.0.0-rc.1`."""
        major, *rest = self.parts
        is_before_major = bool(self.prerelease) and not any(rest)
        return Version(self.package, (major if is_before_major else major + 1, 0, 0))

    def __str__(self) -> str:
        text = ".".join(map(str, self.components))
        text += "-" + ".".join(self.prerelease) if self.prerelease else ""
        text += "+" + self.build if self.build else ""
        return f"{self.package}@{text}" if self.package else text


@lru_cache(maxsize=20_000)
def parse_version(text: str) -> Version | None:
    """Read a release's name as a version; None where it is none (a commit hash, a free name, no name at all)."""
    if len(text) > MAX_NAME:
        return None
    package, _, name = text.strip().rpartition("@")
    found = _VERSION.fullmatch(name.strip())
    if found is None or _HASH_WITHOUT_LETTERS.fullmatch(name.strip()):
        return None
    components = tuple(map(int, found["components"].split(".")))
    prerelease = found["prerelease"] or ""
    if prerelease and len(components) == 1 and not _PRERELEASE_OF_A_LONE_NUMBER.fullmatch(prerelease):
        return None
    build = (found["build"] or found["build_in_brackets"] or "").strip()
    return Version(package, components, tuple(prerelease.split(".")) if prerelease else (), build)


def order_key(name: str) -> bytes:
    """Bytes that have the order of versions, for an index: the package, then what `Version.order` holds.

    Empty for a name that is no version. Keys of one package lie between the two of `package_keys`.
    """
    version = parse_version(name)
    if version is None:
        return b""
    key = b"".join(map(_number_key, map(str, version.parts)))
    key += b"\0" + b"".join(map(_identifier_key, version.prerelease)) + b"\0" if version.prerelease else b"\1"
    is_numbered = version.build.isascii() and version.build.isdigit()
    key += b"\1" + _number_key(version.build) if is_numbered else b"\0"
    return package_keys(version.package)[0] + key


def package_keys(package: str) -> tuple[bytes, bytes]:
    """Below all keys of the package's versions, and above them: no package's name holds a NUL."""
    name = package.encode()
    return name + b"\0", name + b"\1"


def _number_key(digits: str) -> bytes:
    """Shorter numbers are smaller, of as long ones the first digit that differs decides."""
    significant = digits.lstrip("0").encode()
    return bytes([len(significant)]) + significant


def _identifier_key(identifier: str) -> bytes:
    return b"\1" + _number_key(identifier) if identifier.isdigit() else b"\2" + identifier.encode() + b"\0"


@dataclass(slots=True, frozen=True)
class KnownRelease:
    """What is known of a release: enough to order it among others."""

    version: str
    released_at: datetime | None = None
    first_seen_at: datetime | None = None
    """None for a release that nobody has heard of yet."""

    @property
    def dated_at(self) -> datetime | None:
        return self.released_at or self.first_seen_at


class Basis(Enum):
    """What two releases were ordered by."""

    VERSION = "by version"
    DATE = "by date"
    NOT_KNOWN_YET = "one is not known yet"


@dataclass(slots=True, frozen=True)
class Order:
    sign: int
    """-1 where the first is older, 1 where it is newer, 0 where neither can be said to be."""
    basis: Basis


def order(a: KnownRelease, b: KnownRelease) -> Order:
    """Order two releases, and say by what: version, date, or that one of them is not known yet (and so the newer)."""
    version_a, version_b = parse_version(a.version), parse_version(b.version)
    if version_a and version_b and version_a.package == version_b.package:
        return Order(_sign(version_a.order, version_b.order), Basis.VERSION)
    if a.dated_at is None or b.dated_at is None:
        return Order((a.dated_at is None) - (b.dated_at is None), Basis.NOT_KNOWN_YET)
    return Order(_sign(a.dated_at, b.dated_at), Basis.DATE)


def compare(a: KnownRelease, b: KnownRelease) -> int:
    """-1, 0 or 1 as `a` is older than `b`, the same in order, or newer."""
    return order(a, b).sign


def oldest_like(releases: Iterable[KnownRelease], like: str) -> KnownRelease | None:
    """The oldest of these releases as seen from one named `like`: of its package by version, or else of all by date."""
    everything, version = list(releases), parse_version(like)
    siblings: list[tuple[Any, KnownRelease]] = [
        ((sibling.order, date_of(release)), release)
        for release in everything
        if version and (sibling := parse_version(release.version)) and sibling.package == version.package
    ]
    by_order = siblings or [(date_of(release), release) for release in everything]
    return min(by_order, key=itemgetter(0), default=(None, None))[1]


def date_of(release: KnownRelease) -> datetime:
    """By which it is ordered among dates: a release that is not known yet comes after all that are."""
    return release.dated_at or _NOT_KNOWN_YET


def _sign(a: Any, b: Any) -> int:
    return int(a > b) - int(a < b)
