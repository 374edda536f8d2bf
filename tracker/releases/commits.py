"""The commits of a release: which they are, and which issues they say they fix."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from tracker.lifecycle.actions import ResolveIn, resolve
from tracker.lifecycle.done import Undo
from tracker.lifecycle.merge import followed
from tracker.models import Commit, Issue, Release, User

MAX_COMMITS = 1_000
MAX_FILES = 1_000
MAX_MESSAGE = 10_000

_FIXES = re.compile(
    r"\b(?:fix(?:e[sd])?|clos(?:e[sd]?)|resolv(?:e[sd]?))\b[:\s]+"
    r"(?P<names>[\w-]+-\d+\b(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*)[\w-]+-\d+\b)*)",
    re.IGNORECASE,
)
_SHORT_ID = re.compile(r"([\w-]+)-(\d{1,9})\b")


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
    return [(slug.lower(), int(number)) for name in names for slug, number in _SHORT_ID.findall(name)]


def set_commits(releases: Sequence[Release], commits: Sequence[CommitInput], *, now: datetime) -> list[Undo]:
    """Make these the commits of the releases (one version, in several projects), the newest first.

    Issues that a commit says it fixes are resolved in the release that holds it, once: naming the same commits again
    does not resolve again what came back since. Answers what was resolved. Raises ValueError where there are too many.
    """
    if len(commits) > MAX_COMMITS:
        raise ValueError(f"A release has at most {MAX_COMMITS:,} commits.")
    unique = list({commit.sha.strip().lower(): commit for commit in reversed(commits) if commit.sha.strip()}.items())
    unique.reverse()
    done: list[Undo] = []
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


def _resolve_fixed(release: Release, commit: Commit, now: datetime) -> list[Undo]:
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
