"""The labelled events: made by running real programs, each with the group that it truly belongs to."""

import json
import lzma
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ARCHIVE = Path(__file__).parent.parent / "corpus" / "grouping.tar.xz"


@dataclass(frozen=True, slots=True)
class LabelledEvent:
    payload: dict[str, Any]
    group: str
    way: str
    """The call path; events of one group and way differ only in lines, paths, versions and values."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Events in the order in which they arrive, and what is known of their groups."""

    events: list[LabelledEvent]
    look_alikes: list[tuple[list[str], str]]
    """Groups that must stay apart, and why."""
    unasserted: set[frozenset[str]]
    """Pairs of groups of which nobody says whether they are one."""
    needs_source_maps: set[str]


def load_labelled() -> Labelled:
    """Read the archive."""
    with lzma.open(ARCHIVE) as packed, tarfile.open(fileobj=packed) as archive:
        texts = {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}  # type: ignore[union-attr]
    truth = json.loads(texts["truth.json"])
    events = []
    for line in texts["events.jsonl"].splitlines():
        payload = json.loads(line)
        label = truth["events"][payload["event_id"]]
        events.append(LabelledEvent(payload, label["group"], label["way"]))
    return Labelled(
        events,
        [(entry["groups"], entry["why"]) for entry in truth["look_alikes"]],
        {frozenset(pair) for pair in truth["unspecified"]},
        {name for name, group in truth["groups"].items() if group["needs"] == "sourcemaps"},
    )
