"""Who may do what: the only place that knows. What somebody may not see is None to them, which pages turn into 404.

An administrator (`User.is_superuser`) administers the installation: its organizations, its accounts, its health. That
alone opens no project: people's errors are shown to members only, administrators included. An administrator who must
look inside becomes a member first, and every member of the organization can see that.
"""

from collections.abc import Mapping
from enum import StrEnum

from django.db.models import QuerySet

from tracker.models import Member, Organization, Project, Role, User


class Power(StrEnum):
    """What a page or an API call needs; API scopes map to these."""

    READ = "read"
    TRIAGE = "triage"
    """Resolve, archive, assign, comment, delete issues; create releases."""
    CONFIGURE = "configure"
    """Projects, keys, rules, retention."""
    ADMINISTER = "administer"
    """Members, tokens of others, the organization itself."""


POWERS: Mapping[str, frozenset[Power]] = {
    Role.OWNER: frozenset(Power),
    Role.ADMIN: frozenset({Power.READ, Power.TRIAGE, Power.CONFIGURE}),
    Role.MEMBER: frozenset({Power.READ, Power.TRIAGE}),
    Role.VIEWER: frozenset({Power.READ}),
}

SCOPES: Mapping[str, Power] = {
    "org:read": Power.READ,
    "member:read": Power.READ,
    "team:read": Power.READ,
    "project:read": Power.READ,
    "event:read": Power.READ,
    "event:write": Power.TRIAGE,
    "event:admin": Power.TRIAGE,
    "project:releases": Power.TRIAGE,
    "org:ci": Power.TRIAGE,
    "project:write": Power.CONFIGURE,
    "project:admin": Power.CONFIGURE,
    "team:write": Power.CONFIGURE,
    "team:admin": Power.CONFIGURE,
    "org:write": Power.ADMINISTER,
    "org:admin": Power.ADMINISTER,
    "member:write": Power.ADMINISTER,
    "member:admin": Power.ADMINISTER,
}
"""The scopes that a token may carry, with the power that its user must have for each to count."""


def is_administrator(user: User) -> bool:
    """Whether the user administers the installation."""
    return user.is_active and user.is_superuser


def organizations_of(user: User) -> QuerySet[Organization]:
    """The organizations of which the user is a member, by name."""
    if not user.is_active:
        return Organization.objects.none()
    return Organization.objects.filter(memberships__user=user).order_by("name", "id")


def projects_of(user: User) -> QuerySet[Project]:
    """Every project of the user's organizations, `organization` loaded."""
    if not user.is_active:
        return Project.objects.none()
    projects = Project.objects.filter(organization__memberships__user=user)
    return projects.select_related("organization").order_by("name", "id")


def find_organization(user: User, slug: str) -> Organization | None:
    """The organization of that slug, if the user is a member of it."""
    return organizations_of(user).filter(slug=slug).first()


def find_project(user: User, organization_slug: str, project_slug: str) -> Project | None:
    """The project of these slugs, if the user is a member of its organization; `organization` is loaded."""
    return projects_of(user).filter(organization__slug=organization_slug, slug=project_slug).first()


def membership_of(user: User, organization: Organization) -> Member | None:
    """The user's membership in the organization, with its role."""
    if not user.is_active:
        return None
    return Member.objects.filter(user=user, organization=organization).first()


def has_power(user: User, organization: Organization, power: Power) -> bool:
    """Whether the user's role in the organization has the power."""
    member = membership_of(user, organization)
    return member is not None and power in powers_of(member)


def powers_of(member: Member) -> frozenset[Power]:
    """Every power of the member's role."""
    return POWERS.get(member.role, frozenset())


def may_reset_password(actor: User, member: Member) -> bool:
    """Whether the actor may have a link that sets the member's password, which is to become that person.

    Administrators of the installation may, and owners of the only organization that the person belongs to; of an
    administrator, only another administrator.
    """
    if is_administrator(actor):
        return True
    if is_administrator(member.user) or not has_power(actor, member.organization, Power.ADMINISTER):
        return False
    return not Member.objects.filter(user=member.user_id).exclude(organization=member.organization_id).exists()
