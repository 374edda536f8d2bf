"""What people configure of a project: keys and rate limits. Each change is noticed by every process."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F

from tracker.accounts.addresses import make_slug
from tracker.models import Organization, Project, ProjectKey, RateLimit

RESERVED_SLUGS = frozenset({"issues", "projects", "releases", "settings", "new"})
"""Segments that stand where a project's slug would in the pages' addresses."""


def create_project(organization: Organization, name: str, *, slug: str = "", platform: str = "") -> Project:
    """A project with its first key; the slug is made from `slug` or the name, with a suffix where it is taken."""
    with transaction.atomic():
        # Of two that ask for one slug at once, the second waits here and then sees it taken.
        Organization.objects.select_for_update().get(pk=organization.pk)
        taken = set(organization.projects.values_list("slug", flat=True)) | RESERVED_SLUGS
        free_slug = make_slug(slug or name, "project", taken.__contains__)
        project = Project.objects.create(organization=organization, slug=free_slug, name=name[:100], platform=platform)
        create_key(project)
    return project


def create_key(project: Project, label: str = "Default") -> ProjectKey:
    """Another key to send with."""
    return ProjectKey.objects.create(project=project, label=label[:100] or "Default")


def key_of(project: Project) -> ProjectKey | None:
    """The project's oldest active key: the one that start pages show."""
    return project.keys.filter(is_active=True).order_by("id").first()


def dsn_of(key: ProjectKey) -> str:
    """The address that an SDK is configured with: `http://<public key>@host:port/<sub-path>/<project id>`."""
    base = urlsplit(settings.BASE_URL)
    return f"{base.scheme}://{key.public_key}@{base.netloc}{base.path}/{key.project_id}"


def raise_version(project: Project) -> None:
    """Let caches in other processes notice that the project's keys, limits or rules have changed."""
    Project.objects.filter(pk=project.pk).update(config_generation=F("config_generation") + 1)


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
