"""What each term of a query finds."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import World
from tests.tracker.digested import NOON, digested
from tracker.models import Issue, Project, Release, Status, User
from tracker.record.batch import record_batch
from tracker.record.dimensions import forget_dimensions
from tracker.record.issues import forget_keys
from tracker.search.filters import narrow_projects
from tracker.search.lists import find_issues
from tracker.search.patterns import is_match, like_pattern
from tracker.search.query import parse_query

NOW = NOON + timedelta(hours=1)
PAYMENT, STOCK, LOGIN = "payment", "stock", "login"


@pytest.fixture
def shop(world: World) -> Project:
    """Three issues: a resolved one of many events, one archived, one assigned to Bob that regressed."""
    forget_dimensions()
    forget_keys()
    browser = {"browser": "Chrome 98", "url": "https://shop.example/a_b%c"}
    batch = [
        *(digested(world.shop, n, PAYMENT, tags=browser | {"release": "shop@1.0.0"}) for n in range(10)),
        *(
            digested(
                world.shop,
                100 + n,
                STOCK,
                release="shop@2.0.0",
                tags={"browser": "Firefox 99", "release": "shop@2.0.0", "level": "loud"},
                level=30,
                is_unhandled=False,
                user_identity=f"email:u{n}@example.com",
                user_email=f"u{n}@example.com",
                occurred_at=NOON - timedelta(days=3),
            )
            for n in range(2)
        ),
        digested(
            world.shop,
            200,
            LOGIN,
            title="Überlauf*: 100%",
            type="OverflowError",
            release="",
            tags={},
            user_identity="",
            culprit="auth.views in sign_in",
            platform="javascript",
        ),
    ]
    record_batch(batch, NOON)
    Issue.objects.filter(value=PAYMENT).update(status=Status.RESOLVED)
    Issue.objects.filter(value=STOCK).update(status=Status.ARCHIVED)
    Issue.objects.filter(value=LOGIN).update(assigned_to=world.bob, is_regressed=True)
    return world.shop


def found(projects: Iterable[Project], text: str, me: User | None = None) -> set[str]:
    page = find_issues(list(projects), parse_query(text), me=me, now=NOW)
    assert page.total == len(page.issues)
    return {issue.value for issue in page.issues}


OF_OTHER_TABLES = [
    ("browser:Chrome", set()),
    ('browser:"Chrome 98"', {PAYMENT}),
    ('browser:["Chrome 98", Firefox*]', {PAYMENT, STOCK}),
    ("browser:*9*", {PAYMENT, STOCK}),
    ("browser:chrome*", {PAYMENT}),
    ("!browser:Chrome*", {STOCK, LOGIN}),
    ("url:*a_b%c", {PAYMENT}),
    ("url:*a%b*", set()),
    ("has:browser", {PAYMENT, STOCK}),
    ("!has:browser", {LOGIN}),
    ('browser:""', {LOGIN}),
    ("release:shop@1.0.0", {PAYMENT}),
    ("release:shop@*", {PAYMENT, STOCK}),
    ("release:latest", {STOCK}),
    ("first_release:latest", {STOCK}),
    ("!release:latest", {PAYMENT, LOGIN}),
    ("first_release:shop@2.0.0", {STOCK}),
    ("!first_release:shop@2.0.0", {PAYMENT, LOGIN}),
    ("user.email:u1@example.com", {STOCK}),
    ("user.email:*@example.com", {STOCK}),
    ("user.id:0", {PAYMENT}),
    ("!user.id:[0, 1, 2]", {STOCK, LOGIN}),
]
"""Queries that tags, users and releases answer."""


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {PAYMENT, STOCK, LOGIN}),
        ("is:unresolved", {LOGIN}),
        ("is:resolved", {PAYMENT}),
        ("is:[resolved, archived]", {PAYMENT, STOCK}),
        ("!is:archived", {PAYMENT, LOGIN}),
        ("is:regressed", {LOGIN}),
        ("is:unhandled", {PAYMENT, LOGIN}),
        ("is:handled", {STOCK}),
        ("is:assigned", {LOGIN}),
        ("is:unassigned", {PAYMENT, STOCK}),
        ("assigned:none", {PAYMENT, STOCK}),
        ("assigned:Bob@example.com", {LOGIN}),
        ("!assigned:bob@example.com", {PAYMENT, STOCK}),
        ("assigned:stranger@example.com", set()),
        ("level:warning", {STOCK}),
        ("level:[error, fatal]", {PAYMENT, LOGIN}),
        ("tags[level]:loud", {STOCK}),
        ("times_seen:>2", {PAYMENT}),
        ("times_seen:<=2", {STOCK, LOGIN}),
        ("times_seen:10", {PAYMENT}),
        ("users:>=2 times_seen:<5", {STOCK}),
        ("users:0", {LOGIN}),
        ("last_seen:-24h", {PAYMENT, LOGIN}),
        ("last_seen:+24h", {STOCK}),
        ("first_seen:2026-11-18", {STOCK}),
        ("last_seen:>2026-11-18", {PAYMENT, LOGIN}),
        ("!last_seen:>2026-11-18", {STOCK}),
        ("type:OverflowError", {LOGIN}),
        ("type:*Error", {PAYMENT, STOCK, LOGIN}),
        ("!type:value*", {LOGIN}),
        ("platform:javascript", {LOGIN}),
        ("culprit:*sign_in", {LOGIN}),
        ("overlauf", set()),
        ("erlauf*:", {LOGIN}),
        ('"100%"', {LOGIN}),
        ("100_", set()),
        ("CHECKOUT stock", {STOCK}),
        ("!checkout", {LOGIN}),
        ("SHOP-1", {PAYMENT}),
        ("shop-2", {STOCK}),
        ("issue:SHOP-3", {LOGIN}),
        ("OTHER-1", set()),
        ("project:shop is:resolved", {PAYMENT}),
        ("project:s*", {PAYMENT, STOCK, LOGIN}),
        ("!project:shop", set()),
        ("project:secret", set()),
        ("nothing:here", set()),
        ("!nothing:here", {PAYMENT, STOCK, LOGIN}),
        *OF_OTHER_TABLES,
    ],
)
def test_a_query_finds_what_it_says(shop: Project, text: str, values: set[str]) -> None:
    assert found([shop], text) == values


@pytest.mark.parametrize("bounds", [{"FEW": 0}, {"FEW": 0, "MANY": 0}, {"MAX_IDS": 0}], ids=str)
def test_a_query_finds_the_same_among_many_rows(
    shop: Project, bounds: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, bound in bounds.items():
        monkeypatch.setattr(f"tracker.search.related.{name}", bound)
    assert {text: found([shop], text) for text, _ in OF_OTHER_TABLES} == dict(OF_OTHER_TABLES)


def test_assigned_to_me_depends_on_who_asks(shop: Project, world: World) -> None:
    assert found([shop], "assigned:me", me=world.bob) == {LOGIN}
    assert found([shop], "assigned:me", me=world.alice) == set()
    assert found([shop], "assigned:me") == set()


def test_a_tag_of_another_project_finds_nothing(shop: Project, world: World) -> None:
    record_batch([digested(world.secret, 1, "hidden", tags={"browser": "Opera"})], NOON)
    assert found([shop], "browser:Opera") == set()
    assert found([world.secret], "browser:Opera") == {"hidden"}


def test_an_issue_merged_into_another_is_not_shown(shop: Project) -> None:
    Issue.objects.filter(value=STOCK).update(merged_into=Issue.objects.get(value=PAYMENT))
    assert found([shop], "") == {PAYMENT, LOGIN}


def test_a_project_is_named_by_slug_or_id(shop: Project, world: World) -> None:
    both = [shop, world.secret]
    assert narrow_projects(parse_query("project:shop"), both) == [shop]
    assert narrow_projects(parse_query(f"project:{world.secret.pk}"), both) == [world.secret]
    assert narrow_projects(parse_query("!project:[shop, secret]"), both) == []


def test_what_a_query_asks_beforehand_does_not_grow_with_its_values_or_projects(shop: Project) -> None:
    def statements(projects: Iterable[Project], text: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            found(projects, text)
        return len(queries)

    everywhere = list(Project.objects.all())
    assert statements(everywhere, "is:unresolved word !zzz level:error times_seen:>0 last_seen:-1h") <= 2
    text = "!browser:Chrome* release:x user.email:a has:url first_release:1"
    many = text.replace("release:x", f"release:[{', '.join(map(str, range(50)))}]")
    assert statements(everywhere, many) <= statements([shop], text) <= 11


def test_releases_of_one_name_in_two_projects_are_kept_apart(shop: Project, world: World) -> None:
    Release.objects.create(project=world.secret, version="shop@2.0.0")
    assert found([world.secret], "first_release:shop@2.0.0") == set()


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("a*", "abc", True),
        ("*b*", "ABC", True),
        ("a\\*", "abc", False),
        ("a\\*", "a*", True),
        ("a.c", "abc", False),
        ("ab*ba", "aba", False),
        ("ab*ba", "abba", True),
        ("*", "", True),
        ("**", "", True),
        ("a*b*c", "acb", False),
        ("a*b*c", "a-b-b-c", True),
        ("*a*a*", "a", False),
    ],
)
def test_a_pattern_matches_the_whole_text(pattern: str, text: str, matches: bool) -> None:
    assert is_match(pattern, text) == matches


@given(st.text("ab*", max_size=8), st.text("ab", max_size=12))
def test_python_and_the_database_mean_the_same_by_a_pattern(pattern: str, text: str) -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        (found,) = database.execute("SELECT ? LIKE ? ESCAPE '!'", (text, like_pattern(pattern))).fetchone()
    assert is_match(pattern, text) == bool(found)


def test_a_pattern_of_stars_ends(world: World) -> None:
    """Tried way by way, it would take longer than there is time."""
    world.shop.slug = "a" * 50
    world.shop.save()
    assert narrow_projects(parse_query("project:" + "a*" * 25 + "x"), [world.shop]) == []
