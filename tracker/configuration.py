"""What people configure of a project: keys and rate limits. Each change is noticed by every process."""

from django.db import transaction
from django.db.models import F

from tracker.models import Project, ProjectKey, RateLimit


def raise_version(project: Project) -> None:
    """Let caches in other processes notice that the project's keys, limits or rules have changed."""
    Project.objects.filter(pk=project.pk).update(grouping_version=F("grouping_version") + 1)


def set_key_active(key: ProjectKey, is_active: bool) -> None:
    """Let a key send, or refuse what it sends."""
    with transaction.atomic():
        ProjectKey.objects.filter(pk=key.pk).update(is_active=is_active)
        raise_version(key.project)


def delete_key(key: ProjectKey) -> None:
    """Remove a key with its limits; events that came in with it stay."""
    with transaction.atomic():
        project = key.project
        key.delete()
        raise_version(project)


def limit_key(key: ProjectKey, category: str, limit: int | None, window_seconds: int) -> None:
    """At most `limit` items of the category in the window, in place of what was set; None lifts the limit."""
    with transaction.atomic():
        RateLimit.objects.filter(key=key, category=category).delete()
        if limit is not None:
            RateLimit.objects.create(
                project=key.project, key=key, category=category, limit=limit, window_seconds=window_seconds
            )
        raise_version(key.project)
