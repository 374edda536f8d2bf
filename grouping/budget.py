"""Budget: how much processor time one event may take before anyone who works on it has to stop."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]
"""Seconds since some moment, as `time.thread_time` counts them: only those in which this thread was at work."""


class OverBudget(Exception):
    """An event has taken more processor time than it may; the text names the stage at which that was noticed."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The moment at which an event has used up its time, by a clock.

    Every stage of the pipeline takes linear time in whatever was sent, and tests hold that; the budget stands behind
    them for the case that nobody has thought of. Stages `check` it between two pieces of work, so that one piece is the
    most by which it can be exceeded.
    """

    ends_at: float
    clock: Clock

    @classmethod
    def of(cls, seconds: float, clock: Clock = time.thread_time) -> "Budget":
        """A budget that begins now."""
        return cls(clock() + seconds, clock)

    def check(self, stage: str) -> None:
        """Raises OverBudget when the time is over."""
        if self.clock() > self.ends_at:
            raise OverBudget(stage)


UNLIMITED = Budget(math.inf, lambda: 0.0)
"""For anyone who has all the time in the world: pages, previews, tests."""
