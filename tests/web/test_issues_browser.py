"""Issues in a real browser: keys, selection, refresh by itself, undo; and the same without JavaScript."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.conftest import PASSWORD, World
from tests.missing import missing
from tests.web.factories import happen, happen_poisoned
from tracker.models import Issue, Status

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]

PATIENCE_MS = 15_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all tests of a module; each has a context of its own in it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        missing("no Chromium is installed (apt-get install chromium)")
    # Playwright runs an event loop in this thread, where Django would refuse to touch the database.
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def signed_in(context: BrowserContext, server: LiveServer) -> Page:
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    page.goto(f"{server.url}/accounts/login/")
    page.fill("[name=login]", "bob@example.com")
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")
    page.wait_for_url(lambda address: "/accounts/login/" not in address)
    return page


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, world: World) -> Iterator[Page]:
    """Bob's window; any error of a script or of the Content-Security-Policy fails the test."""
    context = browser.new_context()
    opened = signed_in(context, live_server)
    mistakes: list[str] = []
    opened.on("pageerror", lambda error: mistakes.append(str(error)))
    opened.on("console", lambda message: mistakes.append(message.text) if message.type == "error" else None)
    opened.on("dialog", lambda dialog: mistakes.append(f"dialog: {dialog.message}"))
    yield opened
    context.close()
    assert mistakes == []


def status_of(issue: Issue) -> int:
    issue.refresh_from_db()
    return issue.status


def test_a_new_issue_appears_by_itself_and_the_selection_stays(
    page: Page, live_server: LiveServer, world: World
) -> None:
    happen(world.shop, "a")
    page.goto(f"{live_server.url}/o/acme/issues/")
    page.locator("[name=issue]").first.check()
    happen(world.shop, "b")
    expect(page.get_by_text("SHOP-2")).to_be_visible()
    expect(page.get_by_text("1 selected")).to_be_visible()
    expect(page.get_by_label("Select SHOP-1")).to_be_checked()
    expect(page.get_by_label("Select SHOP-2")).not_to_be_checked()


def test_keys_move_select_and_resolve_and_a_click_undoes(page: Page, live_server: LiveServer, world: World) -> None:
    issues = [happen(world.shop, name) for name in "ab"]
    page.goto(f"{live_server.url}/o/acme/issues/")
    expect(page.locator("html.has-js")).to_be_attached()
    for key in ("j", "x", "j", "Shift+X"):
        page.keyboard.press(key)
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.keyboard.press("e")
    expect(page.get_by_text("Nothing unresolved")).to_be_visible()
    assert [status_of(issue) for issue in issues] == [Status.RESOLVED] * 2
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("SHOP-1")).to_be_visible()
    assert [status_of(issue) for issue in issues] == [Status.UNRESOLVED] * 2


def test_the_resolve_menu_resolves_in_a_release_that_is_typed(
    page: Page, live_server: LiveServer, world: World
) -> None:
    issue = happen(world.shop)
    page.goto(f"{live_server.url}/o/acme/issues/SHOP-1/")
    page.get_by_label("More ways to resolve").click()
    page.get_by_label("Releases").fill("1.4.9")
    page.keyboard.press("Enter")
    expect(page.locator(".status")).to_have_text("Resolved in shop@1.4.9")
    assert status_of(issue) == Status.RESOLVED


def test_markup_in_every_field_of_an_event_does_nothing(page: Page, live_server: LiveServer, world: World) -> None:
    happen_poisoned(world.shop)
    for address in ("", "SHOP-1/?frames=all", "SHOP-1/events/"):
        page.goto(f"{live_server.url}/o/acme/issues/{address}")
        page.wait_for_load_state("networkidle") if address else page.wait_for_load_state("load")
        assert page.locator("img").count() == 0
        assert page.locator("script:not([src])").count() == 0


def test_everything_works_without_javascript(browser: Browser, live_server: LiveServer, world: World) -> None:
    issue = happen(world.shop)
    context = browser.new_context(java_script_enabled=False)
    page = signed_in(context, live_server)
    page.goto(f"{live_server.url}/o/acme/issues/")
    page.locator("[name=issue]").first.check()
    page.locator(".bulk").get_by_role("button", name="Resolve", exact=True).first.click()
    expect(page.get_by_text("SHOP-1 is resolved")).to_be_visible()
    assert status_of(issue) == Status.RESOLVED
    page.get_by_role("button", name="Undo").click()
    assert status_of(issue) == Status.UNRESOLVED
    page.goto(f"{live_server.url}/o/acme/issues/SHOP-1/")
    page.get_by_text("Archive", exact=True).click()
    page.get_by_role("button", name="Forever").click()
    expect(page.locator(".status")).to_have_text("Archived forever")
    context.close()


def test_an_open_issue_counts_along(page: Page, live_server: LiveServer, world: World) -> None:
    happen(world.shop)
    page.goto(f"{live_server.url}/o/acme/issues/SHOP-1/")
    events = page.locator("#issue-numbers .numbers__value").first
    expect(events).to_have_text("1")
    happen(world.shop)
    expect(events).to_have_text("2")
