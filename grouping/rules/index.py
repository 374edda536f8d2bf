"""Which of a project's matchers accept a value: asked for every frame of every event, however many rules there are.

Each distinct matcher has a number. A value is not tried against all of them: a glob without wildcards is looked up, and
of one with wildcards a few letters are known that are in every value that fits it. So a value costs as much as it is
long, and what the few globs cost that may well fit it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from grouping.rules.matchers import CASELESS_KEYS, LIST_KEYS, PATH_KEYS, TRUTH_KEYS, TRUTHS, Matcher
from grouping.rules.syntax import compile_glob, literals_of

REMEMBERED_VALUES = 512
MAX_REMEMBERED_LENGTH = 256
MAX_GRAM_LENGTH = 3

Value = str | bool
Subject = Iterable[tuple[str, Value]]
"""What one frame, exception, thread or event says: names of matchers (`function`, `tags.region`) with values."""
Accepting = Callable[[Value], Sequence[int]]
"""The numbers of the matchers that a value fits, whether they are negated or not."""

_ALL = "all"
_WILDCARD = re.compile(r"[*?\[]")
_ASCII = re.compile(r"[\x00-\x7f]+")
_FITS_ASCII = str.maketrans("ıİſK", "iisk")
"""Letters that fit one of ASCII where its case does not count."""


class MatcherIndex:
    """The matchers of one text of rules, by number."""

    def __init__(self) -> None:
        self._numbers: dict[Matcher, int] = {}
        self._negated: list[int] = []
        self.accepting: dict[str, Accepting] = {}
        """By the name that matchers look at."""

    def numbers(self, matchers: Iterable[Matcher]) -> tuple[int, ...]:
        """The numbers of matchers, new ones included; to be asked before `close`."""
        return tuple(self._numbers.setdefault(matcher, len(self._numbers)) for matcher in matchers)

    def close(self) -> None:
        """Make ready for `rows`."""
        self._negated = [number for matcher, number in self._numbers.items() if matcher.negated]
        by_name: dict[str, dict[Matcher, int]] = {}
        for matcher, number in self._numbers.items():
            by_name.setdefault(matcher.name, {})[matcher] = number
        self.accepting = {name: _accepting(matchers) for name, matchers in by_name.items()}

    def rows(self, subjects: Iterable[Subject]) -> list[int]:
        """For every matcher, by number, the subjects that it accepts, the first as the lowest bit."""
        rows = [0] * len(self._numbers)
        bit = 1
        for subject in subjects:
            for name, value in subject:
                accepting = self.accepting.get(name)
                if accepting is not None:
                    for number in accepting(value):
                        rows[number] |= bit
            bit <<= 1
        for number in self._negated:
            rows[number] ^= bit - 1
        return rows


def all_of(rows: Sequence[int], numbers: Iterable[int], subjects: int) -> int:
    """Those of the subjects that all of the matchers accept."""
    for number in numbers:
        subjects &= rows[number]
        if not subjects:
            break
    return subjects


def _accepting(matchers: Mapping[Matcher, int]) -> Accepting:
    key = next(iter(matchers)).key
    if key in TRUTH_KEYS:
        return _by_option({matcher: [TRUTHS.get(matcher.glob.lower(), "")] for matcher in matchers}, matchers)
    if key in LIST_KEYS:
        return _by_option({matcher: matcher.glob.split(",") for matcher in matchers}, matchers)
    return _Globs(key, matchers).accepting


def _by_option(options: Mapping[Matcher, Sequence[Value]], matchers: Mapping[Matcher, int]) -> Accepting:
    """For matchers that name one or several values, or `all`."""
    numbers: dict[Value, list[int]] = {}
    for matcher, number in matchers.items():
        for option in [_ALL] if _ALL in options[matcher] else dict.fromkeys(options[matcher]):
            numbers.setdefault(option, []).append(number)
    every = numbers.pop(_ALL, [])
    return lambda value: [*every, *numbers.get(value, ())]


class _Globs:
    """The globs of one key. A gram is a few letters in a row."""

    def __init__(self, key: str, matchers: Mapping[Matcher, int]) -> None:
        self._is_path, self._ignores_case = key in PATH_KEYS, key in CASELESS_KEYS
        self._exact: dict[str, list[int]] = {}
        self._by_gram: dict[str, list[tuple[re.Pattern[str], list[int]]]] = {}
        globs: dict[str, list[int]] = {}
        for matcher, number in matchers.items():
            globs.setdefault(matcher.glob, []).append(number)
        grams_of = {glob: self._grams_of(glob) for glob in globs if not self._is_plain(glob)}
        frequency = Counter(gram for grams in grams_of.values() for gram in grams)
        for glob, numbers in globs.items():
            if glob not in grams_of:
                self._exact.setdefault(self._folded(glob), []).extend(numbers)
                continue
            rarest = min(grams_of[glob], key=lambda gram: (-len(gram), frequency[gram]), default="")
            pattern = compile_glob(glob, path=self._is_path, ignore_case=self._ignores_case)
            self._by_gram.setdefault(rarest, []).append((pattern, numbers))
        self._lengths = sorted({len(gram) for gram in self._by_gram} - {0})
        self._remembered = lru_cache(maxsize=REMEMBERED_VALUES)(self._find)

    def accepting(self, value: Value) -> Sequence[int]:
        text = str(value)
        return self._remembered(text) if len(text) <= MAX_REMEMBERED_LENGTH else self._find(text)

    def _find(self, value: str) -> Sequence[int]:
        rooted = ""
        if self._is_path:
            value = value.replace("\\", "/")
            rooted = "" if value.startswith("/") else f"/{value}"
        folded = self._folded(value)
        found = [*self._exact.get(folded, ())]
        if rooted:
            found += self._exact.get(f"/{folded}", ())
        for pattern, numbers in self._candidates(f"/{folded}" if rooted else folded):
            if pattern.match(value) or (rooted and pattern.match(rooted)):
                found += numbers
        return found

    def _candidates(self, text: str) -> Iterable[tuple[re.Pattern[str], list[int]]]:
        grams = {""}
        for length in self._lengths:
            grams.update([text[start : start + length] for start in range(len(text) - length + 1)])
        return [candidate for gram in self._by_gram.keys() & grams for candidate in self._by_gram[gram]]

    def _folded(self, text: str) -> str:
        if self._is_path:
            text = text.replace("\\", "/")
        if not self._ignores_case:
            return text
        return text.lower() if text.isascii() else text.translate(_FITS_ASCII).lower()

    def _is_plain(self, glob: str) -> bool:
        """Whether the glob fits itself only."""
        return not _WILDCARD.search(glob) and (glob.isascii() or not self._ignores_case)

    def _grams_of(self, glob: str) -> set[str]:
        """What every text has in it that fits the glob, the longest grams that there are."""
        texts = literals_of(glob, path=self._is_path)
        if self._ignores_case:
            texts = [part for text in texts for part in _ASCII.findall(text)]
        texts = [self._folded(text) for text in texts]
        length = min(MAX_GRAM_LENGTH, max(map(len, texts), default=0))
        return {text[start : start + length] for text in texts for start in range(len(text) - length + 1) if length}
