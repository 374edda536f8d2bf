"""A session of pytest that breaks the code instead of running its tests once.

pytest collects, and makes its test database; then each mutant is tried in a fork of that process, which sees the broken
code at once and leaves nothing behind. First one fork runs all tests unbroken, to learn which of them run which lines.
"""

import functools
import gc
import itertools
import mmap
import os
import pickle
import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FunctionType

import pytest
from _pytest.runner import runtestprotocol

from tests.mutants.coverage import note_statements
from tests.mutants.fork import Ending, run_in_fork
from tests.mutants.mutations import Mutant
from tests.mutants.swap import Functions, functions_of, put_in_force

MAX_SHORTEST = 10.0
COUNT = struct.Struct("q")
OUR_PACKAGES = ("grouping", "ingest", "tracker", "web")


@dataclass(frozen=True)
class Run:
    """One test, unbroken: how long it took, and which statements of the modules under trial it ran."""

    test: str
    seconds: float
    passed: bool
    statements: frozenset[tuple[str, int]]

    @property
    def module(self) -> str:
        """The file that the test is in."""
        return self.test.partition("::")[0]


@dataclass
class Trials:
    """A plugin of pytest: tries mutants on whatever was collected; tells `told` each ending, and the tests asked."""

    mutants: Sequence[Mutant]
    told: Callable[[Mutant, Ending, list[str]], None]
    most_seconds: float
    """Of processor time for one trial: a test that begins after that is not asked."""
    failed: list[str] = field(default_factory=list)
    """Tests that fail without any mutant: with them, no trial says anything."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Learn what the tests run, then try every mutant on those that run its lines, the quickest first."""
        paths = {str(mutant.path.resolve()) for mutant in self.mutants}
        _open_database(session)
        functions = functions_of(paths)
        runs = _learn(session.items, paths, functions)
        gc.collect()
        gc.freeze()
        items = {item.nodeid: item for item in session.items}
        self.failed = [run.test for run in runs if not run.passed] + _that_fail_in_forks(runs, items)
        if self.failed:
            return True
        for mutant in self.mutants:
            chosen = _that_run(mutant, runs, self.most_seconds)
            limit = max(MAX_SHORTEST, 5 * sum(run.seconds for run in chosen))
            broken = functions.get((str(mutant.path.resolve()), mutant.scope), [])
            asked = mmap.mmap(-1, COUNT.size)
            trial = functools.partial(_try, mutant, broken, [items[run.test] for run in chosen], asked)
            ending = run_in_fork(trial, limit) if broken and chosen else Ending.NOT_TRIED
            self.told(mutant, ending, [run.test for run in chosen[: COUNT.unpack(asked)[0]]])
        return True


def _open_database(session: pytest.Session) -> None:
    """Make the test database in this process, once: forks have a copy of it, as it lies in memory."""
    for item, following in _with_following(session.items):
        if "db" in getattr(item, "fixturenames", ()):
            _run(item, following)
            return


def _learn(items: Sequence[pytest.Item], paths: set[str], functions: Functions) -> list[Run]:
    found: list[Run] = []
    reader, writer = os.pipe()

    def learn() -> bool:
        caches = [known for known in gc.get_objects() if type(known) is functools._lru_cache_wrapper]
        ours = [known for known in caches if str(known.__module__).startswith(OUR_PACKAGES)]
        noted = note_statements(paths, functions)
        runs = []
        for item, following in _with_following(items):
            for known in ours:
                known.cache_clear()
            noted.clear()
            started = time.process_time()
            passed = _run(item, following)
            runs.append(Run(item.nodeid, time.process_time() - started, passed, frozenset(noted)))
        with os.fdopen(writer, "wb") as out:
            pickle.dump(runs, out)
        return True

    def receive() -> None:
        os.close(writer)
        with os.fdopen(reader, "rb") as sent:
            found.extend(pickle.load(sent))

    run_in_fork(learn, limit=3_600, meanwhile=receive)
    return found


def _that_fail_in_forks(runs: Sequence[Run], items: Mapping[str, pytest.Item]) -> list[str]:
    """Of each module's tests the quickest, where it fails as the first of a fork: all mutants would seem killed."""
    quickest = {run.module: run for run in sorted(runs, key=lambda run: run.seconds, reverse=True)}
    first = [items[run.test] for run in quickest.values()]
    return [
        item.nodeid
        for item in first
        if run_in_fork(functools.partial(_all_pass, [item]), MAX_SHORTEST) is not Ending.SURVIVED
    ]


def _that_run(mutant: Mutant, runs: Sequence[Run], most_seconds: float) -> list[Run]:
    """The tests that run the changed statement: those named after its module first, then the quickest."""
    place = str(mutant.path.resolve()), mutant.statement
    able = [run for run in runs if place in run.statements]
    longest: dict[str, float] = {}
    for run in able:
        longest[run.module] = max(run.seconds, longest.get(run.module, 0.0))
    stem = mutant.path.stem
    able.sort(key=lambda run: (f"test_{stem}" not in run.module, longest[run.module], run.module, run.seconds))
    begun = itertools.accumulate((run.seconds for run in able), initial=0.0)
    return [run for run, before in zip(able, begun, strict=False) if before <= most_seconds]


def _try(mutant: Mutant, broken: Sequence[FunctionType], items: Sequence[pytest.Item], asked: mmap.mmap) -> bool:
    """Whether all tests pass with the mutant active; says in `asked`, which both processes see, how many were."""
    put_in_force(mutant, broken)
    for number, (item, following) in enumerate(_with_following(items), start=1):
        asked[:] = COUNT.pack(number)
        if not _run(item, following):
            return False
    return True


def _all_pass(items: Sequence[pytest.Item]) -> bool:
    return all(_run(item, following) for item, following in _with_following(items))


def _with_following(items: Sequence[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    """Each test with the one that follows, so that fixtures that both need stay; after the last one, any other."""
    if items:
        # What an earlier test, in the process that this one was forked from, set up for another module.
        items[0].session._setupstate.teardown_exact(items[0])
    for item, following in itertools.zip_longest(items, items[1:]):
        yield item, following or next((other for other in item.session.items if other is not item), None)


def _run(item: pytest.Item, following: pytest.Item | None) -> bool:
    """Whether a test passes; fixtures that the following test needs, too, stay."""
    reports = runtestprotocol(item, log=False, nextitem=following)
    return all(report.passed or report.skipped for report in reports)
