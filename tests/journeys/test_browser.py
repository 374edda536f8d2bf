"""A real browser goes the whole way: the owner's link, a project, its first event, the issue, resolved and undone.

Chromium comes from the machine (`apt-get install chromium`). Where there is none these tests are skipped; under CI that
is a failure, so that nobody believes they ran.
"""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.missing import missing
from tests.running import OWNER, OWNER_PASSWORD, Running, running_server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE_MS = 20_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        missing("no Chromium is installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def fresh() -> Iterator[Running]:
    """A server that nobody has set up yet."""
    with running_server(setup=False, from_nothing=True) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window that fails the test on any error of a script or of the Content-Security-Policy."""
    context = browser.new_context()
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    mistakes: list[str] = []
    opened.on("pageerror", lambda error: mistakes.append(str(error)))
    opened.on("console", lambda message: mistakes.append(message.text) if message.type == "error" else None)
    yield opened
    context.close()
    assert mistakes == []


def owner_link(running: Running) -> str:
    found = re.search(rf"{running.url}/welcome/\S+", running.log)
    assert found, running.log
    return found[0]


def sign_in(page: Page, url: str) -> None:
    page.goto(url + "/accounts/login/")
    page.get_by_label("Email").fill(OWNER)
    page.get_by_label("Password").fill(OWNER_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "/accounts/login/" not in address)


def run_python(code: str) -> None:
    """Run a program that fails, as a person would after pasting the page's code."""
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ZeroDivisionError" in finished.stderr, finished.stderr


def test_from_the_owner_s_link_to_a_resolved_issue_and_back(fresh: Running, page: Page) -> None:
    page.goto(owner_link(fresh))
    page.get_by_label("Organization").fill("Acme")
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Email").fill(OWNER)
    page.get_by_label("Password").fill(OWNER_PASSWORD)
    page.get_by_role("button", name="Begin").click()

    expect(page.get_by_role("heading", name="What does it run on?")).to_be_visible()
    page.get_by_role("radio", name="Python").check()
    page.get_by_label("Name").fill("Shop")
    page.get_by_role("button", name="Create project").click()

    expect(page.get_by_role("heading", name="Waiting for the first event")).to_be_visible()
    blocks = page.locator(".steps pre").all_inner_texts()
    dsn = page.locator("#dsn").inner_text()
    assert dsn in "\n".join(blocks)
    run_python("\n".join(block for block in blocks if "pip install" not in block))

    page.wait_for_url(re.compile(r"/o/acme/issues/SHOP-1/"))
    expect(page.get_by_role("heading", name="ZeroDivisionError").first).to_be_visible()
    expect(page.locator("body")).to_contain_text("division by zero")

    page.get_by_role("button", name="Resolve", exact=True).first.click()
    undo = page.get_by_role("button", name="Undo")
    expect(undo.first).to_be_visible()
    page.goto(fresh.url + "/o/acme/issues/")
    expect(page.get_by_text("ZeroDivisionError")).to_have_count(0)

    page.goto(fresh.url + "/o/acme/issues/SHOP-1/")
    page.get_by_role("button", name=re.compile("Reopen|Unresolve")).first.click()
    page.get_by_role("button", name="Undo").first.click()
    page.goto(fresh.url + "/o/acme/issues/?query=is:resolved")
    expect(page.get_by_text("ZeroDivisionError").first).to_be_visible()


def test_the_test_error_of_the_page_opens_its_own_issue(server: Running, page: Page) -> None:
    sign_in(page, server.url)
    page.goto(server.url + "/o/acme/projects/new/")
    page.get_by_role("radio", name="Browser JavaScript").check()
    page.get_by_label("Name").fill("Website")
    page.get_by_role("button", name="Create project").click()
    page.get_by_role("button", name="Send a test error").click()
    page.wait_for_url(re.compile(r"/o/acme/issues/WEBSITE-1/"))
    expect(page.locator("body")).to_contain_text("addToBasket")


def test_somebody_is_invited_by_link_and_sees_what_their_role_allows(
    server: Running, browser: Browser, page: Page
) -> None:
    sign_in(page, server.url)
    page.goto(server.url + "/o/acme/settings/members/")
    page.get_by_role("button", name="Invite").click()
    page.get_by_label("Role", exact=True).select_option("viewer")
    page.get_by_role("button", name="Create link").click()
    link = page.locator("#invitation-link").inner_text()

    guest = browser.new_context().new_page()
    guest.goto(link)
    guest.get_by_label("Your name").fill("Vera")
    guest.get_by_label("Email").fill("vera@example.com")
    guest.get_by_label("Password").fill("a wholly different passphrase")
    guest.get_by_role("button", name="Join").click()
    guest.goto(server.url + "/o/acme/projects/")
    expect(guest.get_by_role("heading", name="Projects")).to_be_visible()
    expect(guest.get_by_role("link", name="New project")).to_have_count(0)
    guest.goto(server.url + "/o/acme/projects/new/")
    expect(guest.get_by_role("heading", name="Your role does not allow this")).to_be_visible()
    guest.context.close()
    page.goto(server.url + "/o/acme/settings/members/")
    expect(page.get_by_text("vera@example.com")).to_be_visible()


def test_a_key_that_is_disabled_takes_nothing_more(server: Running, page: Page) -> None:
    project = server.new_project()
    slug, dsn = project.setup["project"], project.setup["dsn"]
    sign_in(page, server.url)
    page.goto(f"{server.url}/o/acme/{slug}/settings/keys/")
    page.get_by_label("More for Default").click()
    page.get_by_role("button", name=re.compile("^Disable")).click()
    expect(page.get_by_text("Disabled")).to_be_visible()

    key, project_id = re.findall(r"//(\w+)@.*/(\d+)$", dsn)[0]
    address = f"{server.url}/api/{project_id}/store/?sentry_key={key}"
    deadline = time.monotonic() + 90
    while httpx.post(address, json={"message": "still here"}).status_code != 403:
        assert time.monotonic() < deadline, "the disabled key may still send"
        time.sleep(0.5)
