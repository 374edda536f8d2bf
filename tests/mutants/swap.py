"""Put a mutant active in a process that has imported the sound module already."""

import gc
from collections import defaultdict
from collections.abc import Iterator, Sequence
from types import CodeType, FunctionType

from tests.mutants.mutations import Mutant

Functions = dict[tuple[str, str], list[FunctionType]]
"""The functions of some files, by file and qualified name."""


def functions_of(paths: set[str]) -> Functions:
    """All functions that came of these files, wherever they are known by now."""
    found: Functions = defaultdict(list)
    for known in gc.get_objects():
        if type(known) is FunctionType and known.__code__.co_filename in paths:
            found[known.__code__.co_filename, known.__code__.co_qualname].append(known)
    return found


def put_in_force(mutant: Mutant, functions: Sequence[FunctionType]) -> None:
    """Give the functions that hold the change their broken code."""
    code = dict(_codes(mutant.compiled()))[mutant.scope]
    for function in functions:
        function.__code__ = code


def put_code_in_force(module: CodeType, path: str, functions: Functions) -> None:
    """Give all functions of a file the code that they have in another version of its module."""
    for name, code in _codes(module):
        for function in functions.get((path, name), ()):
            function.__code__ = code


def _codes(module: CodeType) -> Iterator[tuple[str, CodeType]]:
    """The code of a module's functions and methods, by qualified name; lambdas have none of their own."""
    for inner in module.co_consts:
        if isinstance(inner, CodeType) and "<" not in inner.co_name:
            yield inner.co_qualname, inner
            yield from _codes(inner)
