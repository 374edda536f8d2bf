"""The demo's organization with its people, projects and keys: made, found again, and removed."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from tracker.accounts.people import add_member, create_organization, has_owner
from tracker.demo.apps import APPS
from tracker.demo.people import DOMAIN, MEMBERS, OWNER
from tracker.issues.deletion import queue_organization_deletion
from tracker.jobs.slices import run_slice
from tracker.models import Organization, Project, ProjectKey, User
from tracker.projects.registry import create_project, key_of

SLUG = "demo"
NAME = "Tidewater Coffee"
REMOVAL_STALLS_SECONDS = 120.0


class DemoError(Exception):
    """What was asked for cannot be done; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Company:
    """The demo's rows that everything else refers to."""

    organization: Organization
    projects: dict[str, Project]
    """By slug."""
    keys: dict[str, ProjectKey]
    """By their project's slug."""
    users: dict[str, User]
    """By name."""


def find_demo() -> Organization | None:
    """The organization that holds the demo's slug."""
    return Organization.objects.filter(slug=SLUG).first()


def make_company(password: str) -> Company:
    """Organization, people, projects and keys; the owner signs in with the password, nobody else can.

    Where the installation has no administrator yet, the owner becomes it.
    """
    with transaction.atomic():
        users = {colleague.name: _user(colleague.email, colleague.name) for colleague in MEMBERS}
        owner = users[OWNER.name]
        owner.is_superuser = owner.is_staff = owner.is_superuser or not has_owner()
        owner.set_password(password)
        owner.save()
        organization = create_organization(NAME, owner, slug=SLUG)
        for colleague in MEMBERS:
            add_member(organization, users[colleague.name], colleague.role)
        projects = {
            app.slug: create_project(organization, app.name, slug=app.slug, platform=app.platform) for app in APPS
        }
    keys = {slug: key for slug, project in projects.items() if (key := key_of(project))}
    return Company(organization, projects, keys, users)


def _user(email: str, name: str) -> User:
    return User.objects.filter(email=email).first() or User.objects.create_user(email, None, name=name)


def check_is_demo(organization: Organization) -> None:
    """Raises DemoError for an organization that has the demo's slug and was made by somebody else."""
    if not organization.members.filter(email=OWNER.email).exists():
        raise DemoError(f"The organization “{organization.name}” is not the demo's, although its slug is “{SLUG}”.")


def remove_demo(organization: Organization, tell: Callable[[str], None]) -> None:
    """Delete the demo as organizations are deleted, and its people. Raises DemoError."""
    check_is_demo(organization)
    queue_organization_deletion(organization)
    left, moved_at = -1, time.monotonic()
    while remaining := Organization.objects.filter(pk=organization.pk).first():
        # A worker that runs does the same; each takes the next part that is left.
        if not run_slice(timezone.now()):
            time.sleep(0.05)
        stored = sum(remaining.projects.values_list("stored_events", flat=True))
        if stored != left:
            left, moved_at = stored, time.monotonic()
            tell(f"{left:,} events left")
        if time.monotonic() - moved_at > REMOVAL_STALLS_SECONDS:
            raise DemoError("The deletion does not go on: see the failed jobs of the administration's pages.")
    User.objects.filter(email__endswith=f"@{DOMAIN}", memberships=None).delete()
