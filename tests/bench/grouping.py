"""How well and how fast events are grouped: `python -m tests.bench.grouping`.

The labelled events arrive in their order at an empty project; the table says how well its issues agree with the true
groups. Then come pairs that a change must, or must not, part, and the cost of one event.
"""

import copy
import statistics
import time
from collections import Counter

from grouping.event import Event
from grouping.group import group_event
from grouping.reader import read_event
from grouping.rules import EMPTY_RULES
from tests.bench.labelled import Labelled, load_labelled
from tests.bench.metamorphic import pairs_of
from tests.bench.recorded import recorded_events, unasserted_pairs
from tests.bench.registry import Registry
from tests.bench.scores import Scores, score

ROUNDS = 20
FRAMES = 30


def issues_of(labelled: Labelled) -> list[int]:
    """The issue of each labelled event, as they arrive."""
    registry = Registry()
    return [
        registry.attach(group_event(read_event(copy.deepcopy(one.payload)), EMPTY_RULES)) for one in labelled.events
    ]


def scores_of(labelled: Labelled, issues: list[int], *, browser: bool) -> Scores:
    """Scores of the groups that need source maps, or of all others."""
    chosen = [
        (one.group, issue)
        for one, issue in zip(labelled.events, issues, strict=True)
        if (one.group in labelled.needs_source_maps) is browser
    ]
    return score([group for group, _ in chosen], [issue for _, issue in chosen], labelled.unasserted)


def recorded_scores() -> Scores:
    """Scores of the recorded events of all SDK generations, sent to one project."""
    registry, events = Registry(), list(recorded_events())
    issues = [registry.attach(group_event(one.event, EMPTY_RULES)) for one in events]
    return score([one.group for one in events], issues, unasserted_pairs(events))


def show_scores(title: str, scores: Scores) -> None:
    print(
        f"{title:<28}{scores.events:>7}{scores.groups:>8}{scores.issues:>8}"
        f"{scores.precision:>11.4f}{scores.recall:>9.4f}{len(scores.split):>7}{len(scores.mixed):>7}"
    )


def show_cases(scores: Scores) -> None:
    for group, count in scores.split.items():
        print(f"  under-grouped: {group} became {count} issues")
    for first, second in scores.mixed:
        print(f"  over-grouped: {first} and {second} share an issue")


def show_look_alikes(labelled: Labelled, issues: list[int]) -> None:
    issues_by_group: dict[str, set[int]] = {}
    for one, issue in zip(labelled.events, issues, strict=True):
        issues_by_group.setdefault(one.group, set()).add(issue)
    merged = [
        (groups, why)
        for groups, why in labelled.look_alikes
        if len(set().union(*(issues_by_group[group] for group in groups)))
        < sum(len(issues_by_group[group]) for group in groups)
    ]
    print(f"look-alikes kept apart: {len(labelled.look_alikes) - len(merged)} of {len(labelled.look_alikes)}")
    for groups, why in merged:
        print(f"  merged: {', '.join(groups)} ({why})")


def show_pairs(labelled: Labelled) -> None:
    right: Counter[tuple[str, bool]] = Counter()
    total: Counter[tuple[str, bool]] = Counter()
    wrong: list[str] = []
    for seed, one in enumerate(labelled.events):
        for pair in pairs_of(one.payload, seed):
            total[pair.change, pair.same] += 1
            if pair.right:
                right[pair.change, pair.same] += 1
            else:
                wrong.append(f"{pair.change}: {one.group} ({one.way})")
    print(f"\n{'change':<28}{'must be':>10}{'pairs':>8}{'right':>8}")
    for (change, same), count in total.items():
        print(f"{change:<28}{'one' if same else 'two':>10}{count:>8}{right[change, same]:>8}")
    print(f"{'all':<28}{'':>10}{total.total():>8}{right.total():>8}   {right.total() / total.total():.2%}")
    for text in sorted(set(wrong)):
        print(f"  wrong: {text}")


def with_frames(event: Event, count: int) -> Event:
    """The event with its thrown exception's stack brought to the given depth by repeating its outer frames."""
    stack = event.exceptions[-1].stacktrace if event.exceptions else None
    if stack and stack.frames:
        outer = [copy.copy(stack.frames[index % len(stack.frames)]) for index in range(count)]
        for index, frame in enumerate(outer[: -len(stack.frames)]):
            frame.function, frame.module = f"outer_{index}", frame.module and f"{frame.module}.m{index}"
        stack.frames = (outer + stack.frames)[-count:]
    return event


def show_cost(labelled: Labelled) -> None:
    events = [with_frames(read_event(copy.deepcopy(one.payload)), FRAMES) for one in labelled.events]
    for title, explain in (("group_event", False), ("group_event, explained", True)):
        times = []
        for _ in range(ROUNDS):
            for event in events:
                start = time.thread_time_ns()
                group_event(event, EMPTY_RULES, explain=explain)
                times.append((time.thread_time_ns() - start) / 1e3)
        p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
        print(f"{title:<28} p50 {p50:>7.0f} µs   p99 {p99:>7.0f} µs of CPU   ({FRAMES} frames, {len(times)} events)")


def main() -> None:
    labelled = load_labelled()
    issues = issues_of(labelled)
    print(f"{'':<28}{'events':>7}{'groups':>8}{'issues':>8}{'precision':>11}{'recall':>9}{'split':>7}{'mixed':>7}")
    for title, browser in (("without source maps", False), ("browser, no source maps here", True)):
        scores = scores_of(labelled, issues, browser=browser)
        show_scores(title, scores)
        show_cases(scores)
    scores = recorded_scores()
    show_scores("every SDK generation", scores)
    show_cases(scores)
    show_look_alikes(labelled, issues)
    show_pairs(labelled)
    print()
    show_cost(labelled)


if __name__ == "__main__":
    main()
