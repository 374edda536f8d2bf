"""The order of releases: what is understood as a version, and how any two are ordered."""

from datetime import UTC, datetime, timedelta
from functools import cmp_to_key
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.versions import Basis, KnownRelease, Version, compare, order, order_key, package_keys, parse_version

DAY = datetime(2026, 11, 1, tzinfo=UTC)


def known(version: str, day: int | None = None, released: int | None = None) -> KnownRelease:
    """A release first seen, and perhaps released, on days of November."""
    return KnownRelease(
        version,
        DAY + timedelta(days=released) if released is not None else None,
        DAY + timedelta(days=day) if day is not None else None,
    )


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("1.4.2", Version("", (1, 4, 2))),
        ("v1.4.2", Version("", (1, 4, 2))),
        ("V2", Version("", (2,))),
        ("  1.4 ", Version("", (1, 4))),
        ("10.0.19041.3", Version("", (10, 0, 19041, 3))),
        ("shop@1.4.2", Version("shop", (1, 4, 2))),
        ("shop@v1.4.2", Version("shop", (1, 4, 2))),
        ("@acme/shop@1.4.2", Version("@acme/shop", (1, 4, 2))),
        ("my shop@1.4.2", Version("my shop", (1, 4, 2))),
        ("com.acme.shop@1.4.2+17", Version("com.acme.shop", (1, 4, 2), (), "17")),
        ("1.0.0 (17)", Version("", (1, 0, 0), (), "17")),
        ("1.0.0(17)", Version("", (1, 0, 0), (), "17")),
        ("1.0.0+git/8f4b2c1", Version("", (1, 0, 0), (), "git/8f4b2c1")),
        ("1.0.0-rc.1", Version("", (1, 0, 0), ("rc", "1"))),
        ("1.0.0-rc.1+17", Version("", (1, 0, 0), ("rc", "1"), "17")),
        ("2-beta.3", Version("", (2,), ("beta", "3"))),
        ("2026.11.21", Version("", (2026, 11, 21))),
        ("v20261121", Version("", (20261121,))),
        ("123456", Version("", (123456,))),
    ],
)
def test_what_is_understood_as_a_version(text: str, version: Version) -> None:
    assert parse_version(text) == version


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "shop@",
        "8f4b2c1d9e6a7053b1c2d3e4f5a6b7c8d9e0f1a2",
        "8f4b2c1",
        "shop@8f4b2c1",
        "8042719",
        "shop@8042719",
        "012345",
        "20261121",
        "12345678-9abc-4def-8123-456789abcdef",
        "1234567-dirty",
        "2026-11-21",
        "20261121-8f4b2c1",
        "2026-11-21T10:00",
        "release-16.0.117",
        "1.2.3.4.5",
        "1..2",
        "1.2.",
        "1.2.x",
        "latest",
        "main/42",
        "1.2.3-",
        "1.2.3+",
        "١.٢.٣",
    ],
)
def test_what_is_not_a_version_but_a_free_name(text: str) -> None:
    assert parse_version(text) is None


ASCENDING = [
    "0.9 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0",
    "1.4.9 1.4.10 1.10 2",
    "v1.9.0 1.10.0 v1.11.0",
    "9.66.3 9.66.4 9.67.0",
    "10.0.1.2 10.0.1.10 10.0.2",
    "2025.12.31 2026.1.9 2026.11.20 2026.11.21",
    "1.0.0+9 1.0.0+17 1.0.0+123 1.0.1+1",
    "1.0.0 1.0.0+1",
    "shop@1.0.0-rc.1+5 shop@1.0.0-rc.1+6 shop@1.0.0-rc.2+1 shop@1.0.0+1",
    "41 42 100",
    "9.4.47-2 9.4.47-10",
]


@pytest.mark.parametrize("names", ASCENDING)
def test_versions_of_one_package_are_ordered_by_version_and_never_by_date(names: str) -> None:
    ascending = names.split()
    for index, (older, newer) in enumerate(pairwise(ascending)):
        assert compare(known(older, day=20 - index), known(newer, day=10 - index)) == -1
        assert compare(known(newer), known(older)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.0", "1.0.0"),
        ("v1.4.2", "1.4.2"),
        ("1.0.0+abc", "1.0.0+def"),
        ("1.0.0+abc", "1.0.0"),
        ("1.0.0 (17)", "1.0.0+17"),
    ],
)
def test_the_same_version_written_otherwise_is_neither_older_nor_newer(one: str, other: str) -> None:
    assert order(known(one, day=1), known(other, day=2)).sign == 0
    assert order(known(one, day=1), known(other, day=2)).basis is Basis.VERSION


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (known("8f4b2c1", day=1), known("0a1b2c3", day=2)),
        (known("ios@9.0.0", day=1), known("android@1.0.0", day=2)),
        (known("2.0.0", day=1), known("8f4b2c1", day=2)),
        (known("2.0.0", day=1), known("shop@1.0.0", day=2)),
        (known("8f4b2c1", day=5, released=1), known("0a1b2c3", day=2)),
        (known("2026-11-09", day=1), known("2026-11-21", day=2)),
    ],
)
def test_names_without_a_common_order_are_ordered_by_release_date_or_else_by_first_sight(
    older: KnownRelease, newer: KnownRelease
) -> None:
    assert order(older, newer).basis is Basis.DATE
    assert (compare(older, newer), compare(newer, older)) == (-1, 1)


def test_a_name_that_nobody_has_seen_yet_is_newer_than_all_that_are_known() -> None:
    assert compare(known("0a1b2c3"), known("8f4b2c1", day=30)) == 1
    assert compare(known("0a1b2c3"), known("8f4b2c1")) == 0


@pytest.mark.parametrize(
    ("version", "minor", "major"),
    [
        ("2.3.7", "2.4.0", "3.0.0"),
        ("2.4.0-rc.1", "2.4.0", "3.0.0"),
        ("3.0.0-rc.1", "3.0.0", "3.0.0"),
        ("2.4.1-rc.1", "2.5.0", "3.0.0"),
        ("shop@1.0.0+17", "shop@1.1.0", "shop@2.0.0"),
        ("42", "42.1.0", "43.0.0"),
        ("2026.11.21", "2026.12.0", "2027.0.0"),
    ],
)
def test_where_the_next_minor_and_major_begin(version: str, minor: str, major: str) -> None:
    found = parse_version(version)
    assert found is not None
    assert (str(found.next_minor()), str(found.next_major())) == (minor, major)


# ── Whatever the names ───────────────────────────────────────────────────────────────────────────────────────────────

identifiers = st.one_of(st.integers(0, 30).map(str), st.sampled_from(["alpha", "beta", "rc", "x-1", "A"]))
versions = st.builds(
    lambda parts, prerelease, build: ".".join(map(str, parts)) + prerelease + build,
    st.lists(st.integers(0, 12), min_size=2, max_size=4),
    st.one_of(st.just(""), st.lists(identifiers, min_size=1, max_size=3).map(lambda found: "-" + ".".join(found))),
    st.one_of(st.just(""), st.integers(0, 99).map(lambda build: f"+{build}"), st.just("+abc"), st.just(" (7)")),
)
days = st.one_of(st.none(), st.integers(0, 27))
releases = st.builds(known, st.builds("{}{}".format, st.sampled_from(["", "shop@", "v"]), versions), days, days)
of_one_package = st.builds(known, versions, days, days)


@given(st.text(max_size=300))
def test_reading_a_name_never_fails(text: str) -> None:
    version = parse_version(text)
    assert version is None or 1 <= len(version.components) <= 4


@given(releases, releases)
def test_turning_the_question_round_turns_the_answer(a: KnownRelease, b: KnownRelease) -> None:
    assert compare(a, b) == -compare(b, a)


@given(of_one_package, of_one_package, of_one_package)
def test_the_order_is_transitive_within_a_package(a: KnownRelease, b: KnownRelease, c: KnownRelease) -> None:
    if compare(a, b) <= 0 and compare(b, c) <= 0:
        assert compare(a, c) <= 0
    if compare(a, b) == 0:
        assert compare(a, c) == compare(b, c)


@given(st.lists(of_one_package, max_size=12))
def test_the_order_within_a_package_is_total(some: list[KnownRelease]) -> None:
    ordered = sorted(some, key=cmp_to_key(compare))
    for index, older in enumerate(ordered):
        assert all(compare(older, newer) <= 0 for newer in ordered[index:])


@given(versions, versions)
def test_the_keys_of_versions_have_their_order(one: str, other: str) -> None:
    a, b = parse_version(one), parse_version(other)
    assert a is not None and b is not None
    assert (order_key(one) < order_key(other)) == (a.order < b.order)
    assert (order_key(one) == order_key(other)) == (a.order == b.order)


@pytest.mark.parametrize("names", ASCENDING)
def test_the_keys_of_versions_ascend_as_they_do(names: str) -> None:
    keys = [order_key(name) for name in names.split()]
    assert keys == sorted(set(keys))


def test_the_keys_of_a_package_lie_together_and_what_is_no_version_has_none() -> None:
    packages = ["", "shop", "shop2", "@acme/shop", "läden"]
    for package in packages:
        above, below = package_keys(package)
        for other in packages:
            key = order_key(f"{other}@{'9' * 60}.1-rc.1+17" if other else "1.0")
            assert (above < key < below) == (package == other)
    assert order_key("8f4b2c1") == b""


@given(versions)
def test_a_version_reads_back_as_it_was_written(text: str) -> None:
    version = parse_version(text)
    assert version is not None
    assert parse_version(str(version)) == version
