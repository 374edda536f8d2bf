"""Settings of projects and organizations: what each form refuses, and who may send it."""

from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.conftest import World
from tests.tracker.working import finish_jobs
from tests.web.factories import happen
from tracker.accounts.people import create_token, find_token, open_invitation
from tracker.models import (
    ApiToken,
    Event,
    GroupingRules,
    GroupKey,
    Invitation,
    Issue,
    Member,
    Organization,
    Project,
    ProjectKey,
    RateLimit,
    Role,
)
from web.forms.projects import RetentionForm

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = pytest.mark.django_db

PROJECT = "/o/acme/shop/settings/"
ORGANIZATION = "/o/acme/settings/"


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.alice)
    return client


def errors_of(answer: "Response", form: str = "form") -> dict[str, list[str]]:
    assert answer.status_code in (200, 422)
    return dict(answer.context[form].errors)


def version_of(project: Project) -> int:
    return Project.objects.get(pk=project.pk).config_generation


def test_a_project_is_renamed_and_its_address_follows(owner: Client, world: World) -> None:
    answer = owner.post(PROJECT, {"name": "Web shop", "slug": "web-shop"})
    assert answer["Location"] == "/o/acme/web-shop/settings/"
    assert owner.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize("slug", ["", "has space", "settings", "42", "taken"])
def test_a_slug_that_cannot_be_is_refused_and_nothing_changes(owner: Client, world: World, slug: str) -> None:
    Project.objects.create(organization=world.acme, slug="taken", name="Taken")
    answer = owner.post(PROJECT, {"name": "Renamed", "slug": slug})
    assert "slug" in errors_of(answer)
    assert Project.objects.get(pk=world.shop.pk).name == "Shop"


def test_the_slug_of_another_organization_s_project_is_free(owner: Client, world: World) -> None:
    assert owner.post(PROJECT, {"name": "Shop", "slug": "secret"}).status_code == 302


def test_keys_are_made_disabled_enabled_and_deleted_and_other_processes_notice(owner: Client, world: World) -> None:
    owner.post(PROJECT + "keys/", {"label": "Mobile"})
    key = ProjectKey.objects.get(label="Mobile")
    assert key.public_key in owner.get(PROJECT + "keys/").content.decode()
    for action, is_active in (("disable", False), ("enable", True)):
        before = version_of(world.shop)
        owner.post(f"{PROJECT}keys/{key.pk}/", {"action": action})
        key.refresh_from_db()
        assert key.is_active is is_active and version_of(world.shop) > before
    owner.post(f"{PROJECT}keys/{key.pk}/", {"action": "delete"})
    assert not ProjectKey.objects.filter(pk=key.pk).exists()


def test_a_key_of_another_project_is_not_there(owner: Client, world: World) -> None:
    foreign = ProjectKey.objects.create(project=world.secret)
    assert owner.post(f"{PROJECT}keys/{foreign.pk}/", {"action": "delete"}).status_code == 404
    assert ProjectKey.objects.filter(pk=foreign.pk).exists()


def test_a_rate_limit_is_set_replaced_and_lifted(owner: Client, world: World) -> None:
    url = f"{PROJECT}keys/{world.key.pk}/"
    limit = {"action": "limit", "category": "error", "window_seconds": "60"}
    owner.post(url, {**limit, "limit": "100"})
    owner.post(url, {**limit, "limit": "5", "window_seconds": "3600"})
    assert list(RateLimit.objects.values_list("limit", "window_seconds")) == [(5, 3600)]
    assert "at most 5 an hour" in owner.get(PROJECT + "keys/").content.decode()
    owner.post(url, {**limit, "limit": ""})
    assert not RateLimit.objects.exists()


@pytest.mark.parametrize("wrong", [{"limit": "-1"}, {"category": "everything"}, {"window_seconds": "7"}])
def test_a_rate_limit_that_makes_no_sense_is_refused(owner: Client, world: World, wrong: dict[str, str]) -> None:
    sent = {"action": "limit", "category": "error", "window_seconds": "60", "limit": "1", **wrong}
    assert errors_of(owner.post(f"{PROJECT}keys/{world.key.pk}/", sent), "limit_form")
    assert not RateLimit.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [
        {"retention_days": "0"},
        {"retention_days": "forever"},
        {"retention_events": "0"},
        {"retention_days": "99999"},
        {"spike_events_per_hour": "-1"},
    ],
)
def test_a_retention_that_makes_no_sense_is_refused(owner: Client, world: World, sent: dict[str, str]) -> None:
    values = {"form": "retention", "retention_days": "30", "retention_events": "1000", "spike_events_per_hour": "0"}
    values |= sent
    assert errors_of(owner.post(PROJECT + "storage/", values), "retention")
    assert Project.objects.get(pk=world.shop.pk).retention_days == 90


def test_retention_and_scrubbing_are_two_forms_that_leave_each_other_alone(owner: Client, world: World) -> None:
    kept = {"retention_days": "30", "retention_events": "5000", "spike_events_per_hour": "700"}
    owner.post(PROJECT + "storage/", {"form": "retention", **kept})
    owner.post(PROJECT + "storage/", {"form": "scrubbing", "scrub_fields": " iban \n\niban\nnickname\n"})
    project = Project.objects.get(pk=world.shop.pk)
    assert (project.retention_days, project.retention_events, project.spike_events_per_hour) == (30, 5000, 700)
    assert project.scrub_fields == ["iban", "nickname"]
    assert "iban\nnickname" in owner.get(PROJECT + "storage/").content.decode()


def test_rules_that_can_be_read_become_a_new_version(owner: Client, world: World) -> None:
    rules = {"fingerprint_rules": 'type:"TimeoutError" -> timeout', "stacktrace_rules": "stack.function:retry_* -group"}
    owner.post(PROJECT + "grouping/", rules)
    owner.post(PROJECT + "grouping/", {**rules, "stacktrace_rules": ""})
    assert list(GroupingRules.objects.order_by("version").values_list("version", flat=True)) == [1, 2]
    page = owner.get(PROJECT + "grouping/").content.decode()
    assert "TimeoutError" in page and "retry_*" not in page.partition("How to write one")[0]
    assert version_of(world.shop) >= 2


@pytest.mark.parametrize("field", ["fingerprint_rules", "stacktrace_rules"])
def test_a_mistake_in_the_rules_is_shown_by_line_and_column(owner: Client, world: World, field: str) -> None:
    sent = {"fingerprint_rules": "", "stacktrace_rules": "", field: "# fine\nthis is no rule at all ->"}
    (error,) = errors_of(owner.post(PROJECT + "grouping/", sent))[field]
    assert error.startswith("Line 2, column ")
    assert not GroupingRules.objects.exists()


def test_a_project_is_deleted_only_by_typing_its_slug(owner: Client, world: World) -> None:
    assert "confirmation" in errors_of(owner.post(PROJECT + "delete/", {"confirmation": "Shop"}))
    assert Project.objects.filter(pk=world.shop.pk).exists()
    assert owner.post(PROJECT + "delete/", {"confirmation": "shop"})["Location"] == "/o/acme/projects/"
    assert owner.get("/o/acme/shop/settings/").status_code == 404


def test_with_a_project_goes_everything_in_it(owner: Client, world: World) -> None:
    happen(world.shop)
    happen(world.secret)
    owner.post(PROJECT + "delete/", {"confirmation": "shop"})
    assert list(Event.objects.values_list("project", flat=True)) == [world.secret.pk]
    assert Issue.objects.count() == GroupKey.objects.count() == 1


def test_a_large_project_goes_in_a_worker_and_takes_nothing_more_at_once(owner: Client, world: World) -> None:
    settings.BROKER_DIR.mkdir(parents=True, exist_ok=True)
    Project.objects.filter(pk=world.shop.pk).update(stored_events=10**9)
    answer = owner.post(PROJECT + "delete/", {"confirmation": "shop"}, follow=True)
    assert "is being deleted" in answer.content.decode()
    assert not ProjectKey.objects.filter(project=world.shop).exists()
    finish_jobs()
    assert not Project.objects.filter(pk=world.shop.pk).exists()


def test_the_organization_is_renamed_and_its_address_follows(owner: Client, world: World) -> None:
    assert owner.post(ORGANIZATION, {"name": "Acme Ltd", "slug": "acme-ltd"})["Location"] == "/o/acme-ltd/settings/"
    assert Organization.objects.get(pk=world.acme.pk).name == "Acme Ltd"


@pytest.mark.parametrize("slug", ["elsewhere", "7", "no way"])
def test_an_organization_s_slug_that_cannot_be_is_refused(owner: Client, world: World, slug: str) -> None:
    assert "slug" in errors_of(owner.post(ORGANIZATION, {"name": "Acme", "slug": slug}))


def test_an_organization_is_deleted_by_its_owner_typing_its_slug(owner: Client, world: World) -> None:
    settings.BROKER_DIR.mkdir(parents=True, exist_ok=True)
    happen(world.shop)
    assert "confirmation" in errors_of(owner.post(ORGANIZATION + "delete/", {"confirmation": "Acme"}))
    owner.post(ORGANIZATION + "delete/", {"confirmation": "acme"})
    assert owner.get(ORGANIZATION).status_code == 404
    assert not ProjectKey.objects.filter(project=world.shop).exists()
    finish_jobs()
    assert list(Organization.objects.all()) == [world.elsewhere]
    assert not Event.objects.exists()


def test_an_admin_deletes_no_organization(client: Client, world: World) -> None:
    Member.objects.filter(user=world.bob).update(role=Role.ADMIN)
    client.force_login(world.bob)
    assert client.post(ORGANIZATION + "delete/", {"confirmation": "acme"}).status_code == 403


def test_an_invitation_s_link_is_shown_once_and_can_be_withdrawn(owner: Client, world: World) -> None:
    page = owner.post(ORGANIZATION + "members/invite/", {"role": "viewer", "email": "d@example.com"}).content.decode()
    token = page.partition("/welcome/")[2].partition("/")[0]
    invitation = open_invitation(token)
    assert invitation is not None and invitation.role == Role.VIEWER
    later = owner.get(ORGANIZATION + "members/").content.decode()
    assert token not in later and "d@example.com" in later
    owner.post(f"{ORGANIZATION}members/invitations/{invitation.pk}/")
    assert open_invitation(token) is None


def test_an_invitation_needs_a_role_that_there_is(owner: Client, world: World) -> None:
    assert "role" in errors_of(owner.post(ORGANIZATION + "members/invite/", {"role": "emperor"}))
    assert not Invitation.objects.exists()


def membership(world: World, email: str) -> Member:
    return Member.objects.get(organization=world.acme, user__email=email)


def test_roles_change_and_the_last_owner_stays_one(owner: Client, world: World) -> None:
    bob, alice = membership(world, "bob@example.com"), membership(world, "alice@example.com")
    owner.post(f"{ORGANIZATION}members/{bob.pk}/", {"action": "role", "role": "admin"})
    answer = owner.post(f"{ORGANIZATION}members/{alice.pk}/", {"action": "role", "role": "viewer"}, follow=True)
    assert "needs an owner" in answer.content.decode()
    assert membership(world, "bob@example.com").role == Role.ADMIN
    assert membership(world, "alice@example.com").role == Role.OWNER


def test_a_removed_member_sees_nothing_any_more(owner: Client, world: World) -> None:
    bob = membership(world, "bob@example.com")
    owner.post(f"{ORGANIZATION}members/{bob.pk}/", {"action": "remove"})
    browser = Client()
    browser.force_login(world.bob)
    assert browser.get("/o/acme/projects/").status_code == 404


def test_an_owner_gets_a_password_link_for_a_member_of_this_organization_only(owner: Client, world: World) -> None:
    bob = membership(world, "bob@example.com")
    url = f"{ORGANIZATION}members/{bob.pk}/"
    assert b"/accounts/password/reset/key/" in owner.post(url, {"action": "reset_password"}).content
    Member.objects.create(organization=world.elsewhere, user=world.bob, role=Role.MEMBER)
    assert b"/accounts/password/reset/key/" not in owner.post(url, {"action": "reset_password"}, follow=True).content


def test_no_owner_gets_a_password_link_for_an_administrator(owner: Client, world: World) -> None:
    world.bob.is_superuser = True
    world.bob.save()
    url = f"{ORGANIZATION}members/{membership(world, 'bob@example.com').pk}/"
    assert b"/accounts/password/reset/key/" not in owner.post(url, {"action": "reset_password"}, follow=True).content


def test_a_token_is_shown_once_and_acts_within_its_scopes(owner: Client, world: World) -> None:
    page = owner.post(ORGANIZATION + "tokens/", {"name": "CI", "scopes": ["org:read", "project:releases"]})
    text = page.context["new_token"]
    token = find_token(text, now=timezone.now())
    assert text in page.content.decode() and token is not None
    assert token.scopes == ["org:read", "project:releases"] and token.organization == world.acme
    assert text not in owner.get(ORGANIZATION + "tokens/").content.decode()
    owner.post(f"{ORGANIZATION}tokens/{token.pk}/")
    assert find_token(text, now=timezone.now()) is None


def test_a_token_gets_no_scope_beyond_its_maker_s_powers(client: Client, world: World) -> None:
    client.force_login(world.viewer)
    assert client.post(ORGANIZATION + "tokens/", {"name": "x", "scopes": ["org:admin"]}).context["form"].errors
    assert not ApiToken.objects.exists()


def test_a_token_without_a_scope_is_refused(owner: Client, world: World) -> None:
    assert "scopes" in errors_of(owner.post(ORGANIZATION + "tokens/", {"name": "x"}))


def test_members_see_and_revoke_their_own_tokens_only(client: Client, world: World) -> None:
    token, _ = create_token(world.alice, ["org:read"], organization=world.acme, name="Nightly deploy")
    client.force_login(world.bob)
    assert b"Nightly deploy" not in client.get(ORGANIZATION + "tokens/").content
    assert client.post(f"{ORGANIZATION}tokens/{token.pk}/").status_code == 404
    assert ApiToken.objects.filter(pk=token.pk).exists()


def test_a_form_leaves_the_counters_alone_that_move_while_it_is_open(world: World) -> None:
    form = RetentionForm(
        {"retention_days": "30", "retention_events": "5000", "spike_events_per_hour": "0"}, instance=world.shop
    )
    assert form.is_valid()
    Project.objects.filter(pk=world.shop.pk).update(stored_events=7, last_issue_number=9)
    form.save()
    world.shop.refresh_from_db()
    assert (world.shop.stored_events, world.shop.last_issue_number, world.shop.retention_days) == (7, 9, 30)
