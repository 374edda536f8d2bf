"""Pairs made from one event by a change that must, or must not, lead to another issue."""

import copy
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from grouping.event import Event
from grouping.frames import is_in_app
from grouping.group import group_event
from grouping.reader import read_event
from grouping.rules import EMPTY_RULES
from tests.bench.registry import Registry

Payload = dict[str, Any]
Change = Callable[[Payload, random.Random], Payload | None]

_LONG_NUMBER = re.compile(r"(?<![\w.])\d{4,}(?![\w.])")
_UUID = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b")
_HEXADECIMAL = re.compile(r"\b0x[0-9a-f]{6,}\b")
_WORD = re.compile(r"\b[a-z]{4,}\b")


@dataclass(frozen=True, slots=True)
class Pair:
    change: str
    same: bool
    """Whether both must be one issue."""
    first: Payload
    second: Payload

    @property
    def right(self) -> bool:
        """Whether grouping says so."""
        registry = Registry()
        issues = [registry.attach(group_event(_read(payload), EMPTY_RULES)) for payload in (self.first, self.second)]
        return (issues[0] == issues[1]) is self.same


def pairs_of(payload: Payload, seed: int) -> Iterator[Pair]:
    """Every change that can be made to the event."""
    for changes, same in ((KEEPING, True), (PARTING, False)):
        for change in changes:
            chance = random.Random(f"{seed} {change.__name__}")
            changed = change(copy.deepcopy(payload), chance)
            if changed is not None and changed != payload:
                yield Pair(change.__name__, same, payload, changed)


def _read(payload: Payload) -> Event:
    return read_event(copy.deepcopy(payload))


def _exceptions(payload: Payload) -> list[Payload]:
    found = payload.get("exception") or []
    return found if isinstance(found, list) else found.get("values") or []


def _stacks(payload: Payload) -> list[list[Payload]]:
    return [one["stacktrace"]["frames"] for one in _exceptions(payload) if (one.get("stacktrace") or {}).get("frames")]


def _own_positions(payload: Payload) -> list[int]:
    """Where the in-app frames of the thrown exception stand."""
    event = _read(payload)
    stack = event.exceptions[-1].stacktrace if event.exceptions else None
    frames = stack.frames if stack else []
    return [index for index, frame in enumerate(frames) if frame.in_app and is_in_app(frame, event.platform)]


def lines_moved(payload: Payload, chance: random.Random) -> Payload:
    shift = chance.randint(1, 400)
    for frames in _stacks(payload):
        for frame in frames:
            if frame.get("lineno") and payload.get("platform") != "javascript":
                frame["lineno"] += shift
    return payload


def deployed_elsewhere(payload: Payload, chance: random.Random) -> Payload:
    root = chance.choice(["/srv/releases/20270102030405", "/home/deploy/apps/live", "/app", "C:\\sites\\live"])
    for frames in _stacks(payload):
        for frame in frames:
            path = frame.get("abs_path")
            if isinstance(path, str) and path.startswith("/") and frame.get("in_app"):
                frame["abs_path"] = "/".join([root, *path.split("/")[-2:]])
                if frame.get("filename") == path:
                    frame["filename"] = frame["abs_path"]
    return payload


def on_another_host(payload: Payload, chance: random.Random) -> Payload:
    host = f"web-{chance.randint(10, 99)}.example.net"
    payload["server_name"] = host
    text = json.dumps(payload)
    return json.loads(re.sub(r"(?<=http://)127\.0\.0\.1:\d+(?=/static|/vendor)", host, text))  # type: ignore[no-any-return]


def with_other_ids(payload: Payload, chance: random.Random) -> Payload:
    def figures(found: re.Match[str]) -> str:
        return str(chance.randint(1, 9)) + "".join(str(chance.randint(0, 9)) for _ in found[0][1:])

    def hexadecimal(found: re.Match[str]) -> str:
        return re.sub(r"(?<!^)[0-9a-f]", lambda _: chance.choice("0123456789abcdef"), found[0])

    def renumbered(text: str) -> str:
        return _LONG_NUMBER.sub(figures, _HEXADECIMAL.sub(hexadecimal, _UUID.sub(hexadecimal, text)))

    for exception in _exceptions(payload):
        exception["value"] = renumbered(exception.get("value") or "")
    entry = payload.get("logentry")
    if isinstance(entry, dict):
        for name in ("message", "formatted"):
            if isinstance(entry.get(name), str):
                entry[name] = renumbered(entry[name])
    return payload


def with_library_frames(payload: Payload, chance: random.Random) -> Payload | None:
    own = _own_positions(payload)
    if not own:
        return None
    place = chance.choice([0, *own])
    path = {
        "python": "/usr/lib/python3.12/site-packages/retrying/core.py",
        "node": "/srv/node_modules/retrying/core.js",
        "javascript": "https://cdn.jsdelivr.net/npm/retrying@2/core.js",
        "ruby": "/usr/lib/ruby/gems/3.1.0/gems/retrying-1.0/lib/core.rb",
        "go": "/go/pkg/mod/example.com/retrying@v1.0.0/core.go",
    }.get(payload["platform"], "Retrying.java")
    frame = {"function": "attempt", "filename": path, "abs_path": path, "in_app": False, "lineno": 12}
    if payload["platform"] in {"python", "java", "go"}:
        frame["module"] = {"python": "retrying.core", "java": "org.apache.retrying.Core"}.get(
            payload["platform"], "example.com/r"
        )
    frames = _stacks(payload)[-1]
    frames[place:place] = [frame]
    return payload


def with_keys_reordered(payload: Payload, chance: random.Random) -> Payload:
    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            names = list(value)
            chance.shuffle(names)
            return {name: shuffled(value[name]) for name in names}
        return [shuffled(one) for one in value] if isinstance(value, list) else value

    reordered: Payload = shuffled(payload)
    reordered["event_id"] = payload["event_id"][::-1]
    return reordered


def with_deeper_recursion(payload: Payload, chance: random.Random) -> Payload | None:
    own = _own_positions(payload)
    if not own:
        return None
    frames = _stacks(payload)[-1]
    place = own[-1]
    frames[place:place] = [copy.deepcopy(frames[place]) for _ in range(chance.randint(1, 30))]
    return payload


def with_another_type(payload: Payload, chance: random.Random) -> Payload | None:
    found = _exceptions(payload)
    if not found:
        return None
    found[-1]["type"] = "Quite" + "".join(filter(str.isalpha, found[-1].get("type") or "")) + "Another"
    return payload


def in_another_function(payload: Payload, chance: random.Random) -> Payload | None:
    return _crash_renamed(payload, ("function",))


def in_another_module(payload: Payload, chance: random.Random) -> Payload | None:
    return _crash_renamed(payload, ("module", "filename", "abs_path"))


def _crash_renamed(payload: Payload, names: tuple[str, ...]) -> Payload | None:
    """The in-app frame at the crash (in recursion: all its turns) under another name."""
    own = _own_positions(payload)
    if not own or payload["platform"] == "javascript":
        return None
    frames = _stacks(payload)[-1]
    crash = dict(frames[own[-1]])
    if not (crash.get("function") or "").replace("_", "").isalnum():
        return None
    for exception_frames in _stacks(payload):
        for frame in exception_frames:
            if all(frame.get(name) == crash.get(name) for name in ("function", "module", "filename")):
                for name in names:
                    if frame.get(name):
                        frame[name] = _renamed(frame[name], name)
    return payload


def _renamed(text: str, name: str) -> str:
    if name == "function":
        return f"{text}_other"
    folder, slash, base = text.rpartition("/")
    return f"{folder}{slash}other_{base}"


def with_another_word(payload: Payload, chance: random.Random) -> Payload | None:
    entry = payload.get("logentry")
    if _exceptions(payload) or not isinstance(entry, dict):
        return None
    for name in ("message", "formatted"):
        if isinstance(entry.get(name), str):
            entry[name] = _WORD.sub("wombat", entry[name], count=1)
    return payload


KEEPING: tuple[Change, ...] = (
    lines_moved,
    deployed_elsewhere,
    on_another_host,
    with_other_ids,
    with_library_frames,
    with_keys_reordered,
    with_deeper_recursion,
)
PARTING: tuple[Change, ...] = (with_another_type, in_another_function, in_another_module, with_another_word)
