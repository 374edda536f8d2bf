"""What can be wrong in an expression: a comparison, a condition, a number, a text, an argument left out."""

import ast
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

Change = tuple[ast.AST, ast.AST]
T = TypeVar("T")

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
TWINS = {"any": "all", "all": "any", "min": "max", "max": "min"}
QUERIES = frozenset({"filter", "exclude", "get", "update", "Q", "annotate", "values", "update_or_create"})
"""Calls whose keyword arguments are conditions or columns: each can be forgotten."""
NEEDLESS = frozenset({"strip", "lstrip", "rstrip", "lower", "distinct", "order_by", "removeprefix", "removesuffix"})
"""Methods that can be left out of a chain of calls."""
MAX_MEMBERS = 8
"""A table at module level with more members is data; no test repeats it."""


def broken_expressions(node: ast.AST, *, inside: bool) -> Iterator[Change]:
    """The changes to one expression; `inside`: it stands in a function, not in a module's tables."""
    for kind, changes in _BY_KIND.items():
        if isinstance(node, kind):
            yield from ((node, new) for new in changes(node))
    if isinstance(node, ast.Constant):
        yield from ((node, new) for new in _constant(node, inside=inside))
    if isinstance(node, ast.Set | ast.Tuple | ast.List) and not inside and len(node.elts) <= MAX_MEMBERS:
        yield from ((node, type(node)(elts=_without(node.elts, index))) for index in _texts_among(node.elts))


def _compare(node: ast.Compare) -> Iterator[ast.AST]:
    for index, old in enumerate(node.ops):
        for new in COMPARISONS[type(old)]:
            yield ast.Compare(node.left, [*node.ops[:index], new(), *node.ops[index + 1 :]], node.comparators)


def _boolean(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield ast.BoolOp(ast.And() if isinstance(node.op, ast.Or) else ast.Or(), node.values)
    for index in range(len(node.values)):
        rest = _without(node.values, index)
        yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def _unary(node: ast.UnaryOp) -> Iterator[ast.AST]:
    yield node.operand


def _arithmetic(node: ast.BinOp) -> Iterator[ast.AST]:
    if new := ARITHMETIC.get(type(node.op)):
        yield ast.BinOp(node.left, new(), node.right)


def _choice(node: ast.IfExp) -> Iterator[ast.AST]:
    yield node.body
    yield node.orelse


def _comprehension(node: ast.comprehension) -> Iterator[ast.AST]:
    for index in range(len(node.ifs)):
        yield ast.comprehension(node.target, node.iter, _without(node.ifs, index), node.is_async)


def _slice(node: ast.Slice) -> Iterator[ast.AST]:
    if node.lower:
        yield ast.Slice(None, node.upper, node.step)
    if node.upper:
        yield ast.Slice(node.lower, None, node.step)


def _call(node: ast.Call) -> Iterator[ast.AST]:
    if isinstance(node.func, ast.Name) and node.func.id in TWINS:
        yield ast.Call(ast.Name(TWINS[node.func.id], ast.Load()), node.args, node.keywords)
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    for index, keyword in enumerate(node.keywords):
        if called in QUERIES or keyword.arg == "key":
            yield ast.Call(node.func, node.args, _without(node.keywords, index))
    if isinstance(node.func, ast.Attribute) and called in NEEDLESS:
        yield node.func.value


def _constant(node: ast.Constant, *, inside: bool) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1)
    elif isinstance(node.value, str) and inside:
        yield ast.Constant(f"{node.value}_")


def _texts_among(members: list[ast.expr]) -> list[int]:
    texts = [isinstance(member, ast.Constant) and isinstance(member.value, str) for member in members]
    return list(range(len(members))) if members and all(texts) else []


def _without(values: list[T], index: int) -> list[T]:
    return [*values[:index], *values[index + 1 :]]


_BY_KIND: dict[type[ast.AST], Callable[[Any], Iterator[ast.AST]]] = {
    ast.Compare: _compare,
    ast.BoolOp: _boolean,
    ast.UnaryOp: _unary,
    ast.BinOp: _arithmetic,
    ast.IfExp: _choice,
    ast.comprehension: _comprehension,
    ast.Slice: _slice,
    ast.Call: _call,
}
