"""Similar issues and drafts of rules in a real browser."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.conftest import World
from tests.tracker.digested import NOON
from tests.tracker.grouped import error, happen
from tests.web.test_issues_browser import browser, page
from tracker.models import GroupingRules, Issue, Suggestion
from tracker.similar.suggestions import compare_new_issues

__all__ = ["browser", "page"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]

DEEP = ("main", "handle", "dispatch", "checkout", "total", "pay")


@pytest.fixture
def twins(world: World) -> None:
    happen(world.shop, error(calls=DEEP))
    happen(world.shop, error(calls=(*DEEP[:3], "checkout_v2", *DEEP[4:])))
    compare_new_issues(NOON)


def test_a_proposal_is_dismissed_brought_back_and_merged(page: Page, live_server: LiveServer, twins: None) -> None:
    page.goto(f"{live_server.url}/o/acme/issues/SHOP-2/")
    similar = page.get_by_label("Similar issues")
    similar.get_by_role("button", name="Dismiss").click()
    expect(similar.get_by_text("is not proposed again")).to_be_visible()
    assert Suggestion.objects.exclude(dismissed_at=None).exists()
    similar.get_by_role("button", name="Undo").click()
    similar.get_by_role("button", name="Merge").click()
    expect(page.get_by_text("someone merged them")).to_be_visible()
    expect(page.get_by_text('function:"checkout*" -group')).to_be_visible()
    page.get_by_label("Rules").get_by_role("button", name="What would change?").first.click()
    expect(page.get_by_text("1 unchanged.")).to_be_visible()
    page.locator(".toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(".toasts").get_by_text("as before")).to_be_visible()
    assert not Issue.objects.exclude(merged_into=None).exists()


def test_a_draft_shows_what_it_would_change_before_it_is_saved(
    page: Page, live_server: LiveServer, twins: None
) -> None:
    page.goto(f"{live_server.url}/o/acme/issues/compare/?a=SHOP-1&b=SHOP-2")
    page.get_by_role("button", name="Open in the project’s rules").first.click()
    expect(page.get_by_text("2 issues become 1; 0 unchanged.")).to_be_visible()
    page.get_by_label("Fingerprint rules").fill("type:PaymentError => x")
    page.get_by_role("button", name="What would change?").click()
    expect(page.locator("#preview").get_by_text("Line 1, column 19")).to_be_visible()
    assert not GroupingRules.objects.exists()
