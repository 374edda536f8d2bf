"""Function names (G5 to G7): what compilers, optimisers and demanglers add is taken off, the name is kept."""

import re

from grouping.frames.common import LAMBDA
from grouping.frames.site import Draft

BLOCK = "<block>"

_COMPILER_SUFFIX = re.compile(
    r"(?: \[clone [^\]]*\]| \(\.[\w.]+\)"
    r"|\.(?:cold|part|isra|constprop|llvm|lto_priv|localalias|resume|destroy)(?:\.\d+)*|@plt|@\d+)+$"
)
_TRAILING_QUALIFIER = re.compile(r"\s+(?:const|volatile|noexcept|&&?|throws|async)$")


def without_compiler_suffixes(name: str) -> str:
    """`foo.cold.1` → `foo`, `bar [clone .part.2]` → `bar`."""
    return _COMPILER_SUFFIX.sub("", name)


def without_arguments(name: str) -> str:
    """`ns::foo(int, char)::bar() const` → `ns::foo::bar`; a group that opens the name is kept: `(*T).Run`."""
    for _ in range(3):
        name = _TRAILING_QUALIFIER.sub("", name)
    return _without_groups(name, "(", ")")


def without_generics(name: str) -> str:
    """`Foo<int, Bar<x>>::run` → `Foo::run`; `<A as B>::f`, `operator<` and names in angle brackets stay as they are."""
    return name if "operator" in name else _without_groups(name, "<", ">")


def _without_groups(name: str, opening: str, closing: str) -> str:
    """Drop balanced groups that follow a word; one pass, and an unbalanced name stays whole."""
    if opening not in name:
        return name
    kept: list[str] = []
    depth = 0
    for position, letter in enumerate(name):
        arrow = letter == ">" and position > 0 and name[position - 1] in "-="
        if letter == opening and (depth or (kept and (kept[-1].isalnum() or kept[-1] in "_>]`"))):
            depth += 1
        elif letter == closing and depth and not arrow:
            depth -= 1
        elif not depth:
            kept.append(letter)
    return name if depth else "".join(kept).strip()


def nameless(draft: Draft, enclosing: str, code: str, mark: str = LAMBDA) -> str:
    """The token of a function without a name of its own: its enclosing function's name and a mark (G7)."""
    draft.nameless = True
    draft.note(code)
    return f"{enclosing}.{mark}" if enclosing else mark
