"""A plugin of pytest that has one module imported broken: for changes in what runs while modules are imported."""

import importlib.abc
import importlib.machinery
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType

from tests.mutants.fork import Ending
from tests.mutants.mutations import Mutant, mutants_of

VARIABLE = "STACKTALE_MUTANT"
LIMIT = 120


def run_in_new_process(mutant: Mutant, tests: Sequence[str]) -> Ending:
    """Run tests in a process of their own, until one fails."""
    command = [sys.executable, "-m", "pytest", "-p", "tests.mutants.fresh", "-n", "0", "-x", "-q", *tests]
    environment = {**os.environ, VARIABLE: mutant.name}
    try:
        ended = subprocess.run(command, env=environment, capture_output=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return Ending.TIMEOUT
    return Ending.KILLED if ended.returncode else Ending.SURVIVED


class _BrokenLoader(importlib.machinery.SourceFileLoader):
    """Loads a module with a change in it."""

    def __init__(self, name: str, mutant: Mutant) -> None:
        super().__init__(name, str(mutant.path.resolve()))
        self.mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        """The broken code, whatever was compiled before."""
        return self.mutant.compiled()


class _BrokenFinder(importlib.abc.MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        parts = mutant.path.with_suffix("").parts
        self.module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The broken module; all others are found as ever."""
        if fullname != self.module:
            return None
        folder = [str(self.mutant.path.resolve().parent)] if self.mutant.path.name == "__init__.py" else None
        loader = _BrokenLoader(fullname, self.mutant)
        spec = importlib.machinery.ModuleSpec(fullname, loader, origin=str(self.mutant.path), is_package=bool(folder))
        spec.submodule_search_locations = folder
        spec.has_location = True
        return spec


def _install(name: str) -> None:
    mutants = mutants_of(Path(name.partition(":")[0]))
    sys.meta_path.insert(0, _BrokenFinder(next(mutant for mutant in mutants if mutant.name == name)))


if VARIABLE in os.environ:
    _install(os.environ[VARIABLE])
