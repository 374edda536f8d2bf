"""A job that fails in a real worker is kept, run again, and marked when it went well; one that was killed goes on."""

import json
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from tests.running import Running, running_server

pytestmark = pytest.mark.slow

BREAK = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("ALTER TABLE tracker_tokencount RENAME TO moved")
"""
MEND = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("ALTER TABLE moved RENAME TO tracker_tokencount")
"""
DELETE = "from tracker.deletion.jobs import delete_project; delete_project.request({project})"
JOBS = """
import json
from tracker.models import Event, Job, Project
rows = Job.objects.filter(kind="delete-project")
print(json.dumps({
    "jobs": [[row.payload, row.last_error, row.failures, row.status == "done"] for row in rows],
    "projects": Project.objects.count(),
    "events": Event.objects.count(),
}))
"""
EVENTS = 20_000
FILL = f"""
from django.utils import timezone
from tracker.models import Event, Issue, Project
project = Project.objects.get()
now = timezone.now()
Project.objects.update(stored_events={EVENTS})
issue = Issue.objects.create(
    project=project, number=1, title="Gone", first_seen_at=now, last_seen_at=now, compared_at=now
)
rows = ({{"project": project, "issue": issue, "occurred_at": now, "received_at": now}} for _ in range({EVENTS}))
Event.objects.bulk_create(
    [Event(event_id=number.to_bytes(16, "big"), payload=b"x", **row) for number, row in enumerate(rows)],
    batch_size=2_000,
)
"""
DELETE_AND_KILL = f"""
import os, signal, time
from tracker.models import Event
from tracker.deletion.jobs import delete_project
delete_project.request({{project}})
deadline = time.monotonic() + 60
while Event.objects.count() == {EVENTS}:
    assert time.monotonic() < deadline
for pid in {{pids}}:
    os.kill(pid, signal.SIGKILL)
print(Event.objects.count())
"""
LOSE_MESSAGES = """
from tracker.jobs.celery import app
with app.connection_for_write() as connection:
    print(connection.default_channel.queue_purge("celery"))
"""


def run(server: Running, code: str) -> str:
    return server.manage("shell", "--no-imports", "-c", code)


def test_a_deletion_that_fails_in_a_worker_is_made_up_for_when_the_reason_is_gone() -> None:
    with running_server() as server:
        project = int(server.setup["project_id"])
        run(server, BREAK)
        run(server, DELETE.format(project=project))
        deadline = time.monotonic() + 30
        found = wait_until(server, lambda found: any(failures for _, _, failures, _ in found["jobs"]))
        [[payload, error, failures, went_well]] = found["jobs"]
        assert payload == [project]
        assert "tracker_tokencount" in error
        assert (failures, went_well, found["projects"]) == (1, False, 1)
        run(server, MEND)
        while not (found := json.loads(run(server, JOBS)))["jobs"][0][3]:
            assert time.monotonic() < deadline, server.log[-3000:]
        assert found["projects"] == 0


def worker_pids(server: Running) -> list[int]:
    return [int(path.read_text()) for path in (server.data_dir / "run").glob("worker-*.pid")]


def wait_until(server: Running, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    deadline = time.monotonic() + 90
    while not is_so(found := json.loads(run(server, JOBS))):
        assert time.monotonic() < deadline, f"{found}\n{server.log[-3000:]}"
    return dict(found)


def is_gone(found: dict[str, Any]) -> bool:
    return bool(found["projects"] == 0)


def test_a_deletion_whose_workers_are_killed_is_finished_by_others() -> None:
    with running_server() as server:
        run(server, FILL)
        left = run(server, DELETE_AND_KILL.format(project=server.setup["project_id"], pids=worker_pids(server)))
        assert 0 < int(left) < EVENTS
        assert wait_until(server, is_gone)["events"] == 0


def test_a_deletion_whose_message_got_lost_is_swept_up() -> None:
    with running_server() as server:
        workers = [psutil.Process(pid) for pid in worker_pids(server)]
        for process in workers:
            process.suspend()
        run(server, DELETE.format(project=server.setup["project_id"]))
        run(server, LOSE_MESSAGES)
        for process in workers:
            process.resume()
        wait_until(server, is_gone)
