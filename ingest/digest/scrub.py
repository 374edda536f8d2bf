"""What must not be kept: secrets, card numbers and, where a project asks, addresses become `[Filtered]`.

Works on the payload's JSON text before it is read, so that nothing derived from it (title, tags, message) can show what
was scrubbed. A payload is looked through for words; only around a word that is found does anything cost time.

A word makes a secret of
* the value of a key that contains it, whatever the value is: `"api_token": {…}`;
* the second of a pair of texts: `["Authorization", "Bearer …"]`, as some SDKs send headers and queries;
* what follows it in a text: `?token=…`, `password='…'`, `\"secret\": \"…\"` of JSON in a text.
In lines of source code the last holds only for quoted values, as `token=token` there is no secret.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingest.digest.secrets import FILTERED, Cut, find_url_passwords
from ingest.digest.text import Token, end_of_value, is_source_line, string_around
from ingest.digest.words import Found, ScrubRules, Vocabulary, fold, vocabulary_of

FILTERED_VALUE = b'"[Filtered]"'
NOTHING_TO_HIDE = frozenset({b"true", b"false", b"null", b'""', b"{}", b"[]", b""})
MAX_KEY_LENGTH = 100

_REST_OF_NAME = rb"[\w.\-\]]{0,40}"
_QUOTED = re.compile(
    _REST_OF_NAME
    + rb"""(?:\\?["'])?\s{0,2}(?:=>?|:)\s{0,2}[bruf]?(?P<quote>\\?["'])(?P<secret>.+?)(?:(?P<closed>(?P=quote))|\Z)""",
    re.DOTALL,
)
_PLAIN = re.compile(
    _REST_OF_NAME
    + rb"""(?:=|%3[Dd]|\\?["']\s{0,2}:\s{0,2}|:\s{0,2}(?:[Bb]earer|[Bb]asic|[Tt]oken|[Dd]igest)\s+)"""
    + rb"""(?!(?:None|null|nil|[Tt]rue|[Ff]alse)\b)(?P<secret>[^\s&;,"'<>\\(){}\[\]]+)"""
)
_BEARER = re.compile(rb"(?<=[Bb]earer)\s{1,3}(?P<secret>[\w.~+/=\-]{8,})")
_SMALL_NUMBER = re.compile(rb"-?\d{1,3}")
_SPECIAL = re.compile(rb"(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])[!#-\[\]-~]{8,200}")
_IDENTIFIER = re.compile(rb"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16}", re.IGNORECASE)
_VERSION = re.compile(rb'"v?\d+(?:\.\w+)*[\w.+\-]*"')
_MODULES = re.compile(rb'"modules"\s*:\s*\Z')
_HIDDEN = re.compile(
    rb'"\[Filtered\]"|\{"":\{"rem":\[\["[^"\[\]]{0,40}","[a-z]"(?:,\d{1,9}){0,2}\]\](?:,"len":\d{1,9})?\}\}'
)
"""What SDKs put in the place of what they hid themselves, and in `_meta` the remark that they did."""
_SPACE = b" \t\r\n"


def scrub(payload: bytes, rules: ScrubRules) -> bytes:
    """The JSON text with every secret replaced; the same bytes where there is none. Total on any bytes."""
    cuts = [*_find_cuts(payload, vocabulary_of(rules)), *find_url_passwords(payload)]
    if not cuts:
        return payload
    scrubbed = _apply(payload, cuts)
    for secret in {payload[start:end].strip(b"\"' ") for start, end, _ in cuts}:
        # A password that is the value of a variable may stand in a message or a line of code as well.
        if _SPECIAL.fullmatch(secret) and not _IDENTIFIER.fullmatch(secret):
            scrubbed = scrubbed.replace(secret, FILTERED)
    return scrubbed


def _find_cuts(payload: bytes, vocabulary: Vocabulary) -> Iterator[Cut]:
    folded = fold(payload)
    for found in vocabulary.find(payload, folded):
        cut = found.look(payload, found.start) if found.look else _cut_by_word(payload, folded, found)
        if cut is not None:
            yield cut


def _cut_by_word(payload: bytes, folded: bytes, word: Found) -> Cut | None:
    token = string_around(payload, word.start + 1)
    if token is None:
        return None
    value = _value_named_by(payload, token)
    if value is None:
        return _text_cut(payload, token, word.end) if word.may_be_in_text else None
    if token.end - token.start > MAX_KEY_LENGTH or _HIDDEN.match(payload, value) or _is_module_version(payload, value):
        return None
    return _value_cut(payload, value, folded[token.start + 1 : token.end - 1])


def _is_module_version(payload: bytes, value: int) -> bool:
    """Whether a value stands in the list of installed packages, where a package may be called `jsontokens`."""
    if not _VERSION.match(payload, value):
        return False
    opened = payload.rfind(b"{", 0, value)
    return _MODULES.search(payload, max(0, opened - 20), opened) is not None


def _value_named_by(payload: bytes, token: Token) -> int | None:
    """Where the value starts of which this text is the name, as a key or as the first of a pair."""
    after = _skip_space(payload, token.end)
    if payload[after : after + 1] == b":":
        return _skip_space(payload, after + 1)
    if payload[after : after + 1] != b"," or not payload[max(0, token.start - 8) : token.start].rstrip().endswith(b"["):
        return None
    second = _skip_space(payload, after + 1)
    if payload[second : second + 1] != b'"':
        return None
    end = end_of_value(payload, second)
    return second if payload[_skip_space(payload, end) :][:1] == b"]" else None


def _value_cut(payload: bytes, start: int, name: bytes) -> Cut | None:
    end = end_of_value(payload, start)
    value = payload[start:end]
    if value in NOTHING_TO_HIDE or _SMALL_NUMBER.fullmatch(value):
        return None
    if name == b"ip_address":
        return start, end, b"null"
    if name.endswith(b"tokens") and value[:1].isdigit():  # What a language model was sent, counted.
        return None
    return start, end, FILTERED_VALUE


def _text_cut(payload: bytes, token: Token, after_word: int) -> Cut | None:
    end = token.end - 1
    found = _QUOTED.match(payload, after_word, end)
    if found is None or not found["closed"]:
        if is_source_line(payload, token):
            found = _BEARER.match(payload, after_word, end)
        else:
            found = found or _PLAIN.match(payload, after_word, end)
    return (found.start("secret"), found.end("secret"), FILTERED) if found else None


def _skip_space(payload: bytes, at: int) -> int:
    while payload[at : at + 1] and payload[at] in _SPACE:
        at += 1
    return at


def _apply(payload: bytes, cuts: list[Cut]) -> bytes:
    """The text with all cuts made; of overlapping ones the outer, earlier one holds."""
    cuts.sort(key=lambda cut: (cut[0], -cut[1]))
    parts: list[bytes] = []
    kept_from = 0
    for start, end, replacement in cuts:
        if start >= kept_from:
            parts += payload[kept_from:start], replacement
            kept_from = end
    return b"".join((*parts, payload[kept_from:]))


def hide_environment(raw: Mapping[str, Any]) -> None:
    """sentry-cli sends the whole environment of its machine: names are kept, values are not."""
    extra = raw.get("extra")
    if isinstance(extra, dict) and isinstance(extra.get("environ"), dict):
        extra["environ"] = dict.fromkeys(extra["environ"], FILTERED.decode())
