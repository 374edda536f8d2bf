"""Suspect commits: those of a release that touch the files in which the user's own code was on the stack."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grouping.event import Event, Frame
from grouping.reader import read_event
from tracker.models import Commit, Issue, Release
from tracker.models import Event as StoredEvent

MAX_PATHS = 20
COMMITS_AT_ONCE = 20
MOST_FILES = 20_000
MOST_SUSPECTS = 50
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
    for commit in release.commits.iterator(COMMITS_AT_ONCE):
        if looked_at > MOST_FILES or len(suspects) == MOST_SUSPECTS:
            break
        looked_at += len(commit.files)
        hits = [(index, path) for index, path in enumerate(paths) if is_touched(path, commit.files)]
        if hits:
            suspects.append(Suspect(commit, hits[0][1], hits[0][0]))
    return sorted(suspects, key=lambda suspect: (suspect.frames_from_crash, suspect.commit.position))


def suspects_of(issue: Issue, event: StoredEvent, paths: Sequence[str]) -> list[Suspect]:
    """Of the release in which the issue began; of the event's own where it came back: that one broke it anew."""
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
