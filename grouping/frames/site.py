"""Site and Draft: a frame as its platform's rules read it, and what they make of it."""

from dataclasses import dataclass, field
from typing import NamedTuple

from grouping import encoding


@dataclass(frozen=True, slots=True)
class Token:
    """A frame's location, function and trusted source line, with what the rules said of it.

    Two frames are the same place when `place` is equal; the line counts beside it only at the crash, or everywhere
    if `line_identifies`.
    """

    location: str
    function: str
    line: str
    library: bool
    dropped: str
    nameless: bool
    minified: bool
    line_identifies: bool
    folds: bool
    codes: tuple[str, ...]
    place: bytes
    """The frame as a part of a key, without its line."""
    crash: bytes
    """The frame as a part of a key, with its line."""

    @property
    def usable(self) -> bool:
        """Whether the frame alone says where something happened."""
        return bool(self.location and self.function) or bool(self.line)

    @property
    def shown(self) -> str:
        """The token for people: `shop.billing · charge`."""
        return " · ".join(part for part in (self.location, self.function) if part) or "?"


def encode_place(location: str, function: str, line: str = "") -> bytes:
    """A frame as a part of a key."""
    content = encoding.part(encoding.LOCATION, location) + encoding.part(encoding.FUNCTION, function)
    if line:
        content += encoding.part(encoding.LINE, line)
    return encoding.nested(encoding.FRAME, content)


class Site(NamedTuple):
    """What of a frame may identify a place in code; hashable, so that readings can be remembered."""

    platform: str
    module: str
    filename: str
    abs_path: str
    function: str
    package: str
    context_line: str
    squeezed: bool
    """The column says that the frame lies in a minified file."""
    mapped: bool

    @property
    def path(self) -> str:
        """The relative path where the SDK sent one, else the absolute."""
        return self.filename or self.abs_path


@dataclass(slots=True)
class Draft:
    """A reading in the making: rules write into it and leave their ids in `codes`."""

    location: str = ""
    function: str = ""
    library: bool = False
    dropped: str = ""
    """The id of the rule that made the frame noise; empty where it stays."""
    nameless: bool = False
    """The function has no name of its own: a lambda, a closure, a block."""
    minified: bool = False
    line_identifies: bool = False
    """The source line counts in every frame, not at the crash alone."""
    line_untrusted: bool = False
    """The source line does not belong to the code that ran."""
    folds: bool = False
    """The frame is a part of the function around it (a comprehension) and only its line counts."""
    codes: list[str] = field(default_factory=list)

    def note(self, code: str) -> None:
        if code not in self.codes:
            self.codes.append(code)
