"""A whole server whose mail server hangs: events are digested and pages answer meanwhile, and no mail is lost."""

import http.client
import json
import os
import signal
import time
import urllib.parse
import urllib.request
import uuid

import pytest

from tests.running import OWNER, Running, running_server
from tests.tracker.receivers import MailReceiver, mail_receiver
from tests.tracker.waiting import wait_until

pytestmark = pytest.mark.slow

EVENTS = 40
MESSAGES = """
import json
from tracker.models import OutboxMessage
print(json.dumps([
    [str(row.pk), row.status, [each.outcome for each in row.delivery_attempts.order_by("id")]]
    for row in OutboxMessage.objects.order_by("created_at")
]))
"""
END_LOCKS = """
from django.utils import timezone
from tracker.models import OutboxMessage
print(OutboxMessage.objects.filter(status="running").update(locked_until=timezone.now()))
"""


def run(server: Running, code: str) -> str:
    return server.manage("shell", "--no-imports", "-c", code)


def messages(server: Running) -> list[tuple[str, str, list[str]]]:
    found: list[tuple[str, str, list[str]]] = [tuple(row) for row in json.loads(run(server, MESSAGES))]
    return found


def ask_for_a_new_password(server: Running) -> int:
    """As a person does with a browser; returns the status of the answer."""
    address = urllib.parse.urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=20)
    connection.request("GET", "/accounts/password/reset/")
    page = connection.getresponse()
    cookie = (page.getheader("Set-Cookie") or "").partition(";")[0]
    token = page.read().decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": token, "email": OWNER})
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/accounts/password/reset/", form, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def send_events(server: Running, count: int) -> None:
    dsn = urllib.parse.urlsplit(server.setup["dsn"])
    for number in range(count):
        event = {"event_id": uuid.uuid4().hex, "message": f"kind {chr(97 + number % 20)}", "platform": "python"}
        request = urllib.request.Request(
            f"{server.url}/api{dsn.path}/store/?sentry_key={dsn.username}", json.dumps(event).encode()
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 200


def mailing_server(receiver: MailReceiver) -> dict[str, str]:
    return {"EMAIL_URL": f"smtp://127.0.0.1:{receiver.port}/?timeout=60"}


def test_while_a_mail_server_hangs_events_are_digested_and_pages_answer() -> None:
    with mail_receiver(waits=True) as receiver, running_server(mailing_server(receiver)) as server:
        for _ in range(4):
            assert ask_for_a_new_password(server) == 302
        receiver.wait_for(2)
        send_events(server, EVENTS)
        found = server.wait_for_issues(20)
        assert sum(int(issue["count"]) for issue in found) <= EVENTS
        for issue in found:
            server.wait_for_count(issue["id"], EVENTS // 20)
        assert ask_for_a_new_password(server) == 302
        assert not receiver.may_answer.is_set() and all(status != "done" for _, status, _ in messages(server))
        receiver.may_answer.set()
        wait_until(lambda: [status for _, status, _ in messages(server)] == ["done"] * 5)
        assert sorted(mail["Message-ID"].split("@")[0][1:] for mail in receiver.received) == sorted(
            id_ for id_, _, _ in messages(server)
        )


def test_a_mail_whose_worker_is_killed_before_the_answer_is_sent_once_more_with_the_same_id() -> None:
    with mail_receiver(waits=True) as receiver, running_server(mailing_server(receiver)) as server:
        assert ask_for_a_new_password(server) == 302
        receiver.wait_for(1)
        for path in (server.data_dir / "run").glob("worker-*.pid"):
            os.kill(int(path.read_text()), signal.SIGKILL)
        receiver.may_answer.set()
        time.sleep(1)
        assert [status for _, status, _ in messages(server)] == ["running"], "its lock holds, and it is not lost"
        assert run(server, END_LOCKS).strip() == "1"
        wait_until(lambda: [status for _, status, _ in messages(server)] == ["done"])
        [(id_, _, outcomes)] = messages(server)
        assert outcomes == ["lost", "delivered"]
        assert [mail["Message-ID"] for mail in receiver.received] == [f"<{id_}@127.0.0.1>"] * 2


def test_a_mail_that_was_written_while_no_worker_ran_is_sent_when_one_does() -> None:
    with mail_receiver() as receiver, running_server(mailing_server(receiver)) as server:
        workers = [int(path.read_text()) for path in (server.data_dir / "run").glob("worker-*.pid")]
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        assert ask_for_a_new_password(server) == 302
        assert receiver.received == []
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        receiver.wait_for(1)
