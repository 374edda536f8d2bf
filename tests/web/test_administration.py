"""The installation's own pages."""

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.conftest import PASSWORD, World
from tests.web.test_accounts import sign_in, turn_on_two_factor
from tracker.models import DeadLetter, Job, JobStatus, Member, Organization, OutcomeCount, Role, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client, world: World) -> Client:
    User.objects.filter(pk=world.alice.pk).update(is_superuser=True)
    client.force_login(world.alice)
    return client


def test_health_looks_at_database_spool_and_worker(administrator: Client) -> None:
    parts = {part.name: part for part in administrator.get("/administration/").context["parts"]}
    assert list(parts) == ["Database", "Spool", "Worker"]
    assert parts["Database"].state == parts["Spool"].state == "good"
    assert parts["Spool"].facts["Waiting"] == 0


def test_health_is_polled_as_a_part(administrator: Client) -> None:
    page = administrator.get("/administration/", headers={"hx-request": "true", "hx-target": "parts"}).content
    assert b'id="parts"' in page and b"<html" not in page


def count(world: World, outcome: str, quantity: int, reason: str = "") -> None:
    minute = int(timezone.now().timestamp()) // 60
    OutcomeCount.objects.create(
        project=world.shop, minute=minute, category="error", outcome=outcome, reason=reason, quantity=quantity
    )


def test_the_equation_is_shown_for_each_project_and_balances(administrator: Client, world: World) -> None:
    count(world, "received", 10)
    count(world, "stored", 7)
    count(world, "rate_limited", 3, "key_quota")
    page = administrator.get("/administration/accounting/")
    (balance,) = page.context["balances"]
    assert (balance.received, balance.missing) == (10, 0)
    assert "key_quota" in page.content.decode()


def test_a_sum_that_does_not_balance_is_told(administrator: Client, world: World) -> None:
    count(world, "received", 10)
    count(world, "stored", 7)
    assert "3 missing" in administrator.get("/administration/accounting/").content.decode()


def test_what_clients_dropped_and_what_passed_unasked_stand_beside_the_sum(administrator: Client, world: World) -> None:
    count(world, "received", 10)
    count(world, "stored", 10)
    count(world, "client_discard", 4, "queue_overflow")
    count(world, "unchecked", 6)
    page = administrator.get("/administration/accounting/")
    (balance,) = page.context["balances"]
    assert (balance.missing, balance.unchecked, sum(balance.ends.values())) == (0, 6, 10)
    assert [(row.reason, row.quantity) for row in page.context["discards"]] == [("queue_overflow", 4)]
    assert page.context["reasons"] == []
    text = page.content.decode()
    assert "queue_overflow" in text and "6 past limits" in text


def test_a_dead_letter_is_shown_with_its_error_and_deleted(administrator: Client, world: World) -> None:
    kept = DeadLetter.objects.create(project=world.shop, received_at=timezone.now(), error="ValueError: <b>", body=b"")
    assert "ValueError: &lt;b&gt;" in administrator.get("/administration/dead-letters/").content.decode()
    administrator.post(f"/administration/dead-letters/{kept.pk}/", {"action": "delete"})
    assert not DeadLetter.objects.exists()


def test_a_retry_is_handed_to_a_worker_and_the_entry_stays_until_then(administrator: Client, world: World) -> None:
    settings.BROKER_DIR.mkdir(parents=True, exist_ok=True)
    kept = DeadLetter.objects.create(project=world.shop, received_at=timezone.now(), error="x", body=b"")
    page = administrator.post(f"/administration/dead-letters/{kept.pk}/", {"action": "retry"}, follow=True)
    assert "goes through the spool again" in page.content.decode()
    assert DeadLetter.objects.exists()
    job = Job.objects.get()
    assert (job.kind, job.payload, job.status) == ("retry-dead-letter", [kept.pk], JobStatus.WAITING)


def test_a_new_organization_belongs_to_who_made_it(administrator: Client, world: World) -> None:
    answer = administrator.post("/administration/organizations/", {"name": "Globex"})
    assert answer["Location"] == "/o/globex/projects/"
    made = Organization.objects.get(slug="globex")
    assert Member.objects.get(organization=made).role == Role.OWNER
    assert Member.objects.get(organization=made).user == world.alice


def test_a_deactivated_person_is_out_at_once_and_comes_back(administrator: Client, world: World) -> None:
    theirs = Client()
    theirs.force_login(world.bob)
    administrator.post(f"/administration/users/{world.bob.pk}/", {"action": "deactivate"})
    assert theirs.get("/o/acme/projects/").status_code == 302
    assert sign_in(Client(), "bob@example.com", PASSWORD) == 302
    administrator.post(f"/administration/users/{world.bob.pk}/", {"action": "activate"})
    theirs.force_login(world.bob)
    assert theirs.get("/o/acme/projects/").status_code == 200


def test_nobody_deactivates_themselves(administrator: Client, world: World) -> None:
    administrator.post(f"/administration/users/{world.alice.pk}/", {"action": "deactivate"})
    assert User.objects.get(pk=world.alice.pk).is_active


def test_an_administrator_gets_a_password_link_for_anybody(administrator: Client, world: World) -> None:
    page = administrator.post(f"/administration/users/{world.charlie.pk}/", {"action": "reset_password"})
    assert "/accounts/password/reset/key/" in page.content.decode()


def make_job(status: JobStatus = JobStatus.FAILED, **values: object) -> Job:
    usual = {"payload": [7], "last_error": "ValueError: <no>", "traceback": "line 1", "failures": 3}
    return Job.objects.create(kind="delete-project", status=status, identity=status, **usual | values)


def test_failed_jobs_are_shown_with_their_traceback_and_dismissed(administrator: Client) -> None:
    job = make_job()
    page = administrator.get("/administration/jobs/").content.decode()
    assert "delete-project" in page and "ValueError: &lt;no&gt;" in page and "line 1" in page and "failed 3 ×" in page
    administrator.post(f"/administration/jobs/{job.pk}/", {"action": "dismiss"})
    assert not Job.objects.exists()


def test_a_failed_job_is_run_again(administrator: Client) -> None:
    settings.BROKER_DIR.mkdir(parents=True, exist_ok=True)
    job = make_job(attempts=8)
    page = administrator.post(f"/administration/jobs/{job.pk}/", {"action": "run"}, follow=True).content.decode()
    assert "runs again" in page
    job.refresh_from_db()
    assert (job.status, job.attempts) == (JobStatus.WAITING, 0)


@pytest.mark.parametrize("status", JobStatus)
def test_jobs_are_shown_by_their_status(administrator: Client, status: JobStatus) -> None:
    now = timezone.now()
    for each in JobStatus:
        make_job(each, locked_until=now if each == JobStatus.RUNNING else None, finished_at=now)
    page = administrator.get("/administration/jobs/", {"status": status})
    assert [job.status for job in page.context["page"].rows] == [status]
    assert page.context["counts"] == [(each, 1) for each in JobStatus]
    offered = ("Run again" in page.content.decode(), "Run now" in page.content.decode())
    assert offered == (status == JobStatus.FAILED, status == JobStatus.WAITING)


def test_a_scheduled_task_is_not_run_by_hand(administrator: Client) -> None:
    job = make_job(payload=None)
    assert "Run again" not in administrator.get("/administration/jobs/").content.decode()
    administrator.post(f"/administration/jobs/{job.pk}/", {"action": "run"})
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED


def test_an_administrator_lets_in_who_lost_the_second_factor(administrator: Client, world: World) -> None:
    turn_on_two_factor(Client(), world.bob)
    assert "Two-factor" in administrator.get("/administration/users/").content.decode()
    administrator.post(f"/administration/users/{world.bob.pk}/", {"action": "reset_two_factor"})
    theirs = Client()
    sign_in(theirs, "bob@example.com")
    assert theirs.get("/accounts/").status_code == 200
