"""One error, several wordings: what engines and browsers say differently of the same thing (J12, J13).

Only messages that enter a key are brought to one wording; what people see is never changed.
"""

import re
from typing import NamedTuple

GENERIC_TYPES = frozenset(
    {
        *("*errors.errorString", "*fmt.wrapError", "*fmt.wrapErrors", "*errors.joinError", "*errors.fundamental"),
        *("*errors.withStack", "*errors.withMessage", "errors.errorString", "*errutil.leafError", "*exported.Error"),
        *("Error", "Exception", "RuntimeException", "java.lang.Exception", "java.lang.RuntimeException"),
        *("java.lang.Error", "java.lang.Throwable", "Throwable", "System.Exception", "System.ApplicationException"),
        *("StandardError", "RuntimeError", "ErrorException", "UnhandledRejection", "<unknown>", "unknown", "panic"),
        *("BaseException", "Elixir.RuntimeError", "NSException", "_Exception", "PlatformException", "Object"),
    }
)
"""Types that programmers raise when no better one came to mind: the message belongs to what happened."""

WRAPPER_TYPES = frozenset(
    {
        *("InvocationTargetException", "UndeclaredThrowableException", "CompletionException", "ExecutionException"),
        *("OnErrorNotImplementedException", "UndeliverableException", "CompositeException"),
        *("ActionView::Template::Error", "ViewException", "Illuminate\\View\\ViewException"),
        *("Spatie\\LaravelIgnition\\Exceptions\\ViewException", "Facade\\Ignition\\Exceptions\\ViewException"),
        *("AggregateException", "System.AggregateException", "TargetInvocationException"),
        *("System.Reflection.TargetInvocationException", "TypeInitializationException"),
        *("System.TypeInitializationException", "StatementError"),
    }
)
"""Exceptions that carry another one and add nothing; skipped where the next cause is there."""

WRAPPERS_BY_MESSAGE = (
    ("ServletException", "Request processing failed"),
    ("NestedServletException", "Request processing failed"),
    ("Error", "There was an error during concurrent rendering"),
    ("Error", "There was an error while hydrating"),
)
"""Wrappers that are known only by how their message begins."""

LOCATION_INDEPENDENT_TYPES = frozenset(
    {
        *("SoftTimeLimitExceeded", "TimeLimitExceeded", "WorkerLostError", "WorkerTimeout", "MemoryError"),
        *("OutOfMemoryError", "OutOfMemoryException", "System.OutOfMemoryException", "NoMemoryError"),
        *("ThreadAbortException", "System.Threading.ThreadAbortException", "KeyboardInterrupt", "Interrupt"),
        *("Rack::Timeout::RequestTimeoutException", "Rack::Timeout::RequestTimeoutError", "ApplicationNotResponding"),
        *("ANR", "AppHang", "App Hanging", "WatchdogTermination", "JobTimeoutException"),
    }
)
"""Errors that strike wherever the program happens to be: the place says nothing."""

LOCATION_INDEPENDENT_MESSAGES = ("Maximum execution time of", "Allowed memory size of")
"""The same, known by how the message begins."""

OVERFLOW_TYPES = frozenset({"RecursionError", "StackOverflowError", "SystemStackError", "StackOverflowException"})
OVERFLOW_MESSAGES = (
    "maximum recursion depth exceeded",
    "Maximum call stack size exceeded",
    "too much recursion",
    "stack level too deep",
    "Stack overflow",
    "Out of stack space",
)
"""A stack overflow is known by its type or by how its message begins (rule G10)."""


CHUNK_LOAD = "<chunkload>"
HYDRATION = "<hydration>"
FETCH_FAILED = "Failed to fetch"


class Wording(NamedTuple):
    """Messages that the pattern matches are said as `canonical`, a template for `Match.expand`."""

    id: str
    pattern: re.Pattern[str]
    canonical: str


def _wording(identifier: str, pattern: str, canonical: str) -> Wording:
    return Wording(identifier, re.compile(pattern, re.DOTALL), canonical)


WORDINGS: tuple[Wording, ...] = (
    _wording(
        "fetch",
        r"(?:TypeError: )?(?:Failed to fetch|NetworkError when attempting to fetch resource\.?|Load failed"
        r"|The network connection was lost\.?|Network request failed)(?: \([^)]*\))?",
        FETCH_FAILED,
    ),
    _wording("not-defined", r"(?:Can't find variable: (\S+)|(\S+) is not defined)", r"\g<1>\g<2> is not defined"),
    _wording(
        "read-property",
        r"(?:Cannot read propert(?:y|ies) (?:'([^']+)' )?of (?:undefined|null)(?: \(reading '([^']+)'\))?"
        r"|can't access property \"([^\"]+)\", .{1,200}"
        r"|(?:undefined|null) is not an object \(evaluating '[^']{0,200}?(\w+)'\)"
        r"|Unable to get property '([^']+)' of undefined or null reference)",
        r"Cannot read property \1\2\3\4\5",
    ),
    _wording("resize-observer", r"ResizeObserver loop .*", "ResizeObserver loop"),
    _wording(
        "chunk",
        r".{0,40}(?:ChunkLoadError|Loading (?:CSS )?chunk \S+ failed|Importing a module script failed"
        r"|error loading dynamically imported module|Failed to fetch dynamically imported module"
        r"|Unable to preload CSS).*",
        CHUNK_LOAD,
    ),
    _wording(
        "hydration",
        r".{0,60}(?:Hydration failed because|There was an error while hydrating"
        r"|Text content does(?: not|n't) match server"
        r"|Minified React error #(?:418|419|421|422|423|425)\b|hydrated but some attributes).*",
        HYDRATION,
    ),
)
_SYSTEM_ERROR = re.compile(r"(E[A-Z0-9]{2,20}: [^,]{1,100}, \w+)\b.*", re.DOTALL)
MAX_MESSAGE_LENGTH = 1_024


def canonical_message(text: str, platform: str) -> str:
    """The message in one wording for all browsers and all versions of Node; other platforms' stay as they are."""
    if platform == "node":
        system = _SYSTEM_ERROR.match(text[:MAX_MESSAGE_LENGTH])
        if system:
            return system[1]
    if platform not in {"javascript", "node"}:
        return text
    head = text[:MAX_MESSAGE_LENGTH].strip()
    for wording in WORDINGS:
        if match := wording.pattern.fullmatch(head):
            return match.expand(wording.canonical)
    return text
