"""Merging issues into one, and taking them apart again by the keys that brought the events in.

A merged issue stays as a redirect: its short id goes on working, and it keeps its counters as they were, so that it can
be restored. What has come in since by its keys is recounted from the stored events.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from tracker.counters.tallies import add_rows
from tracker.issues.sentences import joined
from tracker.issues.status import Snapshot, Undo, subject
from tracker.issues.unmerge import follow_keys, move_events, parts_of, separate
from tracker.models import Activity, ActivityKind, GroupKey, Issue, IssueUser, Project, Status, User

STATE = ("status", "status_changed_at", "is_regressed", "resolution", "archival", "expected_since_resolved")


def merge(issues: Sequence[Issue], into: Issue, *, by: User | None, now: datetime) -> Undo:
    """Merge issues into another of the same project. Raises ValueError with a sentence where that cannot be."""
    with transaction.atomic():
        target, sources = _lock(issues, into)
        details = {"merged": [_remember(source) for source in sources], "before": _span(target)}
        _move_keys(sources, target)
        add_rows([source.pk for source in sources], target.pk)
        _sum_into(target, sources)
        Issue.objects.filter(id__in=[source.pk for source in sources]).update(
            merged_into=target, status=Status.RESOLVED, resolution=None, archival=None, is_regressed=False
        )
        done = Activity.objects.create(
            project_id=target.project_id,
            issue=target,
            kind=ActivityKind.MERGED,
            user=by,
            details=details,
            created_at=now,
        )
        moved = [source.pk for source in sources]
        follow_keys.request(moved)
    move_events(moved)
    sentence = f"{subject(sources)} merged into {target.short_id}."
    return Undo((done.pk,), sentence, "New events of either are counted together.")


def _lock(issues: Sequence[Issue], into: Issue) -> tuple[Issue, list[Issue]]:
    _lock_projects({into.project_id})
    ids = {into.pk, *(issue.pk for issue in issues)}
    locked = Issue.objects.filter(id__in=ids, merged_into=None).select_related("project")
    found = {issue.pk: issue for issue in locked.select_for_update(of=("self",), no_key=True).order_by("id")}
    target, sources = found.pop(into.pk, None), list(found.values())
    if target is None:
        raise ValueError("That issue is itself merged into another.")
    if not sources:
        raise ValueError("There is nothing to merge: choose at least two issues.")
    if any(source.project_id != target.project_id for source in sources):
        raise ValueError("Issues of different projects cannot be merged.")
    return target, sources


def _lock_projects(ids: set[int]) -> None:
    """Projects before issues, as anyone who records events does, so that nobody waits in a circle."""
    list(Project.objects.select_for_update(no_key=True).filter(id__in=ids).order_by("id").values_list("id", flat=True))


def _remember(source: Issue) -> dict[str, Any]:
    """What restoring the issue needs to know."""
    origins = source.keys.filter(merged_from__isnull=False).values_list("id", "merged_from")
    return {
        "issue": source.pk,
        "short_id": source.short_id,
        "keys": source.keys.count(),
        "last_event": source.events.aggregate(last=Max("id"))["last"] or 0,
        "origins": {str(id_): origin for id_, origin in origins},
        "before": Snapshot.of(source, STATE).as_json(),
    }


def _span(target: Issue) -> dict[str, Any]:
    return {"first_seen_at": target.first_seen_at.isoformat(), "first_release": target.first_release_id}


def _move_keys(sources: Sequence[Issue], target: Issue) -> None:
    """The keys belong to the target from now on; workers that remember them otherwise notice by the version."""
    GroupKey.objects.filter(issue__in=sources).update(merged_from=F("issue"), issue=target, pinned_to=None)
    Project.objects.filter(id=target.project_id).update(config_generation=F("config_generation") + 1)


def _sum_into(target: Issue, sources: Sequence[Issue]) -> None:
    everything = [target, *sources]
    first = min(everything, key=lambda issue: issue.first_seen_at)
    last = max(everything, key=lambda issue: issue.last_seen_at)
    Issue.objects.filter(id=target.pk).update(
        times_seen=sum(issue.times_seen for issue in everything),
        users_affected=IssueUser.objects.filter(issue=target.pk).count(),
        first_seen_at=first.first_seen_at,
        first_release=first.first_release_id,
        last_seen_at=last.last_seen_at,
        last_release=last.last_release_id,
        level=last.level,
        is_unhandled=any(issue.is_unhandled for issue in everything),
    )


def unmerge(keys: Sequence[GroupKey], *, by: User | None, now: datetime) -> Undo:
    """Take keys out of their issue, with exactly the events that they brought in.

    An issue that was merged, and all of whose keys leave, is restored; all other keys become one new issue. Raises
    ValueError with a sentence where that cannot be.
    """
    with transaction.atomic():
        whole, leaving = _lock_whole(keys)
        issues = _separate(whole, leaving, now)
        done = Activity.objects.create(
            project_id=whole.project_id,
            issue=whole,
            kind=ActivityKind.UNMERGED,
            user=by,
            details={"unmerged": [{"issue": issue.pk, "short_id": issue.short_id} for issue in issues]},
            created_at=now,
        )
        follow_keys.request([whole.pk])
    move_events([whole.pk])
    sentence = f"{joined([issue.short_id for issue in issues])} taken out of {whole.short_id}."
    return Undo((done.pk,), sentence, "New events go where their keys went.")


def _lock_whole(keys: Sequence[GroupKey]) -> tuple[Issue, list[GroupKey]]:
    leaving = list(GroupKey.objects.filter(id__in=[key.pk for key in keys]))
    owners = {key.issue_id for key in leaving}
    if len(owners) != 1:
        raise ValueError("Choose keys of one issue." if owners else "There is nothing to take out: choose a key.")
    _lock_projects({key.project_id for key in leaving})
    locked = Issue.objects.select_for_update(of=("self",), no_key=True).select_related("project")
    whole = locked.get(id=owners.pop())
    if not GroupKey.objects.filter(issue=whole).exclude(id__in=[key.pk for key in leaving]).exists():
        raise ValueError("One key has to stay.")
    return whole, leaving


def _separate(whole: Issue, leaving: Sequence[GroupKey], now: datetime) -> list[Issue]:
    merges = Activity.objects.filter(issue=whole, kind=ActivityKind.MERGED).order_by("id")
    return separate(whole, parts_of(whole, leaving, merges.values_list("details", flat=True)), now)


def take_back_merge(activity: Activity, *, by: User | None, now: datetime) -> str:
    """Take back a merge or an unmerge, where all of its issues still are as it left them; returns a sentence."""
    whole = activity.issue
    if whole is None or whole.merged_into_id is not None or _has_moved_since(activity):
        return "Nothing was taken back: it has changed since."
    if activity.kind == ActivityKind.MERGED:
        sentence = _take_back_merged(activity, whole, now)
    else:
        ids = [entry["issue"] for entry in activity.details["unmerged"]]
        sentence = merge(list(Issue.objects.filter(id__in=ids)), whole, by=by, now=now).sentence
    Activity.objects.create(
        project_id=activity.project_id,
        issue=whole,
        kind=ActivityKind.UNDONE,
        user=by,
        details={"kind": activity.kind, "activity": activity.pk},
        created_at=now,
    )
    return sentence


def _take_back_merged(activity: Activity, whole: Issue, now: datetime) -> str:
    sources = [entry["issue"] for entry in activity.details["merged"]]
    with transaction.atomic():
        keys = GroupKey.objects.filter(issue=whole, merged_from__in=sources)
        locked, leaving = _lock_whole(list(keys))
        issues = _separate(locked, leaving, now)
        before = activity.details["before"]
        locked.first_seen_at = datetime.fromisoformat(before["first_seen_at"])
        locked.first_release_id = before["first_release"]
        locked.save(update_fields=["first_seen_at", "first_release"])
        GroupKey.objects.filter(issue__in=issues).update(pinned_to=None)
        follow_keys.request([locked.pk])
    move_events([locked.pk])
    return f"{subject(issues)} as before."


def _has_moved_since(activity: Activity) -> bool:
    """Has anything been merged into or taken out of its issue since, or was it taken back already?"""
    newer = Activity.objects.filter(issue=activity.issue_id, id__gt=activity.pk)
    moves = (ActivityKind.MERGED, ActivityKind.UNMERGED)
    undone = newer.filter(kind=ActivityKind.UNDONE, details__kind__in=moves)
    return newer.filter(kind__in=moves).exists() or undone.exists()


def followed(issue: Issue) -> Issue:
    """The issue into which it was merged in the end; itself where it was not."""
    while issue.merged_into is not None:
        issue = issue.merged_into
    return issue


def with_redirects(issue_ids: Sequence[int]) -> set[int]:
    """Ids of the issues and of all that were merged into them, however many merges ago."""
    found, latest = set(issue_ids), set(issue_ids)
    while latest:
        latest = set(Issue.objects.filter(merged_into__in=latest).values_list("id", flat=True)) - found
        found |= latest
    return found
