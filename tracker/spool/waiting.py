"""How much of each project and category lies in the spool: for the account of what became of everything."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from tracker.spool.entry import read_quantities
from tracker.spool.frames import HEADER, MAGIC, RECORD
from tracker.spool.reader import START, Cursor
from tracker.spool.segments import list_segments

Waiting = dict[int, Counter[str]]
"""Quantities by category, by project id."""

MAX_CONTENTS_LENGTH = 1_000


def count_waiting() -> Waiting:
    """What is not acknowledged yet, of every project. Raises SpoolUnavailable."""
    count: Callable[[], Waiting] = import_string(settings.SPOOL_COUNT_BACKEND)
    return count()


def count_in_files() -> Waiting:
    """What waits in the files of this machine's spool."""
    return count_on_disk(settings.SPOOL_DIR)


def count_on_disk(directory: Path) -> Waiting:
    """Hops from header to header behind the cursor and reads the first bytes of each frame."""
    if not directory.is_dir():
        return {}
    positions = Cursor(directory / "cursor").positions
    entries: Counter[tuple[int, str]] = Counter()
    for path in list_segments(directory):
        entries += _count_in_segment(path, positions.get(path.name, START).offset)
    return add_up(entries)


def _count_in_segment(path: Path, offset: int) -> Counter[tuple[int, str]]:
    """Entries by project id and contents."""
    counts: Counter[tuple[int, str]] = Counter()
    try:
        with path.open("rb") as file:
            end = os.fstat(file.fileno()).st_size
            while offset + HEADER.size + RECORD.size <= end:
                head = os.pread(file.fileno(), HEADER.size + RECORD.size + MAX_CONTENTS_LENGTH, offset)
                magic, length, _ = HEADER.unpack_from(head)
                if magic != MAGIC or offset + HEADER.size + length > end:
                    break
                project_id, *_, contents_length = RECORD.unpack_from(head, HEADER.size)
                contents = head[HEADER.size + RECORD.size :][:contents_length]
                counts[project_id, contents.decode()] += 1
                offset += HEADER.size + length
    except FileNotFoundError:
        pass
    return counts


def add_up(entries: Counter[tuple[int, str]]) -> Waiting:
    """Quantities, of how many entries there are by project id and contents."""
    waiting: Waiting = {}
    for (project_id, contents), times in entries.items():
        quantities = waiting.setdefault(project_id, Counter())
        for category, quantity in read_quantities(contents).items():
            quantities[category] += quantity * times
    return waiting
