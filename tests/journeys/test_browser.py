"""A real browser goes the whole way: the owner's link, a project, its first event, the issue, resolved and undone.

Chromium comes from the machine (`apt-get install chromium`). Where there is none these tests are skipped; under CI that
is a failure, so that nobody believes they ran.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.running import OWNER, OWNER_PASSWORD, Running, running_server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE_MS = 20_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        reason = "no Chromium is installed (apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def fresh() -> Iterator[Running]:
    """A server that nobody has set up yet."""
    with running_server(setup=False) as running:
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
    page.get_by_role("button", name="Make the project").click()

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
    page.get_by_role("button", name="Make the project").click()
    page.get_by_role("button", name="Send a test error").click()
    page.wait_for_url(re.compile(r"/o/acme/issues/WEBSITE-1/"))
    expect(page.locator("body")).to_contain_text("addToBasket")
