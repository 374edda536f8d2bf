"""Pages by keyset."""

from datetime import datetime, timedelta, timezone

import pytest

from tests.conftest import World
from tests.tracker.digested import NOON, digested
from tracker.issues.lookup import find_by_short_id, find_event_by_id, jump
from tracker.models import Event, Issue, Project
from tracker.record.batch import record_batch
from tracker.record.dimensions import forget_dimensions
from tracker.record.issues import forget_keys
from tracker.search.lists import COLUMNS, COUNTED_UP_TO, SORTS, EventPage, IssuePage, find_events, find_issues
from tracker.search.query import parse_query
from tracker.storage.cursors import Cursor, read_cursor

EVERYTHING = parse_query("")


def make_issues(project: Project, count: int) -> None:
    """Issues of which many are equal in every sort."""
    Issue.objects.bulk_create(
        Issue(
            project=project,
            number=number + 1,
            title=f"Issue {number}",
            first_seen_at=NOON - timedelta(hours=number % 3),
            last_seen_at=NOON + timedelta(minutes=7 * (number % 4)),
            times_seen=(0, 2, 3, 29, 30, 2_999)[number % 6],
            users_affected=number % 2,
        )
        for number in range(count)
    )


def page_of(project: Project, **wanted: str) -> IssuePage:
    return find_issues([project], EVERYTHING, me=None, now=NOON, limit=10, **wanted)


@pytest.mark.parametrize("sort", SORTS)
def test_pages_forward_and_back_show_every_issue_once_in_order(world: World, sort: str) -> None:
    make_issues(world.shop, 35)
    expected = list(Issue.objects.order_by(f"-{COLUMNS[sort]}", "-id").values_list("id", flat=True))
    pages = [page_of(world.shop, sort=sort)]
    while cursor := pages[-1].next_cursor:
        pages.append(page_of(world.shop, sort=sort, cursor=cursor))
    assert [issue.pk for page in pages for issue in page.issues] == expected
    assert pages[0].previous_cursor is None
    back = [pages[-1]]
    while cursor := back[0].previous_cursor:
        back.insert(0, page_of(world.shop, sort=sort, cursor=cursor))
    assert [page.issues for page in back] == [page.issues for page in pages]
    assert all(page.next_cursor for page in back[:-1])


def test_an_issue_that_comes_in_between_moves_no_page(world: World) -> None:
    make_issues(world.shop, 20)
    first = page_of(world.shop)
    assert first.next_cursor
    Issue.objects.create(
        project=world.shop, number=99, title="New", first_seen_at=NOON, last_seen_at=NOON + timedelta(days=1)
    )
    second = page_of(world.shop, cursor=first.next_cursor)
    assert not {issue.pk for issue in first.issues} & {issue.pk for issue in second.issues}
    assert len(second.issues) == 10


@pytest.mark.parametrize("cursor", ["x", "AAAA", "....", "é", "W10", Cursor("events", 3, 1).encode(), "9" * 5_000])
def test_a_cursor_that_means_nothing_is_the_first_page(world: World, cursor: str) -> None:
    make_issues(world.shop, 12)
    assert page_of(world.shop, cursor=cursor).issues == page_of(world.shop).issues


@pytest.mark.parametrize("value", [-(2**62), -1, 0, 2**62])
def test_a_page_may_begin_after_any_number(world: World, value: int) -> None:
    make_issues(world.shop, 12)
    found = page_of(world.shop, sort="events", cursor=Cursor("events", value, 0).encode()).issues
    assert len(found) == (10 if value > 2_999 else 0)


@pytest.mark.parametrize("year", [1, 1969, 9999])
def test_a_page_may_begin_after_any_moment(world: World, year: int) -> None:
    make_issues(world.shop, 12)
    moment = NOON.replace(year=year)
    found = page_of(world.shop, cursor=Cursor("last_seen", moment, 0).encode()).issues
    assert len(found) == (10 if moment > NOON else 0)


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("events", 2**63),
        ("events", -(2**63)),
        ("events", -(10**40)),
        ("last_seen", datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))),
        ("last_seen", datetime.max.replace(tzinfo=timezone(timedelta(hours=-14)))),
    ],
)
def test_a_page_after_what_no_database_holds_is_the_first(world: World, sort: str, value: int | datetime) -> None:
    make_issues(world.shop, 12)
    found = page_of(world.shop, sort=sort, cursor=Cursor(sort, value, 0).encode())
    assert found.issues == page_of(world.shop, sort=sort).issues


@pytest.mark.parametrize("value", [7, NOON])
def test_a_cursor_comes_back_as_it_was(value: int) -> None:
    cursor = Cursor("events", value, 42, is_backward=True)
    assert read_cursor(cursor.encode(), "events") == cursor
    assert read_cursor(cursor.encode(), "users") is None


def test_a_total_is_counted_up_to_a_thousand(world: World) -> None:
    make_issues(world.shop, COUNTED_UP_TO)
    assert page_of(world.shop).total == COUNTED_UP_TO
    Issue.objects.create(project=world.shop, number=5_000, title="One more", first_seen_at=NOON, last_seen_at=NOON)
    assert page_of(world.shop).total is None


def test_several_projects_share_one_list(world: World) -> None:
    make_issues(world.shop, 3)
    make_issues(world.secret, 3)
    page = find_issues([world.shop, world.secret], EVERYTHING, me=None, now=NOON)
    assert {issue.project for issue in page.issues} == {world.shop, world.secret}
    assert page.total == 6
    assert find_issues([], EVERYTHING, me=None, now=NOON).issues == []


@pytest.fixture
def issue(world: World) -> Issue:
    forget_dimensions()
    forget_keys()
    # Two in each second: the order among equals must hold as well.
    batch = [digested(world.shop, n, occurred_at=NOON + timedelta(seconds=n // 2)) for n in range(25)]
    record_batch(batch, NOON)
    return Issue.objects.get()


def test_events_come_newest_first_page_by_page(issue: Issue) -> None:
    pages: list[EventPage] = [find_events(issue, limit=10)]
    while cursor := pages[-1].next_cursor:
        pages.append(find_events(issue, limit=10, cursor=cursor))
    expected = list(Event.objects.order_by("-occurred_at", "-id"))
    assert [event for page in pages for event in page.events] == expected
    assert pages[1].previous_cursor
    assert find_events(issue, limit=10, cursor=pages[1].previous_cursor).events == pages[0].events


def test_a_short_id_or_an_event_id_goes_straight_to_its_issue(issue: Issue, world: World) -> None:
    event = Event.objects.all()[7]
    text = bytes(event.event_id).hex()
    dashed = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    assert jump([world.shop], " shop-1 ") == issue
    assert jump([world.shop], text) == jump([world.shop], dashed.upper()) == issue
    assert find_event_by_id([world.shop], text) == event
    for strange in ("SHOP-2", "SHOP-0", "SHOP-", "WEB-1", "f" * 32, "text", "", "-1"):
        assert jump([world.shop], strange) is None
    assert jump([world.secret], "SHOP-1") is None
    assert jump([world.secret], text) is None


def test_the_short_id_of_a_merged_issue_leads_to_the_one_that_took_it_in(issue: Issue, world: World) -> None:
    make_issues(world.secret, 1)
    other = Issue.objects.create(project=world.shop, number=2, title="x", first_seen_at=NOON, last_seen_at=NOON)
    Issue.objects.filter(pk=other.pk).update(merged_into=issue)
    assert find_by_short_id([world.shop], "SHOP-2") == issue
