"""The events of one issue: their list, and one as raw JSON."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Q
from django.http import Http404, HttpResponse

from tracker.issues.lookup import find_event
from tracker.models import Event, GroupKey, Issue
from tracker.rules.samples import newest_event
from tracker.search.lists import find_events
from tracker.similar.compare import Comparison, compare
from tracker.similar.why import Part, explain
from tracker.storage.payloads import load_payload_bytes
from web.guards import find_issue, issue_page
from web.responses import PageRequest, render_page

FEWEST_FOLDED = 3
"""Neighbours that did not count for the same reason are folded from this number on."""


@dataclass(slots=True, frozen=True)
class WhyRow:
    """One part, or several neighbours that did not count for the same reason."""

    depth: int
    part: Part
    folded: tuple[Part, ...] = ()


def rows_of(parts: Sequence[Part], depth: int = 0) -> Iterator[WhyRow]:
    for _, run in groupby(parts, key=_fold_key):
        neighbours = tuple(run)
        if len(neighbours) >= FEWEST_FOLDED and not neighbours[0].contributes:
            yield WhyRow(depth, neighbours[0], neighbours)
            continue
        for part in neighbours:
            yield WhyRow(depth, part)
            if part.contributes:
                yield from rows_of(part.parts, depth + 1)


def _fold_key(part: Part) -> tuple[bool, str, str, int]:
    return part.contributes, part.id, part.reason, part.rule_line


PART = "event-grouping"
MAX_KEYS = 100
MAX_EVENTS_SAMPLED = 1_000


@dataclass(slots=True, frozen=True)
class SeparablePart:
    """Keys that can be split off an issue together."""

    words: str
    keys: str
    """Their ids, with commas."""


def separable_parts(issue: Issue) -> list[SeparablePart]:
    """What can be taken out: each issue that was merged in, and own keys where there are several of a kind."""
    merged: defaultdict[str, list[GroupKey]] = defaultdict(list)
    own: defaultdict[str, list[GroupKey]] = defaultdict(list)
    recent = Event.objects.filter(issue=issue).order_by("-occurred_at", "-id").values_list("group_key_id", flat=True)
    used = set(recent[:MAX_EVENTS_SAMPLED])
    # New rules register keys beforehand; until one has brought an event in, there is nothing to take out with it.
    keys = issue.keys.filter(~Q(origin="rules") | Q(id__in=used))
    for key in keys.select_related("merged_from__project").order_by("id")[:MAX_KEYS]:
        if key.merged_from:
            merged[key.merged_from.short_id].append(key)
        else:
            own[key.kind].append(key)
    parts = [SeparablePart(f"What was {name}", _ids(keys)) for name, keys in merged.items()]
    alike = [key for keys in own.values() if len(keys) > 1 for key in keys]
    return parts + [SeparablePart(f"Key {key.kind} {bytes(key.digest).hex()[:12]}", _ids([key])) for key in alike]


def _ids(keys: Sequence[GroupKey]) -> str:
    return ",".join(str(key.pk) for key in keys)


@issue_page
def event_grouping(request: PageRequest, issue: Issue, event_id: str) -> HttpResponse:
    """The explanation of one event's grouping; `with` names an issue whose newest event is to be compared."""
    event = find_event(issue, event_id)
    if event is None:
        raise Http404("no such event")
    other = request.GET.get("with", "").strip()[:100]
    context = {
        "issue": issue,
        "organization": issue.project.organization,
        "event": event,
        "why": explain(event),
        "separable": separable_parts(issue),
        "other": other,
        "comparison": _comparison(request, issue, event, other),
    }
    return render_page(request, "issues/grouping.html", context, parts=(PART,))


def _comparison(request: PageRequest, issue: Issue, event: Event, short_id: str) -> Comparison | None:
    other = find_issue(request.user, issue.project.organization.slug, short_id) if short_id else None
    beside = newest_event(other) if other else None
    return compare(event, beside) if beside else None


@issue_page
def event_list(request: PageRequest, issue: Issue) -> HttpResponse:
    page = find_events(issue, cursor=request.GET.get("cursor", ""))
    context = {
        "issue": issue,
        "organization": issue.project.organization,
        "page": page,
        "rows": [(bytes(event.event_id).hex(), event) for event in page.events],
    }
    return render_page(request, "issues/events.html", context)


@issue_page
def event_json(request: PageRequest, issue: Issue, event_id: str) -> HttpResponse:
    """The payload as it was stored, to be looked at or kept."""
    event = find_event(issue, event_id)
    if event is None:
        raise Http404("no such event")
    name = bytes(event.event_id).hex()
    headers = {"Content-Disposition": f'inline; filename="{name}.json"'}
    return HttpResponse(load_payload_bytes(event), content_type="application/json", headers=headers)
