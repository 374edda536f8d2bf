"""Elixir and Erlang: anonymous functions keep the name of the function that holds them (E1)."""

import re

from grouping.frames.common import UNUSABLE_FUNCTIONS, location_of_path, nameless, usable_module
from grouping.frames.site import Draft, Site

_FUN = re.compile(r"/(\d+)-(?:fun|lc|blc|after)")
_ANONYMOUS = re.compile(r"^anonymous fn/\d+ in (.+)$")
_ARGUMENTS = re.compile(r"^([\w.!?@]+)\((.*)\)$", re.DOTALL)
_LIBRARY_MODULES = frozenset(
    {
        *("gen_server", "gen_statem", "gen_event", "gen", "proc_lib", "supervisor", "lists", "maps", "erlang", "timer"),
        *("ets", "gen_tcp", "ssl", "code_server"),
    }
)
_LIBRARY = re.compile(
    r"^(?:Elixir\.)?(?:Enum|Map|Keyword|Task|GenServer|Supervisor|Agent|Stream|Access|Kernel|String|Process|Module|Plug"
    r"|Phoenix|Ecto|Cowboy|Bandit|Oban|Postgrex|DBConnection|Absinthe|Logger|Sentry)(?:\.|$)|^cowboy|(?:^|/)deps/"
)


def describe(site: Site) -> Draft:
    draft = Draft()
    module = site.module.removeprefix("Elixir.")
    draft.location = module if usable_module(module) else location_of_path(site.path, draft)
    draft.function = _function(site.function, draft)
    draft.library = module in _LIBRARY_MODULES or bool(_LIBRARY.search(site.module or site.path))
    return draft


def _function(name: str, draft: Draft) -> str:
    if name in UNUSABLE_FUNCTIONS:
        return ""
    if inside := _ANONYMOUS.match(name):
        return nameless(draft, inside[1], "E1")
    if enclosing := _enclosing(name):
        return nameless(draft, enclosing, "E1")
    if called := _ARGUMENTS.match(name):
        draft.note("E1")
        return f"{called[1]}/{_arity(called[2])}"
    return name


def _enclosing(name: str) -> str:
    """`-total/2-fun-0-` → `total/2`; empty for any other name. No blank may follow."""
    if not name.startswith("-"):
        return ""
    last_word = len(name) - len(name.rsplit(None, 1)[-1])
    for prefix in ("-fun.", "-"):
        if name.startswith(prefix):
            start = len(prefix)
            fun = _FUN.search(name, max(start + 1, last_word))
            if fun:
                return f"{name[start : fun.start()]}/{fun[1]}"
    return ""


def _arity(arguments: str) -> int:
    """How many arguments, counting only the commas outside brackets."""
    if not arguments.strip():
        return 0
    depth, count = 0, 1
    for letter in arguments:
        if letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif letter == "," and depth == 0:
            count += 1
    return count
