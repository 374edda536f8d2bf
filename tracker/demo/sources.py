"""The applications' source code, from which frames get the lines around them as SDKs send those."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "sources"
AROUND = 5
"""Lines that SDKs send before and after the line of a frame."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A line of source code with its number and its surroundings."""

    number: int
    line: str
    before: list[str]
    after: list[str]


@cache
def excerpt(app: str, path: str, piece: str) -> Excerpt:
    """The line of an application's file that holds a piece of text. Raises LookupError unless exactly one does."""
    first, lines = _files(app)[path]
    found = [number for number, line in enumerate(lines) if piece in line]
    if len(found) != 1:
        raise LookupError(f"{len(found)} lines of {path} in {app} hold {piece!r}")
    at = found[0]
    return Excerpt(first + at, lines[at], lines[max(0, at - AROUND) : at], lines[at + 1 : at + 1 + AROUND])


@cache
def _files(app: str) -> dict[str, tuple[int, list[str]]]:
    """Number of the first line and lines by path; a file begins with a line `=== path first-line`."""
    files: dict[str, tuple[int, list[str]]] = {}
    for block in (FOLDER / f"{app}.txt").read_text().split("=== ")[1:]:
        head, *lines = block.rstrip("\n").split("\n")
        path, _, first = head.rpartition(" ")
        files[path] = (int(first), lines)
    return files
