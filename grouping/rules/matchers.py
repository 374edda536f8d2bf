"""Matchers: `key:glob` pairs, read from the rules."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from grouping.rules.syntax import Cursor

ALIASES: Mapping[str, str] = {
    "error.type": "type",
    "error.value": "value",
    "error.mechanism": "mechanism",
    "stack.function": "function",
    "stack.module": "module",
    "stack.abs_path": "path",
    "stack.package": "package",
}
FRAME_KEYS = frozenset({"function", "module", "path", "package", "category", "family", "app"})
EXCEPTION_KEYS = frozenset({"type", "value", "mechanism"})
PATH_KEYS = frozenset({"path", "package", "release"})
CASELESS_KEYS = PATH_KEYS | {"value", "level", "message"}
LIST_KEYS = frozenset({"family", "sdk"})
TRUTH_KEYS = frozenset({"app", "thread.crashed", "thread.current"})
TRUTHS: Mapping[str, bool] = {
    **dict.fromkeys(("yes", "true", "1"), True),
    **dict.fromkeys(("no", "false", "0"), False),
}
FAMILIES: Mapping[str, str] = {
    **dict.fromkeys(("javascript", "node"), "javascript"),
    **dict.fromkeys(("cocoa", "objc", "swift", "native", "c"), "native"),
}

_KEY = re.compile(r'(!?)\s*(?:"((?:[^"\\]|\\.)*)"|([A-Za-z_][\w.\-]*)):')
_BARE = re.compile(r"[^\s\]\"]\S*")
_BARE_IN_BRACKETS = re.compile(r"[^\s\]\"][^\s\]]*")


@dataclass(frozen=True, slots=True)
class Matcher:
    """`key:glob`, or `!key:glob`; `argument` is the tag's name for `tags.NAME`."""

    key: str
    glob: str
    negated: bool = False
    argument: str = ""

    @property
    def name(self) -> str:
        """The key as it was written, without aliases."""
        return f"{self.key}.{self.argument}" if self.argument else self.key


def _read_matcher(cursor: Cursor, keys: frozenset[str], *, bracketed: bool = False) -> Matcher | None:
    """The matcher that comes next, or None. Raises RuleError for an unknown key or a missing pattern."""
    cursor.skip_space()
    start = cursor.position
    found = cursor.match(_KEY)
    if not found:
        return None
    written = found[2] if found[2] is not None else found[3]
    key, argument = ALIASES.get(written, written), ""
    if written.startswith("tags."):
        key, argument = "tags", written.removeprefix("tags.")
    if key not in keys or (key == "tags" and not argument):
        cursor.position = start
        raise cursor.error(f"`{written}` cannot be matched; known are {', '.join(sorted(keys))}")
    glob = cursor.quoted()
    if glob is None:
        cursor.position = found.end()
        bare = (_BARE_IN_BRACKETS if bracketed else _BARE).match(cursor.text, cursor.position)
        if not bare:
            raise cursor.error(f"`{written}:` wants a pattern")
        cursor.position = bare.end()
        glob = bare[0]
    if key == "app" and glob not in TRUTHS:
        raise cursor.error("`app` is yes or no")
    return Matcher(key, glob, bool(found[1]), argument)


class Pattern(NamedTuple):
    """What a rule says before its `->` or its first action."""

    matchers: tuple[Matcher, ...]
    caller: Matcher | None
    callee: Matcher | None

    def about(self, keys: frozenset[str]) -> tuple[Matcher, ...]:
        """The matchers that look at one of these keys."""
        return tuple(matcher for matcher in self.matchers if matcher.key in keys)


def read_pattern(cursor: Cursor, keys: frozenset[str], frame_keys: frozenset[str], example: str) -> Pattern:
    """`[ caller ] | matchers | [ callee ]`, the neighbours optional and matched by `frame_keys`.

    Raises RuleError; `example` is what it tells to begin with.
    """
    caller = callee = None
    if cursor.take("["):
        caller = _read_neighbour(cursor, frame_keys)
        if not cursor.take("|"):
            raise cursor.error("`|` is wanted between the caller and the frame")
    matchers: list[Matcher] = []
    while matcher := _read_matcher(cursor, keys):
        matchers.append(matcher)
    if not matchers:
        raise cursor.error(f"a rule begins with a matcher, like `{example}`")
    if cursor.take("|"):
        if not cursor.take("["):
            raise cursor.error("`[` is wanted before the callee")
        callee = _read_neighbour(cursor, frame_keys)
    return Pattern(tuple(matchers), caller, callee)


def _read_neighbour(cursor: Cursor, keys: frozenset[str]) -> Matcher:
    """The matcher in `[ … ]`, its opening bracket already read."""
    matcher = _read_matcher(cursor, keys, bracketed=True)
    if matcher is None:
        raise cursor.error("a matcher is wanted inside the brackets")
    if not cursor.take("]"):
        raise cursor.error("`]` is wanted here")
    return matcher
