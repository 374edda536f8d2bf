"""Mutations: every small way in which one module can be broken, as edits of its syntax tree."""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import NamedTuple

from tests.mutants.expressions import broken_expressions
from tests.mutants.statements import broken_statements

MAX_SHOWN_LENGTH = 90


@dataclass(frozen=True)
class Mutant:
    """One module with one change."""

    path: Path
    scope: str
    """The outermost function or method that holds the change, by its qualified name; empty at module level."""
    line: int
    statement: int
    """The first line of the statement that holds the change."""
    change: str
    """`old → new`, as source."""
    number: int
    """Tells apart the same change at several places of one scope."""
    place: int
    """Position of the change in the order in which `_changes` finds them."""

    @property
    def name(self) -> str:
        """What identifies the mutant, whatever lines the module gains or loses elsewhere."""
        return f"{self.path}:{self.scope}: {self.change} #{self.number}"

    def compiled(self) -> CodeType:
        """The code of the whole module with the change in it."""
        tree = ast.parse(self.path.read_text())
        for place, found in enumerate(_changes(tree)):
            if place == self.place:
                # Changes the tree in place, of which the module itself is never replaced.
                _Replacement(found.old, found.new).visit(tree)
                return compile(tree, str(self.path.resolve()), "exec")
        raise LookupError(f"{self.path} has no change number {self.place}.")


class _Change(NamedTuple):
    scope: str
    statement: int
    old: ast.AST
    new: ast.AST


def mutants_of(path: Path) -> list[Mutant]:
    """All mutants of a module, from its top to its bottom."""
    found = []
    seen: Counter[tuple[str, str]] = Counter()
    for place, (scope, statement, old, new) in enumerate(_changes(ast.parse(path.read_text()))):
        change = f"{_shown(old)} → {_shown(new)}"
        seen[scope, change] += 1
        line = getattr(old, "lineno", statement)
        found.append(Mutant(path, scope, line, statement, change, seen[scope, change], place))
    return found


def _changes(tree: ast.Module) -> Iterator[_Change]:
    yield from _changes_in(tree, "", 0, inside=False)


def _changes_in(node: ast.AST, scope: str, statement: int, *, inside: bool) -> Iterator[_Change]:
    """`scope`: the class or function around the node; `inside`: it is a function."""
    for child in _children(node):
        if isinstance(child, ast.stmt):
            statement = child.lineno
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not inside:
            inner = f"{scope}.{child.name}".lstrip(".")
            yield from _changes_in(child, inner, statement, inside=not isinstance(child, ast.ClassDef))
            continue
        for change in (broken_statements, broken_expressions):
            for old, new in change(child, inside=inside):
                yield _Change(scope if inside else "", statement, old, new)
        yield from _changes_in(child, scope, statement, inside=inside)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """What runs: no annotations, no decorators, no documentation, no text of errors."""
    skipped: tuple[object, ...] = ()
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        skipped = (*node.decorator_list, node.returns, node.args)
    elif isinstance(node, ast.ClassDef):
        skipped = (*node.decorator_list, *node.bases, *node.keywords)
    elif isinstance(node, ast.AnnAssign):
        skipped = (node.annotation,)
    elif isinstance(node, ast.Raise | ast.Assert):
        return
    elif isinstance(node, ast.FormattedValue):
        skipped = (node.format_spec,)
    for child in ast.iter_child_nodes(node):
        if child in skipped or _is_documentation(child) or _only_for_types(child) or _logs(child):
            continue
        yield child


def _is_documentation(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _only_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _logs(node: ast.AST) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and ast.unparse(call.func).startswith(("log.", "logger.", "LOG."))


def _shown(node: ast.AST) -> str:
    if isinstance(node, ast.If | ast.While):
        return f"{type(node).__name__.lower()} {ast.unparse(node.test)}"[:MAX_SHOWN_LENGTH]
    if isinstance(node, ast.comprehension):
        return ast.unparse(node).strip()[:MAX_SHOWN_LENGTH]
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= MAX_SHOWN_LENGTH else f"{text[: MAX_SHOWN_LENGTH - 1]}…"


class _Replacement(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """The tree with the change, its new nodes on the line of the old one."""
        if node is self.old:
            return ast.fix_missing_locations(ast.copy_location(self.new, self.old))
        visited: ast.AST = self.generic_visit(node)
        return visited
