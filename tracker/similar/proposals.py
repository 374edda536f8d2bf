"""The rule that would have made two events one issue: thought up, tried on both, and only then proposed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile

from grouping.event import Event as ReadEvent
from grouping.event import ExceptionValue, Frame
from grouping.evidence import Evidence
from grouping.frames import token_of
from grouping.group import group_event
from grouping.rules import RuleError, parse_rules
from grouping.strategies import find_evidence, stack_of
from tracker.models import Event
from tracker.rules.samples import read_stored
from tracker.rules.versions import RuleTexts
from tracker.similar.signatures import no_verdict

MAX_PROPOSALS = 3
MAX_FRAME_LINES = 4
MAX_GLOB_LENGTH = 200
FEWEST_WORDS = 2
SHORTEST_PREFIX = 3


@dataclass(slots=True, frozen=True)
class Proposal:
    """Lines for one of the two rule texts, and what they say in words."""

    is_fingerprint: bool
    lines: str
    sentence: str

    def added_to(self, texts: RuleTexts) -> RuleTexts:
        """The texts with the proposal; of fingerprint rules the first that matches decides, so it goes on top."""
        if self.is_fingerprint:
            return RuleTexts(f"{self.lines}\n{texts.fingerprint_rules}".strip(), texts.stacktrace_rules, texts.version)
        return RuleTexts(texts.fingerprint_rules, f"{texts.stacktrace_rules}\n{self.lines}".strip(), texts.version)


def propose_rules(left: Event, right: Event, texts: RuleTexts) -> list[Proposal]:
    """Rules under which the two stored events share a key, the narrowest first; none where they share one already."""
    a, b = read_stored(left), read_stored(right)
    if _are_one(a, b, texts):
        return []
    found: list[Proposal] = []
    for proposal in _ideas(a, b):
        if len(found) < MAX_PROPOSALS and _are_one(a, b, proposal.added_to(texts)):
            found.append(proposal)
    return found


def _are_one(a: ReadEvent, b: ReadEvent, texts: RuleTexts) -> bool:
    try:
        rules = parse_rules(texts.fingerprint_rules, texts.stacktrace_rules)
    except RuleError:
        return False
    return not set(group_event(a, rules).keys).isdisjoint(group_event(b, rules).keys)


def _ideas(a: ReadEvent, b: ReadEvent) -> Iterator[Proposal]:
    yield from _frame_ideas(a, b)
    yield from _fingerprint_ideas(a, b)


# ── Frames that do not tell issues apart ─────────────────────────────────────────────────────────────────────────────


def _frame_ideas(a: ReadEvent, b: ReadEvent) -> Iterator[Proposal]:
    """Leave out the frames that only one of the two has."""
    left, right = _only_in(a, b), _only_in(b, a)
    if len(left) == len(right) == 1 and (shared := _shared_matcher(left[0], right[0])):
        yield Proposal(False, f"{shared} -group", "Leave out the frames by which they differ, whatever their ending.")
    lines = list(dict.fromkeys(f"{_frame_matcher(frame)} -group" for frame in (*left, *right)))
    if 0 < len(lines) <= MAX_FRAME_LINES:
        which = "the frame that only one of them has" if len(lines) == 1 else "the frames by which they differ"
        yield Proposal(False, "\n".join(lines), f"Leave out {which}.")


def _only_in(event: ReadEvent, other: ReadEvent) -> list[Frame]:
    """The frames that speak for the event and not for the other."""
    evidence, theirs = _evidence(event), _evidence(other)
    missing = {token.place for token in evidence.frames} - {token.place for token in theirs.frames}
    frames = stack_of(event, evidence.main).frames
    return [frame for frame in frames if token_of(frame, event.platform).place in missing]


def _evidence(event: ReadEvent) -> Evidence:
    return find_evidence(event, no_verdict)


def _frame_matcher(frame: Frame) -> str:
    place = f"module:{quoted(frame.module)}" if frame.module else f"path:{quoted(_tail(frame))}"
    return f"{place} function:{quoted(frame.function)}" if frame.function else place


def _shared_matcher(a: Frame, b: Frame) -> str:
    """One matcher for both frames: the same place, and functions that begin alike; empty where there is none."""
    if (a.module, _tail(a)) != (b.module, _tail(b)):
        return ""
    pairs = zip(a.function, b.function, strict=False)
    prefix = "".join(left for left, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    if len(prefix) < SHORTEST_PREFIX or a.function == b.function:
        return ""
    place = f"module:{quoted(a.module)}" if a.module else f"path:{quoted(_tail(a))}"
    return f"{place} function:{quoted(prefix + '*')}"


def _tail(frame: Frame) -> str:
    parts = (frame.filename or frame.abs_path).replace("\\", "/").split("/")
    return "**/" + "/".join(parts[-2:]) if len(parts) > 1 else parts[-1]


# ── Fingerprints ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _fingerprint_ideas(a: ReadEvent, b: ReadEvent) -> Iterator[Proposal]:
    main_a, main_b = _main(a), _main(b)
    same_type = main_a.type if main_a.type == main_b.type else ""
    typed = f"type:{quoted(same_type)} " if same_type else ""
    pattern = common_pattern(main_a.value or a.message, main_b.value or b.message)
    name = slug(f"{same_type} {pattern}") or "one-issue"
    left, right = _only_in(a, b), _only_in(b, a)
    if len(left) == len(right) == 1 and (shared := _shared_matcher(left[0], right[0])):
        ending = slug(f"{same_type} {min(left[0].function, right[0].function, key=len)}")
        yield Proposal(
            True, f"{typed}{shared} -> {ending or name}", "One issue wherever such a function is in the stack."
        )
    if pattern:
        yield Proposal(True, f"{typed}message:{quoted(pattern)} -> {name}", "One issue for all messages of this form.")
    matchers = [_own_matcher(event) for event in (a, b)]
    if all(matchers):
        lines = "\n".join(f"{matcher} -> {name}" for matcher in dict.fromkeys(matchers))
        yield Proposal(True, lines, "One issue for exactly these two.")


def _own_matcher(event: ReadEvent) -> str:
    """What singles the event out: its type and crash frame, or its message."""
    main, evidence = _main(event), _evidence(event)
    typed = f"type:{quoted(main.type)} " if main.type else ""
    frames = stack_of(event, evidence.main).frames
    crash = next((f for f in reversed(frames) if token_of(f, event.platform) in evidence.frames), None)
    if crash is not None:
        return typed + _frame_matcher(crash)
    text = (main.value or event.message).splitlines()
    return f"{typed}message:{quoted(text[0][:MAX_GLOB_LENGTH] + '*')}" if text else ""


def _main(event: ReadEvent) -> ExceptionValue:
    return event.exceptions[-1] if event.exceptions else ExceptionValue()


def common_pattern(a: str, b: str) -> str:
    """A glob for both texts: the words that they share, `*` for the rest; empty where they share too little."""
    left, right = a[:MAX_GLOB_LENGTH].split(), b[:MAX_GLOB_LENGTH].split()
    words: list[str] = []
    kept = 0
    at_a = at_b = 0
    for block in SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks():
        if (block.a > at_a or block.b > at_b) and words[-1:] != ["*"]:
            words.append("*")
        words += [_plain(word) for word in left[block.a : block.a + block.size]]
        kept += block.size
        at_a, at_b = block.a + block.size, block.b + block.size
    if max(len(a), len(b)) > MAX_GLOB_LENGTH and words[-1:] != ["*"]:
        words.append("*")
    return " ".join(words) if kept >= FEWEST_WORDS else ""


def slug(text: str) -> str:
    """`payment-declined`: a fingerprint that people can read."""
    words = re.findall(r"[a-z]+", text.lower())
    return "-".join(words)[:60].strip("-")


def quoted(text: str) -> str:
    """A pattern in quotation marks that takes the text literally."""
    return '"' + _plain(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _plain(text: str) -> str:
    return re.sub(r"[?\[\r\n]", "?", text)
