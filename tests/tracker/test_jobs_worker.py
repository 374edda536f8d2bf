"""A job that fails in a real worker is kept, run again, and marked when it went well."""

import json
import time

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
DELETE = "from tracker.tasks import delete_project; delete_project.delay({project})"
JOBS = """
import json
from tracker.models import FailedJob, Project
rows = FailedJob.objects.filter(task="tracker.tasks.delete_project")
print(json.dumps({
    "jobs": [[row.arguments, row.error, row.times, row.resolved_at is not None] for row in rows],
    "projects": Project.objects.count(),
}))
"""


def run(server: Running, code: str) -> str:
    return server.manage("shell", "--no-imports", "-c", code)


def test_a_deletion_that_fails_in_a_worker_is_made_up_for_when_the_reason_is_gone() -> None:
    with running_server() as server:
        project = int(server.setup["project_id"])
        run(server, BREAK)
        run(server, DELETE.format(project=project))
        deadline = time.monotonic() + 30
        while not (found := json.loads(run(server, JOBS)))["jobs"]:
            assert time.monotonic() < deadline, server.log[-3000:]
        [[arguments, error, times, went_well]] = found["jobs"]
        assert arguments == [[project], {}]
        assert "tracker_tokencount" in error
        assert (times, went_well, found["projects"]) == (1, False, 1)
        run(server, MEND)
        while not (found := json.loads(run(server, JOBS)))["jobs"][0][3]:
            assert time.monotonic() < deadline, server.log[-3000:]
        assert found["projects"] == 0
