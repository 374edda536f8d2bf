"""What people do to issues, from the list and from an issue's page: one address, with JavaScript and without."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from tracker.accounts.access import Power
from tracker.issues import actions
from tracker.issues.actions import ResolveIn, Undo
from tracker.issues.deletion import delete_or_hand_over
from tracker.issues.merge import merge, unmerge
from tracker.issues.status import Archival
from tracker.models import Activity, GroupKey, Issue, Organization, User
from web.guards import find_issue, issue_page, organization_page
from web.responses import PageRequest, confirm, refuse, respond_with_toasts

MAX_ISSUES = 200
"""Issues that one action takes; the list shows fewer at a time."""
MAX_FIELD_LENGTH = 5_000
MAX_COMMENT_LENGTH = 10_000
FIELDS = ("versions", "commit", "count", "date", "to", "into")
CHANGED = "issues-changed"
"""The browser event after which the parts of a page that show issues fetch themselves again."""


@dataclass(slots=True, frozen=True)
class Wish:
    """What the pressed button says: `resolve:in_next_release` → verb `resolve`, detail `in_next_release`."""

    verb: str
    detail: str
    fields: Mapping[str, str]
    keys: Sequence[str] = ()
    """Ids of the group keys to be taken apart."""

    @classmethod
    def of(cls, post: QueryDict) -> "Wish":
        verb, _, detail = post.get("action", "").partition(":")
        fields = {name: str(post.get(name, "")).strip()[:MAX_FIELD_LENGTH] for name in FIELDS}
        keys = ",".join(post.getlist("key")[:MAX_ISSUES]).split(",")
        return cls(verb, detail, fields, [key for key in keys if key.isdecimal() and len(key) < 19])


@organization_page(needs=Power.TRIAGE)
@require_POST
def triage(request: PageRequest, organization: Organization) -> HttpResponse:
    """Do to the chosen issues what the button says; a wish that cannot be meant is answered with a sentence."""
    issues = chosen_issues(organization, request.POST.getlist("issue"))
    wish = Wish.of(request.POST)
    act = ACTIONS.get(wish.verb)
    if act is None:
        raise Http404("no such action")
    if not issues:
        refuse(request, "Choose at least one issue first.")
        return answer(request)
    try:
        done = act(issues, wish, request.user, timezone.now())
    except ValueError as refusal:
        refuse(request, str(refusal))
        return answer(request)
    confirm(request, done.sentence, done.consequence, done.activity_ids)
    return answer(request)


@organization_page(needs=Power.TRIAGE)
@require_POST
def undo_triage(request: PageRequest, organization: Organization) -> HttpResponse:
    ids = [int(part) for part in request.POST.get("activities", "").split(",")[:MAX_ISSUES] if part.isdecimal()]
    known = Activity.objects.filter(id__in=ids, project__organization=organization).values_list("id", flat=True)
    try:
        sentence = actions.undo(list(known), by=request.user, now=timezone.now())
    except ValueError as refusal:
        refuse(request, str(refusal))
    else:
        confirm(request, sentence)
    return answer(request)


@issue_page(needs=Power.TRIAGE)
@require_POST
def comment_on_issue(request: PageRequest, issue: Issue) -> HttpResponse:
    text = request.POST.get("text", "").strip()
    if not text or len(text) > MAX_COMMENT_LENGTH:
        refuse(request, f"A comment has between 1 and {MAX_COMMENT_LENGTH:,} characters.")
    else:
        actions.comment(issue, text, by=request.user, now=timezone.now())
    return answer(request)


def answer(request: PageRequest) -> HttpResponse:
    """Toasts for htmx; without it, back to the page on which the button was."""
    if request.htmx:
        return respond_with_toasts(request, trigger=CHANGED)
    back = request.POST.get("next", "") or request.headers.get("Referer", "")
    is_safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if is_safe else "/")


def chosen_issues(organization: Organization, ids: Sequence[str]) -> list[Issue]:
    """The issues of the organization with these ids; ids of others are as if they did not exist."""
    numbers = [int(text) for text in ids[:MAX_ISSUES] if text.isdecimal() and len(text) < 19]
    found = Issue.objects.filter(id__in=numbers, project__organization=organization)
    return list(found.select_related("project__organization", "assigned_to").order_by("id"))


# ── The verbs ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _resolve(issues: Sequence[Issue], wish: Wish, by: User, now: datetime) -> Undo:
    return actions.resolve(issues, _how(wish), by=by, now=now)


def _how(wish: Wish) -> ResolveIn:
    # Enter in any field of the list's form presses its first button, which says `in_release`.
    is_commit_alone = wish.detail == "in_release" and not wish.fields["versions"] and wish.fields["commit"]
    if wish.detail == "in_commit" or is_commit_alone:
        return ResolveIn("in_commit", commit=wish.fields["commit"])
    if wish.detail == "in_release":
        return actions.read_typed(wish.fields["versions"])
    return ResolveIn(kind=wish.detail or "now")


def _archive(issues: Sequence[Issue], wish: Wish, by: User, now: datetime) -> Undo:
    if wish.detail in ("", "for_ever"):
        return actions.archive(issues, Archival(), by=by, now=now)
    if wish.detail == "until_date":
        return actions.archive(issues, Archival(until=_date(wish.fields["date"], now)), by=by, now=now)
    kind, _, number = wish.detail.partition(":")
    count = _count(number or wish.fields["count"])
    if kind == "hours":
        return actions.archive(issues, Archival(until=now + timedelta(hours=min(count, 87_600))), by=by, now=now)
    if kind == "times":
        return actions.archive_for_more(issues, events=count, by=by, now=now)
    if kind == "users":
        return actions.archive_for_more(issues, users=count, by=by, now=now)
    raise ValueError("There is no such way to archive an issue.")


def _date(text: str, now: datetime) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError("Choose the day until which it is archived.") from None
    until = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if until <= now:
        raise ValueError("The day until which it is archived must lie ahead.")
    return until


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text[:10]) < 10**9:
        raise ValueError("Type how many more, as a whole number.")
    return int(text)


def _assign(issues: Sequence[Issue], wish: Wish, by: User, now: datetime) -> Undo:
    chosen = wish.detail or wish.fields["to"]
    if chosen in ("", "nobody"):
        return actions.assign(issues, None, by=by, now=now)
    organization = issues[0].project.organization
    is_id = chosen.isdecimal() and len(chosen) < 19
    to = organization.members.filter(**({"id": int(chosen)} if is_id else {"email__iexact": chosen})).first()
    if to is None:
        raise ValueError("That person is not a member of the organization.")
    return actions.assign(issues, to, by=by, now=now)


def _delete(issues: Sequence[Issue], wish: Wish, by: User, now: datetime) -> Undo:
    return Undo((), delete_or_hand_over(issues))


def _merge(issues: Sequence[Issue], wish: Wish, by: User, now: datetime) -> Undo:
    """Into the issue that is named, else into the oldest of the chosen ones: its short id is the best known."""
    named = wish.fields["into"]
    organization = issues[0].project.organization
    into = find_issue(by, organization.slug, named) if named else min(issues, key=lambda issue: issue.first_seen_at)
    if into is None:
        raise ValueError(f"There is no issue {named}.")
    return merge(issues, into, by=by, now=now)


def _unmerge(issues: Sequence[Issue], wish: Wish, by: User, now: datetime) -> Undo:
    keys = GroupKey.objects.filter(issue=issues[0], id__in=wish.keys)
    if not keys:
        raise ValueError("Choose at least one key.")
    return unmerge(list(keys), by=by, now=now)


def _reopen(issues: Sequence[Issue], wish: Wish, by: User, now: datetime) -> Undo:
    return actions.reopen(issues, by=by, now=now)


ACTIONS: Mapping[str, Callable[[Sequence[Issue], Wish, User, datetime], Undo]] = {
    "resolve": _resolve,
    "archive": _archive,
    "reopen": _reopen,
    "assign": _assign,
    "delete": _delete,
    "merge": _merge,
    "unmerge": _unmerge,
}
