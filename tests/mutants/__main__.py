"""Try mutants: `python -m tests.mutants grouping/strategies.py …`, or whole folders; `make mutants` for a sample.

Every line of the answer names one mutant that no test noticed. `--tests` says which tests to ask (else those of the
module's package), `--sample N` tries N mutants drawn by `--seed`, `--again FILE` those that an earlier answer names,
`--only TEXT` those whose name holds the text. Mutants that change nothing anyone can see are in `equivalent.txt`, each
with the reason; they are not tried.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import hypothesis
import pytest

from tests.mutants.fork import Ending
from tests.mutants.fresh import run_in_new_process
from tests.mutants.mutations import Mutant, mutants_of
from tests.mutants.session import Trials

EQUIVALENT = Path(__file__).parent / "equivalent.txt"
SURVIVED = (Ending.SURVIVED, Ending.NOT_TRIED)


def main(arguments: Sequence[str]) -> int:
    """Try the mutants that the command line asks for; 1 where one survived, 2 where the tests fail without any."""
    options = _parser().parse_args(arguments)
    mutants = _chosen(options)
    tests = options.tests or sorted({f"tests/{mutant.path.parts[0]}" for mutant in mutants})
    endings: dict[str, tuple[Mutant, Ending]] = {}

    def told(mutant: Mutant, ending: Ending, asked: Sequence[str]) -> None:
        if ending is Ending.NOT_TRIED and options.thorough:
            ending = run_in_new_process(mutant, tests)
        endings[mutant.name] = mutant, ending
        if ending in SURVIVED or options.verbose:
            last = asked[-1] if asked and ending not in SURVIVED else f"{len(asked)} tests"
            print(f"{ending.value:>9}  line {mutant.line:3}  {mutant.name}  ({last})", flush=True)

    _make_generated_tests_repeatable()
    trials = Trials(mutants, told, options.most_seconds)
    ended = pytest.main(["-n", "0", "-q", "-p", "no:cacheprovider", *tests], plugins=[trials])
    if ended or trials.failed:
        print("Without any mutant these tests fail:", *trials.failed[:20], sep="\n  ")
        return 2
    _report(list(endings.values()))
    return int(any(ending in SURVIVED for _, ending in endings.values()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, help="modules, or folders of modules")
    parser.add_argument("--tests", nargs="+", help="the tests to ask")
    parser.add_argument("--sample", type=int, help="try only so many")
    parser.add_argument("--seed", type=int, default=1, help="draws another sample")
    parser.add_argument("--again", type=Path, help="an earlier answer: try only what it names")
    parser.add_argument("--only", default="", help="part of the names to try")
    parser.add_argument("--most-seconds", type=float, default=3.0, help="of processor time for the tests of one mutant")
    parser.add_argument("--verbose", action="store_true", help="name the killed, too")
    parser.add_argument("--thorough", action="store_true", help="a new process for what no test seems to run")
    return parser


def _chosen(options: argparse.Namespace) -> list[Mutant]:
    files = [file for path in options.paths for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    needless = set(equivalents())
    mutants = [mutant for file in files for mutant in mutants_of(file) if mutant.name not in needless]
    mutants = [mutant for mutant in mutants if options.only in mutant.name]
    if options.again:
        earlier = options.again.read_text()
        mutants = [mutant for mutant in mutants if f"  {mutant.name}  " in earlier]
    if options.sample and options.sample < len(mutants):
        drawn = set(random.Random(options.seed).sample(range(len(mutants)), options.sample))
        mutants = [mutant for position, mutant in enumerate(mutants) if position in drawn]
    return mutants


def equivalents() -> dict[str, str]:
    """Names of mutants that change nothing that anyone can see, with the reason."""
    if not EQUIVALENT.exists():
        return {}
    lines = [line for line in EQUIVALENT.read_text().splitlines() if line and not line.startswith("#")]
    return dict(tuple(line.split("  -- ", 1)) for line in lines)  # type: ignore[misc]


def _make_generated_tests_repeatable() -> None:
    """The same examples each time, none kept from mutant to mutant, and no time spent on finding smaller ones."""
    phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    hypothesis.settings.register_profile("mutants", database=None, derandomize=True, deadline=None, phases=phases)
    hypothesis.settings.load_profile("mutants")


def _report(endings: Sequence[tuple[Mutant, Ending]]) -> None:
    by_path: dict[Path, Counter[Ending]] = {}
    for mutant, ending in endings:
        by_path.setdefault(mutant.path, Counter())[ending] += 1
    known = Counter(Path(name.partition(":")[0]) for name in equivalents())
    print(f"\n{'killed':>7} {'all':>5}       equivalent")
    for path, counts in [*by_path.items(), (Path("all"), sum(by_path.values(), Counter()))]:
        killed, tried = counts[Ending.KILLED] + counts[Ending.TIMEOUT], counts.total()
        print(f"{killed:7} {tried:5} {killed / tried:6.1%} {known[path]:4}  {path}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
