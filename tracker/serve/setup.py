"""The first start: tables, the owner's link, and everything that a program needs to begin, in one call."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Q
from django.utils import timezone

from tracker.accounts.access import SCOPES
from tracker.accounts.people import (
    AccountError,
    accept_invitation,
    add_member,
    create_organization,
    derive_secret,
    has_owner,
    keep_token,
    open_invitation,
    welcome_url,
)
from tracker.health.schema import check_not_newer
from tracker.models import Invitation, Organization, Project, Role, User
from tracker.models.accounts import hash_token
from tracker.projects.registry import create_key, create_project, dsn_of, key_of

__all__ = ["AccountError", "SetUp", "accept_invitation", "migrate", "open_invitation", "owner_link", "set_up"]


@dataclass(slots=True, frozen=True)
class SetUp:
    """What a program needs to send events and to read them back."""

    url: str
    organization: str
    project: str
    project_id: int
    dsn: str
    token: str


def set_up(*, email: str, password: str, project: str, organization: str = "") -> SetUp:
    """Make what is missing of a user, an organization, a project, a key and a token; a second call changes nothing.

    Organization and project are found by slug or by name. The token is derived from the installation's secret, the
    address and the organization, so that it can be returned again although only its hash is kept.
    """
    email = email.strip().lower()
    with _one_at_a_time(), transaction.atomic():
        user = _user_of(email, password)
        home = _organization_of(user, organization)
        made = _project_of(home, project)
        key = key_of(made) or create_key(made)
        token = "sntryu_" + derive_secret(f"setup-token:{email}:{home.pk}")
        keep_token(user, token, SCOPES, organization=home, name="setup")
    return SetUp(settings.BASE_URL, home.slug, made.slug, made.pk, dsn_of(key), token)


def _user_of(email: str, password: str) -> User:
    user = User.objects.filter(email=email).first()
    if user is None:
        is_first = not has_owner()
        return User.objects.create_user(email, password, is_superuser=is_first, is_staff=is_first)
    if not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    return user


def _organization_of(user: User, wanted: str) -> Organization:
    if not wanted:
        first = user.organizations.order_by("id").first()
        return first or create_organization("My organization", user)
    found = Organization.objects.filter(Q(slug=wanted) | Q(name=wanted)).order_by("id").first()
    if found is None:
        return create_organization(wanted, user)
    add_member(found, user, Role.OWNER)
    return found


def _project_of(organization: Organization, wanted: str) -> Project:
    found = organization.projects.filter(Q(slug=wanted) | Q(name=wanted)).order_by("id").first()
    return found or create_project(organization, wanted)


def owner_link(now: datetime | None = None) -> str | None:
    """The one-time link that makes the owner's account: the same at each start until it is used, None afterwards."""
    if has_owner():
        return None
    token = derive_secret("owner-invitation")
    Invitation.objects.update_or_create(
        token_hash=hash_token(token),
        defaults={"organization": None, "role": Role.OWNER, "used_at": None, "created_at": now or timezone.now()},
    )
    return welcome_url(token)


def migrate() -> bool:
    """Bring the tables up to date; returns whether there was anything to do. Processes on one machine take turns.

    Raises NewerTables.
    """
    with _one_at_a_time():
        refuse_newer_tables()
        executor = MigrationExecutor(connection)
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        call_command("migrate", interactive=False, verbosity=0)
        return True


def refuse_newer_tables() -> None:
    """Raises NewerTables where a newer version has migrated the database; an empty one passes."""
    applied = MigrationRecorder(connection).applied_migrations()
    check_not_newer([name for app, name in applied if app == "tracker"])


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (settings.DATA_DIR / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
