"""Releases: the list, making one, and the page that says what a deploy broke."""

from datetime import timedelta
from urllib.parse import quote, urljoin

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.conftest import World
from tracker.models import Activity, ActivityKind, Deploy, Issue, Project, Release, ReleaseHour
from tracker.record.sessions import SessionCounts, SessionKey, record_sessions
from tracker.releases.commits import CommitInput, set_commits
from tracker.releases.lists import life_of
from tracker.releases.registry import create_release, deploy

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(client: Client, world: World) -> Client:
    client.force_login(world.bob)
    return client


def make_release(project: Project, version: str, *, days_ago: float = 1) -> Release:
    at = timezone.now() - timedelta(days=days_ago)
    (release,) = create_release([project], version, now=at, released_at=at)
    return release


def make_issue(project: Project, number: int, **fields: object) -> Issue:
    now = timezone.now()
    return Issue.objects.create(
        project=project, number=number, title=f"Error {number}", first_seen_at=now, last_seen_at=now, **fields
    )


def page_of(version: str) -> str:
    return f"/o/acme/shop/releases/{quote(version, safe='@:/')}/"


WITH_SLASHES = ["a/b", "shop/commits", "shop/deploys", "a/../b", "a//b/", "/a"]


@pytest.mark.parametrize("version", [*WITH_SLASHES, "50%", "a%2Fb", ".", "..", "a?b#c", "ünï\nx", " "])
def test_the_page_of_any_version_is_where_its_links_lead(member: Client, world: World, version: str) -> None:
    release = Release.objects.create(project=world.shop, version=version)
    address = reverse("release", args=["acme", "shop", version])
    assert urljoin("http://host/", address) == f"http://host{address}", "a browser goes to another address"
    assert "//" not in address
    assert member.get(address).context["release"] == release
    assert address in member.get("/o/acme/releases/").content.decode()


def test_a_version_with_slashes_as_they_are_is_understood(member: Client, world: World) -> None:
    release = Release.objects.create(project=world.shop, version="feature/login")
    assert member.get("/o/acme/shop/releases/feature/login/").context["release"] == release


def test_the_list_shows_the_newest_first_and_only_what_the_member_may_see(member: Client, world: World) -> None:
    make_release(world.shop, "shop@1.0.0", days_ago=9)
    make_release(world.shop, "shop@1.1.0", days_ago=2)
    make_release(world.secret, "secret@6.6.6")
    page = member.get("/o/acme/releases/").content.decode()
    assert page.index("1.1.0") < page.index("1.0.0")
    assert "6.6.6" not in page


def test_the_list_is_narrowed_by_project_text_and_archive(member: Client, world: World) -> None:
    till = Project.objects.create(organization=world.acme, slug="till", name="Till")
    make_release(till, "till@7.0")
    make_release(world.shop, "shop@1.0")
    old = make_release(world.shop, "shop@0.9")
    member.post(page_of(old.version), {"action": "archive"})

    def versions(query: str) -> list[str]:
        page = member.get(f"/o/acme/releases/?{query}").context["page"]
        return sorted(row.release.version for row in page.rows)

    assert versions("project=till") == ["till@7.0"]
    assert versions("query=SHOP") == ["shop@1.0"]
    assert versions("archived=1&project=shop") == ["shop@0.9", "shop@1.0"]
    assert versions("project=nowhere") == []


def test_the_list_pages_through_every_release_once(member: Client, world: World) -> None:
    for number in range(60):
        make_release(world.shop, f"v{number:02}", days_ago=number + 1)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = member.get("/o/acme/releases/", {"cursor": cursor}).context["page"]
        seen += [row.release.version for row in page.rows]
        cursor = page.next_cursor
    assert seen == [f"v{number:02}" for number in range(60)]


def test_the_list_takes_as_many_queries_for_twenty_releases_as_for_one(member: Client, world: World) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert member.get("/o/acme/releases/").status_code == 200
        return len(queries)

    make_release(world.shop, "1.0")
    one = count()
    for number in range(19):
        deploy(make_release(world.shop, f"2.{number}"), "production", now=timezone.now())
    assert count() == one


def test_a_release_is_made_by_form_and_is_out_when_said_so(member: Client, world: World) -> None:
    made = {"project": "shop", "version": " shop@2.0 ", "is_finalized": "on"}
    assert member.post("/o/acme/releases/new/", made)["Location"] == page_of("shop@2.0")
    assert Release.objects.get(version="shop@2.0").released_at is not None
    member.post("/o/acme/releases/new/", {"project": "shop", "version": "shop@2.1"})
    assert Release.objects.get(version="shop@2.1").released_at is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("version", ""), ("version", ".."), ("version", "a\tb"), ("project", "secret"), ("url", "javascript:alert(1)")],
)
def test_a_release_that_cannot_be_is_refused(member: Client, world: World, field: str, value: str) -> None:
    sent = {"project": "shop", "version": "1.0", field: value}
    assert field in member.post("/o/acme/releases/new/", sent).context["form"].errors
    assert not Release.objects.exists()


def test_the_page_says_what_is_new_what_came_back_and_what_is_fixed(member: Client, world: World) -> None:
    make_release(world.shop, "1.0", days_ago=10)
    release = make_release(world.shop, "1.1", days_ago=2)
    make_issue(world.shop, 1, first_release=release)
    back = make_issue(world.shop, 2)
    Activity.objects.create(
        project=world.shop, issue=back, kind=ActivityKind.REGRESSED, details={"release": release.version}
    )
    page = member.get(page_of("1.1"))
    comparison = page.context["comparison"]
    assert [issue.number for issue in comparison.new] == [1]
    assert [issue.number for issue in comparison.regressed] == [2]
    assert comparison.previous.version == "1.0"
    text = page.content.decode()
    assert "What it broke" in text and "What came back" in text and "What it fixed" not in text


@pytest.mark.parametrize("version", ["shop@1.0", "a/b", "1.0 (beta)", "50%", "v?1#2", "größe"])
def test_a_version_of_any_letters_has_its_page(member: Client, world: World, version: str) -> None:
    made = member.post("/o/acme/releases/new/", {"project": "shop", "version": version})
    assert member.get(made["Location"]).context["release"].version == version


def test_a_deploy_is_marked_with_who_did_it(member: Client, world: World) -> None:
    make_release(world.shop, "1.0")
    member.post(page_of("1.0"), {"action": "deploy", "environment": "production", "url": "https://ci.example.com/1"})
    assert Deploy.objects.get().environment == "production"
    assert Activity.objects.get(kind=ActivityKind.DEPLOYED).user == world.bob
    assert "https://ci.example.com/1" in member.get(page_of("1.0")).content.decode()


@pytest.mark.parametrize("sent", [{"environment": ""}, {"environment": "p", "url": "javascript:alert(1)"}])
def test_a_deploy_that_cannot_be_is_refused(member: Client, world: World, sent: dict[str, str]) -> None:
    make_release(world.shop, "1.0")
    assert member.post(page_of("1.0"), {"action": "deploy", **sent}).context["form"].errors
    assert not Deploy.objects.exists()


def test_an_address_that_is_no_web_address_becomes_no_link(member: Client, world: World) -> None:
    release = make_release(world.shop, "1.0")
    deploy(release, "production", now=timezone.now(), name="#1", url="javascript:alert(1)")
    Release.objects.update(url="javascript:alert(2)")
    assert "javascript:" not in member.get(page_of("1.0")).content.decode()


def test_only_an_admin_deletes_a_release_and_its_issues_stay(member: Client, world: World) -> None:
    release = make_release(world.shop, "1.0")
    make_issue(world.shop, 1, first_release=release)
    assert member.post(page_of("1.0"), {"action": "delete"}).status_code == 403
    member.force_login(world.alice)
    member.post(page_of("1.0"), {"action": "delete"})
    assert not Release.objects.exists() and Issue.objects.exists()


def test_a_viewer_looks_and_changes_nothing(client: Client, world: World) -> None:
    make_release(world.shop, "1.0")
    client.force_login(world.viewer)
    page = client.get(page_of("1.0"))
    assert page.status_code == 200 and "Mark a deploy" not in page.content.decode()
    assert client.post(page_of("1.0"), {"action": "archive"}).status_code == 403
    assert client.get("/o/acme/releases/new/").status_code == 403


def test_commits_are_shown_with_their_authors(member: Client, world: World) -> None:
    release = make_release(world.shop, "1.0")
    commits = [CommitInput(sha="ab" * 20, author_name="Ada", message="Round after the discount <b>")]
    set_commits([release], commits, now=timezone.now())
    page = member.get(page_of("1.0")).content.decode()
    assert "abababab" in page and "by Ada" in page and "discount &lt;b&gt;" in page


def test_the_chart_holds_every_event_of_the_release_s_life(world: World) -> None:
    now = timezone.now()
    release = make_release(world.shop, "1.0", days_ago=10)
    release.first_event_at, release.last_event_at = now - timedelta(days=10), now - timedelta(days=2)
    first = int(release.first_event_at.timestamp()) // 3600
    ReleaseHour.objects.bulk_create(
        [ReleaseHour(release=release, hour=first + hour, events=1) for hour in range(8 * 24 + 1)]
    )
    life = life_of(release, now)
    assert sum(point.events for point in life.points) == 8 * 24 + 1
    assert life.bucket_hours == 6 and life.points[0].events > 0


def test_two_names_for_one_release_are_pointed_out(member: Client, world: World) -> None:
    with_commits, with_events = make_release(world.shop, "v1.4.2"), make_release(world.shop, "shop@1.4.2")
    set_commits([with_commits], [CommitInput(sha="ab" * 20)], now=timezone.now())
    Release.objects.filter(pk=with_events.pk).update(first_event_at=timezone.now())
    sentence = "v1.4.2 has commits but no events, and shop@1.4.2 has events but no commits."
    assert sentence in member.get(page_of("v1.4.2")).content.decode()
    assert sentence in member.get(page_of("shop@1.4.2")).content.decode()
    listed = member.get("/o/acme/releases/").content.decode()
    assert "Named like shop@1.4.2" in listed and "Named like v1.4.2" in listed


def test_the_page_tells_sessions_users_and_adoption(member: Client, world: World) -> None:
    make_release(world.shop, "1.0")
    now = timezone.now()
    key = SessionKey(world.shop.pk, "1.0", "preview", now.replace(second=0, microsecond=0))
    record_sessions([(key, SessionCounts(exited=9, crashed=1, users={1, 2, 3, 4}, crashed_users={4}))], now)
    text = member.get(page_of("1.0")).content.decode()
    for words in ("10 sessions, 1 crashed", "90%", "4 users, 1 with a crash", "75%", "100%", "preview"):
        assert words in text, words
    assert "75%" in member.get("/o/acme/releases/").content.decode()


def test_the_chart_of_a_release_begins_with_its_first_deploy(world: World) -> None:
    release = make_release(world.shop, "1.0", days_ago=3)
    now = timezone.now()
    Release.objects.filter(pk=release.pk).update(first_event_at=now - timedelta(hours=1), last_event_at=now)
    release.refresh_from_db()
    deploy(release, "production", now=now - timedelta(hours=30))
    life = life_of(release, now)
    assert life.points[0].at <= now - timedelta(hours=30)
    assert [deployed.environment for deployed in life.deploys] == ["production"]
