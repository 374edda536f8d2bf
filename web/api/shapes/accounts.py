"""People, organizations, teams, projects and keys."""

from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

from tracker.accounts.access import POWERS, SCOPES
from tracker.accounts.addresses import absolute_url
from tracker.models import Member, Organization, Project, ProjectKey, RateLimit, Role, User
from tracker.projects.registry import dsn_of
from web.api.shapes import LETTER_AVATAR, Shape, iso


def user_shape(user: User) -> Shape:
    return {
        "id": str(user.pk),
        "name": user.name or user.email,
        "username": user.email,
        "email": user.email,
        "avatarUrl": None,
        "avatar": LETTER_AVATAR,
        "isActive": user.is_active,
        "isSuperuser": user.is_superuser,
        "isManaged": False,
        "hasPasswordAuth": user.has_usable_password(),
        "dateJoined": iso(user.date_joined),
        "emails": [{"id": str(user.pk), "email": user.email, "is_verified": True}],
    }


def actor_shape(user: User | None) -> Shape | None:
    """Whom an issue is assigned to."""
    if user is None:
        return None
    return {"type": "user", "id": str(user.pk), "name": user.name or user.email, "email": user.email}


def scopes_of(role: str) -> list[str]:
    """The scopes that a role's powers make good."""
    powers = POWERS.get(role, frozenset())
    return [scope for scope, power in SCOPES.items() if power in powers]


def organization_shape(organization: Organization) -> Shape:
    return {
        "id": str(organization.pk),
        "slug": organization.slug,
        "name": organization.name,
        "status": {"id": "active", "name": "active"},
        "dateCreated": iso(organization.created_at),
        "isEarlyAdopter": False,
        "require2FA": False,
        "requireEmailVerification": False,
        "avatar": {**LETTER_AVATAR, "avatarUrl": None},
        "features": [],
        "hasAuthProvider": False,
        "links": {
            "organizationUrl": absolute_url(f"/o/{organization.slug}/issues/"),
            "regionUrl": settings.BASE_URL,
        },
    }


def organization_detail(organization: Organization, member: Member | None, projects: Iterable[Project]) -> Shape:
    role = member.role if member else Role.VIEWER
    return {
        **organization_shape(organization),
        "role": role,
        "orgRole": role,
        "access": scopes_of(role),
        "teams": [team_shape(organization)],
        "projects": [project_summary(project) for project in projects],
        "isDefault": False,
        "defaultRole": Role.MEMBER,
        "availableRoles": [{"id": role.value, "name": role.label} for role in Role],
        "onboardingTasks": [],
    }


def team_shape(organization: Organization, projects: Iterable[Project] | None = None) -> Shape:
    """The one team of an organization: everybody in it."""
    shape: Shape = {
        "id": str(organization.pk),
        "slug": organization.slug,
        "name": organization.name,
        "dateCreated": iso(organization.created_at),
        "isMember": True,
        "isPending": False,
        "hasAccess": True,
        "teamRole": None,
        "memberCount": organization.memberships.count(),
        "avatar": LETTER_AVATAR,
    }
    if projects is not None:
        shape["projects"] = [project_summary(project) for project in projects]
    return shape


def _team_reference(organization: Organization) -> Shape:
    return {"id": str(organization.pk), "slug": organization.slug, "name": organization.name}


def project_summary(project: Project) -> Shape:
    """A project in lists; its `organization` is loaded."""
    team = _team_reference(project.organization)
    return {
        "id": str(project.pk),
        "slug": project.slug,
        "name": project.name,
        "platform": project.platform or None,
        "dateCreated": iso(project.created_at),
        "firstEvent": iso(project.first_event_at),
        "firstTransactionEvent": False,
        "isMember": True,
        "isBookmarked": False,
        "isInternal": False,
        "isPublic": False,
        "hasAccess": True,
        "status": "active",
        "features": [],
        "color": "#7a5cc4",
        "avatar": LETTER_AVATAR,
        "access": [],
        "team": team,
        "teams": [team],
        "organization": organization_shape(project.organization),
    }


def project_reference(project: Project) -> Shape:
    """A project within other objects."""
    return {
        "id": str(project.pk),
        "name": project.name,
        "slug": project.slug,
        "platform": project.platform or None,
    }


def project_detail(project: Project, member: Member | None) -> Shape:
    return {
        **project_summary(project),
        "access": scopes_of(member.role if member else Role.VIEWER),
        "options": {},
        "subjectPrefix": "",
        "dataScrubber": True,
        "dataScrubberDefaults": True,
        "sensitiveFields": project.scrub_fields,
        "safeFields": [],
        "scrubIPAddresses": project.scrub_ip_addresses,
        "resolveAge": 0,
        "groupingConfig": "g1",
        "eventProcessing": {"symbolicationDegraded": False},
        "latestRelease": None,
        "retentionDays": project.retention_days,
        "retentionEvents": project.retention_events,
    }


def key_shape(key: ProjectKey, limit: RateLimit | None) -> Shape:
    """A key with every address that is made of it; `limit` is the one on errors."""
    base = urlsplit(settings.BASE_URL)

    def address(endpoint: str) -> str:
        query = f"sentry_key={key.public_key}"
        return urlunsplit((base.scheme, base.netloc, f"{base.path}/api/{key.project_id}/{endpoint}", query, ""))

    dsn = dsn_of(key)
    return {
        "id": key.public_key,
        "name": key.label,
        "label": key.label,
        "public": key.public_key,
        "secret": "",
        "projectId": key.project_id,
        "isActive": key.is_active,
        "rateLimit": {"window": limit.window_seconds, "count": limit.limit} if limit else None,
        "dsn": {
            "public": dsn,
            "secret": dsn,
            "security": address("security/"),
            "csp": address("csp-report/"),
            "nel": address("nel/"),
            "minidump": address("minidump/"),
        },
        "dateCreated": iso(key.created_at),
        "browserSdkVersion": "",
        "browserSdk": {"choices": []},
        "dynamicSdkLoaderOptions": {},
    }
