"""Every address of the URL table that names something of an organization, as everybody who must not get at it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from django.apps import apps
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from tests.conftest import World
from tests.web.factories import happen
from tracker.accounts.people import create_token, invite
from tracker.models import (
    DeadLetter,
    GroupingRules,
    Invitation,
    Job,
    Member,
    Organization,
    OutboxMessage,
    Project,
    Role,
    User,
)
from tracker.releases.registry import create_release, deploy

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = pytest.mark.django_db

MARKER = "Zebra"
"""In the name of everything that only members may read of."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OF_AN_ORGANIZATION = re.compile(r"<(?:\w+:)?(?:organization|project|short_id|issue|team)")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def addresses(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield address
        else:
            yield from addresses(pattern, address)


ALL = sorted(set(addresses(get_resolver())))
OF_ORGANIZATIONS = [address for address in ALL if OF_AN_ORGANIZATION.search(address)]
REDIRECTS = [address for address in ALL if address.startswith(("organizations/", "orgredirect/", "settings/"))]
"""Where Sentry's own clients think that pages are."""
PAGES = [address for address in OF_ORGANIZATIONS if not address.startswith("api/") and address not in REDIRECTS]
OF_THE_INSTALLATION = [address for address in ALL if address.startswith("administration/")]


@dataclass(frozen=True)
class Places:
    """What to put for each parameter of a pattern, so that it names something that is there."""

    of: Mapping[str, object]

    def fill(self, address: str) -> str:
        return "/" + PARAMETER.sub(lambda found: str(self.of[found[1]]), address)


@pytest.fixture
def places(world: World) -> Places:
    now = timezone.now()
    Organization.objects.filter(pk=world.acme.pk).update(name=f"Acme {MARKER}")
    Project.objects.filter(pk=world.shop.pk).update(name=f"Shop {MARKER}")
    User.objects.filter(pk=world.alice.pk).update(name=f"Alice {MARKER}")
    release = create_release([world.shop], f"{MARKER}@1.0", now=now)[0]
    deploy(release, MARKER, now=now)
    GroupingRules.objects.create(project=world.shop, version=1, fingerprint_rules=f"# {MARKER}")
    issue = happen(world.shop, message=MARKER, release=release.version, tags={"animal": MARKER})
    event_id = issue.events.get().event_id.hex()
    token, _ = create_token(world.alice, ["org:read"], organization=world.acme, name=MARKER)
    invite(world.acme, Role.MEMBER, by=world.alice, now=now, email=f"{MARKER}@example.com")
    return Places(
        {
            "organization_slug": "acme",
            "organization": "acme",
            "team": "acme",
            "project_slug": "shop",
            "project": "shop",
            "short_id": "SHOP-1",
            "issue": issue.pk,
            "event_id": event_id,
            "event": event_id,
            "version": release.version,
            "key": world.key.public_key,
            "key_id": world.key.pk,
            "token_id": token.pk,
            "member_id": Member.objects.get(user=world.bob).pk,
            "invitation_id": Invitation.objects.get().pk,
            "note": 1,
            "entry_id": DeadLetter.objects.create(project=world.shop, received_at=now, error=MARKER, body=b"").pk,
            "user_id": world.bob.pk,
            "message_id": OutboxMessage.objects.create(kind="mail", target=MARKER, recipient=MARKER).pk,
            "job_id": Job.objects.create(kind=MARKER, identity=MARKER, last_error=MARKER).pk,
        }
    )


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of the tracker's tables."""
    models: list[type[Model]] = list(apps.get_app_config("tracker").get_models())
    return {model.__name__: sorted(model._default_manager.values_list(), key=repr) for model in models}


FORM = {"action": "delete", "name": "x", "slug": "x", "label": "x", "role": "owner", "confirmation": "shop"}
"""What would do something, were there no guard."""


def ask(client: Client, method: str, address: str) -> "Response":
    if method == "GET":
        return client.get(address)
    if method == "POST" and not address.startswith("/api/"):
        return client.post(address, FORM)
    return client.generic(method, address, '{"name": "x", "status": "resolved"}', content_type="application/json")


def test_the_walk_goes_a_long_way() -> None:
    assert len(PAGES) >= 25 and len(OF_ORGANIZATIONS) > len(PAGES) and len(OF_THE_INSTALLATION) >= 5


@pytest.mark.parametrize("address", [address for address in OF_ORGANIZATIONS if address not in REDIRECTS])
def test_a_stranger_finds_nothing_and_changes_nothing(
    client: Client, world: World, places: Places, address: str
) -> None:
    client.force_login(world.charlie)
    before = everything()
    for method in METHODS:
        answer = ask(client, method, places.fill(address))
        allowed = {404, 405} if address in PAGES else {401, 403, 404, 405}
        assert answer.status_code in allowed, f"{method}: {answer.status_code}"
        assert MARKER.encode() not in answer.content, method
    assert everything() == before


@pytest.mark.parametrize("address", [address for address in REDIRECTS if OF_AN_ORGANIZATION.search(address)])
def test_a_redirect_leads_a_stranger_nowhere(client: Client, world: World, places: Places, address: str) -> None:
    client.force_login(world.charlie)
    answer = client.get(places.fill(address), follow=True)
    assert answer.status_code == 404 or answer.request["PATH_INFO"].startswith("/o/elsewhere/")
    assert MARKER.encode() not in answer.content


@pytest.mark.parametrize("address", [*OF_ORGANIZATIONS, *OF_THE_INSTALLATION])
def test_somebody_not_signed_in_is_sent_to_sign_in(client: Client, world: World, places: Places, address: str) -> None:
    before = everything()
    for method in METHODS:
        answer = ask(client, method, places.fill(address))
        if address.startswith("api/"):
            assert answer.status_code in {401, 403, 405}, f"{method}: {answer.status_code}"
        else:
            assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/"), method
        assert MARKER.encode() not in answer.content
    assert everything() == before


@pytest.mark.parametrize("address", PAGES)
def test_a_viewer_looks_and_changes_nothing(client: Client, world: World, places: Places, address: str) -> None:
    client.force_login(world.viewer)
    before = everything()
    assert ask(client, "GET", places.fill(address)).status_code in {200, 403, 405}
    assert ask(client, "POST", places.fill(address)).status_code in {200, 403, 404, 405}
    assert everything() == before


@pytest.mark.parametrize("address", PAGES)
def test_every_page_opens_for_the_owner(client: Client, world: World, places: Places, address: str) -> None:
    client.force_login(world.alice)
    assert ask(client, "GET", places.fill(address)).status_code in {200, 405}


@pytest.mark.parametrize("address", OF_THE_INSTALLATION)
def test_administration_does_not_exist_for_others_than_administrators(
    client: Client, world: World, places: Places, address: str
) -> None:
    for person in (world.alice, world.viewer, world.charlie):
        client.force_login(person)
        before = everything()
        for method in METHODS:
            answer = ask(client, method, places.fill(address))
            assert answer.status_code == 404, method
            assert MARKER.encode() not in answer.content
        assert everything() == before


@pytest.mark.parametrize("address", OF_THE_INSTALLATION)
def test_an_administrator_opens_every_page_of_the_installation(
    client: Client, world: World, places: Places, address: str
) -> None:
    User.objects.filter(pk=world.charlie.pk).update(is_superuser=True)
    client.force_login(world.charlie)
    assert ask(client, "GET", places.fill(address)).status_code in {200, 405}


@pytest.mark.parametrize("address", PAGES)
def test_administering_the_installation_alone_opens_no_organization(
    client: Client, world: World, places: Places, address: str
) -> None:
    User.objects.filter(pk=world.charlie.pk).update(is_superuser=True)
    client.force_login(world.charlie)
    answer = ask(client, "GET", places.fill(address))
    assert answer.status_code in {404, 405} and MARKER.encode() not in answer.content
