"""The search language: text in, a value out. Pure.

    is:unresolved level:error !browser:"Chrome 9*" times_seen:>100 release:[1.0, 1.1] free text

A term is `key:value`. `!` before it negates it; `*` in a value stands for any text and `\\*` for itself; quotes
keep spaces; `[a, b]` means any of them; `tags[level]` is a tag even where a field has its name. What has no key is free
text. Values are checked here too (`tracker.search.vocabulary`), so that every query that parses can be run.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tracker.search.vocabulary import ALIASES, KEYS, check_value

MAX_QUERY_LENGTH = 2_000
MAX_TERMS = 30
MAX_VALUES = 50
MAX_VALUES_IN_ALL = 100
"""Of all lists together: each is a condition, and SQLite takes no more than a thousand."""
MAX_WILDCARDS = 40

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*")
_OPERATOR = re.compile(r">=|<=|>|<")
_BOOLEANS = frozenset({"OR", "AND"})


class QueryError(ValueError):
    """A query that cannot be read; `position` is the 0-based column of the first character that does not fit."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


@dataclass(slots=True, frozen=True)
class Term:
    """`key:value`, `!key:value`, `key:>10`, `key:[a, b]`, or free text (empty key)."""

    key: str
    operator: str
    """`=`, `>`, `>=`, `<`, `<=`."""
    value: str
    """As meant; with a wildcard, `*` is the wildcard, and a star that was meant is still `\\*`."""
    is_negated: bool = False
    has_wildcard: bool = False
    position: int = 0
    is_tag: bool = False
    others: tuple["Term", ...] = ()
    """Beside this one in a list: the further values, each as a term like this."""

    @property
    def choices(self) -> tuple["Term", ...]:
        """Every value that satisfies the term."""
        return (self, *self.others)


@dataclass(slots=True, frozen=True)
class Query:
    terms: tuple[Term, ...] = ()


def parse_query(text: str) -> Query:
    """Read `is:unresolved level:error !browser:"Chrome 9*" times_seen:>100 free text`. Raises QueryError."""
    if len(text) > MAX_QUERY_LENGTH:
        raise QueryError(f"A query has at most {MAX_QUERY_LENGTH:,} characters.", MAX_QUERY_LENGTH)
    if "\0" in text:
        raise QueryError("A query holds no NUL character.", text.index("\0"))
    terms = tuple(_Reader(text).terms())
    if len(terms) > MAX_TERMS:
        raise QueryError(f"A query has at most {MAX_TERMS} terms.", terms[MAX_TERMS].position)
    _check_budget(terms)
    return Query(terms)


def _check_budget(terms: Sequence["Term"]) -> None:
    """What a query asks of the database is bounded as a whole. Raises QueryError."""
    values = wildcards = 0
    for term in terms:
        values += len(term.choices)
        wildcards += sum(choice.value.replace("\\*", "").count("*") for choice in term.choices if choice.has_wildcard)
        if values > MAX_VALUES_IN_ALL:
            raise QueryError(f"A query has at most {MAX_VALUES_IN_ALL} values in all its lists.", term.position)
        if wildcards > MAX_WILDCARDS:
            raise QueryError(f"A query has at most {MAX_WILDCARDS} wildcards.", term.position)


@dataclass(slots=True, frozen=True)
class _Word:
    """One value as typed, without its quotes."""

    text: str
    position: int
    is_quoted: bool = False

    @property
    def is_missing(self) -> bool:
        return not self.text and not self.is_quoted


class _Reader:
    """Walks over the text once, from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def terms(self) -> list[Term]:
        found: list[Term] = []
        while self._skip_spaces():
            found.append(self._term())
        return found

    def _term(self) -> Term:
        start = self.at
        is_negated = self._take("!")
        is_tag, key = self._key()
        if key is None:
            return self._free_text(start, is_negated)
        operator = _OPERATOR.match(self.text, self.at)
        self.at = operator.end() if operator else self.at
        words = self._list() if not operator and self._peek() == "[" else [self._word()]
        if words[0].is_missing:
            raise QueryError(f"“{self.text[start : self.at]}” needs a value.", self.at)
        blank = Term(key, operator[0] if operator else "=", "", is_negated, position=start, is_tag=is_tag)
        first, *others = (_with_value(blank, word) for word in words)
        return replace(first, others=tuple(others))

    def _free_text(self, start: int, is_negated: bool) -> Term:
        word = self._word()
        if word.is_missing:
            raise QueryError("After “!” comes what must not match.", self.at)
        if word.text in _BOOLEANS and not word.is_quoted:
            raise QueryError(f"“{word.text}” is not known: all terms must hold, and key:[a, b] is any of them.", start)
        return _with_value(Term("", "=", "", is_negated, position=start), word)

    def _key(self) -> tuple[bool, str | None]:
        """Whether `tags[key]:` was written, and the key; None where free text begins."""
        before = self.at
        is_tag = self.text.startswith("tags[", self.at)
        match = _KEY.match(self.text, self.at + len("tags[") * is_tag)
        if match:
            self.at = match.end()
            # `http://…` is text, not the value of a tag `http`.
            if (not is_tag or self._take("]")) and self._take(":") and not self.text.startswith("//", self.at):
                key = match[0] if is_tag else ALIASES.get(match[0], match[0])
                return is_tag or (key not in KEYS and key != ""), key
        self.at = before
        return False, None

    def _list(self) -> list[_Word]:
        opened = self.at
        self.at += 1
        words: list[_Word] = []
        while self._skip_spaces():
            words.append(self._word(stops=",]"))
            if words[-1].is_missing:
                raise QueryError("A value is missing in the list.", words[-1].position)
            if len(words) > MAX_VALUES:
                raise QueryError(f"A list has at most {MAX_VALUES} values.", words[-1].position)
            self._skip_spaces()
            if self._take("]"):
                return words
            if self._peek() and not self._take(","):
                raise QueryError("Commas part the values of a list; quote a value with spaces.", self.at)
        raise QueryError("A list that begins with “[” ends with “]”.", opened)

    def _word(self, stops: str = "") -> _Word:
        start = self.at
        if self._take('"'):
            return self._quoted(start)
        while self._peek() and not self._peek().isspace() and self._peek() not in stops:
            self.at += 1
        return _Word(self.text[start : self.at], start)

    def _quoted(self, start: int) -> _Word:
        end = self.at
        while end < len(self.text) and self.text[end] != '"':
            end += 2 if self.text[end] == "\\" else 1
        if end >= len(self.text):
            raise QueryError("A value that begins with a quote ends with one.", start)
        inner, self.at = self.text[self.at : end], end + 1
        return _Word(inner.replace('\\"', '"'), start, is_quoted=True)

    def _skip_spaces(self) -> bool:
        """Whether anything is left after the spaces."""
        while self._peek().isspace():
            self.at += 1
        return self.at < len(self.text)

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _take(self, character: str) -> bool:
        taken = self._peek() == character
        self.at += taken
        return taken


def _with_value(term: Term, word: _Word) -> Term:
    has_wildcard = "*" in word.text.replace("\\*", "")
    value = word.text if has_wildcard else word.text.replace("\\*", "*")
    if not term.is_tag and term.key:
        try:
            value = check_value(term.key, term.operator, value, has_wildcard=has_wildcard)
        except ValueError as error:
            raise QueryError(str(error), word.position) from None
    elif term.operator != "=":
        # `url:<unknown>`: a tag's value may begin with a sign, and tags have no order.
        value, term = term.operator + value, replace(term, operator="=")
    return replace(term, value=value, has_wildcard=has_wildcard)
