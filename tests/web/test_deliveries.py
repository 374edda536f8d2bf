"""What left the server, and what administrators should know, on their pages."""

from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.conftest import World
from tracker.models import DeliveryAttempt, JobStatus, Notification, OutboxMessage, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client, world: World) -> Client:
    settings.BROKER_DIR.mkdir(parents=True, exist_ok=True)
    User.objects.filter(pk=world.alice.pk).update(is_superuser=True)
    client.force_login(world.alice)
    return client


def make_message(status: JobStatus = JobStatus.FAILED, **values: object) -> OutboxMessage:
    usual = {"recipient": "bob@example.com", "payload": {"content": "the secret link"}, "last_error": "550 <no>"}
    message = OutboxMessage.objects.create(kind="mail", target="mail", status=status, **usual | values)
    DeliveryAttempt.objects.create(
        message=message, number=1, outcome="refused", answer="550 <no>", started_at=timezone.now(), milliseconds=12
    )
    return message


def test_a_delivery_is_shown_with_its_attempts_and_never_with_what_it_says(administrator: Client) -> None:
    message = make_message()
    page = administrator.get("/administration/deliveries/").content.decode()
    assert str(message.pk) in page and "bob@example.com" in page and "550 &lt;no&gt;" in page and "12 ms" in page
    assert "the secret link" not in page


@pytest.mark.parametrize("status", JobStatus)
def test_deliveries_are_shown_by_their_status(administrator: Client, status: JobStatus) -> None:
    for each in JobStatus:
        make_message(each)
    page = administrator.get("/administration/deliveries/", {"status": status})
    assert [message.status for message in page.context["page"].rows] == [status]
    assert len(administrator.get("/administration/deliveries/").context["page"].rows) == 4


def test_a_failed_delivery_is_sent_again_under_its_id(administrator: Client) -> None:
    message = make_message(attempts=36)
    page = administrator.post(f"/administration/deliveries/{message.pk}/", follow=True).content.decode()
    assert "is sent again" in page
    message.refresh_from_db()
    assert (message.status, message.attempts, message.finished_at) == (JobStatus.WAITING, 0, None)


@pytest.mark.parametrize("values", [{"status": JobStatus.RUNNING}, {"status": JobStatus.DONE, "payload": {}}])
def test_what_is_being_sent_or_is_forgotten_is_not_sent_again(administrator: Client, values: dict[str, object]) -> None:
    message = make_message(**values)  # type: ignore[arg-type]  # Two columns of it.
    page = administrator.post(f"/administration/deliveries/{message.pk}/", follow=True).content.decode()
    assert "forgotten, or it is being sent" in page
    message.refresh_from_db()
    assert message.status == values["status"]


def tell(user: User, kind: str = "job-failed", **facts: object) -> Notification:
    return Notification.objects.create(user=user, message_id=uuid4(), kind=kind, payload=facts)


def test_unread_notices_are_counted_on_every_page_of_their_administrator_only(
    administrator: Client, world: World
) -> None:
    for name in ("delete-project", "<b>"):
        tell(world.alice, job=1, error=f"ValueError: {name}")
    tell(world.bob)
    page = administrator.get("/o/acme/projects/")
    assert page.context["navigation"].unread_notices == 2
    assert 'title="Unread notices">2<' in page.content.decode()
    theirs = Client()
    theirs.force_login(world.bob)
    assert theirs.get("/o/acme/projects/").context["navigation"].unread_notices == 0


def test_notices_say_what_happened_in_words(administrator: Client, world: World) -> None:
    Notification.objects.create(
        user=world.alice, message_id=uuid4(), kind="job-failed", payload={"kind": "delete-project", "error": "E: <b>"}
    )
    tell(world.alice, "dead-letters", project="Shop & Co", project_id=1)
    tell(world.alice, "of-the-future")
    tell(world.bob, "dead-letters", project="Hidden")
    page = administrator.get("/administration/notices/").content.decode()
    assert "The job delete-project failed" in page and "E: &lt;b&gt;" in page
    assert "Events of Shop &amp; Co could not be digested" in page and "of-the-future" in page
    assert "Hidden" not in page


def test_a_notice_is_read_when_it_is_looked_into_and_leads_to_its_page(administrator: Client, world: World) -> None:
    mine, other = tell(world.alice), tell(world.alice)
    answer = administrator.post("/administration/notices/read/", {"notice": mine.pk})
    assert answer["Location"] == "/administration/jobs/"
    assert list(Notification.objects.filter(read_at=None)) == [other]


def test_all_of_ones_own_notices_are_read_at_once(administrator: Client, world: World) -> None:
    tell(world.alice)
    theirs = tell(world.bob)
    administrator.post("/administration/notices/read/")
    assert list(Notification.objects.filter(read_at=None)) == [theirs]


@pytest.mark.parametrize("notice", ["theirs", "x", "9" * 30])
def test_a_notice_of_somebody_else_is_not_there(administrator: Client, world: World, notice: str) -> None:
    theirs = tell(world.bob)
    chosen = str(theirs.pk) if notice == "theirs" else notice
    answer = administrator.post("/administration/notices/read/", {"notice": chosen})
    assert answer.status_code == 404
    theirs.refresh_from_db()
    assert theirs.read_at is None
