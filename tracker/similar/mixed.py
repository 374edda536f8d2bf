"""Does an issue hold several problems? Asked of its newest events whenever its page is opened; nothing is stored."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from grouping.event import Event as ReadEvent
from grouping.group import group_event
from grouping.messages import message_template
from grouping.similarity import template_similarity
from grouping.strategies import find_evidence
from tracker.models import Event, GroupKey, Issue
from tracker.rules.samples import newest_of_each_key, read_stored
from tracker.rules.versions import rules_for
from tracker.similar.proposals import common_pattern, quoted, slug
from tracker.similar.signatures import no_verdict

PER_KEY = 20
MAX_EVENTS = 60
SECONDS = 1.0
UNLIKE = 0.5
"""Messages with a smaller share of words in common are about something else."""
MAX_TEMPLATES = 4
MAX_CRASHES = 2
ANYWHERE = frozenset({"C0"})
"""Errors that strike wherever the program happens to be: where says nothing of them."""


@dataclass(slots=True, frozen=True)
class Variant:
    """A kind of message, or a place of the crash, with an event as an example."""

    text: str
    events: int
    event_id: str


@dataclass(slots=True, frozen=True)
class MixedIssueReport:
    """How the events of an issue differ: `is_mixed` where they are too unlike to be one problem."""

    templates: tuple[Variant, ...] = ()
    crashes: tuple[Variant, ...] = ()
    texts: tuple[str, ...] = ()
    """The messages as they were sent, each once."""
    guarded_keys: int = 0
    """Kinds of text that were put here because their like had made too many issues already."""
    rule: str = ""
    """A fingerprint rule that would tell them apart; empty where none is needed."""
    guard_rule: str = ""
    """A fingerprint rule that names the form of a text of which the changing part is not known; empty without one."""

    @property
    def is_mixed(self) -> bool:
        return len(self.templates) > MAX_TEMPLATES or len(self.crashes) > MAX_CRASHES


@dataclass(slots=True)
class _Variants:
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, text: str, event_id: str) -> None:
        self.counts[text] += 1
        self.examples.setdefault(text, event_id)

    def found(self) -> tuple[Variant, ...]:
        return tuple(Variant(text, count, self.examples[text]) for text, count in self.counts.most_common())


def mixed_issue_report(issue: Issue, *, seconds: float = SECONDS) -> MixedIssueReport:
    """Look at the newest events of each key that nobody merged in on purpose."""
    keys = list(GroupKey.objects.filter(issue=issue).values_list("id", "origin", "merged_from_id"))
    merged = {id_ for id_, _, merged_from in keys if merged_from is not None}
    events = [event for event in newest_of_each_key(issue, PER_KEY, MAX_EVENTS) if event.group_key_id not in merged]
    report = variants_of(_read(events, seconds))
    guarded = sum(origin == "guard" for _, origin, _ in keys)
    if guarded and _is_named_by_rule(events):
        guarded = 0
    return replace(
        report,
        guarded_keys=guarded,
        rule=_parting_rule(issue, report) if report.is_mixed else "",
        guard_rule=_guard_rule(report.texts) if guarded else "",
    )


def _is_named_by_rule(events: Sequence[Event]) -> bool:
    """Whether the active rules have given the newest event a fingerprint: then the text no longer matters."""
    if not events:
        return False
    rules = rules_for(events[0].project).current
    return group_event(read_stored(events[0]), rules).keys[0].kind == "fp"


def _read(events: Sequence[Event], seconds: float) -> Iterator[ReadEvent]:
    """One by one, because they may be large; no more once the time is over."""
    deadline = time.monotonic() + seconds
    for event in events:
        if time.monotonic() > deadline:
            return
        yield read_stored(event)


def variants_of(events: Iterable[ReadEvent]) -> MixedIssueReport:
    """The unlike messages and crash frames of some events: pure."""
    templates, crashes = _Variants(), _Variants()
    texts: dict[str, None] = {}
    for event in events:
        evidence = find_evidence(event, no_verdict)
        main = event.exceptions[evidence.main] if evidence.main >= 0 else None
        text = main.value if main else event.message_template or event.message
        texts[event.message or text] = None
        template = message_template(text, strong=True)
        if template:
            alike = (known for known in templates.counts if template_similarity(known, template) >= UNLIKE)
            templates.add(next(alike, template), event.event_id)
        crash = evidence.selection.crash
        if crash is not None and evidence.case not in ANYWHERE and not evidence.selection.overflow:
            crashes.add(crash.shown, event.event_id)
    return MixedIssueReport(templates.found(), crashes.found(), tuple(texts))


def _parting_rule(issue: Issue, report: MixedIssueReport) -> str:
    matcher = f"type:{quoted(issue.type)}" if issue.type else 'message:"*"'
    by_place = len(report.crashes) > MAX_CRASHES
    return f"{matcher} -> {{{{ default }}}}, " + ("{{ module }}, {{ function }}" if by_place else "{{ message }}")


def _guard_rule(texts: Sequence[str]) -> str:
    """One fingerprint for all the texts, with `*` for what changes in them."""
    pattern = reduce(common_pattern, texts) if len(texts) > 1 else ""
    return f"message:{quoted(pattern)} -> {slug(pattern) or 'one-issue'}" if pattern else ""
