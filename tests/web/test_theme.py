"""Light, dark, or as the system prefers; and where the front page leads."""

import pytest
from django.test import Client

from tests.conftest import World
from tracker.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chosen_theme_is_in_the_first_byte_of_every_page(client: Client, world: World, theme: str) -> None:
    client.force_login(world.alice)
    client.post("/theme/", {"theme": theme})
    assert f'data-theme="{theme}"' in client.get("/o/acme/issues/").content.decode()


def test_by_default_the_system_decides(client: Client, world: World) -> None:
    client.force_login(world.alice)
    assert "data-theme" not in client.get("/o/acme/issues/").content.decode()


@pytest.mark.parametrize("theme", ["", "purple", '"><script>'])
def test_there_are_no_other_themes(client: Client, theme: str) -> None:
    client.post("/theme/", {"theme": theme})
    assert "theme" not in client.cookies
    client.cookies["theme"] = "purple"
    assert "data-theme" not in client.get("/accounts/login/").content.decode()


def test_choosing_a_theme_leads_back_and_never_away(client: Client) -> None:
    here = client.post("/theme/", {"theme": "dark"}, headers={"Referer": "http://testserver/o/acme/issues/"})
    away = client.post("/theme/", {"theme": "dark"}, headers={"Referer": "https://evil.example/"})
    assert here.headers["Location"] == "http://testserver/o/acme/issues/"
    assert away.headers["Location"] == "/"


def test_whoever_is_in_no_organization_is_told_so(client: Client) -> None:
    client.force_login(User.objects.create_user("new@example.com"))
    assert "You are in no organization yet" in client.get("/").content.decode()
