"""Who may do what: the only place that knows. Whoever may not see a thing gets None, and pages turn that into 404."""

from enum import StrEnum

from django.db.models import QuerySet

from tracker.models import Member, Organization, Project, User


class Power(StrEnum):
    """What a page or an API call needs; API scopes map to these."""

    READ = "read"
    TRIAGE = "triage"
    """Resolve, archive, assign, comment, delete issues; create releases."""
    CONFIGURE = "configure"
    """Projects, keys, rules, retention."""
    ADMINISTER = "administer"
    """Members, tokens of others, the organization itself."""


def organizations_of(user: User) -> QuerySet[Organization]:
    raise NotImplementedError


def projects_of(user: User) -> QuerySet[Project]:
    """Every project of the user's organizations, `organization` loaded."""
    raise NotImplementedError


def find_organization(user: User, slug: str) -> Organization | None:
    raise NotImplementedError


def find_project(user: User, organization_slug: str, project_slug: str) -> Project | None:
    raise NotImplementedError


def membership_of(user: User, organization: Organization) -> Member | None:
    raise NotImplementedError


def has_power(user: User, organization: Organization, power: Power) -> bool:
    raise NotImplementedError
