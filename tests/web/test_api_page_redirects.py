"""Links that Sentry's tools make lead to the pages here."""

import pytest
from django.test import Client

from tests.conftest import World
from tests.tracker.digested import NOON, digested
from tracker.models import Issue
from tracker.record.batch import record_batch
from tracker.record.dimensions import forget_dimensions
from tracker.record.issues import forget_keys

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/organizations/acme/issues/?query=is%3Aresolved", "/o/acme/issues/?query=is%3Aresolved"),
        ("/organizations/acme/issues/SHOP-1/", "/o/acme/issues/SHOP-1/"),
        ("/organizations/acme/issues/{id}/", "/o/acme/issues/SHOP-1/"),
        ("/organizations/acme/issues/{id}/events/latest/", "/o/acme/issues/SHOP-1/events/latest/"),
        ("/organizations/acme/issues/{id}/events/latest/json/", "/o/acme/issues/SHOP-1/events/latest/json/"),
        ("/orgredirect/organizations/:orgslug/settings/auth-tokens/", "/o/acme/settings/tokens/"),
        ("/settings/account/api/auth-tokens/", "/o/acme/settings/tokens/"),
    ],
)
def test_an_address_of_sentrys_pages_leads_to_the_page_here(
    client: Client, world: World, address: str, page: str
) -> None:
    forget_dimensions()
    forget_keys()
    record_batch([digested(world.shop, 1)], NOON)
    address = address.format(id=Issue.objects.get().pk)
    assert client.get(address).headers["Location"].startswith("/accounts/login/")
    client.force_login(world.bob)
    assert client.get(address).headers["Location"] == page


def test_an_issue_that_one_may_not_see_is_not_given_away(client: Client, world: World) -> None:
    forget_dimensions()
    forget_keys()
    record_batch([digested(world.shop, 1)], NOON)
    client.force_login(world.charlie)
    assert client.get(f"/organizations/acme/issues/{Issue.objects.get().pk}/").status_code == 404
