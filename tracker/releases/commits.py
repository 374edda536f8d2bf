"""Suspect commits: those of a release that touch the files in which the user's own code was on the stack."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from grouping.event import Event, Frame
from grouping.reader import read_event
from tracker.issues.actions import resolve
from tracker.issues.claims import ResolveIn
from tracker.issues.merge import followed
from tracker.issues.results import ActionResult
from tracker.models import Commit, Issue, Release, User
from tracker.models import Event as StoredEvent

MAX_COMMITS = 1_000
MAX_FILES = 1_000
MAX_MESSAGE = 10_000

_FIXES = re.compile(
    r"\b(?:fix(?:e[sd])?|clos(?:e[sd]?)|resolv(?:e[sd]?))\b[:\s]+"
    r"(?P<names>[\w-]+-\d+\b(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*)[\w-]+-\d+\b)*)",
    re.IGNORECASE,
)
# Possessive, so that a long name is not read again from each of its letters.
_NAME = re.compile(r"[\w-]++")
_NUMBER = re.compile(r"\d{1,9}")


@dataclass(slots=True, frozen=True)
class CommitInput:
    """One commit as a client names it."""

    sha: str
    repository: str = ""
    author_name: str = ""
    author_email: str = ""
    message: str = ""
    committed_at: datetime | None = None
    files: tuple[str, ...] = field(default=())
    """Paths that it touches."""


def fixed_short_ids(message: str) -> list[tuple[str, int]]:
    """The issues that a commit's message says it fixes, as (project slug in lower case, number), in its order.

    `Fixes SHOP-42`, `Closes: shop-7, SHOP-8 and TILL-9`.
    """
    names = [found["names"] for found in _FIXES.finditer(message[:MAX_MESSAGE])]
    parts = (name.rpartition("-") for found in names for name in _NAME.findall(found))
    return [(slug.lower(), int(number)) for slug, _, number in parts if slug and _NUMBER.fullmatch(number)]


def set_commits(releases: Sequence[Release], commits: Sequence[CommitInput], *, now: datetime) -> list[ActionResult]:
    """Make these the commits of the releases (one version, in several projects), the newest first.

    Issues that a commit says it fixes are resolved in the release that holds it, once: naming the same commits again
    does not resolve again what came back since. Returns what was resolved. Raises ValueError where there are too many.
    """
    if len(commits) > MAX_COMMITS:
        raise ValueError(f"A release has at most {MAX_COMMITS:,} commits.")
    unique = list({commit.sha.strip().lower(): commit for commit in reversed(commits) if commit.sha.strip()}.items())
    unique.reverse()
    done: list[ActionResult] = []
    with transaction.atomic():
        for release in releases:
            had = set(release.commits.values_list("sha", flat=True))
            release.commits.all().delete()
            rows = [_row(release, sha, commit, position) for position, (sha, commit) in enumerate(unique)]
            Commit.objects.bulk_create(rows)
            done += [fixed for row in rows if row.sha not in had for fixed in _resolve_fixed(release, row, now)]
    return done


def _row(release: Release, sha: str, commit: CommitInput, position: int) -> Commit:
    return Commit(
        release=release,
        sha=sha[:64],
        position=position,
        repository=commit.repository[:200],
        author_name=commit.author_name[:128],
        author_email=commit.author_email[:254],
        message=commit.message[:MAX_MESSAGE],
        committed_at=commit.committed_at,
        files=[path[:500] for path in commit.files[:MAX_FILES]],
    )


def _resolve_fixed(release: Release, commit: Commit, now: datetime) -> list[ActionResult]:
    """Resolve what the commit says it fixes, of the release's own project, in the release."""
    numbers = {number for slug, number in fixed_short_ids(commit.message) if slug == release.project.slug.lower()}
    named = Issue.objects.filter(project=release.project_id, number__in=numbers) if numbers else []
    issues = list({followed(issue) for issue in named})
    if not issues:
        return []
    how = ResolveIn("in_release", versions=(release.version,), commit=commit.sha, repository=commit.repository)
    return [resolve(issues, how, by=_author(release, commit), now=now)]


def _author(release: Release, commit: Commit) -> User | None:
    """The member of the organization who wrote the commit, if it is one."""
    is_author = Q(email__iexact=commit.author_email, organizations=release.project.organization_id)
    return User.objects.filter(is_author).first() if commit.author_email else None


MAX_PATHS = 20
COMMITS_PER_BATCH = 20
MAX_FILES = 20_000
MAX_SUSPECTS = 50
_ENOUGH_SHARED_PARTS = 3


@dataclass(slots=True, frozen=True)
class Suspect:
    """A commit, and the frame's file that it touches; `frames_from_crash` is 0 where that frame is the innermost."""

    commit: Commit
    path: str
    frames_from_crash: int


def suspect_commits(release: Release, paths: Sequence[str]) -> list[Suspect]:
    """The release's commits that touch one of these files, nearest to the crash first; one query.

    Of a release with very many files, those of the newest commits are looked at.
    """
    suspects: list[Suspect] = []
    looked_at = 0
    for commit in release.commits.iterator(COMMITS_PER_BATCH):
        if looked_at > MAX_FILES or len(suspects) == MAX_SUSPECTS:
            break
        looked_at += len(commit.files)
        hits = [(index, path) for index, path in enumerate(paths) if is_touched(path, commit.files)]
        if hits:
            suspects.append(Suspect(commit, hits[0][1], hits[0][0]))
    return sorted(suspects, key=lambda suspect: (suspect.frames_from_crash, suspect.commit.position))


def suspects_of(issue: Issue, event: StoredEvent, paths: Sequence[str]) -> list[Suspect]:
    """Of the release in which the issue began; of the event's own where it came back: that one broke it again."""
    release = event.release if issue.is_regressed else issue.first_release or event.release
    return suspect_commits(release, paths) if release and paths else []


def in_app_paths(payload: Mapping[str, Any]) -> list[str]:
    """Files of an event's in-app frames as they are named there, the innermost first, each once."""
    return paths_of(read_event(payload))


def paths_of(event: Event) -> list[str]:
    stacks = [exception.stacktrace for exception in reversed(event.exceptions)]
    stacks += [event.stacktrace, *(thread.stacktrace for thread in event.threads if thread.crashed)]
    frames = [frame for stack in stacks if stack for frame in reversed(stack.frames)]
    is_said = any(frame.in_app for frame in frames)
    paths = (_path(frame) for frame in frames if frame.in_app or not is_said)
    return list(dict.fromkeys(path for path in paths if path))[:MAX_PATHS]


def _path(frame: Frame) -> str:
    """The longest name that is relative to the project: `shop/cart.py`, `com/acme/Cart.java` for a bare `Cart.java`."""
    if "/" in frame.filename or "\\" in frame.filename:
        return frame.filename
    if frame.filename and "." in frame.module:
        return "/".join([*frame.module.split(".")[:-1], frame.filename])
    return frame.abs_path or frame.filename or frame.module.replace(".", "/")


def is_touched(path: str, files: Iterable[str]) -> bool:
    """Does one of a commit's files lie at the frame's path? One of both may begin further up than the other."""
    wanted = _parts(path)
    return bool(wanted) and any(_is_same_file(wanted, _parts(file)) for file in files)


def _is_same_file(one: Sequence[str], other: Sequence[str]) -> bool:
    shared = 0
    for a, b in zip(reversed(one), reversed(other), strict=False):
        if a != b:
            break
        shared += 1
    return shared > 0 and (shared == min(len(one), len(other)) or shared >= _ENOUGH_SHARED_PARTS)


def _parts(path: str) -> list[str]:
    """`["src", "cart.js"]` of `webpack:///./src/cart.js?4f2a`."""
    bare = path.partition("?")[0].replace("\\", "/").partition("://")
    return [part for part in (bare[2] or bare[0]).split("/") if part not in ("", ".", "..", "~")]
