"""What people do to issues, by htmx and by plain forms; and who may."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from tests.conftest import World
from tests.web.factories import happen, happen_often
from tracker.issues.status import Archival
from tracker.models import Activity, ActivityKind, Issue, Status

pytestmark = pytest.mark.django_db

TRIAGE = "/o/acme/issues/triage/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def bob(client: Client, world: World) -> Client:
    client.force_login(world.bob)
    return client


@pytest.fixture
def issue(world: World) -> Issue:
    return happen(world.shop)


def act(client: Client, issue: Issue, action: str, **fields: str) -> str:
    """The text of the answer; the issue is fresh afterwards."""
    answer = client.post(TRIAGE, {"issue": issue.pk, "action": action, **fields}, headers=HTMX)
    assert answer.status_code == 200
    issue.refresh_from_db()
    return answer.content.decode()


def test_resolving_confirms_says_what_follows_and_offers_the_way_back(bob: Client, issue: Issue) -> None:
    text = act(bob, issue, "resolve:now")
    assert issue.status == Status.RESOLVED
    assert "SHOP-1 is resolved" in text
    assert "reopens it" in text
    assert ">Undo</button>" in text
    assert "<html" not in text


def test_an_answer_to_htmx_makes_the_other_parts_fetch_themselves(bob: Client, issue: Issue) -> None:
    answer = bob.post(TRIAGE, {"issue": issue.pk, "action": "resolve:now"}, headers=HTMX)
    assert answer.headers["HX-Trigger"] == "issues-changed"
    assert 'hx-swap-oob="true"' in answer.content.decode()


def test_undo_takes_it_back(bob: Client, issue: Issue) -> None:
    act(bob, issue, "resolve:now")
    activity = Activity.objects.get(issue=issue, kind=ActivityKind.RESOLVED)
    bob.post("/o/acme/issues/undo/", {"activities": str(activity.pk)}, headers=HTMX)
    issue.refresh_from_db()
    assert issue.status == Status.UNRESOLVED


def test_without_javascript_the_same_form_leads_back_with_a_message(bob: Client, issue: Issue) -> None:
    address = "/o/acme/issues/SHOP-1/"
    answer = bob.post(TRIAGE, {"issue": issue.pk, "action": "resolve:now", "next": address}, follow=True)
    assert answer.redirect_chain == [(address, 302)]
    assert "SHOP-1 is resolved" in answer.content.decode()
    assert ">Undo</button>" in answer.content.decode()


def test_a_form_never_leads_to_another_site(bob: Client, issue: Issue) -> None:
    fields = {"issue": issue.pk, "action": "resolve:now", "next": "https://evil.example/"}
    assert bob.post(TRIAGE, fields).headers["Location"] == "/"


@pytest.mark.parametrize(
    ("action", "versions", "kind", "kept"),
    [
        ("resolve:in_current_release", "", "in_release", ["shop@1.4.1"]),
        ("resolve:in_release", "1.4.3", "in_release", ["shop@1.4.3"]),
        ("resolve:in_release", "1.4.3, 1.3.9", "in_release", ["shop@1.4.3", "shop@1.3.9"]),
        ("resolve:in_next_release", "", "in_next_release", []),
        ("resolve:in_release", ">=1.5", "in_range", []),
    ],
)
def test_every_choice_of_the_menu_is_kept_as_it_was_meant(
    bob: Client, issue: Issue, action: str, versions: str, kind: str, kept: list[str]
) -> None:
    act(bob, issue, action, versions=versions)
    assert issue.resolution is not None
    assert issue.resolution["kind"] == kind
    assert issue.resolution.get("versions", []) == kept


def test_a_release_that_was_not_typed_is_refused_with_a_sentence(bob: Client, issue: Issue) -> None:
    assert "Type the release" in act(bob, issue, "resolve:in_release", versions=" , ")
    assert issue.status == Status.UNRESOLVED


def test_archived_for_ever(bob: Client, issue: Issue) -> None:
    act(bob, issue, "archive:for_ever")
    assert (issue.status, issue.archival) == (Status.ARCHIVED, {})


def test_archived_until_it_happened_more_often_counts_from_now(bob: Client, world: World) -> None:
    issue = happen_often(world.shop, 3)
    act(bob, issue, "archive:times:10")
    assert issue.archival == {"until_times_seen": 13}


def test_archived_until_more_users_are_affected_counts_from_now(bob: Client, issue: Issue) -> None:
    act(bob, issue, "archive:users", count="5")
    assert issue.archival == {"until_users_affected": 6}


def test_archived_until_a_day(bob: Client, issue: Issue) -> None:
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    act(bob, issue, "archive:until_date", date=day.isoformat())
    assert issue.archival is not None
    assert Archival.from_json(issue.archival) == Archival(until=datetime(day.year, day.month, day.day, tzinfo=UTC))


@pytest.mark.parametrize(
    ("action", "fields", "sentence"),
    [
        ("archive:until_date", {"date": "2001-01-01"}, "must lie ahead"),
        ("archive:until_date", {"date": "2001-13-45"}, "Choose the day"),
        ("archive:until_date", {"date": "soon"}, "Choose the day"),
        ("archive:times", {"count": "-1"}, "whole number"),
        ("archive:times", {"count": "9" * 40}, "whole number"),
        ("archive:sideways", {"count": "1"}, "no such way"),
        ("assign:99999999", {}, "not a member"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_changes_nothing(
    bob: Client, issue: Issue, action: str, fields: dict[str, str], sentence: str
) -> None:
    assert sentence in act(bob, issue, action, **fields)
    assert issue.status == Status.UNRESOLVED
    assert not Activity.objects.exclude(kind=ActivityKind.FIRST_SEEN).exists()


def test_assigning_and_unassigning(bob: Client, issue: Issue, world: World) -> None:
    act(bob, issue, f"assign:{world.alice.pk}")
    assert issue.assigned_to_id == world.alice.pk
    act(bob, issue, "assign:nobody")
    assert issue.assigned_to_id is None


def test_nobody_from_elsewhere_is_assigned(bob: Client, issue: Issue, world: World) -> None:
    assert "not a member" in act(bob, issue, f"assign:{world.charlie.pk}")


def test_several_issues_at_once(bob: Client, world: World) -> None:
    issues = [happen(world.shop, name) for name in "abc"]
    bob.post(TRIAGE, {"issue": [issues[0].pk, issues[2].pk], "action": "resolve:now"}, headers=HTMX)
    assert [Issue.objects.get(pk=issue.pk).status for issue in issues] == [1, 0, 1]


def test_choosing_nothing_is_refused_with_a_sentence(bob: Client, world: World) -> None:
    answer = bob.post(TRIAGE, {"action": "resolve:now"}, headers=HTMX)
    assert "Choose at least one issue" in answer.content.decode()


def test_deleting_takes_the_issue_with_its_events(bob: Client, issue: Issue) -> None:
    bob.post(TRIAGE, {"issue": issue.pk, "action": "delete"})
    assert not Issue.objects.filter(pk=issue.pk).exists()


def test_an_unknown_action_does_not_exist(bob: Client, issue: Issue) -> None:
    assert bob.post(TRIAGE, {"issue": issue.pk, "action": "explode"}).status_code == 404


def test_issues_of_another_organization_cannot_be_touched(bob: Client, world: World) -> None:
    theirs = happen(world.secret)
    answer = bob.post(TRIAGE, {"issue": theirs.pk, "action": "resolve:now"}, headers=HTMX)
    assert "Choose at least one issue" in answer.content.decode()
    theirs.refresh_from_db()
    assert theirs.status == Status.UNRESOLVED


def test_what_happened_elsewhere_cannot_be_undone_from_here(client: Client, world: World) -> None:
    theirs = happen(world.secret)
    client.force_login(world.charlie)
    client.post("/o/elsewhere/issues/triage/", {"issue": theirs.pk, "action": "resolve:now"})
    activity = Activity.objects.get(issue=theirs, kind=ActivityKind.RESOLVED)
    client.force_login(world.bob)
    client.post("/o/acme/issues/undo/", {"activities": str(activity.pk)}, headers=HTMX)
    theirs.refresh_from_db()
    assert theirs.status == Status.RESOLVED


@pytest.mark.parametrize("address", [TRIAGE, "/o/acme/issues/undo/", "/o/acme/issues/SHOP-1/comment/"])
def test_a_viewer_may_not_and_a_stranger_sees_nothing(client: Client, issue: Issue, world: World, address: str) -> None:
    fields = {"issue": issue.pk, "action": "resolve:now", "text": "hello", "activities": "1"}
    client.force_login(world.viewer)
    assert client.post(address, fields).status_code == 403
    client.force_login(world.charlie)
    assert client.post(address, fields).status_code == 404
    issue.refresh_from_db()
    assert issue.status == Status.UNRESOLVED


def test_looking_changes_nothing(bob: Client, issue: Issue) -> None:
    assert bob.get(f"{TRIAGE}?issue={issue.pk}&action=resolve:now").status_code == 405


def test_a_form_without_its_token_is_refused(issue: Issue, world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.bob)
    assert client.post(TRIAGE, {"issue": issue.pk, "action": "resolve:now"}).status_code == 403


def test_a_comment_stands_in_the_history(bob: Client, issue: Issue) -> None:
    bob.post("/o/acme/issues/SHOP-1/comment/", {"text": "It is the <b>gateway</b>."}, headers=HTMX)
    text = bob.get("/o/acme/issues/SHOP-1/").content.decode()
    assert "It is the &lt;b&gt;gateway&lt;/b&gt;." in text


def test_an_empty_comment_is_refused(bob: Client, issue: Issue) -> None:
    bob.post("/o/acme/issues/SHOP-1/comment/", {"text": "  "}, headers=HTMX)
    assert not Activity.objects.filter(kind=ActivityKind.COMMENTED).exists()


def test_a_commit_that_fixed_it_is_named_on_the_page_and_in_the_list(bob: Client, issue: Issue) -> None:
    text = act(bob, issue, "resolve:in_commit", commit="8F4B2C1d9e")
    assert "by commit 8f4b2c1d9e" in text and "first release with this commit" in text
    act(bob, issue, "reopen")
    # Enter in the list's field presses the button of the field before it.
    act(bob, issue, "resolve:in_release", versions="", commit="8f4b2c1")
    assert issue.resolution is not None and issue.resolution["commit"] == "8f4b2c1"
    assert "not a commit" in act(bob, issue, "resolve:in_commit", commit="master")


def test_how_it_was_resolved_is_changed_without_reopening_and_undone_alone(bob: Client, issue: Issue) -> None:
    act(bob, issue, "resolve:now")
    assert 'value="resolve:in_next_release"' in bob.get("/o/acme/issues/SHOP-1/").content.decode()
    act(bob, issue, "resolve:in_release", versions="1.4.9, 2.1.0")
    assert issue.resolution is not None and issue.resolution["versions"] == ["shop@1.4.9", "shop@2.1.0"]
    latest = Activity.objects.filter(issue=issue, kind=ActivityKind.RESOLVED).latest("pk")
    bob.post("/o/acme/issues/undo/", {"activities": str(latest.pk)}, headers=HTMX)
    issue.refresh_from_db()
    assert issue.status == Status.RESOLVED
    assert issue.resolution is not None and issue.resolution["kind"] == "now"


def test_the_list_names_the_current_release_where_it_is_the_same_for_all(bob: Client, world: World) -> None:
    happen(world.shop, "a")
    happen(world.shop, "b")
    assert '<small class="mono">shop@1.4.1</small>' in bob.get("/o/acme/issues/").content.decode()
    happen(world.shop, "c", release="till@7.0.0")
    listed = bob.get("/o/acme/issues/").content.decode()
    assert '<small class="mono">shop@1.4.1</small>' not in listed and "of each one" in listed
