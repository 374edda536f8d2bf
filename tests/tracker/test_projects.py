"""Projects, keys, DSNs."""

import pytest
from pytest_django import Settings

from tests.conftest import World
from tracker.models import Project, ProjectKey
from tracker.projects.registry import create_key, create_project, dsn_of, key_of


def test_a_new_project_has_a_key_of_32_hex_digits(world: World) -> None:
    project = create_project(world.acme, "Check out", platform="python")
    key = key_of(project)
    assert project.slug == "check-out"
    assert key is not None
    assert len(bytes.fromhex(key.public_key)) == 16


def test_a_taken_slug_gets_a_suffix_within_its_organization_only(world: World) -> None:
    assert create_project(world.acme, "Shop").slug == "shop-2"
    assert create_project(world.acme, "Shop").slug == "shop-3"
    assert create_project(world.elsewhere, "Shop").slug == "shop"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("42", "project-42"),
        ("Κατάστημα", "project"),
        ("issues", "issues-2"),
        ("settings", "settings-2"),
        ("x" * 80, "x" * 50),
        ("--", "project"),
    ],
)
def test_a_slug_can_stand_in_an_address(world: World, name: str, slug: str) -> None:
    assert create_project(world.acme, name).slug == slug


def test_a_long_slug_leaves_room_for_its_suffix(world: World) -> None:
    create_project(world.acme, "x" * 60)
    assert create_project(world.acme, "x" * 60).slug == "x" * 48 + "-2"


@pytest.mark.parametrize(
    ("base_url", "dsn"),
    [
        ("http://127.0.0.1:8000", "http://abc@127.0.0.1:8000/7"),
        ("https://errors.example.com", "https://abc@errors.example.com/7"),
        ("https://example.com/tools/errors", "https://abc@example.com/tools/errors/7"),
    ],
)
def test_a_dsn_keeps_port_and_path_of_the_base_url(settings: Settings, base_url: str, dsn: str) -> None:
    settings.BASE_URL = base_url
    assert dsn_of(ProjectKey(public_key="abc", project=Project(pk=7))) == dsn


def test_a_disabled_key_is_not_shown(world: World) -> None:
    second = create_key(world.shop, "Second")
    assert key_of(world.shop) == world.key
    ProjectKey.objects.filter(pk=world.key.pk).update(is_active=False)
    assert key_of(world.shop) == second
