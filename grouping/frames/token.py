"""Token: what of one frame enters a key."""

from dataclasses import dataclass

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
