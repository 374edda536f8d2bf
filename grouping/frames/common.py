"""The rules of every platform (G1 to G12): paths, function names, source lines."""

import re
import unicodedata

from grouping.frames.site import Draft, Site

MAX_TEXT_LENGTH = 1_024
MAX_LINE_LENGTH = 120
MAX_MARKS = 30
"""Accents and the like that one letter has."""
LAMBDA = "<λ>"

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")

UNUSABLE_FUNCTIONS = frozenset(
    {
        "",
        "?",
        "??",
        "<unknown>",
        "<redacted>",
        "<anonymous>",
        "anonymous",
        "Anonymous function",
        "{anonymous}",
        "(null)",
    }
)
UNUSABLE_MODULES = frozenset({"", "__main__", "<unknown>", "<anonymous>", "?", "unknown"})

_GENERIC_STEMS = frozenset(
    {
        *("index", "main", "app", "page", "route", "layout", "loading", "error", "template", "middleware"),
        *(
            "__init__",
            "__main__",
            "mod",
            "lib",
            "utils",
            "util",
            "helpers",
            "views",
            "models",
            "tasks",
            "+page",
            "+server",
        ),
    }
)

_VOLATILE_SEGMENT = re.compile(
    r"\d{8,14}"
    r"|(?=[a-f]*\d)[0-9a-f]{7,64}"
    r"|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
    r"|v?\d++\.\d++(?:(?:\.\d++)*+(?:[-+.][0-9a-z.]++)?|\.[0-9a-z.]++)"
    r"|current|releases",
    re.IGNORECASE,
)
_PACKAGE_VERSION = re.compile(r"(@?[A-Za-z][\w.+-]*?)(?:@|-v?)\d+(?:\.\d+)+.*")
_DRIVE = re.compile(r"^[A-Za-z]:(?=/)")

_DEPLOY_ROOT = re.compile(
    r"/(?:app|code|workspace|usr/src/app|var/task|var/www/html|(?:srv|opt|home|Users|data|mnt|var/www)/[^/]+)/(?=.)"
)
"""Where people put programs: a file that lies right there is known by its own name."""

_TELEMETRY = re.compile(
    r"^(?:sentry_sdk|raven|newrelic|ddtrace|opentelemetry|elasticapm|rollbar|bugsnag|honeybadger)(?:[./:]|$)"
    r"|^io\.(?:sentry|opentelemetry)\.|^com\.(?:newrelic|bugsnag|rollbar)\.|^Sentry[.\\]"
    r"|(?:^|[/@])(?:@sentry(?:-internal)?|@opentelemetry|dd-trace|logrocket|newrelic)[/@]"
    r"|(?:^|/)(?:sentry_sdk|ddtrace|newrelic|opentelemetry)/"
    r"|(?:^|/)(?:sentry-(?:ruby|rails|sidekiq|raven|resque|delayed_job)|newrelic_rpm)[\w.-]*/"
    r"|/vendor/sentry/|github\.com/getsentry/sentry-go|^package:sentry",
    re.IGNORECASE,
)


def clean(text: str) -> str:
    """G1: NFC, no control characters, trimmed, at most 1,024 characters."""
    text = text[:MAX_TEXT_LENGTH]
    if text.isascii():
        return (_CONTROL.sub("", text) if not text.isprintable() else text).strip()
    return _normalized(_CONTROL.sub("", text)).strip()


def trusted_line(line: str) -> str:
    """G11: the source line with its white space collapsed; empty where it is cut, long, or minified."""
    if not line or len(line) > 4 * MAX_LINE_LENGTH or "{snip}" in line:
        return ""
    collapsed = " ".join(clean_line(line).split())
    return collapsed if len(collapsed) <= MAX_LINE_LENGTH else ""


def clean_line(line: str) -> str:
    return line if line.isascii() else _normalized(line)


def _normalized(text: str) -> str:
    """NFC, but for a text with more marks on one letter than any language has: sorting them takes quadratic time.

    Source: the Stream-Safe Text Format, https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format
    """
    if len(text) > MAX_MARKS:
        classes = bytes(map(unicodedata.combining, text))
        if max(map(len, classes.split(b"\0"))) > MAX_MARKS:
            return text
    return unicodedata.normalize("NFC", text)


def segments_of(path: str) -> list[str]:
    """G2: a path's segments without drive, query and fragment, and without what changes from deploy to deploy."""
    path = _DRIVE.sub("", path.replace("\\", "/")).partition("?")[0].partition("#")[0]
    kept: list[str] = []
    after_releases = False
    for segment in path.split("/"):
        if not segment or segment in {".", "..", "~"}:
            continue
        if after_releases or _VOLATILE_SEGMENT.fullmatch(segment):
            after_releases = segment == "releases"
            continue
        package = _PACKAGE_VERSION.fullmatch(segment) if "." in segment and not _is_file(segment) else None
        kept.append(package[1] if package else segment)
    return kept


def _is_file(segment: str) -> bool:
    return segment.rpartition(".")[2].isalpha()


def location_of_path(path: str, draft: Draft) -> str:
    """G3: the last two segments, lower-cased; three where the base name says nothing."""
    segments = segments_of(path)
    if not segments:
        return ""
    stem = segments[-1].partition(".")[0].lower()
    keep = 3 if stem in _GENERIC_STEMS else 2
    if keep == 2 and len(segments) > 1 and (root := _DEPLOY_ROOT.match(path)):
        segments = segments_of(path[root.end() :]) or segments
    if len(segments) > keep:
        draft.note("G3")
    return "/".join(segments[-keep:]).lower()


def usable_module(module: str) -> bool:
    """G4: whether a module is a place; `__main__` is wherever the program was started."""
    return module not in UNUSABLE_MODULES


def is_telemetry(site: Site) -> bool:
    """G12: a frame of an error tracker's or a profiler's own code."""
    return bool(
        (site.module and _TELEMETRY.search(site.module))
        or (site.path and _TELEMETRY.search(site.abs_path or site.path))
    )


BLOCK = "<block>"

_COMPILER_SUFFIX = re.compile(
    r" \[clone (?:[^\[\]]|\[(?!clone ))*+\]| \(\.[\w.]+\)"
    r"|\.(?:cold|part|isra|constprop|llvm|lto_priv|localalias|resume|destroy)(?:\.\d+)*|@plt|@\d+"
)
_QUALIFIERS = ("const", "volatile", "noexcept", "&&", "&", "throws", "async")


def start_of_last(pattern: re.Pattern[str], text: str, end: int | None = None) -> int:
    """Where the row of matches begins that ends the text, or its part up to `end`; that end where there is none.

    As `(?:…)+$` finds it, which looks at the end from every place of the text again.
    """
    end = len(text) if end is None else end
    start = last_end = -1
    for match in pattern.finditer(text, 0, end):
        if match.start() != last_end:
            start = match.start()
        last_end = match.end()
    return start if last_end == end else end


def start_of_digits(text: str, end: int | None = None) -> int:
    """Where the digits begin that end the text, or its part up to `end`; that end where there are none."""
    end = len(text) if end is None else end
    while end > 0 and text[end - 1].isdecimal():
        end -= 1
    return end


def without_compiler_suffixes(name: str) -> str:
    """`foo.cold.1` → `foo`, `bar [clone .part.2]` → `bar`."""
    return name[: start_of_last(_COMPILER_SUFFIX, name)]


def without_arguments(name: str) -> str:
    """`ns::foo(int, char)::bar() const` → `ns::foo::bar`; a group that opens the name is kept: `(*T).Run`."""
    for _ in range(3):
        name = _without_qualifier(name)
    return _without_groups(name, "(", ")")


def _without_qualifier(name: str) -> str:
    for qualifier in _QUALIFIERS:
        if name.endswith(qualifier):
            head = name.removesuffix(qualifier)
            kept = head.rstrip()
            if len(kept) < len(head):
                return kept
    return name


def without_generics(name: str) -> str:
    """`Foo<int, Bar<x>>::run` → `Foo::run`; `<A as B>::f`, `operator<` and names in angle brackets stay as they are."""
    return name if "operator" in name else _without_groups(name, "<", ">")


def _without_groups(name: str, opening: str, closing: str) -> str:
    """Drop balanced groups that follow a word; one pass, and an unbalanced name stays whole."""
    if opening not in name:
        return name
    kept: list[str] = []
    depth = 0
    for position, letter in enumerate(name):
        arrow = letter == ">" and position > 0 and name[position - 1] in "-="
        if letter == opening and (depth or (kept and (kept[-1].isalnum() or kept[-1] in "_>]`"))):
            depth += 1
        elif letter == closing and depth and not arrow:
            depth -= 1
        elif not depth:
            kept.append(letter)
    return name if depth else "".join(kept).strip()


def nameless(draft: Draft, enclosing: str, code: str, mark: str = LAMBDA) -> str:
    """The token of a function without a name of its own: its enclosing function's name and a mark (G7)."""
    draft.nameless = True
    draft.note(code)
    return f"{enclosing}.{mark}" if enclosing else mark
