"""What can be wrong with a statement: it is not there, its condition is always or never met, it returns nothing."""

import ast
from collections.abc import Iterator

Change = tuple[ast.AST, ast.AST]


def broken_statements(node: ast.AST, *, inside: bool) -> Iterator[Change]:
    """The changes to one statement of a function; at module level nothing is left out, as nothing would import."""
    if not inside:
        return
    if isinstance(node, ast.If):
        yield node.test, ast.Constant(True)
        yield node.test, ast.Constant(False)
    elif isinstance(node, ast.While):
        yield node.test, ast.Constant(False)
    elif isinstance(node, ast.Return):
        if node.value and not isinstance(node.value, ast.Constant):
            yield node, ast.Return(ast.Constant(None))
    elif _can_be_left_out(node):
        yield node, ast.Pass()


def _can_be_left_out(node: ast.AST) -> bool:
    """A statement without which the function still runs: an assignment that makes a new name is none."""
    if isinstance(node, ast.Assign):
        names = {inner.id for inner in ast.walk(node.value) if isinstance(inner, ast.Name)}
        return all(
            not isinstance(target, ast.Name | ast.Tuple) or getattr(target, "id", "") in names
            for target in node.targets
        )
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call | ast.Yield | ast.YieldFrom)
    return isinstance(node, ast.AugAssign | ast.Continue | ast.Break | ast.Raise | ast.Delete)
