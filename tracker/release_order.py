"""Which release is the newest, and which came before another: the queries beside the rule of `tracker.versions`.

Each answer is one row from an index, however many releases a project has.
"""

from django.db.models import Q, QuerySet

from tracker.models import Release
from tracker.models.releases import DATED_AT
from tracker.versions import order_key, package_keys, parse_version

NEWEST_FIRST = (DATED_AT.desc(), "-id")


def newest_like(releases: QuerySet[Release], like: str) -> Release | None:
    """The newest of these releases as seen from one named `like`: of its package by version, or else of all by date.

    Two queries at most. The releases are of one project.
    """
    siblings = releases.filter(_is_sibling(like)).order_by("-order_key", *NEWEST_FIRST)
    return (siblings.first() if parse_version(like) else None) or releases.order_by(*NEWEST_FIRST).first()


def latest_of(releases: QuerySet[Release]) -> Release | None:
    """The newest release of the package that was released last: three queries at most."""
    last = newest_like(releases, "")
    return newest_like(releases, last.version) if last else None


def previous_of(releases: QuerySet[Release], release: Release) -> Release | None:
    """The newest of these releases that is older than `release`: two queries at most. They are of one project."""
    is_sibling = _is_sibling(release.version)
    older = releases.filter(is_sibling, order_key__lt=order_key(release.version))
    others = releases.exclude(pk=release.pk).filter(~is_sibling).alias(dated_at=DATED_AT)
    by_version = older.order_by("-order_key", *NEWEST_FIRST).first() if parse_version(release.version) else None
    dated_at = release.released_at or release.created_at
    return by_version or others.filter(dated_at__lt=dated_at).order_by(*NEWEST_FIRST).first()


def _is_sibling(name: str) -> Q:
    """A version of the same package; nothing is where the name is no version."""
    version = parse_version(name)
    if version is None:
        return Q(pk__in=())
    above, below = package_keys(version.package)
    return Q(order_key__gt=above, order_key__lt=below)
