"""Who may do what."""

import pytest

from tests.conftest import World
from tracker.accounts.access import (
    SCOPES,
    Power,
    find_organization,
    find_project,
    has_power,
    is_administrator,
    membership_of,
    organizations_of,
    projects_of,
)
from tracker.models import Member, Role, User


@pytest.mark.parametrize(
    ("role", "powers"),
    [
        (Role.OWNER, {Power.READ, Power.TRIAGE, Power.CONFIGURE, Power.ADMINISTER}),
        (Role.ADMIN, {Power.READ, Power.TRIAGE, Power.CONFIGURE}),
        (Role.MEMBER, {Power.READ, Power.TRIAGE}),
        (Role.VIEWER, {Power.READ}),
    ],
)
def test_each_role_has_its_powers(world: World, role: Role, powers: set[Power]) -> None:
    Member.objects.filter(user=world.bob).update(role=role)
    assert {power for power in Power if has_power(world.bob, world.acme, power)} == powers


def test_a_stranger_has_no_power_and_finds_nothing(world: World) -> None:
    assert not any(has_power(world.charlie, world.acme, power) for power in Power)
    assert membership_of(world.charlie, world.acme) is None
    assert find_organization(world.charlie, "acme") is None
    assert find_project(world.charlie, "acme", "shop") is None
    assert list(organizations_of(world.charlie)) == [world.elsewhere]
    assert list(projects_of(world.charlie)) == [world.secret]


def test_a_member_finds_organization_and_project_by_slug(world: World) -> None:
    assert find_organization(world.bob, "acme") == world.acme
    assert find_project(world.bob, "acme", "shop") == world.shop
    assert find_project(world.bob, "elsewhere", "shop") is None


def test_an_administrator_sees_errors_only_as_a_member(world: World) -> None:
    root = User.objects.create_superuser("root@example.com", "x")
    assert is_administrator(root)
    assert not is_administrator(world.alice)
    assert find_project(root, "acme", "shop") is None
    Member.objects.create(organization=world.acme, user=root, role=Role.VIEWER)
    assert find_project(root, "acme", "shop") == world.shop
    assert not has_power(root, world.acme, Power.TRIAGE)


def test_an_account_that_was_closed_sees_nothing(world: World) -> None:
    world.alice.is_active = False
    world.alice.is_superuser = True
    assert not organizations_of(world.alice).exists()
    assert not projects_of(world.alice).exists()
    assert not has_power(world.alice, world.acme, Power.READ)
    assert not is_administrator(world.alice)


def test_every_scope_that_writes_needs_more_than_reading() -> None:
    for scope, power in SCOPES.items():
        assert (power is Power.READ) == scope.endswith(":read")
