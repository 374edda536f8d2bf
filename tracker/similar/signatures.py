"""What an event looks like, small enough to be kept and compared: its type, its message, its stack in eight bytes a
frame. Pure, but for the rows that it reads and writes as values."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from grouping.event import Event, Frame
from grouping.exceptions import type_name
from grouping.messages import message_template
from grouping.similarity import issue_similarity, stack_similarity, template_similarity
from grouping.strategies import find_evidence
from grouping.verdict import NO_VERDICT, StackVerdict

MAX_FRAMES = 64
MAX_INDEXED = 20
"""Tokens by which an issue can be found."""
TOKEN_BYTES = 8
SHORTEST_WORD = 3


@dataclass(slots=True, frozen=True)
class Signature:
    type: str
    template: str
    stack: tuple[bytes, ...]
    """One token a frame, the crash first."""

    @property
    def tokens(self) -> list[bytes]:
        """What it can be found by, the most distinctive first: its frames, or its words where it has no stack."""
        if self.stack:
            return list(dict.fromkeys(self.stack))
        words = [word for word in self.template.split() if len(word) >= SHORTEST_WORD and "<" not in word]
        return [_token(f"word {self.type} {word}".encode()) for word in dict.fromkeys(words)]


@dataclass(slots=True, frozen=True)
class Similarity:
    """How similar two signatures are: `score` from 0 to 1 in all, `stack` from -1 to 1, None where neither has one."""

    score: float
    stack: float | None
    template: float
    is_same_type: bool


def signature_of(event: Event) -> Signature:
    """The signature of an event, as the platform's rules see it without the project's own."""
    evidence = find_evidence(event, no_verdict)
    main = event.exceptions[evidence.main] if evidence.main >= 0 else None
    text = (main.value or event.message) if main else event.message_template or event.message
    return Signature(
        type=type_name(main, event.platform)[:255] if main else "",
        template=message_template(text, strong=bool(main))[:1_024],
        stack=tuple(_token(token.place) for token in reversed(evidence.selection.system[-MAX_FRAMES:])),
    )


def similarity(a: Signature, b: Signature, frequency: Mapping[Hashable, int], issues: int) -> Similarity:
    """Compare two signatures; `frequency` says in how many of the project's `issues` a token was seen.

    Without stacks the message alone decides, and only among equal types.
    """
    is_same_type = a.type == b.type
    template = template_similarity(a.template, b.template)
    if not a.stack and not b.stack:
        return Similarity(template if is_same_type else 0.0, None, template, is_same_type)
    stack = stack_similarity(a.stack, b.stack, frequency, issues)
    score = issue_similarity(stack, same_type=is_same_type, template=template)
    return Similarity(max(0.0, min(1.0, score)), stack, template, is_same_type)


def pack_stack(stack: Sequence[bytes]) -> bytes:
    return b"".join(stack)


def unpack_stack(packed: bytes) -> tuple[bytes, ...]:
    return tuple(packed[start : start + TOKEN_BYTES] for start in range(0, len(packed), TOKEN_BYTES))


def as_number(token: bytes) -> int:
    """A token as a signed 64-bit number, as databases index it."""
    return int.from_bytes(token, "big", signed=True)


def _token(content: bytes) -> bytes:
    return blake2b(content, digest_size=TOKEN_BYTES).digest()


def no_verdict(position: int, frames: Sequence[Frame]) -> StackVerdict:
    return NO_VERDICT
