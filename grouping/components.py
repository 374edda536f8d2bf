"""From evidence to an explanation: the tree of components, each with its reason, raw and as it entered the key."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from grouping.catalogue import canonical_message
from grouping.event import Event, Frame
from grouping.evidence import Evidence
from grouping.frames import Token
from grouping.messages import explain_template
from grouping.stacks import Selection
from grouping.strategies import stack_of


@dataclass(slots=True)
class Component:
    """One part that was looked at: `raw` as sent, `value` as it entered the key; `reason` is a code of `REASONS`.

    `id` says what it is: `key`, `exception`, `type`, `frame`, `line`, `message`, `cause`, `fingerprint`, `rule` …
    """

    id: str
    contributes: bool
    reason: str = ""
    raw: str = ""
    value: str = ""
    children: list["Component"] = field(default_factory=list)


MAX_SHOWN_LENGTH = 1_024


def fingerprint_component(parts: Sequence[str], rule_line: int) -> Component:
    """An explicit fingerprint, and whether the client or a rule gave it."""
    children = [Component("part", True, value=part) for part in parts]
    reason = "fingerprint-rule" if rule_line else "fingerprint-client"
    if rule_line:
        children.insert(0, _rule_component(rule_line))
    return Component("fingerprint", True, reason, children=children)


def evidence_components(evidence: Evidence, event: Event) -> list[Component]:
    """What spoke for the event, and what was looked at and left out."""
    reason = evidence.case or f"evidence-{evidence.kind}"
    root = Component(evidence.kind, True, reason)
    if evidence.main >= 0:
        root.children.append(_type_component(evidence, event))
    frames = _frames_of(evidence, event)
    if frames:
        root.children.append(_stack_component(evidence, frames))
    root.children += [Component("text", True, value=text) for text in evidence.texts]
    root.children.append(_message_component(evidence, event.platform))
    root.children += [
        Component("cause", True, "cause", cause.type, f"{cause.type} at {cause.token.shown if cause.token else '?'}")
        for cause in evidence.causes
    ]
    root.children += [
        Component("exception", False, why, event.exceptions[index].type)
        for index, why in sorted(evidence.skipped.items())
    ]
    return [root]


def _type_component(evidence: Evidence, event: Event) -> Component:
    raw = event.exceptions[evidence.main].type
    reason = "type-unusable" if not evidence.type else "type-cleaned" if evidence.type != raw else ""
    return Component("type", bool(evidence.type), reason, raw, evidence.type)


def _frames_of(evidence: Evidence, event: Event) -> Sequence[Frame]:
    frames = stack_of(event, evidence.main).frames
    return frames if len(frames) == len(evidence.selection.tokens) else ()


def _stack_component(evidence: Evidence, frames: Sequence[Frame]) -> Component:
    selection = evidence.selection
    speaking = _positions(evidence.frames, selection)
    crash = max(speaking, default=-1)
    children = [
        _frame_component(frame, selection, index, index in speaking, evidence.crash_line and index == crash)
        for index, frame in enumerate(frames)
    ]
    reason = "J9" if selection.minified else "G10" if selection.overflow else ""
    return Component("stack", bool(speaking), reason, children=children)


def _positions(speaking: Sequence[Token], selection: Selection) -> set[int]:
    """Where the tokens of the key stand among the frames as sent."""
    if selection.overflow:
        return {index for index, reason in enumerate(selection.reasons) if not reason}
    found: set[int] = set()
    wanted = list(speaking)
    for index in range(len(selection.tokens) - 1, -1, -1):
        if wanted and selection.tokens[index] is wanted[-1] and selection.reasons[index] not in {"G9", "rule"}:
            found.add(index)
            wanted.pop()
    return found


def _frame_component(frame: Frame, selection: Selection, index: int, speaks: bool, with_line: bool) -> Component:
    token = selection.tokens[index]
    line = selection.rule_lines[index] if selection.rule_lines else 0
    place = frame.module or frame.filename or frame.abs_path
    raw = f"{place} {frame.function}" + (f":{frame.lineno}" if frame.lineno else "")
    reason = " ".join(token.codes) if token else ""
    if not speaks:
        reason = selection.reasons[index] or ("J9" if token and token.minified else "stack-unusable")
    component = Component("frame", speaks, reason, raw[:MAX_SHOWN_LENGTH], token.shown if token else "")
    if line:
        component.children.append(_rule_component(line))
    if token and token.line:
        counts = speaks and (with_line or token.line_identifies)
        raw_line = (frame.context_line or "").strip()[:MAX_SHOWN_LENGTH]
        component.children.append(Component("line", counts, "" if counts else "line-elsewhere", raw_line, token.line))
    return component


def _message_component(evidence: Evidence, platform: str) -> Component:
    raw = evidence.message_raw[:MAX_SHOWN_LENGTH]
    if evidence.message is None:
        return Component("message", False, "message-needless", raw)
    pieces = explain_template(canonical_message(evidence.message_raw, platform), strong=evidence.message_strong)
    masked = [Component("masked", True, piece.kind, piece.raw, piece.value) for piece in pieces if piece.kind]
    reason = "message-strong" if evidence.message_strong else ""
    return Component("message", True, reason, raw, evidence.message, masked)


def _rule_component(line: int) -> Component:
    return Component("rule", True, "rule", value=f"line {line}")
