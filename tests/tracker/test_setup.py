"""The first start."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.conftest import World
from tracker.accounts.access import SCOPES, projects_of
from tracker.accounts.people import find_token
from tracker.models import ApiToken, Member, Organization, Project, ProjectKey, Role, User
from tracker.serve.setup import accept_invitation, migrate, open_invitation, owner_link

pytestmark = pytest.mark.django_db


def run_setup(**options: str) -> dict[str, Any]:
    output = StringIO()
    wanted = {"email": "ada@example.com", "password": "a long walk home", "project": "Shop"} | options
    arguments = [f"--{name}={value}" for name, value in wanted.items()]
    call_command("setup", *arguments, "--json", stdout=output)
    answer: dict[str, Any] = json.loads(output.getvalue())
    return answer


def test_setup_answers_what_a_program_needs() -> None:
    made = run_setup(organization="Acme Inc")
    key = ProjectKey.objects.get()
    assert made == {
        "url": "http://127.0.0.1:8000",
        "organization": "acme-inc",
        "project": "shop",
        "project_id": key.project_id,
        "dsn": f"http://{key.public_key}@127.0.0.1:8000/{key.project_id}",
        "token": made["token"],
    }
    token = find_token(made["token"], now=timezone.now())
    assert token is not None
    assert token.user.email == "ada@example.com"
    assert token.organization == Organization.objects.get()
    assert set(token.scopes) == set(SCOPES)


def test_setup_again_answers_the_same_and_makes_nothing() -> None:
    first = run_setup(organization="Acme Inc")
    assert run_setup(organization="Acme Inc") == first
    assert run_setup(organization="acme-inc", project="shop") == first
    assert run_setup() == first
    for model in (User, Organization, Member, Project, ProjectKey, ApiToken):
        assert model._default_manager.count() == 1


def test_setup_of_a_second_project_shares_organization_and_token() -> None:
    first, second = run_setup(), run_setup(project="Billing")
    assert second["organization"] == first["organization"]
    assert second["token"] == first["token"]
    assert second["dsn"] != first["dsn"]
    assert [project.slug for project in projects_of(User.objects.get())] == ["billing", "shop"]


def test_setup_makes_a_token_that_was_revoked_again() -> None:
    first = run_setup()
    ApiToken.objects.all().delete()
    assert run_setup() == first
    assert find_token(first["token"], now=timezone.now()) is not None


def test_the_first_account_administers_and_later_ones_do_not() -> None:
    run_setup()
    run_setup(email="bea@example.com")
    assert list(User.objects.order_by("id").values_list("is_superuser", flat=True)) == [True, False]


def test_setup_sets_the_password_that_was_asked_for() -> None:
    run_setup()
    run_setup(password="another long walk")
    assert User.objects.get().check_password("another long walk")


def test_tokens_of_different_accounts_differ() -> None:
    assert run_setup()["token"] != run_setup(email="bea@example.com", organization="Acme")["token"]


@pytest.mark.parametrize("options", [{"email": "nobody"}, {"project": " "}, {"password": ""}])
def test_setup_refuses_what_it_cannot_mean(options: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        run_setup(**options)
    assert not User.objects.exists()


def test_the_owner_link_stays_the_same_until_it_is_used() -> None:
    link = owner_link()
    assert link is not None
    assert owner_link() == link
    token = link.rstrip("/").rpartition("/")[2]
    assert open_invitation(token) is not None
    owner = accept_invitation(token, "ada@example.com", "Ada", "a long walk home", organization_name="Acme")
    assert owner.is_superuser
    assert Member.objects.get(user=owner).role == Role.OWNER
    assert Organization.objects.get().name == "Acme"
    assert owner_link() is None
    assert open_invitation(token) is None


def test_the_owner_link_closes_once_setup_has_made_an_owner() -> None:
    link = owner_link()
    assert link is not None
    run_setup()
    assert owner_link() is None
    assert open_invitation(link.rstrip("/").rpartition("/")[2]) is None


def test_migrating_what_is_up_to_date_does_nothing(world: World) -> None:
    assert migrate() is False
