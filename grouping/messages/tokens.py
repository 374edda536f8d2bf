"""Paths in a message: files by their base name where it is source code, web paths by their static segments."""

import re
from collections.abc import Callable
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import NamedTuple

from grouping.messages.words import (
    DOUBTFUL_HOST_ENDINGS,
    DURATION_UNITS,
    FILE_ROOTS,
    HOST_ENDINGS,
    SEMANTIC_WORDS,
    SIZE_UNITS,
    SOURCE_ENDINGS,
    WORD_NUMBERS,
)

MAX_TOKEN_LENGTH = 256


class Class(NamedTuple):
    """The value that a word has in the template, and the name of its class."""

    value: str
    kind: str


_HEX = "[0-9A-Fa-f]"
_SAFE = "[bcdfghjklmnpqrstvwxz2456789]"
_UUID = rf"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"
_DURATION = "|".join(sorted(DURATION_UNITS | {"m"}, key=len, reverse=True))
_SIZE = "|".join(sorted(SIZE_UNITS, key=len, reverse=True))

_WITH_DIGIT = re.compile(
    rf"(?P<int>[+-]?\d[\d_]*|\d{{1,9}}(?:st|nd|rd|th))"
    rf"|(?P<float>[+-]?\d*\.\d+(?:[eE][+-]?\d{{1,4}})?|\d+[eE][+-]?\d{{1,4}})"
    rf"|(?P<id>\{{?{_UUID}\}}?|(?=.{{0,25}}\d)[0-9A-HJKMNP-TV-Z]{{26}}|(?=.{{0,23}}[a-f])[0-9a-f]{{24}})"
    rf"|(?P<ip>\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?::\d{{1,5}}|/\d{{1,2}})?|{_HEX}{{2}}(?:[:-]{_HEX}{{2}}){{5}})"
    rf"|(?P<version>[vV]\d+(?:\.\d+)+[\w.+-]*|\d+(?:\.\d+){{2,}}(?:[-+.]?[A-Za-z][\w.+-]*)?)"
    rf"|(?P<percent>[+-]?\d+(?:\.\d+)?%)"
    rf"|(?P<duration>(?:\d+(?:\.\d+)?(?:{_DURATION})){{1,5}})"
    rf"|(?P<size>(?i:\d+(?:\.\d+)?(?:{_SIZE})))"
    rf"|(?P<pointer>0[xX]{_HEX}+)"
    rf"|(?P<hex>(?=\d*[A-Fa-f])(?=[A-Fa-f]*\d)(?:{_HEX}{{7,128}}))"
    rf"|(?P<token>eyJ[\w-]{{5,}}\.[\w-]+(?:\.[\w-]*)?)"
)
_PLACEHOLDERS = {
    "int": Class("<int>", "number"),
    "float": Class("<float>", "number"),
    "id": Class("<id>", "id"),
    "ip": Class("<ip>", "network address"),
    "version": Class("<version>", "version"),
    "percent": Class("<percent>", "percentage"),
    "duration": Class("<duration>", "duration"),
    "size": Class("<size>", "size"),
    "pointer": Class("<hex>", "hexadecimal"),
    "hex": Class("<hex>", "hexadecimal"),
    "token": Class("<token>", "token"),
}
_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"\d+")
_INNER_UUID = re.compile(rf"(?<!{_HEX}){_UUID}(?!{_HEX})")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_-]{1,63}){1,8}(?::\d{1,5})?")
_INTERNAL_HOST = re.compile(r"ip-\d{1,3}(?:-\d{1,3}){3}(?:\.[\w.-]{1,100})?")
_POD = re.compile(rf"([a-z][a-z0-9-]{{0,60}}?)-(?=[a-z]{{0,9}}\d){_SAFE}{{8,10}}-{_SAFE}{{5}}")
_IPV6 = re.compile(r"\[?([0-9A-Fa-f:]{2,39}(?:\.\d{1,3}){0,3}(?:/\d{1,3})?)\]?(?::\d{1,5})?")
_KEPT = re.compile(r"(?:ORA|SQLSTATE|MSB|CS|TS|PGRST)-?\d{3,5}|[vV]\d{1,2}")
"""Error codes with their prefix, and the version of an interface."""
_WORD_AND_SHORT_NUMBER = re.compile(r"[A-Za-z]+\d{1,3}")
_PART_SEPARATOR = re.compile(r"([_.\-+~:])")
_LETTERS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_MAX_KEPT_LENGTH = 5


@lru_cache(maxsize=8192)
def classify(word: str, *, strong: bool) -> Class | None:
    """The class of a word without blanks, brackets or quotes in it; None where it stays as it is."""
    if len(word) > MAX_TOKEN_LENGTH:
        return Class("<blob>", "long text")
    if word.lower() in WORD_NUMBERS or _KEPT.fullmatch(word):
        return None
    has_digit = _DIGIT.search(word) is not None
    if has_digit:
        match = _WITH_DIGIT.fullmatch(word)
        if match:
            is_version = match.lastgroup == "ip" and not _is_address(word)
            return _PLACEHOLDERS["version" if is_version else match.lastgroup or "int"]
        if word.count(":") > 1 and _is_ipv6(word):
            return _PLACEHOLDERS["ip"]
    if "=" in word:
        assignment = _classify_assignment(word, strong=strong)
        if assignment is not None:
            return assignment if assignment.value != word else None
    if "/" in word or "\\" in word:
        template = path_template(word, lambda part: _value_of(part, strong=strong), strong=strong)
        if template is not None:
            return Class(template, "path") if template != word else None
    return _classify_name(word, has_digit=has_digit)


def _value_of(word: str, *, strong: bool) -> str:
    found = classify(word, strong=strong)
    return word if found is None else found.value


def _classify_assignment(word: str, *, strong: bool) -> Class | None:
    key, sign, value = word.partition("=")
    if not key or not value or value.startswith("=") or not key.replace("_", "").replace(".", "").isalnum():
        return None
    if key.rpartition(".")[2].lower() in SEMANTIC_WORDS and value.isdecimal() and len(value) <= _MAX_KEPT_LENGTH:
        return Class(word, "")
    is_time = value.isdecimal() and len(value) in (10, 13) and value.startswith("1")
    masked = Class("<date>", "seconds since 1970") if is_time else classify(value, strong=strong)
    return Class(f"{key}{sign}{masked.value if masked else value}", masked.kind if masked else "")


def _classify_name(word: str, *, has_digit: bool) -> Class | None:
    if "." in word and _is_host(word):
        return Class("<host>", "host")
    if not has_digit:
        return None
    if _INTERNAL_HOST.fullmatch(word):
        return Class("<host>", "host")
    pod = _POD.fullmatch(word)
    if pod:
        return Class(f"{pod[1]}-<pod>", "pod")
    if _BASE64.fullmatch(word) and _is_base64(word):
        return Class("<token>", "token")
    if _is_random(word):
        return Class("<id>", "random id")
    word_with_ids = _INNER_UUID.sub("<id>", word) if "-" in word else word
    pieces = _PART_SEPARATOR.split(word_with_ids)
    template = "".join(_part_template(piece) for piece in pieces)
    return Class(template, "word with number") if template != word else None


def _part_template(part: str) -> str:
    if not _DIGIT.search(part) or part.lower() in WORD_NUMBERS or "<" in part:
        return part
    match = _WITH_DIGIT.fullmatch(part)
    if match and match.lastgroup in ("int", "id", "hex", "pointer", "duration", "size"):
        return _PLACEHOLDERS[match.lastgroup].value
    return "<id>" if _is_random(part) else _DIGITS.sub("<int>", part)


def _is_random(word: str) -> bool:
    """Letters and digits in no order that a person would choose: ids of eight characters, or six of mixed case."""
    if not word.isalnum() or not word.isascii() or word.isdecimal() or _WORD_AND_SHORT_NUMBER.fullmatch(word):
        return False
    is_mixed_case = word.lower() != word and word.upper() != word
    if len(word) < (6 if is_mixed_case else 8):
        return False
    readable = sum(len(letters) for letters in _LETTERS.findall(word) if len(letters) >= 4)
    return readable * 2 <= len(word)


def _is_base64(word: str) -> bool:
    if word.lower() == word or word.upper() == word:
        return False
    if "/" in word or "+" in word or word.endswith("="):
        return "+" in word or word.endswith("=")
    return _is_random(word)


def _is_host(word: str) -> bool:
    name, _, _port = word.partition(":")
    if not _HOST.fullmatch(word) or name != name.lower():
        return False
    labels = name.split(".")
    if labels[-1] in HOST_ENDINGS:
        return True
    return labels[-1] in DOUBTFUL_HOST_ENDINGS and len(labels) > 2


def _is_address(word: str) -> bool:
    if "." not in word:
        return True
    address = word.partition("/")[0].partition(":")[0]
    try:
        IPv4Address(address)
    except AddressValueError:
        return False
    return True


def _is_ipv6(word: str) -> bool:
    shape = _IPV6.fullmatch(word)
    if shape is None:
        return False
    try:
        IPv6Address(shape[1].partition("/")[0])
    except AddressValueError:
        return False
    return True


_DRIVE = re.compile(r"[A-Za-z]:[\\/]|\\\\|~/|\.{1,2}[\\/]")
_ENDING = re.compile(r"(.{1,200})\.(\w{1,8})((?::\d{1,7}){0,2}:?)")

TokenOf = Callable[[str], str]


def path_template(path: str, token_of: TokenOf, *, strong: bool) -> str | None:
    """The template of a word with a slash in it, None where its segments are ordinary words (`and/or`, `1/2`)."""
    separator = "\\" if path.count("\\") > path.count("/") else "/"
    segments = path.split(separator)
    named = [segment for segment in segments if segment]
    is_rooted = path.startswith(separator) or _DRIVE.match(path) is not None
    if len(named) < 2 or not (is_rooted or len(named) > 2 or _ENDING.fullmatch(named[-1])):
        return None
    ending = _ENDING.fullmatch(named[-1])
    is_file = (
        _DRIVE.match(path) is not None
        or (is_rooted and named[0].lower() in FILE_ROOTS)
        or (ending is not None and not ending[2].isdecimal())
    )
    if is_file and ending is not None and ending[2].lower() in SOURCE_ENDINGS:
        places = re.sub(r"\d+", "<int>", ending[3])
        return "<path>" if strong else f"<path>/{ending[1]}.{ending[2]}{places}"
    if is_file or (strong and is_rooted):
        return "<path>"
    return separator.join(token_of(segment) if segment else "" for segment in segments)
