"""From evidence to keys: what goes into which key, in canonical order."""

from collections.abc import Sequence
from dataclasses import dataclass

from grouping import encoding
from grouping.event import Event, Frame
from grouping.evidence import Cause, Evidence
from grouping.frames import Token
from grouping.stacks import Selection

MAPPED_PLATFORMS = frozenset({"javascript", "node", "java", "android", "dart"})
MAX_FRAMES = 50


def raw_positions(event: Event, frames: Sequence[Frame], selection: Selection) -> list[str]:
    """File, line and column of every frame as sent, under the release; empty where no map can change what they say.

    The same event sent before and after its map was uploaded has the same positions, so it stays one issue.
    """
    if event.platform not in MAPPED_PLATFORMS or not (event.release or event.dist):
        return []
    minified = any(token is not None and token.minified for token in selection.tokens)
    if not minified and not any(frame.mapped for frame in frames):
        return []
    return [event.release, event.dist, *(_position(frame) for frame in frames[-MAX_FRAMES:])]


def _position(frame: Frame) -> str:
    sent: tuple[object, ...] = (
        frame.abs_path or frame.filename,
        frame.module,
        frame.function,
        frame.lineno,
        frame.colno,
    )
    if frame.mapped:
        path = frame.raw.get("abs_path") or frame.raw.get("filename")
        sent = (path, *(frame.raw.get(name) for name in ("module", "function", "lineno", "colno")))
    return "\n".join("" if value is None else str(value) for value in sent)


STACK_KINDS = frozenset({"exc", "thr", "stk"})


@dataclass(slots=True, frozen=True)
class Key:
    """One name of an issue; see the table of keys in README.md.

    `kind` is one of fp, cs, sec, tpl, msg, low, app, sys, raw. `digest` is 16 bytes. `base` is the same key without
    its message part, for the cardinality guard; None where the key has no message part.
    """

    kind: str
    digest: bytes
    base: bytes | None = None


def keys_of(evidence: Evidence, extra: list[str]) -> list[Key]:
    """The keys of an event, primary first; `extra` are the parts of a hybrid fingerprint."""
    salt = [encoding.part(encoding.FINGERPRINT, text) for text in extra]
    if evidence.kind not in STACK_KINDS:
        return [_plain_key(evidence, salt)]
    typed = [encoding.part(encoding.TYPE, evidence.type)] if evidence.type else []
    head = typed + [encoding.part(encoding.LOCATION, text) for text in evidence.texts]
    tail = [_cause_part(cause) for cause in evidence.causes] + salt
    app_frames = _frame_parts(evidence.frames, evidence.crash_line)
    keys = [_key("app", head + app_frames + tail, evidence, guarded=not extra)]
    system = [token.crash for token in evidence.selection.system]
    if system and evidence.case in {"C1", "C2"}:
        keys.append(_key("sys", head + system + tail, evidence, guarded=not extra))
    if evidence.message_alone:
        keys.append(Key("msg", _message_digest(evidence.message_alone, evidence.language, salt)))
    if evidence.raw_positions:
        positions = [encoding.part(encoding.LINE, position) for position in evidence.raw_positions]
        keys.append(Key("raw", encoding.digest("raw", typed + positions + salt)))
    return keys


def _plain_key(evidence: Evidence, salt: list[bytes]) -> Key:
    base = None
    if evidence.base_texts and not salt:
        base = encoding.digest("base", [encoding.part(encoding.LOCATION, text) for text in evidence.base_texts])
    if evidence.message is not None:
        return Key(evidence.kind, _message_digest(evidence.message, evidence.language, salt), base)
    parts = [encoding.part(encoding.LOCATION, text) for text in evidence.texts]
    return Key(evidence.kind, encoding.digest(evidence.kind, parts + salt))


def _message_digest(template: str, language: str, salt: list[bytes]) -> bytes:
    spoken = [encoding.part(encoding.LOCATION, language), encoding.part(encoding.MESSAGE, template)]
    return encoding.digest("msg", spoken + salt)


def _key(kind: str, parts: list[bytes], evidence: Evidence, *, guarded: bool) -> Key:
    if evidence.message is None:
        return Key(kind, encoding.digest(kind, parts))
    message = encoding.part(encoding.MESSAGE, evidence.message)
    base = encoding.digest("base", [encoding.part(encoding.SALT, kind), *parts]) if guarded else None
    return Key(kind, encoding.digest(kind, [*parts, message]), base)


def _frame_parts(tokens: list[Token], crash_line: bool) -> list[bytes]:
    parts = [token.place for token in tokens]
    if parts and crash_line:
        parts[-1] = tokens[-1].crash
    return parts


def _cause_part(cause: Cause) -> bytes:
    """A library's source line changes with its version, so only the application's counts."""
    place = b""
    if cause.token:
        place = cause.token.crash if cause.in_app else cause.token.place
    return encoding.nested(encoding.CAUSE, encoding.part(encoding.TYPE, cause.type) + place)
