"""What must not be kept: secrets, card numbers and, where a project asks, addresses become `[Filtered]`.

Works on the payload's JSON text before it is read, so that nothing derived from it (title, tags, message) can show what
was scrubbed. One pass from left to right: a payload is looked through for words and for what known kinds of secrets
have in them; only where one is found does anything cost time, and what is decided is not looked at again. So the time
is linear in the payload, whatever it holds.

A word makes a secret of
* the value of a key that contains it, whatever the value is: `"api_token": {…}`;
* the second of a pair of texts: `["Authorization", "Bearer …"]`, as some SDKs send headers and queries, and what
  follows an option in a list of arguments: `["--password", "…"]`;
* what follows it in a text, in the forms of `ingest.digest.forms`.
"""

import re
from collections.abc import Mapping
from typing import Any

from grouping.budget import UNLIMITED, Budget
from ingest.digest.elsewhere import hide_elsewhere
from ingest.digest.secrets import FILTERED, Look, find_logins
from ingest.digest.text import (
    BACKSLASH,
    QUOTE,
    TEXT,
    SourceLines,
    Texts,
    TooDense,
    end_of_text,
    end_of_value,
    start_of_text,
)
from ingest.digest.words import ScrubRules, Vocabulary, Word, vocabulary_of

Cut = tuple[int, int, bytes]
"""From byte, to byte, and what to put there."""

FILTERED_VALUE = b'"[Filtered]"'
MAX_KEY_LENGTH = 100
MAX_HITS = 25_000
"""Words and triggers of one payload that are looked at one by one."""
_INSIDE_HIDDEN = 240
"""How far is looked from a word inside of what is hidden: only for what must be hidden elsewhere, too."""
_DASH = 0x2D
_BEGINS_VERSION = b"v0123456789"

_SPACE = rb"[ \t\r\n]*+"
_AFTER_NAME = re.compile(
    _SPACE + rb"(?::" + _SPACE + rb'(?:(?P<text>(?!""|"\[Filtered\]")' + TEXT + rb")|(?P<box>[{\[](?![}\]]))"
    rb"|(?P<small>-?\d{1,3})(?=[\s,}\]])|(?P<nothing>\"|null\b|true\b|false\b|\{|\[)"
    rb"|(?P<literal>[^,\]} \t\n\r\f\v]++))"
    rb"|," + _SPACE + rb'(?="))',
    re.DOTALL,
)
_SECOND_OF_PAIR = re.compile(rb"(?P<text>" + TEXT + rb")" + _SPACE + rb"(?P<is_last>\])?", re.DOTALL)
_NAME_IN_PAIR = re.compile(rb"[\w.\-\[\]:$@/ ]{1,98}")
_OPTION = re.compile(rb"--[\w\-]+")
_NAMES_OF_SHORT_NUMBERS = (b"password", b"passwd", b"passcode", b"pin", b"otp", b"cvv", b"cvc")
"""Names of which even a number of three digits is a secret."""
_VERSION = re.compile(rb'"v?\d+(?:\.\w+)*[\w.+\-]*"')
_MODULES = re.compile(rb'"modules"\s*:\s*\Z')
_REMARK_OF_SDK = re.compile(rb'\{"":\{"rem":\[\["[^"\[\]]{0,40}","[a-z]"(?:,\d{1,9}){0,2}\]\](?:,"len":\d{1,9})?\}\}')
"""In `_meta`, what SDKs say of what they hid themselves."""
_ESCAPE = re.compile(rb"\\(?:u00([46][1-9a-fA-F]|[57][0-9aA])|.)", re.DOTALL)
"""An escape of a letter, which nobody needs; or any other escape, which is left alone."""


class _EscapedLetter(Exception):
    """There is an escape of a letter, so that words may have been overlooked."""


def scrub(payload: bytes, rules: ScrubRules, budget: Budget = UNLIMITED) -> bytes:
    """The JSON text with every secret replaced; the same bytes where there is none. Total on any bytes.

    Raises TooDense for a payload with more than `MAX_HITS`, and OverBudget.
    """
    vocabulary = vocabulary_of(rules)
    try:
        cuts = _Pass(payload, vocabulary).run(budget)
    except _EscapedLetter:
        payload = _without_escaped_letters(payload)
        cuts = _Pass(payload, vocabulary, escapes_are_known=True).run(budget)
    cuts += [(start, end, FILTERED) for start, end in find_logins(payload)]
    if not cuts:
        return payload
    cuts.sort()
    return hide_elsewhere(_apply(payload, cuts), _secrets_of(payload, cuts))


class _Pass:
    """One pass over one payload, with what is known of the places up to which it has come."""

    __slots__ = (
        *(
            "_cuts",
            "_decided",
            "_escapes_are_known",
            "_hidden",
            "_hidden_from",
            "_long_end",
            "_look_end",
            "_no_name",
            "_object",
            "_payload",
            "_source_lines",
        ),
        *("_text_end", "_texts", "_versions_seen", "_vocabulary"),
    )

    def __init__(self, payload: bytes, vocabulary: Vocabulary, *, escapes_are_known: bool = False) -> None:
        self._payload = payload
        self._escapes_are_known = escapes_are_known
        self._vocabulary = vocabulary
        self._cuts: list[Cut] = []
        self._decided = 0
        """Words before this byte belong to what was looked at already."""
        self._hidden_from = self._hidden = 0
        """The last stretch that is hidden; what is in it is looked at for what must be hidden elsewhere."""
        self._text_end = -1
        """Where the last text ends that had a word in it."""
        self._no_name = -1
        """The end of a text that is known to be no name of anything."""
        self._look_end = self._long_end = 0
        self._object = self._versions_seen = 0
        self._source_lines = SourceLines(payload)
        self._texts = Texts(payload)

    def run(self, budget: Budget) -> list[Cut]:
        """All cuts. Raises TooDense, OverBudget."""
        rows = self._vocabulary.rows
        count = 0
        for hits in self._vocabulary.find(self._payload):
            budget.check("scrub")
            count += len(hits)
            if count > MAX_HITS:
                raise TooDense("words")
            for number, start, end in hits:
                row = rows[number]
                if isinstance(row, Word):
                    if start >= self._decided:
                        self._see_word(row, start, end)
                elif row:
                    self._see_looks(row, start, end)
                elif not self._escapes_are_known and self._is_escaped_letter(start):
                    raise _EscapedLetter
        return self._cuts

    def _is_escaped_letter(self, start: int) -> bool:
        escape = _ESCAPE.match(self._payload, start)
        return escape is not None and escape[1] is not None

    def _see_word(self, word: Word, start: int, end: int) -> None:
        payload = self._payload
        if word.has_digit and payload[start:end].lower() not in word.texts:
            return
        close = self._text_end
        if end > close:
            close = self._text_end = end_of_text(payload, end - (payload[end - 1] == QUOTE))
        if close - start < MAX_KEY_LENGTH and close != self._no_name:
            after = _AFTER_NAME.match(payload, close + 1)
            if after is not None and self._see_name(word, after, start, close):
                return
            self._no_name = close
        forms = word.forms_after_dash if payload[start - 1] == _DASH else word.forms
        if forms is None:
            return
        limit = end + _INSIDE_HIDDEN if self._hidden_from <= start < self._hidden else len(payload)
        found = forms.in_text(payload, end, limit)
        if found is None and not forms.has_more_in_source:
            return
        secret = forms.secret(found, payload, (start, end), limit, is_source=self._source_lines.hold(start))
        if secret is not None:
            self._cut(*secret, FILTERED)

    def _see_name(self, word: Word, after: re.Match[bytes], start: int, close: int) -> bool:
        """Whether a text names a value, by what follows it; if so the value is hidden where there is something to."""
        payload = self._payload
        opening = payload.rfind(b'"', start - MAX_KEY_LENGTH if start > MAX_KEY_LENGTH else 0, start + 1)
        if payload[opening - 1] == BACKSLASH:
            opening = start_of_text(payload, start, MAX_KEY_LENGTH)
        kind = after.lastgroup
        if kind is None:
            return opening >= 0 and self._see_pair(opening, close, after.end())
        if opening < 0 or close - opening >= MAX_KEY_LENGTH or kind == "nothing":
            return True
        value, end = after.span(kind)
        if kind == "text":
            if payload[value + 1] in _BEGINS_VERSION and self._is_module_version(value, end):
                return True
        elif kind == "box":
            if self._hidden_from <= value < self._hidden or _REMARK_OF_SDK.match(payload, value):
                return True
            end = end_of_value(payload, value)
        elif _says_nothing(payload[start:close].lower(), kind == "small", payload[value]):
            return True
        is_null = word.becomes_null and payload[opening + 1 : close] in word.texts
        self._cut(value, end, b"null" if is_null else FILTERED_VALUE)
        return True

    def _see_pair(self, opening: int, close: int, second: int) -> bool:
        """The same for a text that another one follows."""
        payload = self._payload
        is_first = payload[max(0, opening - 8) : opening].rstrip().endswith(b"[")
        is_option = _OPTION.fullmatch(payload, opening + 1, close) is not None
        if not is_option and not (is_first and _NAME_IN_PAIR.fullmatch(payload, opening + 1, close)):
            return False
        value = _SECOND_OF_PAIR.match(payload, second)
        if value is None or not (is_option or value["is_last"]):
            return False
        start, end = value.span("text")
        if value["text"] not in (b'""', FILTERED_VALUE) and not (is_option and value["text"].startswith(b'"-')):
            self._cut(start, end, FILTERED_VALUE)
        return True

    def _see_looks(self, looks: tuple[Look, ...], start: int, end: int) -> None:
        is_hidden = self._hidden_from <= start < self._hidden
        for look in looks:
            limit = end + _INSIDE_HIDDEN if is_hidden and not look.is_long else len(self._payload)
            if look.is_long and start < self._long_end:
                continue
            secret = look.find(self._payload, start, self._look_end, limit)
            if secret is not None:
                is_text = not look.is_number or self._texts.hold(secret[0])
                self._cut(*secret, FILTERED if is_text else FILTERED_VALUE)
                self._look_end = secret[1]
                if look.is_long:
                    self._long_end = secret[1]

    def _cut(self, start: int, end: int, replacement: bytes) -> None:
        self._cuts.append((start, end, replacement))
        if start > self._decided:
            self._decided = start
        if end > self._hidden:
            if start >= self._hidden:
                self._hidden_from = start
            self._hidden = end

    def _is_module_version(self, value: int, end: int) -> bool:
        """Whether a value stands in the list of installed packages, where a package may be called `jsontokens`."""
        if not _VERSION.fullmatch(self._payload, value, end):
            return False
        opened = self._payload.rfind(b"{", self._versions_seen, value)
        if opened >= 0:
            self._object = opened
        self._versions_seen = value
        return _MODULES.search(self._payload, max(0, self._object - 20), self._object) is not None


def _says_nothing(name: bytes, is_small: bool, first: int) -> bool:
    """Whether a number is a flag, or says of how many tokens a text for a language model is made."""
    return (is_small and not name.endswith(_NAMES_OF_SHORT_NUMBERS)) or (name.endswith(b"tokens") and 48 <= first <= 57)


def _without_escaped_letters(payload: bytes) -> bytes:
    """The same JSON with its letters written as letters, so that words can be found. Raises TooDense."""
    if payload.count(b"\\u00") > MAX_HITS:
        raise TooDense("escapes")
    return _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]) if found[1] else found[0], payload)


def _apply(payload: bytes, cuts: list[Cut]) -> bytes:
    """The text with all cuts made, which are sorted; of those that overlap everything is cut, as the first says."""
    parts: list[bytes] = []
    kept_from = 0
    for start, end, replacement in cuts:
        if start >= kept_from:
            parts += payload[kept_from:start], replacement
        if end > kept_from:
            kept_from = end
    return b"".join((*parts, payload[kept_from:]))


def _secrets_of(payload: bytes, cuts: list[Cut]) -> set[bytes]:
    """What was cut and is a text, without its quotation marks."""
    return {
        payload[start:end].strip(b"\"' ")
        for start, end, replacement in cuts
        if replacement == FILTERED or payload[start] == QUOTE
    }


def hide_environment(raw: Mapping[str, Any]) -> None:
    """sentry-cli sends the whole environment of its machine: names are kept, values are not."""
    extra = raw.get("extra")
    if isinstance(extra, dict) and isinstance(extra.get("environ"), dict):
        extra["environ"] = dict.fromkeys(extra["environ"], FILTERED.decode())
