"""Paths in a message: files by their base name where it is source code, web paths by their static segments."""

import re
from collections.abc import Callable

from grouping.messages.words import FILE_ROOTS, SOURCE_ENDINGS

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
