"""What did the SDK mean? Every SDK's dialect is forgiven here and nowhere else."""

from grouping.reader.decode import UnreadableEvent, decode_json
from grouping.reader.payload import read_event, skim_event
from grouping.reader.sections import read_breadcrumbs, section
from grouping.reader.security import read_security_report
from grouping.reader.stacks import SourceLine, frame_variables, source_lines

__all__ = [
    "SourceLine",
    "UnreadableEvent",
    "decode_json",
    "frame_variables",
    "read_breadcrumbs",
    "read_event",
    "read_security_report",
    "section",
    "skim_event",
    "source_lines",
]
