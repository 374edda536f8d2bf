"""From the pressed button and its form to a `TriageCommand`: `resolve:in_next_release`, `archive:times:10`, `merge`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.http import QueryDict

from tracker.errors import DomainError, Refusal
from tracker.issues.claims import ResolveIn, read_typed
from tracker.issues.status import MAX_MORE, ArchiveFor
from tracker.issues.triage import Assign, Merge, Reopen, TriageCommand, Unmerge
from tracker.storage.numbers import number_in

MAX_FIELD = 5_000
MAX_HOURS = 10 * 366 * 24
DELETE = "delete"
"""The one button of the form that is no command: what it does cannot be taken back."""


@dataclass(slots=True, frozen=True)
class Button:
    """`archive:times:10` is the verb `archive` with the detail `times:10`."""

    verb: str
    detail: str
    post: QueryDict
    now: datetime

    def field(self, name: str) -> str:
        return str(self.post.get(name, "")).strip()[:MAX_FIELD]


def verb_of(post: QueryDict) -> str:
    return str(post.get("action", "")).partition(":")[0]


def command_in(post: QueryDict, now: datetime) -> TriageCommand | None:
    """The command, or None for a verb that there is not. Raises DomainError where a field cannot be read."""
    verb, _, detail = str(post.get("action", ""))[:MAX_FIELD].partition(":")
    read = VERBS.get(verb)
    return read(Button(verb, detail, post, now)) if read else None


def numbers_in(texts: list[str]) -> list[int]:
    """The ids among the texts, each of which may hold several with commas."""
    found = (number_in(part) for text in texts for part in text.split(","))
    return [number for number in found if number is not None]


def _resolve(button: Button) -> TriageCommand:
    versions, commit = button.field("versions"), button.field("commit")
    # Enter in any field of the list's form presses its first button, which says `in_release`.
    is_commit_alone = button.detail == "in_release" and not versions and commit
    if button.detail == "in_commit" or is_commit_alone:
        return TriageCommand(status=ResolveIn("in_commit", commit=commit))
    if button.detail == "in_release":
        return TriageCommand(status=read_typed(versions))
    return TriageCommand(status=ResolveIn(kind=button.detail or "now"))


def _archive(button: Button) -> TriageCommand:
    kind, _, number = button.detail.partition(":")
    match kind:
        case "" | "for_ever":
            return TriageCommand(status=ArchiveFor())
        case "until_date":
            return TriageCommand(status=ArchiveFor(until=_day(button.field("date"))))
        case "hours":
            hours = _count(number or button.field("count"), MAX_HOURS)
            return TriageCommand(status=ArchiveFor(until=button.now + timedelta(hours=hours)))
        case "times":
            return TriageCommand(status=ArchiveFor(events=_count(number or button.field("count"), MAX_MORE)))
        case "users":
            return TriageCommand(status=ArchiveFor(users=_count(number or button.field("count"), MAX_MORE)))
    raise DomainError(Refusal.UNKNOWN_ARCHIVAL)


def _day(text: str) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise DomainError(Refusal.NOT_A_DAY) from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _count(text: str, most: int) -> int:
    count = number_in(text, most)
    if not count:
        raise DomainError(Refusal.NOT_A_COUNT, most=most)
    return count


def _reopen(button: Button) -> TriageCommand:
    return TriageCommand(status=Reopen())


def _assign(button: Button) -> TriageCommand:
    return TriageCommand(assign=Assign(button.detail or button.field("to")))


def _merge(button: Button) -> TriageCommand:
    return TriageCommand(merge=Merge(button.field("into")))


def _unmerge(button: Button) -> TriageCommand:
    return TriageCommand(unmerge=Unmerge(tuple(numbers_in(button.post.getlist("key")))))


VERBS: Mapping[str, Callable[[Button], TriageCommand]] = {
    "resolve": _resolve,
    "archive": _archive,
    "reopen": _reopen,
    "assign": _assign,
    "merge": _merge,
    "unmerge": _unmerge,
}
