"""Evidence: what speaks for an event, before it becomes keys or an explanation."""

from dataclasses import dataclass, field

from grouping.frames import Token
from grouping.stacks import Selection


@dataclass(slots=True)
class Cause:
    """An explicit cause of the main exception: its type and where it crashed."""

    type: str
    token: Token | None
    in_app: bool


@dataclass(slots=True)
class Evidence:
    """One event's evidence: `kind` says what speaks, `case` how much the stack says (README: C0 to C6)."""

    kind: str
    case: str = ""
    type: str = ""
    selection: Selection = field(default_factory=Selection)
    causes: list[Cause] = field(default_factory=list)
    frames: list[Token] = field(default_factory=list)
    """The tokens in the primary key, the crash last."""
    crash_line: bool = False
    """The source line of the crash frame is part of the key."""
    message: str | None = None
    """The message template, where it is part of the key."""
    message_raw: str = ""
    message_alone: str = ""
    """The template by which the same message is known that comes without a stack; empty where it says too little."""
    message_strong: bool = False
    language: str = ""
    """For messages alone: the same words from another language's program are another message."""
    texts: list[str] = field(default_factory=list)
    """Other parts: a checksum, a template's line, a report's directive, a transaction."""
    base_texts: list[str] = field(default_factory=list)
    """For pure messages: what remains of the key when the message is left out."""
    raw_positions: list[str] = field(default_factory=list)
    """File, line and column as sent, where a source map or mapping file can change what the frames say."""
    main: int = -1
    """Position of the main exception; -1 without one."""
    skipped: dict[int, str] = field(default_factory=dict)
