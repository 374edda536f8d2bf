"""Everything that happens in a demo, in the order of time."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.demo.envelopes import Envelope
from tracker.demo.occurrences import Draw, Occurrence, draw_all
from tracker.demo.scenario import Action, App, Release
from tracker.demo.sessions import session_reports


@dataclass(frozen=True, slots=True)
class Publish:
    """A release is made, with its commits, and brought to staging."""

    at: datetime
    app: App
    release: Release


@dataclass(frozen=True, slots=True)
class Deploy:
    """A release goes to production."""

    at: datetime
    app: App
    release: Release


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody does something about an issue."""

    at: datetime
    app: App
    action: Action


Step = Publish | Deploy | Act | Occurrence | Envelope


def make_plan(apps: Sequence[App], draw: Draw) -> list[Step]:
    """All steps; the same for the same draw."""
    occurrences = draw_all(tuple(apps), draw)
    by_app: dict[str, list[Occurrence]] = defaultdict(list)
    for occurrence in occurrences:
        by_app[occurrence.app.slug].append(occurrence)
    steps: list[Step] = list(occurrences)
    for app in apps:
        steps += session_reports(app, by_app[app.slug], draw)
        for release in app.releases:
            steps.append(Publish(draw.clock.at(release.ago + release.staged), app, release))
            steps.append(Deploy(draw.clock.at(release.ago), app, release))
        steps += [Act(draw.clock.at(action.ago), app, action) for action in app.actions]
    # Sorting is stable: what people did at one time stays in the order of the table.
    return sorted(steps, key=lambda step: step.at)
