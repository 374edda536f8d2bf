"""What every page's frame shows: where we are, where one can go, and what this person may do here."""

from dataclasses import dataclass

from django.http import HttpRequest

from tracker.accounts.access import Power, find_organization, has_power, is_administrator, organizations_of
from tracker.models import Notification, Organization, User

THEMES = ("system", "light", "dark")
MAX_OFFERED = 50
"""Organizations in the menu; the page of one's account has them all."""
MAX_COUNTED = 99
SECTIONS = ("issues", "projects", "releases", "settings")


@dataclass(slots=True, frozen=True)
class Navigation:
    """The frame of a page; `organization` is None before there is one."""

    organizations: list[Organization]
    organization: Organization | None
    can_triage: bool
    can_configure: bool
    can_administer: bool
    unread_notices: int
    """Of an administrator of the installation, up to `MAX_COUNTED`; 0 for everybody else."""


def theme_of(request: HttpRequest) -> str:
    theme = request.COOKIES.get("theme", "")
    return theme if theme in THEMES else "system"


def navigation(request: HttpRequest) -> dict[str, object]:
    """Context processor: `navigation` (None for a stranger), `theme`, and `section`, the link to be marked."""
    user = getattr(request, "user", None)
    return {
        "navigation": _navigation_for(request, user) if isinstance(user, User) and user.is_authenticated else None,
        "theme": theme_of(request),
        "section": _section(request.path),
    }


def _navigation_for(request: HttpRequest, user: User) -> Navigation:
    slug = request.resolver_match.kwargs.get("organization_slug") if request.resolver_match else None
    organization = find_organization(user, slug) if slug else None
    organizations = list(organizations_of(user).order_by("name")[:MAX_OFFERED])
    current = organization or (organizations[0] if organizations else None)
    return Navigation(
        organizations=organizations,
        organization=current,
        can_triage=current is not None and has_power(user, current, Power.TRIAGE),
        can_configure=current is not None and has_power(user, current, Power.CONFIGURE),
        can_administer=current is not None and has_power(user, current, Power.ADMINISTER),
        unread_notices=_count_unread(user) if is_administrator(user) else 0,
    )


def _count_unread(user: User) -> int:
    return Notification.objects.filter(user=user, read_at=None)[:MAX_COUNTED].count()


def _section(path: str) -> str:
    """`issues` of `/o/acme/issues/SHOP-1/`; `projects` for the pages of one project; else the first part."""
    parts = [part for part in path.split("/") if part]
    if not parts or parts[0] != "o":
        return parts[0] if parts else ""
    if len(parts) > 3 and "releases" in parts[3:4]:
        return "releases"
    return parts[2] if len(parts) > 2 and parts[2] in SECTIONS else "projects"
