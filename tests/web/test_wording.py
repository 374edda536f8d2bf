"""Every sentence of triage: what was done and follows from it, why not, and why an issue came back."""

import string
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import World
from tests.tracker.issues import NOON, make_issue, make_release
from tracker.errors import DomainError, Refusal, Value
from tracker.issues import actions
from tracker.issues.claims import ResolveIn
from tracker.issues.reasons import Reason, ReasonCode
from tracker.issues.results import ActionResult, Assigned, Commented, Deleted, Merged, Reopened, TakenBack, TriageResult
from tracker.issues.results import Unmerged as TakenApart
from tracker.issues.status import ArchiveFor
from tracker.models import Activity, ActivityKind
from tracker.versions import Basis
from web.state_words import REASONS, reason_words
from web.wording import ICONS, REFUSALS, Said, activity_view, refusal_words, result_words

OLDER = "events of older releases are counted and leave it resolved."


@pytest.mark.parametrize(
    ("how", "sentence", "consequence"),
    [
        (ResolveIn(), "SHOP-42 is resolved.", "An event that happens from now on reopens it."),
        (
            ResolveIn("in_current_release"),
            "SHOP-42 is resolved in shop@1.4.2.",
            f"An event of shop@1.4.2 or newer reopens it; {OLDER}",
        ),
        (
            ResolveIn("in_release", versions=("shop@1.3.9", "shop@1.4.3")),
            "SHOP-42 is resolved in shop@1.3.9 and shop@1.4.3.",
            f"An event of shop@1.3.9 or shop@1.4.3, or newer on the same line, reopens it; {OLDER}",
        ),
        (
            ResolveIn("in_next_release"),
            "SHOP-42 is resolved in the next release after shop@1.4.2.",
            f"An event of a release newer than shop@1.4.2 reopens it; {OLDER}",
        ),
        (
            ResolveIn("in_next_minor"),
            "SHOP-42 is resolved in the next minor after shop@1.4.2, shop@1.5.0.",
            f"An event of shop@1.5.0 or newer reopens it; {OLDER}",
        ),
        (
            ResolveIn("in_next_major"),
            "SHOP-42 is resolved in the next major after shop@1.4.2, shop@2.0.0.",
            f"An event of shop@2.0.0 or newer reopens it; {OLDER}",
        ),
        (
            ResolveIn("in_range", range=">=1.5"),
            "SHOP-42 is resolved in >=1.5.",
            f"An event of a release in >=1.5, or newer, reopens it; {OLDER}",
        ),
        (
            ResolveIn("in_range", range=">=1.5 <2"),
            "SHOP-42 is resolved in >=1.5 <2.",
            "An event of a release in >=1.5 <2 reopens it; "
            "events of all other releases are counted and leave it resolved.",
        ),
        (
            ResolveIn("in_commit", commit="8F4B2C1D9E"),
            "SHOP-42 is resolved by commit 8f4b2c1d9e.",
            f"An event of the first release with this commit, or of a newer one, reopens it; {OLDER}",
        ),
    ],
)
def test_the_confirmation_says_what_will_count_as_a_regression(
    world: World, how: ResolveIn, sentence: str, consequence: str
) -> None:
    make_release(world.shop, "shop@1.4.2", age_hours=10)
    issue = make_issue(world.shop, "shop@1.4.1", number=42)
    done = actions.resolve([issue], how, by=world.alice, now=NOON)
    assert result_words(done) == Said(sentence, consequence)


@pytest.mark.parametrize(
    ("how", "sentence", "consequence"),
    [
        (ArchiveFor(), "SHOP-42 is archived forever.", "Events are counted; nothing but you brings it back."),
        (
            ArchiveFor(until=NOON + timedelta(days=7)),
            "SHOP-42 is archived until 2026-11-28 12:00 UTC.",
            "Events are counted; then it comes back by itself.",
        ),
        (
            ArchiveFor(events=1_000, users=1),
            "SHOP-42 is archived until 1,000 more events or until 1 more user is affected.",
            "Events are counted; then it comes back by itself.",
        ),
    ],
)
def test_archiving_says_until_when(world: World, how: ArchiveFor, sentence: str, consequence: str) -> None:
    done = actions.archive([make_issue(world.shop, number=42)], how, by=world.bob, now=NOON)
    assert result_words(done) == Said(sentence, consequence)


def test_several_resolutions_are_said_as_one(world: World) -> None:
    here, there = make_issue(world.shop, "shop@1.0.0"), make_issue(world.secret, "till@7.1.0")
    done = actions.resolve([here, there], ResolveIn("in_current_release"), by=world.alice, now=NOON)
    assert result_words(done) == Said("2 issues are resolved each in a release of its own project.")


@pytest.mark.parametrize(
    ("result", "sentence"),
    [
        (ActionResult(Reopened(), 1, ("SHOP-1",)), "SHOP-1 is unresolved."),
        (ActionResult(Reopened(), 1, ()), "There was nothing to do."),
        (ActionResult(Reopened(), 2_000, tuple(map(str, range(2_000)))), "2,000 issues are unresolved."),
        (ActionResult(Reopened(), 14, tuple(map(str, range(12)))), "12 of 14 issues are unresolved."),
        (ActionResult(Reopened(), 3, ("SHOP-1",)), "1 of 3 issues is unresolved."),
        (ActionResult(Assigned(7, "Bob"), 1, ("SHOP-1",)), "SHOP-1 is assigned to Bob."),
        (ActionResult(Assigned(None), 1, ("SHOP-1",)), "SHOP-1 is assigned to nobody."),
        (ActionResult(Commented((1,)), 1, ("SHOP-1",)), "SHOP-1 is commented on."),
        (ActionResult(Merged(1, "SHOP-1", (2, 3)), 2, ("SHOP-2", "SHOP-3")), "2 issues are merged into SHOP-1."),
        (ActionResult(TakenApart("SHOP-1"), 2, ("SHOP-2", "SHOP-3")), "SHOP-2 and SHOP-3 taken out of SHOP-1."),
        (ActionResult(Deleted(is_over=True), 1, ("SHOP-1",)), "SHOP-1 is deleted."),
        (
            ActionResult(Deleted(is_over=False), 2, ("SHOP-1", "SHOP-2")),
            "2 issues are being deleted, and the list is rid of them when all their events are gone.",
        ),
        (ActionResult(TakenBack(), 1, ()), "Nothing was taken back: it has changed since."),
        (ActionResult(TakenBack(), 1, ("SHOP-1",)), "SHOP-1 is as before."),
        (
            ActionResult(TakenBack(), 3, ("SHOP-1", "SHOP-2")),
            "2 issues are as before. 1 has changed since and stays as it is.",
        ),
        (
            ActionResult(TakenBack(), 3, ("SHOP-1",)),
            "SHOP-1 is as before. 2 have changed since and stay as they are.",
        ),
        (TriageResult(0, ()), "There was nothing to do."),
        (
            TriageResult(
                1, (ActionResult(Assigned(7, "Bob"), 1, ("SHOP-1",)), ActionResult(Reopened(), 1, ("SHOP-1",)))
            ),
            "SHOP-1 is assigned to Bob. SHOP-1 is unresolved.",
        ),
        (
            TriageResult(1, (ActionResult(Assigned(7, "Bob"), 1, ()), ActionResult(Reopened(), 1, ("SHOP-1",)))),
            "SHOP-1 is unresolved.",
        ),
    ],
)
def test_what_was_done_is_said_with_how_many_it_was_done_to(result: ActionResult | TriageResult, sentence: str) -> None:
    assert result_words(result).sentence == sentence


def test_a_merge_says_what_becomes_of_new_events() -> None:
    merged = ActionResult(Merged(1, "SHOP-1", (2,)), 1, ("SHOP-2",))
    assert result_words(merged) == Said("SHOP-2 is merged into SHOP-1.", "New events of either are counted together.")


VALUES: dict[str, Value] = {
    "most": 20_000,
    "longest": 250,
    "kind": "some_day",
    "version": "8f4b2c1",
    "commit": "{latest}",
    "range": "soon",
    "short_id": "SHOP-77",
}


@pytest.mark.parametrize("code", list(Refusal))
def test_every_refusal_has_a_sentence(code: Refusal) -> None:
    named = {name for _, name, _, _ in string.Formatter().parse(REFUSALS[code]) if name}
    sentence = refusal_words(DomainError(code, **{name: VALUES[name] for name in named}))
    assert sentence.endswith(".") and sentence[0].isupper() | (sentence[0] in "“8")


def test_values_stand_in_the_sentence_as_they_are() -> None:
    assert "“{latest}” is not a commit" in refusal_words(DomainError(Refusal.NOT_A_COMMIT, commit="{latest}"))
    assert "20,000 characters" in refusal_words(DomainError(Refusal.COMMENT_TOO_LONG, most=20_000))


def test_every_reason_has_a_sentence() -> None:
    assert set(REASONS) == set(ReasonCode)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason(ReasonCode.AFTER), "The event happened after it was resolved"),
        (
            Reason(ReasonCode.AFTER_WITHOUT_RELEASE),
            "The event happened after it was resolved (it names no release, so time decides)",
        ),
        (Reason(ReasonCode.IS_THE_FIX, "1.4.2"), "1.4.2 is the release in which it was fixed"),
        (
            Reason(ReasonCode.NEWER_THAN_FIX, "def", "abc", Basis.DATE),
            "def is newer than abc, in which it was fixed (by date: their names are not versions of one package)",
        ),
        (Reason(ReasonCode.FIX_NOT_SEEN, "def", "abc"), "abc, in which it is fixed, has not been seen yet"),
        (
            Reason(ReasonCode.NO_RELEASE_WAS_KNOWN, "1.0"),
            "1.0 came after it was resolved, when no release was known",
        ),
        (Reason(ReasonCode.WAS_KNOWN, "def"), "def was already known when it was resolved"),
        (
            Reason(ReasonCode.NOT_NEWER_THAN_NEWEST, "v1.4.2", "1.4.2"),
            "v1.4.2 is not newer than 1.4.2, the newest release when it was resolved",
        ),
        (
            Reason(ReasonCode.OLDER_THAN_NEWEST, "1.4.1", "1.4.2"),
            "1.4.1 is older than 1.4.2, the newest release when it was resolved",
        ),
        (
            Reason(ReasonCode.NEWER_THAN_NEWEST, "1.4.3", "1.4.2", Basis.NOT_KNOWN_YET),
            "1.4.3 is newer than 1.4.2, the newest release when it was resolved (it had not been seen before)",
        ),
        (Reason(ReasonCode.NOT_BELOW_RANGE, "3.1", "^3"), "3.1 is not older than ^3, in which it was fixed"),
        (
            Reason(ReasonCode.COMMIT_NOT_SEEN, "1.0", "c0ffee1c0ffee1"),
            "No release is known yet that contains commit c0ffee1c0ffe",
        ),
        ("What a row said before there were codes", "What a row said before there were codes"),
    ],
)
def test_a_reason_is_said_in_words(reason: Reason | str, words: str) -> None:
    assert reason_words(reason) == words


@pytest.mark.parametrize(
    ("kind", "form", "words"),
    [
        (ActivityKind.FIRST_SEEN, {"release": "1.0"}, "First seen in 1.0"),
        (ActivityKind.REGRESSED, {}, "Came back"),
        (ActivityKind.RESOLVED, {}, "Resolved"),
        (ActivityKind.ARCHIVED, {"archival": {"until_times_seen": 1_000}}, "Archived until it was seen 1,000 times"),
        (ActivityKind.ARCHIVED, {"archival": {"until_users_affected": 5}}, "Archived until 5 users are affected"),
        (ActivityKind.ARCHIVED, {}, "Archived forever"),
        (ActivityKind.ASSIGNED, {"assigned_to_name": "Bob"}, "Assigned it to Bob"),
        (ActivityKind.MERGED, {"merged": [{"short_id": "SHOP-2"}]}, "Merged SHOP-2 into it"),
        (ActivityKind.UNMERGED, {}, "Took issues out of it"),
        (ActivityKind.UNDONE, {"kind": "resolved"}, "Undid the last change"),
        (ActivityKind.DEPLOYED, {"release": "1.0"}, "1.0 was deployed"),
    ],
)
def test_what_happened_is_said_in_the_history(kind: ActivityKind, form: dict[str, Any], words: str) -> None:
    assert activity_view(Activity(kind=kind, details=form)).words == words


def test_every_kind_of_activity_has_an_icon_and_words() -> None:
    assert set(ICONS) == set(ActivityKind)
    assert all(activity_view(Activity(kind=kind, details={})).words for kind in ActivityKind)
