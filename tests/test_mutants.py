"""The runner of mutants breaks what it says it breaks."""

from pathlib import Path

import pytest

from tests.mutants.__main__ import equivalents
from tests.mutants.mutations import mutants_of

MODULE = '''"""Documentation stays."""
LIMIT = 3
NAMES = {"a", "b"}


def is_large(number: int, *, loud: bool = False) -> bool:
    """So does this."""
    if number > LIMIT and not loud:
        return True
    return any(name == "c" for name in NAMES)


class Shop:
    def open(self) -> str:
        self.state = "open"
        raise ValueError("texts of errors stay")
'''


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "shop.py"
    path.write_text(MODULE)
    return path


def test_every_small_way_to_break_a_module_is_found(module: Path) -> None:
    assert {(mutant.scope, mutant.change) for mutant in mutants_of(module)} == {
        ("", "3 → 4"),
        ("", "{'a', 'b'} → {'b'}"),
        ("", "{'a', 'b'} → {'a'}"),
        ("is_large", "number > LIMIT and (not loud) → True"),
        ("is_large", "number > LIMIT and (not loud) → False"),
        ("is_large", "number > LIMIT and (not loud) → number > LIMIT or not loud"),
        ("is_large", "number > LIMIT and (not loud) → not loud"),
        ("is_large", "number > LIMIT and (not loud) → number > LIMIT"),
        ("is_large", "number > LIMIT → number >= LIMIT"),
        ("is_large", "number > LIMIT → number <= LIMIT"),
        ("is_large", "not loud → loud"),
        ("is_large", "True → False"),
        ("is_large", "return any((name == 'c' for name in NAMES)) → return None"),
        ("is_large", "any((name == 'c' for name in NAMES)) → all((name == 'c' for name in NAMES))"),
        ("is_large", "name == 'c' → name != 'c'"),
        ("is_large", "'c' → 'c_'"),
        ("Shop.open", "self.state = 'open' → pass"),
        ("Shop.open", "'open' → 'open_'"),
        ("Shop.open", "raise ValueError('texts of errors stay') → pass"),
    }


def test_a_mutant_has_one_change_and_the_rest_works_as_before(module: Path) -> None:
    answers = {}
    for mutant in mutants_of(module):
        names: dict[str, object] = {}
        exec(mutant.compiled(), names)
        is_large = names["is_large"]
        assert callable(is_large)
        answers[mutant.change] = [is_large(number, loud=loud) for number in (3, 4) for loud in (False, True)]
    sound = [False, False, True, False]
    assert answers["3 → 4"] == [False, False, False, False]
    assert answers["number > LIMIT → number >= LIMIT"] == [True, False, True, False]
    assert answers["not loud → loud"] == [False, False, False, True]
    assert answers["self.state = 'open' → pass"] == answers["'c' → 'c_'"] == sound


def test_names_tell_mutants_apart(module: Path) -> None:
    module.write_text(MODULE + "\n\ndef same(a: int) -> int:\n    return (a + 1) * (a + 1)\n")
    names = [mutant.name for mutant in mutants_of(module)]
    assert len(set(names)) == len(names)


def test_every_mutant_that_is_called_equivalent_is_there_with_a_reason() -> None:
    known = equivalents()
    paths = {Path(name.partition(":")[0]) for name in known}
    assert known.keys() <= {mutant.name for path in paths for mutant in mutants_of(path)}
    assert all(known.values())
