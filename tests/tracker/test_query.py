"""The search language."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.search.query import Query, QueryError, Term, parse_query
from tracker.search.vocabulary import time_bounds

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def only(text: str) -> Term:
    (term,) = parse_query(text).terms
    return term


def test_nothing_asks_for_everything() -> None:
    assert parse_query("") == parse_query("  \t ") == Query()


@pytest.mark.parametrize(
    ("text", "key", "operator", "value", "is_negated", "has_wildcard"),
    [
        ("is:unresolved", "is", "=", "unresolved", False, False),
        ("!is:assigned", "is", "=", "assigned", True, False),
        ("is:ignored", "is", "=", "archived", False, False),
        ("level:ERROR", "level", "=", "error", False, False),
        ("times_seen:>100", "times_seen", ">", "100", False, False),
        ("timesSeen:<=5", "times_seen", "<=", "5", False, False),
        ("users:5", "users", "=", "5", False, False),
        ("first_seen:-24h", "first_seen", "=", "-24h", False, False),
        ("age:+2w", "first_seen", "=", "+2w", False, False),
        ("last_seen:>2026-11-01", "last_seen", ">", "2026-11-01", False, False),
        ("last_seen:>=2026-11-01T10:00:00+02:00", "last_seen", ">=", "2026-11-01T10:00:00+02:00", False, False),
        ('browser:"Chrome 9*"', "browser", "=", "Chrome 9*", False, True),
        ('!browser:"Chrome 98"', "browser", "=", "Chrome 98", True, False),
        ('name:"say \\"hi\\""', "name", "=", 'say "hi"', False, False),
        ("name:a\\*b", "name", "=", "a*b", False, False),
        ("name:a\\*b*", "name", "=", "a\\*b*", False, True),
        ('release:""', "release", "=", "", False, False),
        ("release:shop@1.0+7", "release", "=", "shop@1.0+7", False, False),
        ("user.email:a@b.co", "user.email", "=", "a@b.co", False, False),
        ("function:<lambda>", "function", "=", "<lambda>", False, False),
        ("error.type:KeyError", "type", "=", "KeyError", False, False),
        ("assigned:me", "assigned", "=", "me", False, False),
    ],
)
def test_a_term_is_read(text: str, key: str, operator: str, value: str, is_negated: bool, has_wildcard: bool) -> None:
    term = only(text)
    assert (term.key, term.operator, term.value) == (key, operator, value)
    assert (term.is_negated, term.has_wildcard) == (is_negated, has_wildcard)


def test_words_without_key_are_free_text_and_every_one_must_be_found() -> None:
    terms = parse_query('charge "card declined" !retry SHOP-42 http://x.y/z message:timeout').terms
    assert [term.key for term in terms] == [""] * 6
    assert [term.value for term in terms] == ["charge", "card declined", "retry", "SHOP-42", "http://x.y/z", "timeout"]
    assert [term.is_negated for term in terms] == [False, False, True, False, False, False]


def test_terms_know_where_they_stand() -> None:
    assert [term.position for term in parse_query("is:resolved  !level:error text").terms] == [0, 13, 26]


def test_a_list_means_any_of_its_values() -> None:
    term = only('!release:[1.0, "2 0", 3.*]')
    assert [choice.value for choice in term.choices] == ["1.0", "2 0", "3.*"]
    assert [choice.has_wildcard for choice in term.choices] == [False, False, True]
    assert term.is_negated


def test_a_tag_may_have_a_fields_name() -> None:
    assert only("tags[level]:loud").is_tag
    assert only("tags[level]:loud").key == "level"
    assert only("browser:Chrome").is_tag
    assert not only("level:error").is_tag
    assert not only("text").is_tag


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("is:open", 3, "unresolved"),
        ("level:error is:", 15, "needs a value"),
        ("level:[error, loud]", 14, "loud"),
        ("times_seen:many", 11, "whole number"),
        ("times_seen:>1*", 12, "wildcard"),
        ("first_seen:yesterday", 11, "-24h"),
        ("first_seen:2026-13-01", 11, "-24h"),
        ("first_seen:>-24h", 12, "stands alone"),
        ("is:>resolved", 4, "order"),
        ('browser:"Chrome', 8, "quote"),
        ("release:[1.0, 2.0", 8, "]"),
        ("release:[1.0 2.0]", 13, "Commas"),
        ("release:[1.0,,2.0]", 13, "missing"),
        ("release:[]", 9, "missing"),
        ("text !", 6, "must not match"),
        ("a OR b", 2, "OR"),
        ("x" * 2_001, 2_000, "2,000"),
        ("a " * 31, 60, "30 terms"),
        ("a\0b", 1, "NUL"),
        (f"a:[{','.join('b' * 50)}] c:[{','.join('b' * 50)}] d", 208, "100 values"),
        ("a project:" + "a*" * 41, 2, "40 wildcards"),
    ],
)
def test_what_cannot_be_read_says_where_and_why(text: str, position: int, reason: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(text)
    assert caught.value.position == position
    assert reason in str(caught.value)


@given(st.text(alphabet='is:level!"*[]\\,<>= -4h2026tags.@', max_size=60))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        query = parse_query(text)
    except QueryError as error:
        assert 0 <= error.position <= len(text)
        assert str(error)
    else:
        for term in query.terms:
            assert text[term.position :].lstrip()


@pytest.mark.parametrize(
    ("operator", "value", "start", "end"),
    [
        ("=", "-24h", datetime(2026, 11, 21, 12, tzinfo=UTC), None),
        ("=", "+1w", None, datetime(2026, 11, 15, 12, tzinfo=UTC)),
        ("=", "2026-11-01", datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)),
        (">", "2026-11-01", datetime(2026, 11, 2, tzinfo=UTC), None),
        (">=", "2026-11-01", datetime(2026, 11, 1, tzinfo=UTC), None),
        ("<", "2026-11-01", None, datetime(2026, 11, 1, tzinfo=UTC)),
        ("<=", "2026-11-01", None, datetime(2026, 11, 2, tzinfo=UTC)),
        (">=", "2026-11-01T10:00:00+02:00", datetime(2026, 11, 1, 8, tzinfo=UTC), None),
    ],
)
def test_a_time_means_a_span(operator: str, value: str, start: datetime | None, end: datetime | None) -> None:
    assert time_bounds(operator, value, NOW) == (start, end)
