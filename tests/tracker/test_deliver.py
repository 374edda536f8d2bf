"""Messages in the outbox: claimed once, kept with every attempt, and none keeps others waiting."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from ingest.digest.batch import write_dead_letter
from tests.conftest import World
from tests.ingest.digest_setup import claimed, entry, event
from tests.tracker.on_disk import database_on_disk
from tests.tracker.waiting import wait_until
from tracker.config.mail import OUTBOX
from tracker.deletion.retention import sweep
from tracker.deliver.attempts import send_again
from tracker.deliver.kinds import MESSAGE_KINDS, MessageKind, NotDelivered
from tracker.deliver.limits import TimeLimit
from tracker.deliver.loop import LOCK, MAX_PER_TARGET, Deliverer, claim_delivery, is_any_due
from tracker.jobs.backoff import WORK_BACKOFF
from tracker.jobs.claims import LOST
from tracker.jobs.failures import note_task_failure
from tracker.jobs.kinds import KINDS, JobKind, Steps
from tracker.models import (
    AttemptOutcome,
    DeadLetter,
    DeliveryAttempt,
    Job,
    JobStatus,
    Notification,
    OutboxMessage,
    Queue,
    User,
)
from tracker.serve.tasks import sweep_jobs

pytestmark = pytest.mark.django_db

__all__ = ["database_on_disk"]


class Killed(BaseException):
    """As a worker ends that is killed."""


class Receiver:
    """A receiver beyond the network: what it got, and what it does about it."""

    def __init__(self) -> None:
        self.got: list[object] = []
        self.trouble: BaseException | None = None
        self.may_answer = threading.Event()
        self.may_answer.set()

    def take(self, message: OutboxMessage, limit: TimeLimit) -> str:
        self.got.append(message.pk)
        if message.target == "hangs":
            self.may_answer.wait(60)
        if self.trouble is not None:
            raise self.trouble
        return "thanks"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    django_settings.BROKER_DIR.mkdir(parents=True, exist_ok=True)
    made = Receiver()
    MESSAGE_KINDS["test"] = MessageKind("test", made.take, is_secret=False)
    yield made
    del MESSAGE_KINDS["test"]


def post(target: str = "receiver", **values: object) -> OutboxMessage:
    return OutboxMessage.objects.create(kind="test", target=target, payload={"text": "x"}, **values)


def deliver_all() -> None:
    while (delivery := claim_delivery(timezone.now())) is not None:
        delivery.run()


def outcomes(message: OutboxMessage) -> list[tuple[str, str]]:
    return list(message.delivery_attempts.order_by("id").values_list("outcome", "answer"))


def test_a_message_is_delivered_once(receiver: Receiver) -> None:
    message = post()
    deliver_all()
    message.refresh_from_db()
    assert (message.status, message.payload) == (JobStatus.DONE, {"text": "x"})
    assert (receiver.got, outcomes(message)) == ([message.pk], [(AttemptOutcome.DELIVERED, "thanks")])


def test_a_message_that_is_rolled_back_is_not_sent(receiver: Receiver) -> None:
    with pytest.raises(ValueError, match="no"), transaction.atomic():
        post()
        raise ValueError("no")
    deliver_all()
    assert not receiver.got


def test_a_message_whose_worker_is_killed_is_sent_again_with_the_same_id(receiver: Receiver) -> None:
    message = post()
    receiver.trouble = Killed()
    delivery = claim_delivery(timezone.now())
    assert delivery is not None
    with pytest.raises(Killed):
        delivery.run()
    receiver.trouble = None
    assert claim_delivery(timezone.now()) is None, "its lock holds"
    later = timezone.now() + LOCK
    assert is_any_due(later)
    delivery = claim_delivery(later)
    assert delivery is not None
    delivery.run()
    assert receiver.got == [message.pk, message.pk]
    assert outcomes(message) == [(AttemptOutcome.LOST, LOST), (AttemptOutcome.DELIVERED, "thanks")]


def test_what_a_receiver_says_is_kept_but_not_without_end(receiver: Receiver) -> None:
    message = post()
    receiver.trouble = NotDelivered("no\0" * 10_000, is_final=True)
    deliver_all()
    message.refresh_from_db()
    [(outcome, answer)] = outcomes(message)
    assert (outcome, len(answer), message.status) == (AttemptOutcome.REFUSED, 1_000, JobStatus.FAILED)


def test_a_defect_of_ours_is_an_attempt_that_failed(receiver: Receiver) -> None:
    message = post()
    receiver.trouble = KeyError("payload")
    deliver_all()
    message.refresh_from_db()
    assert (message.status, message.last_error) == (JobStatus.WAITING, "KeyError: 'payload'")


def test_a_message_that_is_sent_again_while_it_is_delivered_is_left_to_who_has_it(receiver: Receiver) -> None:
    message = post()
    claim_delivery(timezone.now())
    message.refresh_from_db()
    assert not send_again(message, timezone.now())


def test_a_message_of_a_kind_that_only_another_version_knows_waits(receiver: Receiver) -> None:
    OutboxMessage.objects.create(kind="of-the-future", target="x")
    assert claim_delivery(timezone.now()) is None


@pytest.mark.usefixtures("database_on_disk")
def test_a_receiver_that_hangs_keeps_only_its_own_messages_waiting(receiver: Receiver) -> None:
    receiver.may_answer.clear()
    hanging = [post("hangs") for _ in range(MAX_PER_TARGET + 3)]
    deliverer = Deliverer()
    deliverer.wake()
    wait_until(lambda: len(receiver.got) == MAX_PER_TARGET)
    others = [post(f"other {number}") for number in range(10)]
    deliverer.wake()
    wait_until(lambda: OutboxMessage.objects.filter(status=JobStatus.DONE).count() == len(others))
    assert not receiver.may_answer.is_set()
    assert sum(pk in receiver.got for pk in (message.pk for message in hanging)) == MAX_PER_TARGET
    receiver.may_answer.set()
    wait_until(lambda: not OutboxMessage.objects.exclude(status=JobStatus.DONE).exists())
    deliverer.stop(60)
    assert len(receiver.got) == len(set(receiver.got)) == len(hanging) + len(others)


@pytest.mark.usefixtures("database_on_disk")
def test_what_failed_is_tried_again_without_another_wake_up(receiver: Receiver) -> None:
    receiver.trouble = NotDelivered("not now")
    message = post()
    deliverer = Deliverer()
    deliverer.wake()
    wait_until(lambda: len(receiver.got) == 1)
    receiver.trouble = None
    wait_until(lambda: OutboxMessage.objects.get().status == JobStatus.DONE)
    deliverer.stop(60)
    assert receiver.got == [message.pk] * 2


@pytest.mark.usefixtures("database_on_disk")
def test_a_worker_that_stops_waits_for_what_is_being_delivered_and_begins_nothing_more(receiver: Receiver) -> None:
    receiver.may_answer.clear()
    post("hangs")
    deliverer = Deliverer()
    deliverer.wake()
    wait_until(lambda: len(receiver.got) == 1)
    threading.Timer(0.2, receiver.may_answer.set).start()
    deliverer.stop(60)
    assert OutboxMessage.objects.get().status == JobStatus.DONE
    post()
    assert len(receiver.got) == 1


@pytest.mark.usefixtures("database_on_disk")
def test_a_job_of_the_queue_deliver_is_done_beside_the_work(receiver: Receiver) -> None:
    done: list[int] = []

    def ask(number: int) -> Steps:
        done.append(number)
        if len(done) == 1:
            raise ConnectionError("away")
        yield None

    KINDS["ask"] = JobKind("ask", ask, Queue.DELIVER)
    try:
        KINDS["ask"].request(7)
        deliverer = Deliverer()
        deliverer.wake()
        wait_until(lambda: Job.objects.get().status == JobStatus.DONE)
        deliverer.stop(60)
    finally:
        del KINDS["ask"]
    assert (done, Job.objects.get().last_error) == ([7, 7], "ConnectionError: away")


def make_administrators(*people: User) -> None:
    for user in people:
        user.is_superuser = True
        user.save()


def fail_for_good() -> None:
    for _ in range(WORK_BACKOFF.max_attempts):
        note_task_failure("digest-spool", Queue.DIGEST, ValueError("broken"), timezone.now())


def test_a_job_that_is_given_up_is_told_to_every_administrator_once(world: World, receiver: Receiver) -> None:
    make_administrators(world.alice, world.bob)
    fail_for_good()
    note_task_failure("digest-spool", Queue.DIGEST, ValueError("broken"), timezone.now())
    deliver_all()
    told = Notification.objects.order_by("user_id")
    assert [row.user for row in told] == [world.alice, world.bob]
    assert told[0].kind == "job-failed"
    assert (told[0].payload["kind"], told[0].payload["error"]) == ("digest-spool", "ValueError: broken")
    assert OutboxMessage.objects.count() == 1, "no mail is sent here"


def test_a_notice_goes_by_mail_as_well_and_is_handed_out_once_although_the_worker_is_killed_after_it(
    world: World, settings: Settings, receiver: Receiver
) -> None:
    settings.SENDS_MAIL, settings.EMAIL_BACKEND = True, OUTBOX
    make_administrators(world.alice)
    fail_for_good()
    notice = OutboxMessage.objects.get()
    for _ in range(2):
        MESSAGE_KINDS["notice"].deliver(notice, TimeLimit(1))
    assert Notification.objects.count() == 1
    mail = OutboxMessage.objects.get(kind="mail")
    assert mail.recipient == "alice@example.com"
    assert "The job digest-spool failed" in mail.payload["content"]
    assert "/administration/jobs/" in mail.payload["content"]


def test_dead_letters_are_told_of_once_an_hour(world: World, receiver: Receiver) -> None:
    make_administrators(world.alice)
    now = timezone.now().replace(minute=30)
    for number in range(5):
        [mine] = claimed(entry(world, event()))
        write_dead_letter(mine, f"broken {number}", now)
    [notice] = OutboxMessage.objects.all()
    assert notice.run_at > now, "more may come, and it may have been a trial"
    delivery = claim_delivery(notice.run_at)
    assert delivery is not None
    delivery.run()
    assert Notification.objects.get().payload == {"project_id": world.shop.pk, "project": "Shop"}


def test_an_entry_that_went_well_when_it_was_tried_alone_is_told_to_nobody(world: World, receiver: Receiver) -> None:
    make_administrators(world.alice)
    now = timezone.now()
    [mine] = claimed(entry(world, event()))
    write_dead_letter(mine, "the worker did not survive it", now).delete()
    delivery = claim_delivery(now + timedelta(minutes=1))
    assert delivery is not None
    delivery.run()
    assert not Notification.objects.exists() and not OutboxMessage.objects.exists()
    write_dead_letter(mine, "broken", now)
    assert OutboxMessage.objects.exists(), "the next one is told of"
    assert DeadLetter.objects.exists()


def test_a_lost_wake_up_is_swept_up(receiver: Receiver) -> None:
    post()
    assert is_any_due(timezone.now())
    sweep_jobs()


def test_messages_and_attempts_go_after_thirty_days_and_what_could_not_be_sent_after_three(
    receiver: Receiver,
) -> None:
    now = timezone.now()
    old, failed, fresh = post(), post(), post()
    deliver_all()
    assert DeliveryAttempt.objects.count() == 3
    OutboxMessage.objects.filter(pk=old.pk).update(finished_at=now - timedelta(days=31))
    OutboxMessage.objects.filter(pk=failed.pk).update(status=JobStatus.FAILED, finished_at=now - timedelta(days=4))
    waiting = post(created_at=now - timedelta(days=40))
    sweep(now)
    assert set(OutboxMessage.objects.values_list("pk", flat=True)) == {failed.pk, fresh.pk, waiting.pk}
    assert DeliveryAttempt.objects.count() == 2
    failed.refresh_from_db()
    fresh.refresh_from_db()
    assert (failed.payload, fresh.payload) == ({}, {"text": "x"})
