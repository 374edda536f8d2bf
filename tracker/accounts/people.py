"""Organizations and the people in them: founding, inviting, roles, tokens, and the way back for a lost password."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils import timezone

from tracker.accounts.access import SCOPES
from tracker.accounts.addresses import absolute_url, make_slug, page_url
from tracker.models import ApiToken, Invitation, Member, Organization, Role, User
from tracker.models.accounts import hash_token, new_user_token

INVITATION_LASTS = timedelta(days=7)
TOKEN_LAST_USED_PRECISION = timedelta(minutes=1)


class AccountError(ValueError):
    """What a person asked for cannot be done; the text is a sentence for them."""


def create_organization(name: str, owner: User | None, *, slug: str = "") -> Organization:
    """An organization with its owner; the slug is made from `slug` or the name, with a suffix where it is taken."""
    with transaction.atomic():
        free_slug = make_slug(
            slug or name, "organization", lambda slug: Organization.objects.filter(slug=slug).exists()
        )
        organization = Organization.objects.create(slug=free_slug, name=name.strip()[:100] or free_slug)
        if owner is not None:
            add_member(organization, owner, Role.OWNER)
    return organization


def add_member(organization: Organization, user: User, role: str) -> Member:
    """Make the user a member; a membership that exists keeps its role."""
    member, _ = Member.objects.get_or_create(organization=organization, user=user, defaults={"role": role})
    return member


def set_role(member: Member, role: str) -> None:
    """Change a member's role. Raises AccountError if the organization would be left without an owner."""
    with transaction.atomic():
        if role != Role.OWNER:
            _require_another_owner(member)
        member.role = Role(role)
        member.save(update_fields=["role"])


def remove_member(member: Member) -> None:
    """Take a member out of the organization, with their tokens for it. Raises AccountError for the last owner."""
    with transaction.atomic():
        _require_another_owner(member)
        ApiToken.objects.filter(user=member.user_id, organization=member.organization_id).delete()
        member.delete()


def _require_another_owner(member: Member) -> None:
    Organization.objects.select_for_update().get(pk=member.organization_id)
    owners = Member.objects.filter(organization=member.organization_id, role=Role.OWNER)
    if member.role == Role.OWNER and not owners.exclude(pk=member.pk).exists():
        raise AccountError("An organization needs an owner: make somebody else an owner first.")


def invite(organization: Organization, role: str, *, by: User | None, now: datetime, email: str = "") -> str:
    """Make an invitation for seven days; returns its one-time link, which is not kept and cannot be shown again."""
    token = secrets.token_urlsafe(32)
    Invitation.objects.create(
        organization=organization,
        email=email.strip().lower(),
        role=Role(role),
        token_hash=hash_token(token),
        created_by=by,
        created_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    return welcome_url(token)


def welcome_url(token: str) -> str:
    """The page that accepts an invitation."""
    return absolute_url(f"/welcome/{token}/")


def open_invitation(token: str, *, now: datetime | None = None) -> Invitation | None:
    """The invitation that the token opens, `organization` loaded; None if unknown, used, or past its time.

    An invitation without organization makes the installation's owner; it closes as soon as there is one.
    """
    invitation = (
        Invitation.objects.select_related("organization")
        .filter(token_hash=hash_token(token), used_at__isnull=True)
        .first()
    )
    if invitation is None or (invitation.expires_at and invitation.expires_at <= (now or timezone.now())):
        return None
    if invitation.organization_id is None and has_owner():
        return None
    return invitation


def has_owner() -> bool:
    """Whether somebody administers the installation already."""
    return User.objects.filter(is_superuser=True).exists()


def accept_invitation(
    token: str, email: str, name: str, password: str, *, now: datetime | None = None, organization_name: str = ""
) -> User:
    """Create the account of the person who opened the invitation, and their membership.

    On the first run, that is the installation's owner, with an organization. Raises AccountError where the invitation
    is over or the address has an account, and Django's ValidationError where the password is too weak.
    """
    email = email.strip().lower()
    with transaction.atomic():
        invitation = _use_invitation(token, now or timezone.now())
        if User.objects.filter(email=email).exists():
            raise AccountError("There is an account with this address: sign in, then open the link again.")
        user = User(email=email, name=name.strip()[:100])
        validate_password(password, user)
        is_first = invitation.organization is None
        user = User.objects.create_user(email, password, name=user.name, is_superuser=is_first, is_staff=is_first)
        if invitation.organization is None:
            create_organization(organization_name or "My organization", user)
        else:
            add_member(invitation.organization, user, invitation.role)
    return user


def join(token: str, user: User, *, now: datetime) -> Organization:
    """Make somebody who has an account a member. Raises AccountError where the invitation is over."""
    with transaction.atomic():
        invitation = _use_invitation(token, now)
        if invitation.organization is None:
            raise AccountError("This link makes a new account: sign out to use it.")
        add_member(invitation.organization, user, invitation.role)
    return invitation.organization


def _use_invitation(token: str, now: datetime) -> Invitation:
    invitation = open_invitation(token, now=now)
    # The update decides between two that use one link at the same moment.
    used = invitation and Invitation.objects.filter(pk=invitation.pk, used_at__isnull=True).update(used_at=now)
    if not invitation or not used:
        raise AccountError("This link has been used or is past its time: ask for a new one.")
    return invitation


def password_reset_link(user: User) -> str:
    """A link with which the user sets a new password, for an administrator to hand over where no mail is sent."""
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    return page_url("account_reset_password_from_key", user_pk_to_url_str(user), token)


def create_token(
    user: User, scopes: Iterable[str], *, organization: Organization | None = None, name: str = ""
) -> tuple[ApiToken, str]:
    """A token and its text, which is shown once and not kept. Unknown scopes are left out.

    The text of an organization's token names the organization and this server, so that sentry-cli needs nothing else.
    """
    text = new_organization_token(organization) if organization else new_user_token()
    return keep_token(user, text, scopes, organization=organization, name=name), text


def new_organization_token(organization: Organization) -> str:
    """`sntrys_<base64 of JSON with org and url>_<base64 of 32 random bytes>`, as sentry-cli reads it."""
    about = {
        "iat": int(time.time()),
        "url": settings.BASE_URL,
        "region_url": settings.BASE_URL,
        "org": organization.slug,
    }
    named = base64.b64encode(json.dumps(about).encode()).decode()
    secret = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    return f"sntrys_{named}_{secret}"


def keep_token(
    user: User, text: str, scopes: Iterable[str], *, organization: Organization | None = None, name: str = ""
) -> ApiToken:
    """Let `text` be a token of the user's, whether or not it was before."""
    token, _ = ApiToken.objects.update_or_create(
        token_hash=hash_token(text),
        defaults={
            "user": user,
            "organization": organization,
            "name": name.strip()[:100],
            "last_characters": text[-4:],
            "scopes": sorted(set(scopes) & SCOPES.keys()),
        },
    )
    return token


def find_token(text: str, *, now: datetime) -> ApiToken | None:
    """The token of that text, `user` and `organization` loaded; its use is noted once a minute at most."""
    token = (
        ApiToken.objects.select_related("user", "organization")
        .filter(token_hash=hash_token(text), user__is_active=True)
        .first()
    )
    if token and (token.last_used_at is None or now - token.last_used_at >= TOKEN_LAST_USED_PRECISION):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def derive_secret(purpose: str) -> str:
    """64 hex digits that only this installation can make, the same for the same purpose."""
    return hmac.new(settings.SECRET_KEY.encode(), f"stacktale:{purpose}".encode(), hashlib.sha256).hexdigest()
