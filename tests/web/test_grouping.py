"""Similar issues, comparing, and the draft of rules: by htmx and by plain forms, and who may."""

import re
from html import unescape

import pytest
from django.test import Client

from tests.conftest import World
from tests.tracker.digested import NOON
from tests.tracker.grouped import error, happen, record
from tracker.models import GroupingRules, Issue, Suggestion
from tracker.rules.versions import forget_rules, save_rules
from tracker.similar.suggestions import compare_new_issues

pytestmark = pytest.mark.django_db

ISSUES = "/o/acme/issues/"
PREVIEW = "/o/acme/shop/settings/grouping/preview/"
NEAR = {"HX-Request": "true", "HX-Target": "similar"}
DEEP = ("main", "handle", "dispatch", "checkout", "total", "pay")
HOSTILE = "<script>alert(1)</script>`\"'{{7*7}}"


@pytest.fixture
def bob(client: Client, world: World) -> Client:
    client.force_login(world.bob)
    return client


@pytest.fixture
def twins(world: World) -> tuple[Issue, Issue]:
    first = happen(world.shop, error(calls=DEEP))
    second = happen(world.shop, error(calls=(*DEEP[:3], "checkout_v2", *DEEP[4:])))
    compare_new_issues(NOON)
    return first, second


def text_of(client: Client, address: str, headers: dict[str, str] | None = None, status: int = 200) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == status
    return answer.content.decode()


# ── Similar issues ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_issue_s_page_fetches_its_near_duplicates_and_has_a_link_without_scripts(
    bob: Client, twins: tuple[Issue, Issue]
) -> None:
    page = text_of(bob, f"{ISSUES}SHOP-1/")
    assert f'hx-get="{ISSUES}SHOP-1/similar/"' in page and f'href="{ISSUES}SHOP-1/similar/"' in page
    part = text_of(bob, f"{ISSUES}SHOP-1/similar/", NEAR)
    assert "<html" not in part and "SHOP-2" in part and "the same type" in part


def test_one_click_merges(bob: Client, twins: tuple[Issue, Issue]) -> None:
    part = text_of(bob, f"{ISSUES}SHOP-2/similar/", NEAR)
    ids = re.findall(r'name="issue" value="(\d+)"', part)
    answer = bob.post(f"{ISSUES}triage/", {"issue": ids, "action": "merge", "next": f"{ISSUES}SHOP-2/"}, follow=True)
    assert answer.redirect_chain[-1][0] == f"{ISSUES}SHOP-1/", "the older one stays, the other's address leads there"
    assert Issue.objects.get(number=2).merged_into == Issue.objects.get(number=1)
    assert ">Undo</button>" in answer.content.decode()


def test_what_new_rules_unite_is_merged_with_one_click_and_undone_with_another(bob: Client, world: World) -> None:
    for name in ("pay", "refund", "charge", "bill"):
        happen(world.shop, error(calls=("checkout", name)))
    save_rules(world.shop, "type:PaymentError -> payments", "", by=None, now=NOON)
    part = text_of(bob, f"{ISSUES}SHOP-1/similar/", NEAR)
    form = part[: part.index("Merge all 3 that the rules group together")].rpartition("<form")[2]
    fields = {name: re.findall(rf'name="{name}" value="([^"]*)"', form) for name in ("issue", "into", "next")}
    page = bob.post(f"{ISSUES}triage/", {**fields, "action": "merge"}, follow=True).content.decode()
    assert Issue.objects.filter(merged_into__number=1).count() == 3
    [activities] = re.findall(r'name="activities" value="([^"]*)"', page)
    bob.post(f"{ISSUES}undo/", {"activities": activities})
    assert not Issue.objects.exclude(merged_into=None).exists()


def test_one_click_dismisses_for_good_and_another_takes_it_back(bob: Client, twins: tuple[Issue, Issue]) -> None:
    suggestion = Suggestion.objects.get()
    answer = bob.post(f"{ISSUES}SHOP-2/similar/", {"suggestion": suggestion.pk, "action": "dismiss"}, headers=NEAR)
    part = answer.content.decode()
    assert "SHOP-1" in part and "not proposed again" in part and ">Undo</button>" in part
    assert "SHOP-1" not in text_of(bob, f"{ISSUES}SHOP-2/similar/", NEAR)
    bob.post(f"{ISSUES}SHOP-2/similar/", {"suggestion": suggestion.pk, "action": "bring_back"}, headers=NEAR)
    assert "SHOP-1" in text_of(bob, f"{ISSUES}SHOP-2/similar/", NEAR)


def test_without_scripts_dismissing_leads_to_a_page_that_can_take_it_back(
    bob: Client, twins: tuple[Issue, Issue]
) -> None:
    fields = {"suggestion": str(Suggestion.objects.get().pk), "action": "dismiss"}
    answer = bob.post(f"{ISSUES}SHOP-1/similar/", fields, follow=True)
    assert answer.redirect_chain == [(f"{ISSUES}SHOP-1/similar/", 302)]
    assert "Bring back" in answer.content.decode()


def test_a_viewer_sees_proposals_and_decides_nothing(client: Client, world: World, twins: tuple[Issue, Issue]) -> None:
    client.force_login(world.viewer)
    part = text_of(client, f"{ISSUES}SHOP-1/similar/", NEAR)
    assert "SHOP-2" in part and "<form" not in part
    fields = {"suggestion": Suggestion.objects.get().pk, "action": "dismiss"}
    assert client.post(f"{ISSUES}SHOP-1/similar/", fields).status_code == 403
    assert not Suggestion.objects.exclude(dismissed_at=None).exists()


@pytest.mark.parametrize("suggestion", ["", "x", "0", "9" * 30, "-1"])
def test_a_proposal_that_is_none_of_the_issue_s_is_not_found(
    bob: Client, twins: tuple[Issue, Issue], suggestion: str
) -> None:
    assert bob.post(f"{ISSUES}SHOP-1/similar/", {"suggestion": suggestion, "action": "dismiss"}).status_code == 404


def test_a_proposal_of_another_issue_is_not_found(bob: Client, world: World, twins: tuple[Issue, Issue]) -> None:
    happen(world.shop, error("KeyError"))
    fields = {"suggestion": Suggestion.objects.get().pk, "action": "dismiss"}
    assert bob.post(f"{ISSUES}SHOP-3/similar/", fields).status_code == 404


def test_a_mixed_issue_says_so_and_offers_the_rule_that_parts_it(bob: Client, world: World) -> None:
    for value in ("gateway not reachable", "disk full again", "nobody answered", "wrong password", "stream ended"):
        happen(world.shop, error(value=value))
    part = unescape(text_of(bob, f"{ISSUES}SHOP-1/similar/", NEAR))
    assert "Possibly mixed" in part and "5 different things" in part
    assert 'type:"PaymentError" -> {{ default }}, {{ message }}' in part


def test_an_issue_like_no_other_shows_nothing(bob: Client, world: World) -> None:
    happen(world.shop, error())
    compare_new_issues(NOON)
    assert "<section" not in text_of(bob, f"{ISSUES}SHOP-1/similar/", NEAR)
    assert "Nothing similar" in text_of(bob, f"{ISSUES}SHOP-1/similar/")


# ── Comparing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_issues_are_compared_by_their_newest_events(bob: Client, twins: tuple[Issue, Issue]) -> None:
    page = text_of(bob, f"{ISSUES}compare/?a=SHOP-1&b=shop-2")
    assert "First difference: frame 3, <code>checkout</code> / <code>checkout_v2</code>" in page
    assert "Merge them" in page and "Rules that would make them one issue" in page


def test_any_two_events_are_compared(bob: Client, world: World) -> None:
    first, second = (bytes(record(world.shop, error(value=value)).event_id).hex() for value in ("a", "b"))
    page = text_of(bob, f"{ISSUES}compare/?a={first}&b={second}")
    assert "they share a key" in page and "Merge them" not in page


def test_after_a_merge_the_rule_is_proposed_that_would_have_joined_the_two(
    bob: Client, twins: tuple[Issue, Issue]
) -> None:
    part = text_of(bob, f"{ISSUES}SHOP-2/similar/", NEAR)
    fields = {name: re.findall(rf'name="{name}" value="([^"]*)"', part) for name in ("issue", "next")}
    answer = bob.post(
        f"{ISSUES}triage/",
        {"issue": fields["issue"], "action": "merge", "next": unescape(fields["next"][0])},
        follow=True,
    )
    page = unescape(answer.content.decode())
    assert "someone merged them" in page and 'function:"checkout*"' in page
    assert ">Undo</button>" in page and "Merge them" not in page
    history = text_of(bob, f"{ISSUES}SHOP-1/")
    assert f'href="{ISSUES}compare/?a=SHOP-1&amp;b=SHOP-2"' in history


@pytest.mark.parametrize("other", ["SHOP-9", "SECRET-1", "x" * 500, "%00", "", HOSTILE, "f" * 32])
def test_what_one_may_not_see_is_as_if_it_were_not_there(
    bob: Client, world: World, twins: tuple[Issue, Issue], other: str
) -> None:
    happen(world.secret, error())
    page = text_of(bob, f"{ISSUES}compare/?a=SHOP-1&b={other}")
    assert "First difference" not in page and "<script>alert" not in page


def test_a_stranger_finds_no_such_page(client: Client, world: World, twins: tuple[Issue, Issue]) -> None:
    client.force_login(world.charlie)
    text_of(client, f"{ISSUES}compare/?a=SHOP-1&b=SHOP-2", status=404)
    text_of(client, f"{ISSUES}SHOP-1/similar/", status=404)
    assert client.post(PREVIEW, {"fingerprint_rules": ""}).status_code == 404


def test_what_programs_send_is_shown_and_never_run(bob: Client, world: World) -> None:
    happen(world.shop, error(HOSTILE, HOSTILE, calls=(HOSTILE, "pay")))
    happen(world.shop, error(HOSTILE, HOSTILE, calls=(HOSTILE, HOSTILE)))
    compare_new_issues(NOON)
    for address in ("compare/?a=SHOP-1&b=SHOP-2", "SHOP-1/similar/", "SHOP-2/similar/"):
        assert "<script>alert" not in text_of(bob, ISSUES + address)


# ── A draft of rules ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_shows_what_it_would_change_and_changes_nothing(bob: Client, twins: tuple[Issue, Issue]) -> None:
    draft = {"fingerprint_rules": "type:PaymentError -> payments", "stacktrace_rules": ""}
    part = bob.post(PREVIEW, draft, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and "2 issues become 1; 0 unchanged." in part and "SHOP-2" in part
    page = bob.post(PREVIEW, draft).content.decode()
    assert "<html" in page and "2 issues become 1" in page and "type:PaymentError -&gt; payments" in page
    assert not GroupingRules.objects.exists()


def test_a_mistake_in_a_draft_is_shown_with_its_place(bob: Client, world: World) -> None:
    draft = {"fingerprint_rules": "type:A => a", "stacktrace_rules": ""}
    assert "Line 1, column 8" in bob.post(PREVIEW, draft, headers={"HX-Request": "true"}).content.decode()


def test_a_proposed_rule_leads_to_the_project_s_rules_with_the_draft(bob: Client, twins: tuple[Issue, Issue]) -> None:
    page = text_of(bob, f"{ISSUES}compare/?a=SHOP-1&b=SHOP-2")
    names = ("fingerprint_rules", "stacktrace_rules")
    draft = {name: unescape(re.findall(rf'name="{name}" value="([^"]*)"', page)[0]) for name in names}
    assert "2 issues become 1" in bob.post(PREVIEW, draft).content.decode()


def test_an_older_version_is_opened_as_a_draft(bob: Client, world: World, twins: tuple[Issue, Issue]) -> None:
    for text in ("type:PaymentError -> payments", "type:KeyError -> keys"):
        save_rules(world.shop, text, "", by=world.alice, now=NOON)
    page = text_of(bob, "/o/acme/shop/settings/grouping/")
    assert page.count("active</span>") == 1
    drafts = re.findall(r'type="hidden" name="fingerprint_rules" value="([^"]*)"', page)
    assert [unescape(draft) for draft in drafts] == ["type:KeyError -> keys", "type:PaymentError -> payments"]
    assert "2 issues become 1" in bob.post(PREVIEW, {"fingerprint_rules": unescape(drafts[1])}).content.decode()


def test_a_version_that_cannot_be_read_any_more_is_marked(bob: Client, world: World) -> None:
    save_rules(world.shop, "type:A -> a", "", by=None, now=NOON)
    GroupingRules.objects.create(project=world.shop, version=2, fingerprint_rules="what is this")
    forget_rules()
    assert "cannot be read" in text_of(bob, "/o/acme/shop/settings/grouping/")


def test_a_viewer_drafts_no_rules(client: Client, world: World) -> None:
    client.force_login(world.viewer)
    assert client.post(PREVIEW, {"fingerprint_rules": ""}).status_code == 403
