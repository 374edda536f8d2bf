"""Forms: how a secret follows its name inside a text. A form is a row of a table; all rows of a table are one pattern.

A row's pattern begins after the word and the rest of the name that it is a part of, and has a group: the secret. It
never matches the quotation mark that closes the text. A row must take little to fail: what it looks at before it is
sure of a secret is bounded, or ends with the text (then no other word of that text will look so far in vain).
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ingest.digest.text import MAX_BRACKETS, Span, TooDense

_LETTERS = rb"A-Za-z0-9_"
"""As `\\w`, which a class of characters looks up more slowly; likewise below for `\\s`."""
_REST_OF_NAME = rb"[" + _LETTERS + rb".\-\]]{0,40}+"
_SINGLE = rb"[^'\"\\]*+(?:\\(?:[^\\]|\\(?:\\.|[^\"\\]))[^'\"\\]*+)*+"
"""What may stand between single quotes in a text of JSON: all but such a quote, unless a backslash is before it."""
_DOUBLE = rb'[^"\\]*+(?:\\(?:[^"\\]|\\(?:\\.|[^"\\]))[^"\\]*+)*+'
r"""The same between double quotes, which a text of JSON writes as `\"`, and one inside the secret as `\\\"`."""
_BEFORE_QUOTES = rb"""(?:\\"|')?\s{0,2}(?:=>?|:)\s{0,2}[bruf]?"""
_AFTER_KEY = rb"""(?:\\"|')\s{0,2}:\s{0,2}"""
_SOMETHING = rb"""(?!(?:None|null|nil|[Tt]rue|[Ff]alse)\b)"""
_WORD = rb"""[^ \t\n\r\f\v&;,"'<>\\(){}\[\]]"""
_PERCENT_SPACE = rb"(?:%20|\+)?"
_OF_TOKEN = rb"[" + _LETTERS + rb".~+/=\-]"
_WITH_DIGIT = rb"(?=[^ \t\n\r\f\v\"\\0-9]{0,60}+[0-9])"


class Form(NamedTuple):
    """One way to write a secret after its name."""

    name: str
    pattern: bytes
    is_box: bool = False
    """The secret is the whole object or list that begins where the group is."""
    before: re.Pattern[bytes] | None = None
    """What has to stand right before the word."""


IN_SOURCE = (
    Form(
        "name='secret' or name=\"secret\"",
        _BEFORE_QUOTES + rb"(?:'(" + _SINGLE + rb")'|\\\"(" + _DOUBLE + rb")\\\")",
    ),
)
"""What is believed in a line of source code, where `token=token` is no secret."""
GENERAL = (
    Form(
        "name='secret' or name=\"secret\", or cut off",
        _BEFORE_QUOTES
        + (
            rb"(?:'(?:(" + _SINGLE + rb")'|(" + _SINGLE + rb"))"
            rb"|\\\"(?:(" + _DOUBLE + rb")\\\"|(" + _DOUBLE + rb")))"
        ),
    ),
    Form("?name=secret", rb"(?:=|%3[Dd])" + _SOMETHING + rb"(" + _WORD + rb"+)"),
    Form('"name": 123', _AFTER_KEY + _SOMETHING + rb"(" + _WORD + rb"+)"),
    Form("name: Bearer secret", rb":\s{0,2}(?:[Bb]earer|[Bb]asic|[Tt]oken|[Dd]igest)\s{1,20}(" + _WORD + rb"+)"),
    Form('"name": {secret}', _AFTER_KEY + rb"()(?=[{\[])", is_box=True),
    Form("<name>secret</name>", rb'(?:\s[\w:.\-]{1,40}+=\\"[^"\\<>]{0,100}\\"){0,3}>((?:[^<>"\\]|\\.){1,200})</'),
    Form("a part of a multipart form", rb'\\"(?:(?:\\r)?\\n){2}([^"\\]+)'),
    Form(
        "%22name%22%3A%22secret",
        rb"%22" + _PERCENT_SPACE + rb"%3[Aa]" + _PERCENT_SPACE + rb"(?:%22)?"
        rb"((?:(?!%22|%2[Cc]|%7[Dd])" + _WORD + rb")++)",
    ),
    Form("('name', 'secret')", rb"'\s{0,2},\s{0,2}'(" + _SINGLE + rb")'\s{0,2}[)\]]"),
    Form(
        "(…, name) VALUES ('…', 'secret')",
        rb"(?:\\\"|`|\])?\s{0,2}(?=[,)])[^()'\"\\]{0,200}+(?:\\\"[^()'\"\\]{0,60}+){0,20}\)\s{0,3}(?:VALUES|values)\s{0,3}\("
        rb"(?=[^'\"\\]{0,400}')([^\"\\]+)",
    ),
    Form(
        "name = secret",
        rb"\s{1,2}=\s{1,2}" + _SOMETHING + rb"(?![?$%:@]|(?:[A-Za-z_]\w{0,40}\.){1,5}[A-Za-z_]|\d{1,3}\b)"
        rb"(" + _WORD + rb"{4,}+)(?!\()",
    ),
)
FOR_OPTIONS = (Form("--name secret", rb"\s{1,2}(?!-)(" + _WORD + rb"+)", before=re.compile(rb"--[\w\-]{0,30}\Z")),)
FOR_PASSWORDS = (
    Form("name 'secret'", rb"\s{1,2}'(" + _SINGLE + rb")'"),
    Form(
        "name is secret",
        rb"\s(?:is|was)\s{1,2}" + _WITH_DIGIT + rb"(?=[^ \t\n\r\f\v\"\\A-Za-z]{0,60}+[A-Za-z])(" + _WORD + rb"{6,})",
    ),
)
FOR_BEARER = (Form("Bearer secret", rb"\s{1,3}(?:" + _WITH_DIGIT + rb"|(?=[\w.~+/=\-]{20}))(" + _OF_TOKEN + rb"{8,})"),)
FOR_BEARER_IN_SOURCE = (Form("Bearer secret", rb"\s{1,3}(" + _OF_TOKEN + rb"{8,})"),)
FOR_COOKIES = (
    Form(
        "Cookie: name=secret",
        rb":\s{0,2}([" + _LETTERS + rb".\-$!#%&*+^`|~]{1,100}=[^ \t\n\r\f\v\"\\]*(?:; ?[^ \t\n\r\f\v\"\\]+)*)",
    ),
)

_PIECE_OF_BOX = re.compile(
    rb"'" + _SINGLE + rb"'|\\\"" + _DOUBLE + rb"\\\"|(?P<open>[{\[])|(?P<close>[}\]])|(?P<end>\")", re.DOTALL
)


class Forms:
    """The forms that go with a word: one pattern for texts, and one for lines of source code."""

    __slots__ = ("_in_source", "_rows_in_source", "_rows_in_text", "has_more_in_source", "in_text")

    def __init__(self, in_text: Sequence[Form], in_source: Sequence[Form] = IN_SOURCE) -> None:
        pattern, self._rows_in_text = _compiled(in_text)
        self.in_text = pattern.match
        """Asked first, from the end of the word: where it finds nothing, there is nothing in most cases."""
        pattern, self._rows_in_source = _compiled(in_source)
        self._in_source = pattern.match
        self.has_more_in_source = in_source is not IN_SOURCE
        """Whether something may be found in source that is none in a text."""

    def secret(
        self, found: re.Match[bytes] | None, payload: bytes, word: Span, limit: int, *, is_source: bool
    ) -> Span | None:
        """The secret that a word in a text names, looked for up to byte `limit`; `found` is what `in_text` found.

        Raises TooDense.
        """
        rows = self._rows_in_text
        if is_source:
            rows, found = self._rows_in_source, self._in_source(payload, word[1], limit)
        if found is None or found.lastindex is None:
            return None
        row = rows[found.lastindex]
        if row.before and not row.before.search(payload, max(0, word[0] - 40), word[0]):
            return None
        start, end = found.span(found.lastindex)
        if row.is_box and limit == len(payload):
            end = _end_of_box(payload, start)
        return (start, end) if start < end else None


def _compiled(rows: Sequence[Form]) -> tuple[re.Pattern[bytes], Mapping[int, Form]]:
    """The rows as one pattern, and which row a group of it belongs to."""
    row_of: dict[int, Form] = {}
    for row in rows:
        for _ in range(re.compile(row.pattern).groups):
            row_of[len(row_of) + 1] = row
    return re.compile(_REST_OF_NAME + rb"(?:" + rb"|".join(row.pattern for row in rows) + rb")", re.DOTALL), row_of


def _end_of_box(payload: bytes, start: int) -> int:
    """Where an object or list inside a text ends; where the text does if it was cut off."""
    depth = 0
    for count, piece in enumerate(_PIECE_OF_BOX.finditer(payload, start)):
        if piece.lastgroup == "open":
            depth += 1
        elif piece.lastgroup == "close":
            depth -= 1
            if not depth:
                return piece.end()
        elif piece.lastgroup == "end":
            return piece.start()
        if count > MAX_BRACKETS:
            raise TooDense("brackets in a text")
    return len(payload)
