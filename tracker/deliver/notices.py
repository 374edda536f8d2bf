"""What administrators should know: into the inbox of each, and by mail where mail is sent."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from tracker.accounts.addresses import page_url
from tracker.deliver.kinds import message_kind
from tracker.deliver.limits import TimeLimit
from tracker.deliver.mail import outbox_rows
from tracker.jobs.notices import DEAD_LETTERS, JOB_FAILED, NOTICE
from tracker.models import DeadLetter, Notification, OutboxMessage, User


@dataclass(slots=True, frozen=True)
class Words:
    """A notice in words, for mail and page."""

    title: str
    text: str
    page: str
    """The name of the page on which something can be done about it."""


def words_of(notice: str, facts: dict[str, object]) -> Words:
    """What the notice says; of one that only another version knows, its name."""
    if notice == JOB_FAILED:
        text = f"It was tried again and again and is given up: {facts.get('error', '')}"
        return Words(f"The job {facts.get('kind', '')} failed", text, "job_list")
    if notice == DEAD_LETTERS:
        text = "They are kept with their errors. After a fix, send them through again."
        return Words(f"Events of {facts.get('project', '')} could not be digested", text, "dead_letter_list")
    return Words(notice, "", "administration")


@message_kind(NOTICE)
def hand_out(message: OutboxMessage, limit: TimeLimit) -> str:
    """Give the notice to every administrator; returns to how many. Doing it again changes nothing."""
    facts = dict(message.payload)
    notice = str(facts.pop("notice"))
    if notice == DEAD_LETTERS and not _has_dead_letters(facts):
        # With the message its key goes as well, so that the next dead letter is announced.
        message.delete()
        return "there is none any more"
    people = list(User.objects.filter(is_superuser=True, is_active=True).order_by("pk"))
    now = timezone.now()
    with transaction.atomic():
        Notification.objects.bulk_create(
            [
                Notification(user=user, message_id=message.pk, kind=notice, payload=facts, created_at=now)
                for user in people
            ],
            ignore_conflicts=True,
        )
        if settings.SENDS_MAIL:
            mails = [_mail(message, words_of(notice, facts), user) for user in people]
            OutboxMessage.objects.bulk_create(mails, ignore_conflicts=True)
    return f"given to {len(people)}"


def _has_dead_letters(facts: dict[str, Any]) -> bool:
    """An entry that killed its worker is one until it went well alone, and then it was none."""
    return DeadLetter.objects.filter(project=facts["project_id"]).exists()


def _mail(message: OutboxMessage, words: Words, user: User) -> OutboxMessage:
    text = f"{words.text}\n\n{page_url(words.page)}\n"
    [row] = outbox_rows(EmailMessage(f"Stacktale: {words.title}", text, to=[user.email]))
    row.dedup_key = f"{message.pk}:{user.pk}"
    return row
