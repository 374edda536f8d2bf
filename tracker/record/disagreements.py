"""Events whose keys belong to different issues: the earlier key decides, and the two issues are proposed as one.

Source: the grouping specification, "Layers and lookup": a conflict changes nothing by itself.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from tracker.storage.memory import Remembered
from tracker.storage.sql import Columns, write_rows

COLUMNS: Columns = (
    ("issue_id", "bigint"),
    ("other_id", "bigint"),
    ("score", "real"),
    ("template", "real"),
    ("is_same_type", "boolean"),
    ("is_by_rules", "boolean"),
    ("is_by_keys", "boolean"),
    ("created_at", "time"),
)

_proposed: Remembered[tuple[int, int], bool] = Remembered(5_000)


def forget_disagreements() -> None:
    """Drop what was proposed already (tests)."""
    _proposed.clear()


def propose(issues_of_events: Iterable[set[int]], now: datetime) -> None:
    """Propose the issues of each event whose keys lead to more than one: one statement, and only the first time."""
    torn = (issues for issues in issues_of_events if len(issues) > 1)
    pairs = {(issue, min(issues)) for issues in torn for issue in issues if issue != min(issues)}
    new = sorted(pair for pair in pairs if _proposed.get(pair) is None)
    rows = [(*pair, 1.0, 0.0, True, False, True, now) for pair in new]
    write_rows("tracker_suggestion", COLUMNS, rows, "ON CONFLICT DO NOTHING")
    transaction.on_commit(lambda: _proposed.put_all((pair, True) for pair in new))
