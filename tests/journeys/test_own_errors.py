"""An error of our own shows an id and nothing else, and the id finds it in the log: pages, API and ingest endpoint."""

import json
import re
import time

import httpx
import pytest

from tests.journeys.people import Person
from tests.running import Running, running_server

pytestmark = pytest.mark.slow

LEAKS = re.compile(r"Traceback|File |tracker_issue|site-packages|SELECT|Error:")
LOSE_A_TABLE = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("ALTER TABLE tracker_issue RENAME TO moved")
"""
SPOIL_A_LIMIT = r"""
from django.db import connection
from tracker.models import ProjectKey, RateLimit
key = ProjectKey.objects.get()
RateLimit.objects.create(project=key.project, key=key, limit=7)
with connection.cursor() as cursor:
    if connection.vendor == "postgresql":
        cursor.execute('ALTER TABLE tracker_ratelimit DROP CONSTRAINT IF EXISTS tracker_ratelimit_limit_check')
        cursor.execute('ALTER TABLE tracker_ratelimit ALTER COLUMN "limit" TYPE text')
    else:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
    cursor.execute("UPDATE tracker_ratelimit SET \"limit\" = 'many'")
"""


def check(server: Running, text: str, error_id: str, reason: str) -> None:
    """The answer tells nothing but the id, and under the id the log tells the reason."""
    assert not LEAKS.search(text), text
    log = server.log
    assert error_id in log
    entry = log[log.index(error_id) :]
    assert "Traceback" in entry
    assert reason in entry


def test_an_error_of_our_own_tells_an_id_that_finds_it_in_the_log() -> None:
    with running_server() as server, Person(server.url) as person:
        person.sign_in()
        server.manage("shell", "--no-imports", "-c", LOSE_A_TABLE)

        page = person.get("/o/acme/issues/")
        assert page.status_code == 500
        [error_id] = re.findall(r'class="mono">([0-9a-f]{12})<', page.text)
        check(server, page.text, error_id, "tracker_issue")

        status, body = server.get("/api/0/projects/acme/shop/issues/")
        assert status == 500
        answer = json.loads(body)
        assert answer == {"detail": "Internal Error", "errorId": answer["errorId"]}
        check(server, body.decode(), answer["errorId"], "tracker_issue")


def test_an_error_of_the_door_tells_an_id_that_finds_it_in_the_log() -> None:
    with running_server() as server:
        server.manage("shell", "--no-imports", "-c", SPOIL_A_LIMIT)
        dsn = httpx.URL(server.setup["dsn"])
        address = f"{server.url}/api{dsn.path}/store/?sentry_key={dsn.username}"
        deadline = time.monotonic() + 20
        while (answer := httpx.post(address, json={"message": "hello"})).status_code == 200:
            assert time.monotonic() < deadline, "the spoiled limit is not read"
            time.sleep(0.1)
        assert answer.status_code == 500
        told = answer.json()
        assert told["detail"] == "internal error"
        [error_id] = re.findall(r"[0-9a-f]{32}", told["causes"][0])
        check(server, answer.text, error_id, "TypeError")
