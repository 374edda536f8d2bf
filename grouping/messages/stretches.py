"""What a template replaces as a whole before it looks at words: traces, addresses, objects, lists, quotations."""

import re
from collections.abc import Callable

from grouping.messages.values import PRIVATE_USE, Spans, mark_dates

_DIGIT = re.compile(r"\d")
_TRACE = re.compile(
    r"\b(?:[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}|(?:Root=)?1-[0-9a-f]{8}-[0-9a-f]{24})\b", re.IGNORECASE
)
_URL = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.\-]{{0,30}}://(?:[^\s/@\"'<>`]{{1,200}}@)?(?:\[[0-9A-Fa-f:.]{{2,45}}\])?"
    rf"[^\s\"'<>()\[\]{{}}|`{PRIVATE_USE}]*"
)
_EMAIL = re.compile(r"[\w.+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,5}")
_MEMORY_PLACE = re.compile(r" at 0x[0-9A-Fa-f]{1,16}(?=[>,])|(?<=\w):0x[0-9A-Fa-f]{1,16}\b")
_OBJECT_HASH = re.compile(r"(?<=[\w\]>;$])@[0-9a-f]{4,16}\b")
_PROCESS = re.compile(r"#(?:PID|Reference|Port|Function)<[^<>]{1,80}>")
_THOUSANDS = re.compile(r"\d(?<![\w.,\[(]\d)\d{0,2}(?:,\d{3}){1,6}(?![\w,])")
_QUOTED = re.compile(
    r"(?<![\w\\])[bBuUrR]?(?:"
    r'"(?P<double>[^"\\]*+(?:\\.[^"\\]*+)*+)"'
    r"|'(?P<single>[^'\\]*+(?:\\.[^'\\]*+)*+)'(?!\w)"
    r"|`(?P<back>[^`]{0,500})`"
    r"|“(?P<curly>[^“”]{0,500})”|«(?P<angle>[^«»]{0,500})»"
    r")"
)
_NONE = "none|null|nil|undefined"
_ENDS_VALUE = r"(?!\w)(?=\.?\s*(?:[,;|)\]}]|$|\w+ ?[=:]))"
_TRUTH = re.compile(rf"(=)(true|false)(?!\w)|(: ?)(true|false){_ENDS_VALUE}", re.IGNORECASE)
_NOTHING = re.compile(rf"(=)({_NONE})(?!\w)|(: ?)({_NONE}){_ENDS_VALUE}", re.IGNORECASE)
_PARENTHESES = re.compile(r"(?<=\()[^()]{1,300}(?=\))")
_ERROR_NUMBER = re.compile(
    r"\A\s*\d{3,5}\s*,|\b(?:status|code|https?|response|errno|error|signal|winerror|sqlstate)\W{0,3}\d", re.IGNORECASE
)
_QUOTES = re.compile("[\"'`“«]")

IsVolatile = Callable[[str], bool]


def mark_stretches(spans: Spans, *, strong: bool, is_volatile: IsVolatile) -> None:
    """Mark the stretches of a text, each class only where its tell-tale character is.

    `is_volatile` tells whether a quotation would differ from one event to the next; it is asked where not `strong`.
    """
    text = spans.text
    has_digit = _DIGIT.search(text) is not None
    if has_digit and "-" in text:
        spans.replace(_TRACE, "<trace>", "trace")
    if "://" in text:
        spans.replace_by(_URL, lambda match: _mark_url(spans, match[0]))
    if "@" in text:
        spans.replace(_EMAIL, "<email>", "email")
    if has_digit:
        mark_dates(spans)
        _mark_objects(spans)
        if "," in text:
            spans.replace(_THOUSANDS, "<int>", "number")
    if ":" in text or "=" in text:
        spans.replace_by(_TRUTH, lambda match: _mark_value(spans, match, "<bool>", "truth value"))
        spans.replace_by(_NOTHING, lambda match: _mark_value(spans, match, "<null>", "nothing"))
    if _QUOTES.search(text):
        _mark_quotations(spans, strong=strong, is_volatile=is_volatile)
    if strong and "(" in text:
        spans.replace_by(_PARENTHESES, lambda match: _mark_parentheses(spans, match[0]))


def _mark_url(spans: Spans, url: str) -> str:
    address = url.rstrip(".,;:!?")
    return spans.mark(address, "<url>", "url") + url[len(address) :]


def _mark_value(spans: Spans, match: re.Match[str], value: str, kind: str) -> str:
    sign, word = match[1] or match[3], match[2] or match[4]
    return sign + spans.mark(word, value, kind)


def _mark_objects(spans: Spans) -> None:
    if "0x" in spans.text:
        spans.replace(_MEMORY_PLACE, "", "object")
    if "@" in spans.text:
        spans.replace(_OBJECT_HASH, "@<hex>", "object")
    if "#" in spans.text:
        spans.replace_by(_PROCESS, lambda match: _mark_process(spans, match[0]))


def _mark_process(spans: Spans, process: str) -> str:
    return spans.mark(process, process.partition("<")[0] + "<…>", "object")


def _mark_quotations(spans: Spans, *, strong: bool, is_volatile: IsVolatile) -> None:
    text = spans.text

    def mark(match: re.Match[str]) -> str:
        inner = match[match.lastgroup or 0]
        inside = _is_inside_brackets(text, match.start())
        if inside and text[match.end() : match.end() + 2].lstrip().startswith(":"):
            return match[0]
        if strong or inside or text[match.start() - 1 : match.start()] == "=" or is_volatile(spans.written_out(inner)):
            return spans.mark(match[0], "<str>", "quotation")
        return match[0]

    spans.replace_by(_QUOTED, mark)


def _is_inside_brackets(text: str, place: int) -> bool:
    opened = text.count("{", 0, place) + text.count("[", 0, place)
    return opened > 0 and opened > text.count("}", 0, place) + text.count("]", 0, place)


def _mark_parentheses(spans: Spans, inner: str) -> str:
    raw = spans.written_out(inner)
    if not _DIGIT.search(raw) or _ERROR_NUMBER.search(raw):
        return inner
    return spans.mark(inner, "<…>", "parentheses")
