"""Which statements of a module run while something else runs: the functions note it themselves.

A tracer would be called for every line of every library; a function that notes its own statements costs nothing
elsewhere.
"""

import ast
from pathlib import Path

from tests.mutants.swap import Functions, put_code_in_force

NOTES = "__statements_run__"


def note_statements(paths: set[str], functions: Functions) -> set[tuple[str, int]]:
    """Have the functions of these files note their statements, by file and line, in the set that is returned."""
    noted: set[tuple[str, int]] = set()
    for path in sorted(paths):
        tree = _Notes(path).visit(ast.parse(Path(path).read_text()))
        put_code_in_force(compile(ast.fix_missing_locations(tree), path, "exec"), path, functions)
    for held in functions.values():
        for function in held:
            function.__globals__[NOTES] = noted.add
    return noted


class _Notes(ast.NodeTransformer):
    """Puts a note before every statement within a function."""

    def __init__(self, path: str) -> None:
        self.path = path

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """The same function, noting."""
        for inner in ast.walk(node):
            for name in ("body", "orelse", "finalbody"):
                statements = getattr(inner, name, None)
                if isinstance(statements, list):
                    setattr(inner, name, [each for one in statements for each in (self._note(one.lineno), one)])
        return node

    def _note(self, line: int) -> ast.stmt:
        return ast.parse(f"{NOTES}(({self.path!r}, {line}))").body[0]
