"""Why an event is in its issue: recomputed whenever somebody asks.

The layer that decided is the event's key as it was stored; what spoke is read from its payload again, under the version
of the rules that gives that key.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from grouping.components import Component
from grouping.event import Event as ReadEvent
from grouping.explain import sentence_for
from grouping.group import CONFIG, Grouping, group_event
from tracker.models import Event, GroupKey
from tracker.rules.samples import read_stored
from tracker.rules.versions import Rules, rules_for
from tracker.storage.numbers import number_in

KINDS = {
    "fp": "a fingerprint",
    "cs": "the client's checksum",
    "app": "the application's part of the stack",
    "sys": "the whole stack",
    "raw": "the positions in the code as it was shipped",
    "tpl": "the place in the template",
    "sec": "what was violated and what was blocked",
    "msg": "the message",
    "low": "where it came from",
}
ORIGINS = {
    "ingest": "This key is the issue's own.",
    "legacy": "The rules have changed since; under the earlier ones it belonged to this issue, which stays whole.",
    "rules": "When the rules were activated, this issue was given the key that its events have under them.",
    "guard": "So many issues differed by their text alone that it was put with the oldest of them.",
    "sys": "The application's frames were not known, but the whole stack was, from this issue.",
    "raw": "The mapped stack was not known, but the same positions were, from before its source map came.",
}
EVIDENCE = {
    "fingerprint": "Fingerprint",
    "exc": "Exception",
    "thr": "Thread",
    "stk": "Stack",
    "tpl": "Template error",
    "sec": "Security report",
    "msg": "Message",
    "cs": "Checksum",
    "low": "Origin",
}
MASKED = "masked"
"""A piece of a message for which a placeholder stands; its reason says what it is, and is no code."""
NAMES = {"line": "source line", "text": "part", "msg": "message"}


@dataclass(slots=True, frozen=True)
class Part:
    """One thing that was looked at: as it was sent, as it entered the key, and whether and why it counted."""

    id: str
    name: str
    """In words: `frame 3` (counted from the crash, of those that count), `message`, `cause`."""
    contributes: bool
    codes: tuple[str, ...] = ()
    reason: str = ""
    """In words, all codes together."""
    raw: str = ""
    value: str = ""
    rule_line: int = 0
    """The line of the project's rules that spoke of it; 0 where none did."""
    parts: tuple["Part", ...] = ()

    @property
    def is_changed(self) -> bool:
        return bool(self.raw) and self.raw != self.value


@dataclass(slots=True, frozen=True)
class KeyShown:
    kind: str
    words: str
    digest: str
    is_deciding: bool


@dataclass(slots=True, frozen=True)
class Why:
    """The explanation of one event's grouping."""

    event_id: str
    issue_id: int
    kind: str
    """Of the key that decided."""
    decided_by: str
    """The same in words."""
    origin: str
    origin_words: str
    merged_from: str
    """Short id of the issue that the key belonged to before a merge; empty where it did not."""
    is_pinned: bool
    config: str
    rules_version: int
    """The version of the project's rules that gives the deciding key; 0 where it has none."""
    rules_version_in_force: int
    is_current: bool
    """Whether today's rules give the deciding key."""
    keys: tuple[KeyShown, ...]
    parts: tuple[Part, ...]
    grouping: Grouping = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """For programs; the pages show the same."""
        shown = [{"kind": key.kind, "key": key.digest, "decides": key.is_deciding} for key in self.keys]
        return {
            "config": self.config,
            "layer": self.kind,
            "layerDescription": self.decided_by,
            "origin": self.origin,
            "originDescription": self.origin_words,
            "key": next((key.digest for key in self.keys if key.is_deciding), None),
            "mergedFrom": self.merged_from or None,
            "rules": {
                "version": self.rules_version,
                "inForce": self.rules_version_in_force,
                "lines": sorted(set(_rule_lines(self.parts))),
            },
            "variants": [{**key, "parts": [_part_json(part) for part in self.parts]} for key in shown[:1]],
            "alternatives": shown[1:],
        }


def explain(event: Event) -> Why:
    """Explain a stored event. Three queries at most, besides the event's own."""
    key = GroupKey.objects.select_related("merged_from__project").filter(pk=event.group_key_id or 0).first()
    rules = rules_for(event.project)
    version, grouping = _grouping_of(read_stored(event), rules, bytes(key.digest) if key else b"")
    primary = grouping.keys[0]
    deciding = (key.kind, bytes(key.digest)) if key else (primary.kind, primary.digest)
    shown = [KeyShown(k.kind, KINDS[k.kind], k.digest.hex(), (k.kind, k.digest) == deciding) for k in grouping.keys]
    if not any(each.is_deciding for each in shown):
        shown.insert(0, KeyShown(deciding[0], KINDS[deciding[0]], deciding[1].hex(), True))
    return Why(
        event_id=bytes(event.event_id).hex(),
        issue_id=event.issue_id,
        kind=deciding[0],
        decided_by=KINDS[deciding[0]],
        origin=key.origin if key else "",
        origin_words=ORIGINS.get(key.origin, "") if key else "The key that decided is gone.",
        merged_from=key.merged_from.short_id if key and key.merged_from else "",
        is_pinned=bool(key and key.pinned_to_id),
        config=CONFIG,
        rules_version=version,
        rules_version_in_force=rules.version,
        is_current=version == rules.version and any(k.digest == deciding[1] for k in grouping.keys),
        keys=tuple(shown),
        parts=parts_of(grouping),
        grouping=grouping,
    )


def parts_of(grouping: Grouping) -> tuple[Part, ...]:
    """The components of an explained grouping as people read them; frames with the crash first."""
    return tuple(_part(component) for component in grouping.components)


def _grouping_of(event: ReadEvent, rules: Rules, digest: bytes) -> tuple[int, Grouping]:
    """The explained grouping under the version of the rules that gives the stored key; under today's if none does."""
    today = group_event(event, rules.current, explain=True)
    if any(key.digest == digest for key in today.keys):
        return rules.version, today
    for version, earlier in rules.versions.items():
        grouping = group_event(event, earlier, explain=True)
        if any(key.digest == digest for key in grouping.keys):
            return version, grouping
    return rules.version, today


def _part(component: Component, name: str = "") -> Part:
    children = [child for child in component.children if child.id != "rule"]
    parts = tuple(_frames(children)) if component.id == "stack" else tuple(_part(child) for child in children)
    line = next((_line_of(child) for child in component.children if child.id == "rule"), 0)
    return Part(
        id=component.id,
        name=name or EVIDENCE.get(component.id) or NAMES.get(component.id, component.id),
        contributes=component.contributes,
        codes=tuple(component.reason.split()) if component.id != MASKED else (),
        reason=sentence_for(component.reason),
        raw=component.raw,
        value=component.value,
        rule_line=line,
        parts=parts,
    )


def _frames(frames: Sequence[Component]) -> Iterator[Part]:
    """Frames from the crash on; those that count are numbered as `first_difference` numbers them."""
    number = 0
    for frame in reversed(frames):
        number += frame.contributes
        yield _part(frame, f"frame {number}" if frame.contributes else "frame")


def _line_of(rule: Component) -> int:
    return number_in(rule.value.removeprefix("line ")) or 0


def _rule_lines(parts: Sequence[Part]) -> Iterator[int]:
    for part in parts:
        if part.rule_line:
            yield part.rule_line
        yield from _rule_lines(part.parts)


def _part_json(part: Part) -> dict[str, Any]:
    return {
        "id": part.id,
        "name": part.name,
        "contributes": part.contributes,
        "reasonCodes": list(part.codes),
        "reason": part.reason,
        "raw": part.raw,
        "value": part.value,
        "ruleLine": part.rule_line or None,
        "parts": [_part_json(child) for child in part.parts],
    }
