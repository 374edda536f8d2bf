"""Whom an issue can be assigned to: members of its organization whose account is open."""

from django.db.models import QuerySet

from tracker.errors import DomainError, Refusal
from tracker.models import Organization, User
from tracker.storage.numbers import number_in

NOBODY = ("", "nobody")


def assignable(organization: Organization) -> QuerySet[User]:
    """By name."""
    return organization.members.filter(is_active=True).order_by("name", "email")


def find_assignee(organization: Organization, named: str) -> User | None:
    """The member of that id (`7`, `user:7`) or address; None where nobody is meant. Raises DomainError for others."""
    name = named.strip().removeprefix("user:").strip()
    if name in NOBODY:
        return None
    number = number_in(name)
    members = assignable(organization)
    # PostgreSQL takes no NUL in a text.
    by_address = members.filter(email__iexact=name) if "\0" not in name else members.none()
    found = (by_address if number is None else members.filter(pk=number)).first()
    if found is None:
        raise DomainError(Refusal.NOT_A_MEMBER)
    return found
