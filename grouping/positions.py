"""The raw layer: where frames stood before a source map or mapping file said what they are."""

from collections.abc import Sequence

from grouping.event import Event, Frame
from grouping.stacks import Selection

MAPPED_PLATFORMS = frozenset({"javascript", "node", "java", "android", "dart"})
MOST_FRAMES = 50


def raw_positions(event: Event, frames: Sequence[Frame], selection: Selection) -> list[str]:
    """File, line and column of every frame as sent, under the release; empty where no map can change what they say.

    The same event sent before and after its map was uploaded has the same positions, so it stays one issue.
    """
    if event.platform not in MAPPED_PLATFORMS or not (event.release or event.dist):
        return []
    minified = any(token is not None and token.minified for token in selection.tokens)
    if not minified and not any(frame.mapped for frame in frames):
        return []
    return [event.release, event.dist, *(_position(frame) for frame in frames[-MOST_FRAMES:])]


def _position(frame: Frame) -> str:
    sent: tuple[object, ...] = (
        frame.abs_path or frame.filename,
        frame.module,
        frame.function,
        frame.lineno,
        frame.colno,
    )
    if frame.mapped:
        path = frame.raw.get("abs_path") or frame.raw.get("filename")
        sent = (path, *(frame.raw.get(name) for name in ("module", "function", "lineno", "colno")))
    return "\n".join("" if value is None else str(value) for value in sent)
