"""Is this the user's code, and what of a frame identifies its place? One file per platform family."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

from grouping.event import Frame
from grouping.frames import apple, dart, dotnet, elixir, go, javascript, jvm, native, php, python, ruby, rust
from grouping.frames.common import (
    MAX_LINE_LENGTH,
    MAX_TEXT_LENGTH,
    UNUSABLE_FUNCTIONS,
    clean,
    is_telemetry,
    location_of_path,
    trusted_line,
    usable_module,
)
from grouping.frames.site import Draft, Site, Token, encode_place


def other(site: Site) -> Draft:
    """A platform without rules of its own: module or file, and the function as it is."""
    draft = Draft()
    draft.location = site.module if usable_module(site.module) else location_of_path(site.path, draft)
    draft.function = "" if site.function in UNUSABLE_FUNCTIONS else site.function
    return draft


FAMILIES: Mapping[str, Callable[[Site], Draft]] = {
    "python": python.describe,
    "javascript": javascript.browser,
    "node": javascript.node,
    "java": jvm.describe,
    "android": jvm.describe,
    "kotlin": jvm.describe,
    "groovy": jvm.describe,
    "csharp": dotnet.describe,
    "ruby": ruby.describe,
    "php": php.describe,
    "go": go.describe,
    "rust": rust.describe,
    "cocoa": apple.describe,
    "objc": apple.describe,
    "swift": apple.describe,
    "dart": dart.describe,
    "elixir": elixir.describe,
    "native": native.describe,
    "c": native.describe,
}


def describe(site: Site) -> Draft:
    """Read a frame under its platform's rules."""
    return FAMILIES.get(site.platform, other)(site)


__all__ = ["Token", "folded", "is_in_app", "is_library", "token_of"]

REMEMBERED_TOKENS = 8_192
REMEMBERED_FOLDS = 1_024
MINIFIED_COLUMN = 300
MINIFIED_LINES = 30
HOPELESS_COLUMN = 1_000


def is_in_app(frame: Frame, platform: str) -> bool:
    """Whether the frame is the user's code: what the rules know as a library's never is, else as the SDK said."""
    return frame.in_app is not False and not is_library(frame, platform)


def is_library(frame: Frame, platform: str) -> bool:
    """Whether the platform's rules know the frame as a library's or the language's own."""
    return token_of(frame, platform).library


def token_of(frame: Frame, platform: str) -> Token:
    """The frame's token under its platform's rules; readings are remembered."""
    line = frame.context_line or ""
    own_platform = frame.raw.get("platform")
    return _read(
        Site(
            own_platform if isinstance(own_platform, str) and own_platform in FAMILIES else platform,
            frame.module[:MAX_TEXT_LENGTH],
            frame.filename[:MAX_TEXT_LENGTH],
            frame.abs_path[:MAX_TEXT_LENGTH],
            frame.function[:MAX_TEXT_LENGTH],
            frame.package[:MAX_TEXT_LENGTH],
            line if len(line) <= 4 * MAX_LINE_LENGTH else "{snip}",
            _is_squeezed(frame.lineno or 0, frame.colno or 0),
            frame.mapped,
        )
    )


def _is_squeezed(line: int, column: int) -> bool:
    """Whether a position is one that only minified files have."""
    return column >= MINIFIED_COLUMN and (line <= MINIFIED_LINES or column >= HOPELESS_COLUMN)


@lru_cache(maxsize=REMEMBERED_TOKENS)
def _read(site: Site) -> Token:
    site = site._replace(
        module=clean(site.module),
        filename=clean(site.filename),
        abs_path=clean(site.abs_path),
        function=clean(site.function),
        package=clean(site.package),
    )
    draft = describe(site)
    if not draft.dropped and is_telemetry(site):
        draft.dropped, draft.library = "G12", True
    line = "" if draft.minified or draft.line_untrusted else trusted_line(site.context_line)
    if not draft.dropped and not draft.location and not draft.function and not line:
        draft.dropped = "G8"
    return Token(
        location=draft.location,
        function=draft.function,
        line=line,
        library=draft.library,
        dropped=draft.dropped,
        nameless=draft.nameless,
        minified=draft.minified,
        line_identifies=draft.line_identifies,
        folds=draft.folds,
        codes=tuple(draft.codes),
        place=encode_place(draft.location, draft.function, line if draft.line_identifies else ""),
        crash=encode_place(draft.location, draft.function, line),
    )


@lru_cache(maxsize=REMEMBERED_FOLDS)
def folded(outer: Token, inner: Token) -> Token:
    """One token for a function and the comprehension that crashed in it: newer Pythons send them as one frame (P2)."""
    return replace(
        inner,
        function=outer.function,
        folds=False,
        nameless=outer.nameless,
        place=encode_place(outer.location, outer.function),
        crash=encode_place(outer.location, outer.function, inner.line),
    )
