"""The sentences of triage, for pages and the API alike: what an action did, why one was refused, what happened when.

The domain says all of it in codes and values (`tracker.issues`), so that only this module and `web.state_words`
change with the wording.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tracker.errors import DomainError, Refusal
from tracker.issues import details as kinds
from tracker.issues import results
from tracker.issues.details import details_of
from tracker.issues.results import ActionResult, TriageResult
from tracker.models import Activity, ActivityKind
from web.state_words import (
    archival_words,
    describe_archive,
    describe_resolution,
    joined,
    predict_archive,
    predict_resolution,
    reason_words,
    resolution_words,
    status_prediction,
    status_words,
)

__all__ = ["activity_view", "reason_words", "refusal_words", "result_words", "status_prediction", "status_words"]

NOTHING_TO_DO = "There was nothing to do."


# ── What an action did ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True, frozen=True)
class Said:
    """What was done, and what follows from it."""

    sentence: str
    consequence: str = ""


def result_words(result: TriageResult | ActionResult) -> Said:
    """`SHOP-42 is resolved in 1.4.2.`, `12 of 14 issues are archived forever.`; of several actions, all."""
    results = result.results if isinstance(result, TriageResult) else (result,)
    said = [_said(each) for each in results]
    effective = [words for words, each in zip(said, results, strict=True) if each.changed] or said[:1]
    if not effective:
        return Said(NOTHING_TO_DO)
    consequences = dict.fromkeys(words.consequence for words in effective if words.consequence)
    return Said(" ".join(words.sentence for words in effective), " ".join(consequences))


def _said(result: ActionResult) -> Said:
    if isinstance(result.effect, results.TakenBack):
        return Said(_taken_back(result))
    if not result.changed:
        return Said(NOTHING_TO_DO)
    if isinstance(result.effect, results.Unmerged):
        return Said(
            f"{joined(result.changed)} taken out of {result.effect.out_of}.", "New events go where their keys went."
        )
    words, consequence = _effect_words(result.effect)
    return Said(f"{_subject(result)} {words}".rstrip() + ".", consequence)


def _effect_words(effect: results.Effect) -> tuple[str, str]:
    """What stands behind `SHOP-42 is`, and what follows."""
    match effect:
        case results.Resolved(resolutions):
            descriptions = {describe_resolution(resolution) for resolution in resolutions}
            how = descriptions.pop() if len(descriptions) == 1 else "each in a release of its own project"
            predictions = {predict_resolution(resolution) for resolution in resolutions}
            return f"resolved {how}".rstrip(), predictions.pop() if len(predictions) == 1 else ""
        case results.Archived(how):
            return f"archived {describe_archive(how)}", predict_archive(how)
        case results.Assigned(to_id, to_name):
            return f"assigned to {to_name if to_id else 'nobody'}", ""
        case results.Commented():
            return "commented on", ""
        case results.Merged(into=into):
            return f"merged into {into}", "New events of either are counted together."
        case results.Deleted(is_over=True):
            return "deleted", ""
        case results.Deleted():
            return "being deleted, and the list is rid of them when all their events are gone", ""
    return "unresolved", ""


def _subject(result: ActionResult) -> str:
    """The beginning of the sentence: `SHOP-42 is`, `12 issues are`, `12 of 14 issues are`."""
    count = len(result.changed)
    if result.matched == 1:
        return f"{result.changed[0]} is"
    of_all = f" of {result.matched:,}" if count < result.matched else ""
    return f"{count:,}{of_all} issues {'is' if count == 1 else 'are'}"


def _taken_back(result: ActionResult) -> str:
    count, left = len(result.changed), result.matched - len(result.changed)
    if not count:
        return "Nothing was taken back: it has changed since."
    subject = f"{result.changed[0]} is" if count == 1 else f"{count:,} issues are"
    rest = (
        "1 has changed since and stays as it is." if left == 1 else f"{left:,} have changed since and stay as they are."
    )
    return f"{subject} as before." + (f" {rest}" if left else "")


# ── Why one was refused ──────────────────────────────────────────────────────────────────────────────────────────────

REFUSALS: Mapping[StrEnum, str] = {
    Refusal.NO_ISSUES_CHOSEN: "Choose at least one issue first.",
    Refusal.TOO_MANY_ISSUES: "Choose at most {most:,} issues at a time.",
    Refusal.UNKNOWN_RESOLUTION: "There is no way to resolve called “{kind}”.",
    Refusal.NO_RELEASE_NAMED: "Type the release in which it is fixed.",
    Refusal.TOO_MANY_RELEASES: "At most {most} releases, of at most {longest} characters each.",
    Refusal.NO_RELEASE_KNOWN: "No release is known yet: let the SDK send one, or name one.",
    Refusal.NOT_NUMBERED: "{version} is not a numbered version, so nobody can tell what comes next to it.",
    Refusal.NOT_A_COMMIT: "“{commit}” is not a commit's hash: at least 7 hexadecimal digits.",
    Refusal.NOT_A_RANGE: "“{range}” is not a range of versions, such as >=2.4 or ^3.",
    Refusal.NOT_A_BOUND: "“{version}” is not a version, so it cannot bound a range.",
    Refusal.NO_LOWEST_VERSION: "“{range}” has no lowest version: say from which on it is fixed, such as >=2.4.",
    Refusal.EMPTY_RANGE: "“{range}” holds no version at all.",
    Refusal.UNKNOWN_ARCHIVAL: "There is no such way to archive an issue.",
    Refusal.NOT_A_DAY: "Choose the day until which it is archived.",
    Refusal.NOT_AHEAD: "The day until which it is archived must lie ahead.",
    Refusal.NOT_A_COUNT: "Type how many more, as a whole number of at most {most:,}.",
    Refusal.NOT_A_MEMBER: "That person is not a member of the organization, or can no longer sign in.",
    Refusal.EMPTY_COMMENT: "Write something first.",
    Refusal.COMMENT_TOO_LONG: "A comment has at most {most:,} characters.",
    Refusal.HOLDS_NUL: "A text cannot hold a NUL character.",
    Refusal.NO_SUCH_ISSUE: "There is no issue {short_id}.",
    Refusal.NOTHING_TO_MERGE: "There is nothing to merge: choose at least two issues.",
    Refusal.MERGED_ALREADY: "That issue is itself merged into another.",
    Refusal.DIFFERENT_PROJECTS: "Issues of different projects cannot be merged.",
    Refusal.NO_KEY_CHOSEN: "There is nothing to take out: choose a key.",
    Refusal.KEYS_OF_SEVERAL_ISSUES: "Choose keys of one issue.",
    Refusal.ONE_KEY_STAYS: "One key has to stay.",
}


def refusal_words(error: DomainError) -> str:
    """One sentence."""
    return REFUSALS[error.code].format(**error.values)


# ── What happened to an issue ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True, frozen=True)
class ActivityView:
    """One line of an issue's history; `text` is what a person wrote."""

    icon: str
    who: str
    words: str
    at: datetime
    text: str = ""
    event_id: str = ""
    release: str = ""
    reason: str = ""
    merged: tuple[str, ...] = ()
    """Short ids of the issues that were merged in."""


ICONS = {
    ActivityKind.FIRST_SEEN: "new",
    ActivityKind.REGRESSED: "regressed",
    ActivityKind.RESOLVED: "resolved",
    ActivityKind.REOPENED: "reopen",
    ActivityKind.ARCHIVED: "archive",
    ActivityKind.ARCHIVE_ENDED: "issues",
    ActivityKind.ASSIGNED: "user",
    ActivityKind.UNASSIGNED: "user",
    ActivityKind.COMMENTED: "comment",
    ActivityKind.MERGED: "merge",
    ActivityKind.UNMERGED: "merge",
    ActivityKind.UNDONE: "reopen",
    ActivityKind.DEPLOYED: "deploy",
}


def activity_view(activity: Activity) -> ActivityView:
    """Its `user` is loaded."""
    details = details_of(activity)
    words = _activity_words(details)
    return ActivityView(
        icon=ICONS[ActivityKind(activity.kind)],
        who=str(activity.user) if activity.user else "",
        words=words if activity.user else words[:1].upper() + words[1:],
        at=activity.created_at,
        text=getattr(details, "text", ""),
        event_id=getattr(details, "event_id", ""),
        release=getattr(details, "release", ""),
        reason=reason_words(details.reason) if isinstance(details, kinds.RegressedDetails) else "",
        merged=tuple(each.short_id for each in details.merged) if isinstance(details, kinds.MergedDetails) else (),
    )


def _activity_words(details: kinds.Details) -> str:
    """To follow a name: `resolved in 1.4.2`; or to stand alone where the tracker itself did it."""
    match details:
        case kinds.FirstSeenDetails(release=release):
            return f"First seen in {release}" if release else "First seen"
        case kinds.RegressedDetails(release=release):
            return f"Came back in {release}" if release else "Came back"
        case kinds.ResolvedDetails(resolution=resolution):
            return resolution_words(resolution)
        case kinds.ArchivedDetails(archival=archival):
            return archival_words(archival)
        case kinds.AssignedDetails(to_name=to_name):
            return f"assigned it to {to_name}" if to_name else "assigned it"
        case kinds.MergedDetails(merged=merged):
            return f"merged {joined([each.short_id for each in merged]) or 'issues'} into it"
        case kinds.UnmergedDetails(unmerged=unmerged):
            return f"took {joined([short_id for _, short_id in unmerged]) or 'issues'} out of it"
        case kinds.DeployedDetails(release=release):
            return f"{release or 'A release'} was deployed"
    return PLAIN_WORDS[details.kind]


PLAIN_WORDS = {
    ActivityKind.REOPENED: "reopened it",
    ActivityKind.ARCHIVE_ENDED: "Is no longer archived",
    ActivityKind.UNASSIGNED: "unassigned it",
    ActivityKind.COMMENTED: "commented",
    ActivityKind.UNDONE: "undid the last change",
}
