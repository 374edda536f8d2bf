"""Is it fixed in this release? The truth table, properties that hold for all versions, and other people's stories."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracker.resolution_table import TABLE
from tracker.issues.reasons import Reason, ReasonCode
from tracker.issues.resolution import Judgement, Kind, ReleaseKnowledge, Resolution, Verdict, judge
from tracker.versions import Basis, KnownRelease, compare, parse_version

DAY_0 = datetime(2026, 11, 1, 12, tzinfo=UTC)
RESOLVED_AT = DAY_0 + timedelta(days=10)
AFTER, LATE = DAY_0 + timedelta(days=11), DAY_0 + timedelta(days=9)

VERDICTS = {
    "still fixed": Verdict.STILL_FIXED,
    "not covered": Verdict.NOT_COVERED,
    "regression": Verdict.REGRESSION,
}


@dataclass(frozen=True)
class Row:
    """One line of the table under its heading."""

    heading: str
    release: str
    is_late: bool
    verdict: str

    @property
    def occurred_at(self) -> datetime:
        return LATE if self.is_late else AFTER

    def __str__(self) -> str:
        return f"{self.heading.partition(';')[0]} | {self.release or 'no release'}{' late' if self.is_late else ''}"


def rows_of(table: str) -> Iterator[Row]:
    heading = ""
    for line in filter(None, table.splitlines()):
        if not line.startswith(" "):
            heading = f"{heading}; {line}" if line.startswith("known: ") else line
            continue
        event, verdict = re.split(r"\s{2,}", line.strip())
        release = event.removesuffix(" late")
        yield Row(heading, "" if release == "-" else release, event.endswith(" late"), verdict)


ROWS = list(rows_of(TABLE))
HEADINGS: list[tuple[str, Kind]] = [
    (r"now", Kind.NOW),
    (r"in the next release after (?P<newest>\S+)", Kind.IN_NEXT_RELEASE),
    (r"in the next minor after (?P<newest>\S+)", Kind.IN_NEXT_MINOR),
    (r"in the next major after (?P<newest>\S+)", Kind.IN_NEXT_MAJOR),
    (r"in the range (?P<range>.+) when (?P<newest>\S+) was the newest", Kind.IN_RANGE),
    (r"by a commit that (no release contains|came with (?P<with>.+))", Kind.IN_COMMIT),
    (r"in (?P<versions>.+?)(, which .*?(had been seen on day (?P<day>\d+))?)?", Kind.IN_RELEASE),
]


def read_known(text: str) -> dict[str, KnownRelease]:
    """`1.4.2 on day 8, 8f4b2c1 on day 5 and released on day 3`."""
    known = {}
    for part in filter(None, text.replace("; known: ", ", ").split(", ")):
        found = re.fullmatch(r"(.+?) on day (\d+)(?: and released on day (\d+))?", part)
        assert found, part
        released_at = DAY_0 + timedelta(days=int(found[3])) if found[3] else None
        known[found[1]] = KnownRelease(found[1], released_at, DAY_0 + timedelta(days=int(found[2])))
    return known


def read_heading(heading: str) -> tuple[Resolution, ReleaseKnowledge]:
    """What a heading says: how it was resolved, and what is known of the releases."""
    claim, _, text = heading.removeprefix("resolved ").partition("; known: ")
    known = read_known(text)
    found, kind = next((found, kind) for pattern, kind in HEADINGS if (found := re.fullmatch(pattern, claim)))
    said = found.groupdict()
    newest = said.get("newest")
    versions = tuple(said["versions"].split(" and ")) if said.get("versions") else ()
    resolution = Resolution(
        kind,
        RESOLVED_AT,
        versions=versions,
        newest=known.get(newest, KnownRelease(newest, None, RESOLVED_AT)) if newest else None,
        range=said.get("range") or "",
        commit="c0ffee1" if kind is Kind.IN_COMMIT else "",
        remembered=tuple(read_known(f"{versions[0]} on day {said['day']}").values()) if said.get("day") else (),
    )
    with_commit = said["with"].split(" and ") if said.get("with") else []
    return resolution, ReleaseKnowledge(known, tuple(known[version] for version in with_commit))


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_truth_table(row: Row) -> None:
    resolution, knowledge = read_heading(row.heading)
    judgement = judge(resolution, row.release, row.occurred_at, knowledge)
    assert judgement.verdict is VERDICTS[row.verdict], judgement.reason


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_resolution_that_was_stored_judges_as_before(row: Row) -> None:
    resolution, knowledge = read_heading(row.heading)
    stored = Resolution.from_json(resolution.as_json())
    assert stored == resolution
    assert judge(stored, row.release, row.occurred_at, knowledge).verdict is VERDICTS[row.verdict]


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.release and not row.heading.startswith("resolved now")], ids=str
)
def test_where_a_release_is_named_it_does_not_matter_when_the_event_happened(row: Row) -> None:
    resolution, knowledge = read_heading(row.heading)
    verdicts = {judge(resolution, row.release, at, knowledge).verdict for at in (LATE, RESOLVED_AT, AFTER)}
    assert verdicts == {VERDICTS[row.verdict]}


def test_the_table_is_long_and_every_kind_and_verdict_is_in_it() -> None:
    assert len(ROWS) >= 150
    assert len(set(ROWS)) == len(ROWS)
    assert {read_heading(row.heading)[0].kind for row in ROWS} == set(Kind)
    assert {row.verdict for row in ROWS} == set(VERDICTS)


@pytest.mark.parametrize(
    ("heading", "release", "is_late", "reason"),
    [
        ("resolved now", "1.0", False, Reason(ReasonCode.AFTER)),
        ("resolved now", "1.0", True, Reason(ReasonCode.BEFORE)),
        ("resolved in 1.4.2", "1.4.1", False, Reason(ReasonCode.OLDER_THAN_FIX, "1.4.1", "1.4.2")),
        ("resolved in 1.4.2", "1.4.2", False, Reason(ReasonCode.IS_THE_FIX, "1.4.2")),
        ("resolved in 1.4.2", "v1.4.2", False, Reason(ReasonCode.SAME_AS_FIX, "v1.4.2", "1.4.2")),
        ("resolved in 1.4.2", "1.5", False, Reason(ReasonCode.NEWER_THAN_FIX, "1.5", "1.4.2")),
        (
            "resolved in abc; known: def on day 1",
            "def",
            False,
            Reason(ReasonCode.FIX_NOT_SEEN, "def", "abc", Basis.NOT_KNOWN_YET),
        ),
        (
            "resolved in abc; known: abc on day 2, def on day 1",
            "def",
            False,
            Reason(ReasonCode.OLDER_THAN_FIX, "def", "abc", Basis.DATE),
        ),
        (
            "resolved in abc; known: abc on day 2, def on day 2",
            "def",
            False,
            Reason(ReasonCode.AS_OLD_AS_FIX, "def", "abc", Basis.DATE),
        ),
        ("resolved in 1.4.2", "", False, Reason(ReasonCode.AFTER_WITHOUT_RELEASE)),
        ("resolved in 1.4.2", "", True, Reason(ReasonCode.BEFORE_WITHOUT_RELEASE)),
        ("resolved in 1.4.9 and 2.1.0", "2.0.5", False, Reason(ReasonCode.OLDER_THAN_FIX, "2.0.5", "2.1.0")),
        (
            "resolved in the next release after 1.4.2",
            "1.4.3",
            False,
            Reason(ReasonCode.NEWER_THAN_NEWEST, "1.4.3", "1.4.2"),
        ),
        ("resolved in the next release after 1.4.2", "1.4.2", False, Reason(ReasonCode.WAS_NEWEST, "1.4.2")),
        (
            "resolved in the next release after 1.4.2",
            "v1.4.2",
            False,
            Reason(ReasonCode.NOT_NEWER_THAN_NEWEST, "v1.4.2", "1.4.2"),
        ),
        (
            "resolved in the next release after 1.4.2",
            "1.4.1",
            False,
            Reason(ReasonCode.OLDER_THAN_NEWEST, "1.4.1", "1.4.2"),
        ),
        (
            "resolved in the next release after abc; known: abc on day 2, def on day 10",
            "def",
            False,
            Reason(ReasonCode.WAS_KNOWN, "def"),
        ),
        (
            "resolved in the next minor after 2.3.7",
            "2.3.8",
            False,
            Reason(ReasonCode.OLDER_THAN_FIX, "2.3.8", "2.4.0"),
        ),
        (
            "resolved in the range ^3 when 2.3 was the newest",
            "2.9",
            False,
            Reason(ReasonCode.BELOW_RANGE, "2.9", "^3"),
        ),
        (
            "resolved in the range ^3 when 2.3 was the newest",
            "3.1",
            False,
            Reason(ReasonCode.NOT_BELOW_RANGE, "3.1", "^3"),
        ),
        (
            "resolved by a commit that no release contains",
            "1.0",
            False,
            Reason(ReasonCode.COMMIT_NOT_SEEN, "1.0", "c0ffee1"),
        ),
    ],
)
def test_every_judgement_gives_its_reason(heading: str, release: str, is_late: bool, reason: Reason) -> None:
    resolution, knowledge = read_heading(heading)
    assert judge(resolution, release, LATE if is_late else AFTER, knowledge).reason == reason
    assert Reason.from_json(reason.as_json()) == reason


@pytest.mark.parametrize("kind", [Kind.IN_NEXT_RELEASE, Kind.IN_NEXT_MINOR, Kind.IN_NEXT_MAJOR])
def test_resolved_in_the_next_release_or_line_when_none_was_known(kind: Kind) -> None:
    judgement = judge(Resolution(kind, RESOLVED_AT), "1.0", AFTER, ReleaseKnowledge())
    assert judgement == Judgement(Verdict.REGRESSION, Reason(ReasonCode.NO_RELEASE_WAS_KNOWN, "1.0"))


@pytest.mark.parametrize(
    ("written", "release", "verdict"),
    [
        (">=2.4", "shop@2.4", Verdict.REGRESSION),
        (">=2.4", "shop@2.3", Verdict.NOT_COVERED),
        (">=till@2.4", "till@2.4", Verdict.REGRESSION),
        (">=till@2.4", "till@2.3", Verdict.NOT_COVERED),
        (">=till@2.4", "shop@2.4", Verdict.NOT_COVERED),
    ],
)
def test_a_range_is_of_the_package_of_the_newest_release_unless_it_names_one(
    written: str, release: str, verdict: Verdict
) -> None:
    resolution = Resolution(Kind.IN_RANGE, RESOLVED_AT, newest=KnownRelease("shop@2.0"), range=written)
    assert judge(resolution, release, AFTER, ReleaseKnowledge()).verdict is verdict


def test_a_range_that_was_written_when_no_release_was_known_holds_for_plain_versions() -> None:
    resolution = Resolution(Kind.IN_RANGE, RESOLVED_AT, range=">=2.4")
    for release, verdict in (("2.4", Verdict.REGRESSION), ("2.3", Verdict.NOT_COVERED)):
        assert judge(resolution, release, AFTER, ReleaseKnowledge()).verdict is verdict


def test_a_release_of_which_only_the_name_is_known_is_stored_and_read_back() -> None:
    resolution = Resolution(Kind.IN_NEXT_RELEASE, RESOLVED_AT, newest=KnownRelease("1.0"))
    assert Resolution.from_json(resolution.as_json()) == resolution


# ── Whatever the versions ────────────────────────────────────────────────────────────────────────────────────────────

numbers = st.lists(st.integers(0, 4), min_size=3, max_size=3).map(lambda parts: ".".join(map(str, parts)))
suffixes = st.sampled_from(["", "", "-rc.1", "+7", "+abc", "-beta"])
versions = st.builds("{}{}{}".format, st.sampled_from(["", "v"]), numbers, suffixes)
moments = st.integers(-30, 30).map(lambda days: RESOLVED_AT + timedelta(days=days))
fixes = st.lists(versions, min_size=1, max_size=4, unique=True).map(tuple)
names = st.one_of(versions, st.sampled_from(["8f4b2c1", "0a1b2c3", "ios@1.2.3", "ios@1.4.0", ""]))


def known_as(name: str, at: datetime) -> KnownRelease:
    return KnownRelease(name, None, at)


@given(fixes, versions, moments, st.dictionaries(names, moments))
def test_nothing_below_all_fixes_ever_reopens(
    fixed_in: tuple[str, ...], version: str, at: datetime, seen: dict[str, datetime]
) -> None:
    resolution = Resolution(Kind.IN_RELEASE, RESOLVED_AT, versions=fixed_in)
    knowledge = ReleaseKnowledge({name: known_as(name, moment) for name, moment in seen.items()})
    if all(compare(KnownRelease(version), KnownRelease(fix)) < 0 for fix in fixed_in):
        assert judge(resolution, version, at, knowledge).verdict is Verdict.NOT_COVERED


@given(fixes, versions, moments, st.dictionaries(names, moments))
def test_whatever_is_not_below_the_highest_fix_reopens(
    fixed_in: tuple[str, ...], version: str, at: datetime, seen: dict[str, datetime]
) -> None:
    resolution = Resolution(Kind.IN_RELEASE, RESOLVED_AT, versions=fixed_in)
    knowledge = ReleaseKnowledge({name: known_as(name, moment) for name, moment in seen.items()})
    if all(compare(KnownRelease(version), KnownRelease(fix)) >= 0 for fix in fixed_in):
        assert judge(resolution, version, at, knowledge).verdict is Verdict.REGRESSION


@given(fixes, versions, versions, moments)
def test_on_one_minor_line_what_follows_a_regression_is_a_regression(
    fixed_in: tuple[str, ...], one: str, other: str, at: datetime
) -> None:
    resolution = Resolution(Kind.IN_RELEASE, RESOLVED_AT, versions=fixed_in)
    parsed = parse_version(one), parse_version(other)
    assert parsed[0] and parsed[1]
    if parsed[0].parts[:2] == parsed[1].parts[:2] and compare(KnownRelease(one), KnownRelease(other)) <= 0:
        older, newer = (judge(resolution, version, at, ReleaseKnowledge()).verdict for version in (one, other))
        assert older is not Verdict.REGRESSION or newer is Verdict.REGRESSION


@given(st.sampled_from([kind for kind in Kind if kind is not Kind.NOW]), fixes, names, moments, moments)
def test_deleting_every_release_leaves_versions_judged_as_before(
    kind: Kind, fixed_in: tuple[str, ...], name: str, at: datetime, seen_at: datetime
) -> None:
    resolution = Resolution(
        kind,
        RESOLVED_AT,
        versions=fixed_in,
        newest=known_as(fixed_in[0], RESOLVED_AT),
        range=">=" + fixed_in[0],
        remembered=(known_as(fixed_in[0], RESOLVED_AT),),
    )
    if parse_version(name) and not name.startswith("ios"):
        with_all = ReleaseKnowledge({release: known_as(release, seen_at) for release in (name, *fixed_in)})
        assert judge(resolution, name, at, with_all).verdict is judge(resolution, name, at, ReleaseKnowledge()).verdict


@given(st.sampled_from(list(Kind)), fixes, names, moments, st.dictionaries(names, moments))
def test_every_event_gets_a_verdict_and_a_reason(
    kind: Kind, fixed_in: tuple[str, ...], name: str, at: datetime, seen: dict[str, datetime]
) -> None:
    resolution = Resolution(
        kind, RESOLVED_AT, versions=fixed_in, newest=known_as(fixed_in[-1], RESOLVED_AT), range="^2", commit="c0ffee1"
    )
    knowledge = ReleaseKnowledge({release: known_as(release, moment) for release, moment in seen.items()})
    assert judge(resolution, name, at, knowledge).reason
