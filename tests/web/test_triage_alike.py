"""Pages and the API do the same: one command through both, the same rows and the same activity, or the same refusal."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from tests.conftest import World
from tests.web.api_caller import Caller
from tests.web.factories import happen_often
from tracker.issues.comments import MAX_COMMENT
from tracker.models import Activity, GroupKey, Issue, IssueHour, IssueTag, Status, User

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)
SOON, PAST = (f"{NOW + timedelta(days=days):%Y-%m-%d}" for days in (30, -1))
PAGE, API = "/o/acme/issues/triage/", "organizations/acme/issues/"


@dataclass(frozen=True)
class Same:
    """One thing that somebody wants, as a form and as a body; texts may name people by `{bob}`."""

    form: dict[str, str]
    body: dict[str, Any]
    before: tuple[dict[str, Any], ...] = ()
    """Bodies that bring the issues into the state in which it is wanted."""
    refusal: str = ""
    """What both say, where they refuse."""
    field: str = field(default="statusDetails")
    """Which field of the body the API says is at fault."""


def resolved(form: dict[str, str], details: dict[str, Any], refusal: str = "") -> Same:
    return Same(form, {"status": "resolved", "statusDetails": details}, refusal=refusal)


def archived(form: dict[str, str], details: dict[str, Any], refusal: str = "") -> Same:
    return Same(form, {"status": "ignored", "statusDetails": details}, refusal=refusal)


RESOLVED, ARCHIVED, ASSIGNED = {"status": "resolved"}, {"status": "ignored"}, {"assignedTo": "bob@example.com"}
WANTED = {
    "resolve": resolved({"action": "resolve:now"}, {}),
    "resolve in this release": resolved({"action": "resolve:in_current_release"}, {"inRelease": "latest"}),
    "resolve in a release": resolved({"action": "resolve:in_release", "versions": "1.4.3"}, {"inRelease": "1.4.3"}),
    "resolve in two releases": resolved(
        {"action": "resolve:in_release", "versions": "1.4.3, 1.3.9"}, {"inReleases": ["1.4.3", "1.3.9"]}
    ),
    "resolve in the next release": resolved({"action": "resolve:in_next_release"}, {"inNextRelease": True}),
    "resolve in the next minor": resolved({"action": "resolve:in_next_minor"}, {"inNextMinor": True}),
    "resolve in the next major": resolved({"action": "resolve:in_next_major"}, {"inNextMajor": True}),
    "resolve in a range": resolved({"action": "resolve:in_release", "versions": ">=1.5 <2"}, {"inRange": ">=1.5 <2"}),
    "resolve by a commit": resolved(
        {"action": "resolve:in_commit", "commit": "8F4B2C1"}, {"inCommit": {"commit": "8F4B2C1"}}
    ),
    "resolve otherwise": Same(
        {"action": "resolve:in_next_release"}, {"status": "resolvedInNextRelease"}, before=(RESOLVED,)
    ),
    "resolve what is archived": Same({"action": "resolve:now"}, RESOLVED, before=(ARCHIVED,)),
    "no range": resolved(
        {"action": "resolve:in_release", "versions": ">=soon"}, {"inRange": ">=soon"}, "“soon” is not a version"
    ),
    "no commit": resolved(
        {"action": "resolve:in_commit", "commit": "master"}, {"inCommit": {"commit": "master"}}, "not a commit's hash"
    ),
    "archive": archived({"action": "archive:for_ever"}, {}),
    "archive for a while": archived({"action": "archive:hours:24"}, {"ignoreDuration": 24 * 60}),
    "archive until a day": archived(
        {"action": "archive:until_date", "date": SOON}, {"ignoreUntil": f"{SOON}T00:00:00Z"}
    ),
    "archive for more events": archived({"action": "archive:times:10"}, {"ignoreCount": 10}),
    "archive for a great many": archived({"action": "archive:times", "count": str(10**12)}, {"ignoreCount": 10**12}),
    "archive for more users": archived({"action": "archive:users", "count": "3"}, {"ignoreUserCount": 3}),
    "archive what is resolved": Same({"action": "archive"}, ARCHIVED, before=(RESOLVED,)),
    "archive until yesterday": archived(
        {"action": "archive:until_date", "date": PAST},
        {"ignoreUntil": f"{PAST}T00:00:00Z"},
        "must lie ahead",
    ),
    "reopen what is resolved": Same({"action": "reopen"}, {"status": "unresolved"}, before=(RESOLVED,)),
    "reopen what is archived": Same({"action": "reopen"}, {"status": "unresolved"}, before=(ARCHIVED,)),
    "reopen what is open": Same({"action": "reopen"}, {"status": "reopened"}),
    "assign by id": Same({"action": "assign:{bob}"}, {"assignedTo": "{bob}"}),
    "assign by a user's id": Same({"action": "assign:user:{bob}"}, {"assignedTo": "user:{bob}"}),
    "assign by address": Same({"action": "assign", "to": "BOB@example.com"}, {"assignedTo": "BOB@example.com"}),
    "assign to nobody": Same({"action": "assign:nobody"}, {"assignedTo": ""}, before=(ASSIGNED,)),
    "assign to a stranger": Same(
        {"action": "assign:{charlie}"}, {"assignedTo": "{charlie}"}, refusal="not a member", field="assignedTo"
    ),
    "assign to somebody who left": Same(
        {"action": "assign:{gone}"}, {"assignedTo": "{gone}"}, refusal="not a member", field="assignedTo"
    ),
    "assign to somebody who left, by address": Same(
        {"action": "assign", "to": "vera@example.com"},
        {"assignedTo": "vera@example.com"},
        refusal="not a member",
        field="assignedTo",
    ),
    "assign to a number of 40 digits": Same(
        {"action": "assign:" + "9" * 40}, {"assignedTo": "9" * 40}, refusal="not a member", field="assignedTo"
    ),
    "merge": Same({"action": "merge"}, {"merge": True}),
}


@pytest.fixture
def issues(world: World) -> list[Issue]:
    """The first was seen twice, the second, and older in the database, is the one that was seen most."""
    User.objects.filter(pk=world.viewer.pk).update(is_active=False)
    return [happen_often(world.shop, times, group) for times, group in ((2, "a"), (5, "b"), (1, "c"))]


def filled(value: Any, names: dict[str, int]) -> Any:
    if isinstance(value, dict):
        return {name: filled(each, names) for name, each in value.items()}
    return value.format(**names) if isinstance(value, str) else value


def rows() -> dict[str, list[Any]]:
    """What triage writes; the ids of activities are a sequence that a rollback does not turn back."""
    activities = Activity.objects.exclude(kind="first_seen").order_by("id")
    return {
        "issues": list(Issue.objects.order_by("id").values()),
        "activities": list(activities.values("project", "issue", "kind", "user", "details", "created_at")),
        "keys": list(GroupKey.objects.order_by("id").values("id", "issue", "merged_from", "pinned_to")),
        "tags": list(IssueTag.objects.order_by("issue", "tag").values("issue", "tag", "times_seen")),
        "hours": list(IssueHour.objects.order_by("issue", "hour").values()),
    }


def tried(prepare: Callable[[], object], act: Callable[[], str]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """What was said, and the rows before and after; then all is as if it had not been."""
    with transaction.atomic(), time_machine.travel(NOW, tick=False):
        prepare()
        before = rows()
        said = act()
        after = rows()
        transaction.set_rollback(True)
    return said, before, after


@pytest.mark.parametrize("wanted", WANTED.values(), ids=WANTED)
def test_a_form_and_a_body_do_the_same(client: Client, world: World, issues: list[Issue], wanted: Same) -> None:
    names = {"bob": world.bob.pk, "charlie": world.charlie.pk, "gone": world.viewer.pk}
    ids = [issue.pk for issue in issues]
    caller = Caller(world.alice)
    client.force_login(world.alice)

    def prepare() -> None:
        for body in wanted.before:
            caller.put(API, body, id=ids)

    def by_page() -> str:
        answer = client.post(PAGE, {"issue": ids, **filled(wanted.form, names)}, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        return unescape(answer.content.decode())

    def by_api() -> str:
        answer = caller.put(API, filled(wanted.body, names), id=ids)
        assert caller.status == (400 if wanted.refusal else 200), answer
        return " ".join(answer[wanted.field]) if wanted.refusal else ""

    page_said, before, by_form = tried(prepare, by_page)
    api_said, _, by_body = tried(prepare, by_api)
    assert by_form == by_body
    if wanted.refusal:
        assert wanted.refusal in api_said and api_said in page_said
        assert by_form == before
    else:
        assert (by_form != before) == (wanted is not WANTED["reopen what is open"])


TEXTS = {
    "a comment": ("It is the gateway.", ""),
    "with spaces around": ("  It is the gateway.\n", ""),
    "in several lines": ("One\r\ntwo", ""),
    "as long as can be": ("x" * MAX_COMMENT, ""),
    "too long": ("x" * (MAX_COMMENT + 1), "at most 20,000 characters"),
    "of spaces": ("   ", "Write something"),
    "of nothing": ("", "Write something"),
}


@pytest.mark.parametrize(("text", "refusal"), TEXTS.values(), ids=TEXTS)
def test_a_comment_is_the_same(client: Client, world: World, issues: list[Issue], text: str, refusal: str) -> None:
    caller = Caller(world.alice)
    client.force_login(world.alice)

    def by_page() -> str:
        answer = client.post("/o/acme/issues/SHOP-1/comment/", {"text": text}, headers={"HX-Request": "true"})
        return unescape(answer.content.decode())

    def by_api() -> str:
        answer = caller.post(f"{API}SHOP-1/comments/", {"text": text})
        assert caller.status == (400 if refusal else 201)
        return " ".join(answer["text"]) if refusal else ""

    page_said, before, by_form = tried(lambda: None, by_page)
    api_said, _, by_body = tried(lambda: None, by_api)
    assert by_form == by_body
    assert (by_form == before) == bool(refusal)
    assert refusal in api_said and api_said in page_said


def test_a_comment_on_a_merged_issue_stands_where_it_went(client: Client, world: World, issues: list[Issue]) -> None:
    caller = Caller(world.alice)
    client.force_login(world.alice)
    caller.put(API, {"merge": 1}, id=[issue.pk for issue in issues])
    client.post("/o/acme/issues/SHOP-3/comment/", {"text": "by page"})
    caller.post(f"{API}SHOP-1/comments/", {"text": "by API"})
    whole = Issue.objects.get(number=2)
    assert set(Activity.objects.filter(kind="commented").values_list("issue", flat=True)) == {whole.pk}


def test_deleting_is_the_same(client: Client, world: World, issues: list[Issue]) -> None:
    caller = Caller(world.alice)
    client.force_login(world.alice)
    ids = [issue.pk for issue in issues[:2]]

    def by_page() -> str:
        client.post(PAGE, {"issue": ids, "action": "delete"})
        return ""

    def by_api() -> str:
        caller.delete(API, id=ids)
        return ""

    _, _, by_form = tried(lambda: None, by_page)
    _, _, by_body = tried(lambda: None, by_api)
    assert by_form == by_body
    assert len(by_form["issues"]) == 1


def test_a_merged_issue_is_no_choice_for_either(client: Client, world: World, issues: list[Issue]) -> None:
    caller = Caller(world.alice)
    client.force_login(world.alice)
    caller.put(API, {"merge": 1}, id=[issue.pk for issue in issues])
    before = rows()
    client.post(PAGE, {"issue": issues[2].pk, "action": "delete"})
    client.post(PAGE, {"issue": issues[2].pk, "action": "reopen"})
    caller.delete(API, id=issues[2].pk)
    caller.put(API, {"status": "unresolved"}, id=issues[2].pk)
    assert rows() == before


def test_the_api_says_how_many_were_matched_and_changed(world: World, issues: list[Issue]) -> None:
    caller = Caller(world.alice)
    caller.put(API, {"status": "ignored"}, id=[issue.pk for issue in issues[:1]])
    caller.put(API, {"status": "unresolved"}, id=[*(issue.pk for issue in issues), 10**15])
    assert (caller.headers["X-Matched"], caller.headers["X-Changed"]) == ("3", "1")


def test_a_page_says_how_many_of_the_chosen_were_changed(client: Client, world: World, issues: list[Issue]) -> None:
    client.force_login(world.alice)
    ids = [issue.pk for issue in issues]
    client.post(PAGE, {"issue": ids[0], "action": "assign:" + str(world.bob.pk)}, headers={"HX-Request": "true"})
    answer = client.post(PAGE, {"issue": ids, "action": f"assign:{world.bob.pk}"}, headers={"HX-Request": "true"})
    assert "2 of 3 issues are assigned to Bob." in answer.content.decode()


def test_more_issues_than_one_command_takes_are_refused_by_both(client: Client, world: World) -> None:
    caller = Caller(world.alice)
    ids = [str(number) for number in range(1, 1_002)]
    answer = caller.put(API, {"status": "resolved"}, id=ids)
    assert (caller.status, list(answer)) == (400, ["id"])
    answer = caller.put(API, {"status": "resolved"}, id=[*ids, *ids])
    assert (caller.status, list(answer)) == (400, ["detail"])
    client.force_login(world.alice)
    answer = client.post(PAGE, {"issue": ",".join(ids), "action": "resolve"}, headers={"HX-Request": "true"})
    assert "at most 1,000 issues" in answer.content.decode()


def test_what_is_refused_has_assigned_nobody(world: World, issues: list[Issue]) -> None:
    caller = Caller(world.alice)
    body = {"assignedTo": "bob@example.com", "status": "resolved", "statusDetails": {"inRange": "soon"}}
    caller.put(f"{API}SHOP-1/", body)
    assert caller.status == 400
    caller.put(API, body, id=[issue.pk for issue in issues])
    assert caller.status == 400
    caller.put(API, {"assignedTo": "bob@example.com", "status": "resolved", "merge": 1}, id=issues[0].pk)
    assert caller.status == 400
    assert not Issue.objects.exclude(assigned_to=None, status=Status.UNRESOLVED).exists()
    assert set(Activity.objects.values_list("kind", flat=True)) == {"first_seen"}
