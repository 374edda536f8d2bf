"""Stored text is never HTML: poisoned events, and everything else that says a stranger's words, in a real browser.

The browser walks over every page that it finds links to, so a page that is added is walked over as well. Anything that
runs, or that the Content-Security-Policy had to stop, fails the test.
"""

import json
import urllib.request
import uuid
from collections import Counter, deque
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, Dialog, Page

from tests.journeys.poison import POISONS, poisoned_event
from tests.journeys.test_browser import browser, sign_in
from tests.running import Running, running_server

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("poisoned")]

MAX_PAGES = 120
MAX_OF_A_PATH = 3
NOT_WALKED = ("/accounts/logout", "/api/", "/static/")
WATCH = """
window.stopped = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.stopped.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
LOOK = """() => {
  for (const details of document.querySelectorAll("details")) details.open = true;
  const odd = [...document.querySelectorAll("*")].filter((element) =>
    [...element.attributes].some(({name, value}) =>
      name.startsWith("on") || (["href", "src", "action", "formaction"].includes(name)
        && /^\\s*(javascript|data:text|vbscript)/i.test(value))));
  const foreign = document.querySelectorAll("img[src=x], svg[onload], script:not([src]), iframe, object, embed");
  return {
    stopped: window.stopped,
    odd: [...odd, ...foreign].map((element) => element.outerHTML.slice(0, 200)),
    links: [...document.querySelectorAll("a[href]")].map((link) => link.href.split("#")[0]),
  };
}"""
PLANT = """
from django.utils import timezone
from tracker.models import Issue, Job, Organization, OutcomeCount, Project, ProjectKey, DeadLetter, User
text = {text!r}
now = timezone.now()
project = Project.objects.get()
minute = int(now.timestamp()) // 60
DeadLetter.objects.create(project=project, received_at=now, error=text, body=b"", entry_id="1")
Job.objects.create(
    kind=text, payload=[text], identity="1", last_error=text, traceback=text, failures=1, status="failed"
)
for outcome in ("received", "filtered"):
    OutcomeCount.objects.create(
        project=project, minute=minute, category=text[:30], outcome=outcome, reason=text[:60], quantity=1
    )
ProjectKey.objects.update(label=text[:100])
Project.objects.update(name=text[:100])
Organization.objects.update(name=text[:100])
User.objects.update(name=text[:100])
"""


@pytest.fixture(scope="module")
def poisoned() -> Iterator[Running]:
    """A server to which strangers have sent what they could, in events and in releases."""
    with running_server() as server:
        dsn = urlsplit(server.setup["dsn"])
        address = f"{server.url}/api{dsn.path}/envelope/?sentry_key={dsn.username}"
        for number, text in enumerate(POISONS):
            for platform in ("python", "javascript"):
                body = poisoned_event(text, uuid.uuid4().hex, platform)
                with urllib.request.urlopen(urllib.request.Request(address, body), timeout=10) as answer:
                    assert answer.status == 200
            commit = {
                "id": f"{number:040x}",
                "message": f"{text} fixes SHOP-1",
                "author_name": text,
                "repository": text,
            }
            release = {"version": f"shop@1.{number}", "projects": ["shop"], "url": "javascript:alert(12)", "ref": text}
            status, reply = server.request(
                "POST", "/api/0/organizations/acme/releases/", {**release, "commits": [commit]}
            )
            assert status in (200, 201, 400), reply
        server.wait_for_issues(len(POISONS))
        for issue in server.issues():
            server.request("POST", f"/api/0/issues/{issue['id']}/comments/", {"text": POISONS[0]})
        server.manage("shell", "--no-imports", "-c", PLANT.format(text=POISONS[0]))
        yield server


@pytest.fixture
def window(browser: Browser, poisoned: Running) -> Iterator[Page]:
    context = browser.new_context()
    context.add_init_script(WATCH)
    page = context.new_page()
    page.set_default_timeout(20_000)
    sign_in(page, poisoned.url)
    yield page
    context.close()


def first_pages(server: Running) -> list[str]:
    issues = "/o/acme/issues/"
    found = [issues, *(f"{issues}{issue['shortId']}/" for issue in server.issues())]
    short_ids = [issue["shortId"] for issue in server.issues()]
    for text in POISONS:
        escaped = quote(text, safe="")
        found += [
            f"{issues}?query={escaped}",
            f"{issues}?query=level:{escaped}&project={escaped}",
            f"/{escaped}/",
            f"/o/{escaped}/issues/",
            f"{issues}{escaped}/",
            f"/o/acme/shop/releases/{escaped}/",
            f"/o/acme/releases/?project={escaped}",
        ]
    found.append(f"{issues}compare/?a={short_ids[0]}&b={short_ids[1]}")
    for name in ("", "set-aside/", "jobs/", "accounting/", "organizations/", "users/"):
        found.append(f"/administration/{name}")
    for part in ("", "keys/", "storage/", "grouping/"):
        found.append(f"/o/acme/shop/settings/{part}")
    return [server.url + path for path in found]


def test_poisoned_text_runs_nothing_on_any_page(poisoned: Running, window: Page) -> None:
    mistakes: list[str] = []

    def note(dialog: Dialog) -> None:
        mistakes.append(f"dialog {dialog.message} at {window.url}")
        dialog.dismiss()

    window.on("dialog", note)
    window.on("pageerror", lambda error: mistakes.append(f"{error} at {window.url}"))
    waiting = deque(first_pages(poisoned))
    seen, of_a_path = set(waiting), Counter[str]()
    walked: Counter[int] = Counter()
    while waiting and walked.total() < MAX_PAGES:
        address = waiting.popleft()
        answer = window.goto(address)
        assert answer is not None
        walked[answer.status] += 1
        if "text/html" not in answer.headers.get("content-type", ""):
            window.goto("about:blank")
            continue
        found = window.evaluate(LOOK)
        mistakes += [f"{what} at {address}" for what in (*found["stopped"], *found["odd"])]
        for link in found["links"]:
            path = urlsplit(link).path
            of_a_path[path] += link not in seen
            is_ours = link.startswith(poisoned.url + "/") and not path.startswith(NOT_WALKED)
            if is_ours and link not in seen and of_a_path[path] <= MAX_OF_A_PATH and not path.endswith("/json/"):
                seen.add(link)
                waiting.append(link)
    assert mistakes == []
    assert walked[200] > 60, walked
    assert not [status for status in walked if status >= 500], (walked, poisoned.log[-3000:])
    assert "Traceback" not in poisoned.log, poisoned.log[-5000:]


def test_markup_that_a_page_let_through_would_be_noticed(poisoned: Running, window: Page) -> None:
    window.goto(poisoned.url + "/o/acme/issues/")
    window.evaluate("text => { document.body.innerHTML = text; }", POISONS[0])
    window.wait_for_function("window.stopped.length > 0")
    assert window.evaluate(LOOK)["odd"]


def test_the_raw_payload_is_no_page(poisoned: Running, window: Page) -> None:
    answer = window.goto(f"{poisoned.url}/o/acme/issues/{poisoned.issues()[0]['shortId']}/events/latest/json/")
    assert answer is not None
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert json.loads(answer.text())
