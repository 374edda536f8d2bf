"""Browsers and versions of Node say the same thing differently."""

from itertools import pairwise

import pytest

from grouping.catalogue import WORDINGS, canonical_message
from grouping.group import group_event
from grouping.rules import EMPTY_RULES
from tests.grouping.test_group import error, event, same

SAID_DIFFERENTLY = [
    [
        "Failed to fetch",
        "NetworkError when attempting to fetch resource.",
        "Load failed",
        "The network connection was lost.",
        "TypeError: Failed to fetch (api.example.com)",
    ],
    ["total is not defined", "Can't find variable: total"],
    [
        "Cannot read properties of undefined (reading 'net')",
        "Cannot read property 'net' of undefined",
        'can\'t access property "net", row.price is undefined',
        "undefined is not an object (evaluating 'row.price.net')",
        "null is not an object (evaluating 'row.price.net')",
    ],
    [
        "ResizeObserver loop limit exceeded",
        "ResizeObserver loop completed with undelivered notifications.",
    ],
    [
        "Loading chunk 12 failed. (error: https://x/12.js)",
        "ChunkLoadError: Loading chunk 7 failed.",
        "Importing a module script failed.",
        "error loading dynamically imported module: https://x/a.js",
        "Failed to fetch dynamically imported module: https://x/b.js",
        "Unable to preload CSS for /assets/a.css",
    ],
    [
        "Hydration failed because the initial UI does not match what was rendered on the server.",
        "Text content does not match server-rendered HTML.",
        "Minified React error #418; visit https://react.dev/errors/418",
    ],
]


@pytest.mark.parametrize("wordings", SAID_DIFFERENTLY)
def test_one_error_in_several_wordings_is_one_issue(wordings: list[str]) -> None:
    for one, other in pairwise(wordings):
        assert same(*(event(error("TypeError", text), platform="javascript") for text in (one, other))), (one, other)


def test_what_is_not_defined_still_counts() -> None:
    one, other = (event(error("ReferenceError", f"{name} is not defined"), platform="javascript") for name in "ab")
    assert not same(one, other)


def test_other_languages_are_left_alone() -> None:
    assert canonical_message("Load failed", "python") == "Load failed"


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("ENOENT: no such file or directory, open '/tmp/a.pdf'", "ENOENT: no such file or directory, open"),
        ("ENOENT: no such file or directory, open", "ENOENT: no such file or directory, open"),
        ("EACCES: permission denied, mkdir '/srv'", "EACCES: permission denied, mkdir"),
        ("Every thing is lost, open", "Every thing is lost, open"),
    ],
)
def test_a_system_error_of_node_is_known_by_its_code_and_call(message: str, wanted: str) -> None:
    assert canonical_message(message, "node") == wanted


def test_a_hostile_message_ends() -> None:
    for text in ("x" * 100_000, "null is not an object (evaluating '" * 5_000, "Cannot read property '" * 5_000):
        assert group_event(event(error("TypeError", text), platform="javascript"), EMPTY_RULES).keys


def test_every_wording_has_its_own_name() -> None:
    assert len({wording.id for wording in WORDINGS}) == len(WORDINGS)
