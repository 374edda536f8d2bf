"""What is said of states: until when it is archived, in which release it is fixed, and several things in a row."""

from datetime import timedelta

import pytest

from tests.tracker.issues import NOON
from tracker.issues.resolution import Kind, Resolution
from tracker.issues.status import Archival, ArchiveFor
from tracker.models import Issue, Status
from tracker.versions import KnownRelease
from web.state_words import (
    COMES_BACK,
    STAYS,
    archival_words,
    describe_archive,
    describe_resolution,
    joined,
    predict_archive,
    predict_resolution,
    status_prediction,
)


@pytest.mark.parametrize(
    ("words", "said"), [("", ""), ("a", "a"), ("ab", "a and b"), ("abc", "a, b and c"), ("abcd", "a, b, c and d")]
)
def test_words_in_a_row_have_commas_and_an_and(words: str, said: str) -> None:
    assert joined(list(words)) == said
    assert joined(list(words), "or") == said.replace("and", "or")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (ArchiveFor(), "forever"),
        (ArchiveFor(events=1), "until 1 more event"),
        (ArchiveFor(events=2), "until 2 more events"),
        (ArchiveFor(events=1_000), "until 1,000 more events"),
        (ArchiveFor(users=1), "until 1 more user is affected"),
        (ArchiveFor(users=2_000), "until 2,000 more users are affected"),
        (ArchiveFor(until=NOON + timedelta(days=2)), "until 2026-11-23 12:00 UTC"),
        (
            ArchiveFor(NOON + timedelta(days=2), 5, 1),
            "until 2026-11-23 12:00 UTC, until 5 more events or until 1 more user is affected",
        ),
    ],
)
def test_until_how_many_more_than_now(how: ArchiveFor, said: str) -> None:
    assert describe_archive(how) == said
    assert predict_archive(how) == (STAYS if how == ArchiveFor() else COMES_BACK)


@pytest.mark.parametrize(
    ("archival", "said", "of_issue"),
    [
        (Archival(), "forever", "forever"),
        (Archival(until_times_seen=1_000), "until it was seen 1,000 times", "until 991 more events"),
        (Archival(until_times_seen=10), "until it was seen 10 times", "until 1 more event"),
        (Archival(until_times_seen=1), "until it was seen 1 time", "until 0 more events"),
        (Archival(until_times_seen=0), "until it was seen 0 times", "until 0 more events"),
        (Archival(until_users_affected=2_000), "until 2,000 users are affected", "until 2,000 more affected users"),
        (Archival(until_users_affected=1), "until 1 user is affected", "until 1 more affected user"),
        (
            Archival(NOON, 100, 20),
            "until 2026-11-21 12:00 UTC, until it was seen 100 times or until 20 users are affected",
            "until 2026-11-21 12:00 UTC, until 91 more events or until 20 more affected users",
        ),
    ],
)
def test_until_when_it_is_archived(archival: Archival, said: str, of_issue: str) -> None:
    issue = Issue(status=Status.ARCHIVED, archival=archival.as_json(), times_seen=9, users_affected=0)
    assert archival_words(archival) == f"archived {said}"
    assert archival_words(archival, issue) == f"archived {of_issue}"
    assert status_prediction(issue) == (STAYS if archival == Archival() else COMES_BACK)


def test_a_commit_is_named_by_its_first_twelve_digits() -> None:
    assert describe_resolution(Resolution(Kind.IN_COMMIT, NOON, commit="8f4b2c1d9e0a7b65")) == "by commit 8f4b2c1d9e0a"


def test_three_releases_are_named_in_a_row() -> None:
    resolution = Resolution(Kind.IN_RELEASE, NOON, versions=("1.3.9", "1.4.3", "2.0.0"))
    assert describe_resolution(resolution) == "in 1.3.9, 1.4.3 and 2.0.0"
    assert predict_resolution(resolution).startswith("An event of 1.3.9, 1.4.3 or 2.0.0, or newer on the same line,")


@pytest.mark.parametrize(
    ("kind", "said"),
    [(Kind.IN_NEXT_MINOR, "minor after 1.4.2, 1.5.0"), (Kind.IN_NEXT_MAJOR, "major after 1.4.2, 2.0.0")],
)
def test_the_next_line_is_named_with_where_it_begins(kind: Kind, said: str) -> None:
    assert describe_resolution(Resolution(kind, NOON, newest=KnownRelease("1.4.2"))) == f"in the next {said}"


def test_the_next_release_is_said_so_when_none_was_known() -> None:
    told = predict_resolution(Resolution(Kind.IN_NEXT_RELEASE, NOON))
    assert told.startswith("An event of a release newer than those known now reopens it;")
