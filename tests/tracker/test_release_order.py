"""The newest release and the previous one, asked of the database: one row each, however many there are."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import World
from tests.web.factories import happen
from tracker.issues.claims import choices_for
from tracker.issues.known_releases import latest_of, newest_like, previous_of
from tracker.models import Issue, Release
from tracker.record.sessions import SessionCounts, SessionKey, record_sessions
from tracker.releases.comparison import previous_release
from tracker.versions import order_key

pytestmark = pytest.mark.django_db

DAY = datetime(2026, 11, 1, tzinfo=UTC)


def make(world: World, *names: str) -> None:
    """Releases first seen on one day after the other."""
    rows = [
        Release(project=world.shop, version=name, created_at=DAY + timedelta(days=n)) for n, name in enumerate(names)
    ]
    Release.objects.bulk_create(rows, batch_size=1_000)


def newest(like: str) -> str:
    found = newest_like(Release.objects.all(), like)
    return found.version if found else ""


def previous(version: str) -> str:
    found = previous_of(Release.objects.all(), Release.objects.get(version=version))
    return found.version if found else ""


def test_one_odd_name_does_not_change_how_others_are_ordered(world: World) -> None:
    """getsentry/sentry 111393: the scheme flips with the last few releases."""
    make(world, "1.4.10", "1.4.9", *(f"hotfix-{n}" for n in range(5)), *(f"{n:07x}" for n in range(10, 30)))
    assert newest("1.4.9") == "1.4.10"


def test_the_newest_release_is_the_newest_of_all_and_not_the_one_after_the_issues_own(world: World) -> None:
    """getsentry/sentry 69937."""
    make(world, *(f"{number}.0" for number in range(1, 6)))
    assert newest("1.0") == "5.0"


def test_the_newest_release_is_of_the_same_package_or_else_the_latest(world: World) -> None:
    assert newest("1.0") == ""
    make(world, "ios@2.0", "android@9.1", "abc", "ios@1.9.9")
    found = [newest(like) for like in ("ios@1.0", "android@1.0", "def", "web@1.0")]
    assert found == ["ios@2.0", "android@9.1", "ios@1.9.9", "ios@1.9.9"]
    latest = latest_of(Release.objects.all())
    assert latest is not None and latest.version == "ios@2.0"


def test_of_builds_of_one_version_the_latest_is_the_newest(world: World) -> None:
    """getsentry/sentry 103441: "next release" picked build 294 where 295 was there."""
    make(world, *(f"1.25.3 ({build})" for build in (295, 294, 293, 292)))
    assert newest("1.25.3 (292)") == "1.25.3 (295)"


def test_of_one_version_under_two_names_the_later_is_the_newest(world: World) -> None:
    make(world, "1.0+abc", "1.0.0+def")
    assert newest("1.0") == "1.0.0+def"
    Release.objects.filter(version="1.0+abc").update(released_at=DAY + timedelta(days=9))
    assert newest("1.0") == "1.0+abc"


def test_the_previous_release_is_the_one_below_in_order(world: World) -> None:
    make(world, "1.4.9", "abc", "2.0.0", "1.4.10", "shop@1.0")
    assert previous("2.0.0") == "1.4.10"
    assert previous("abc") == "1.4.9"
    assert previous("1.4.9") == ""
    assert previous("shop@1.0") == "1.4.10"


def test_a_release_that_sessions_made_known_has_its_place(world: World) -> None:
    make(world, "shop@1.0.0")
    counts = SessionCounts(exited=1)
    record_sessions([(SessionKey(world.shop.pk, "shop@1.10.0", "", DAY), counts)], DAY)
    assert newest("shop@1.9.0") == "shop@1.10.0"


def test_a_release_that_an_event_made_known_has_its_place(world: World) -> None:
    make(world, "shop@1.9.0")
    happen(world.shop, release="shop@1.10.0")
    assert newest("shop@1.9.0") == "shop@1.10.0"


def test_among_ten_thousand_releases_one_is_loaded(world: World) -> None:
    make(world, *(f"shop@{n // 100}.{n % 100}.0" for n in range(10_000)))
    issue = happen(world.shop, release="shop@3.0.0")
    loaded = Issue.objects.select_related("last_release").get(pk=issue.pk)
    for ask in (lambda: choices_for(loaded), lambda: previous_release(Release.objects.get(version="shop@70.1.0"))):
        with CaptureQueriesContext(connection) as captured:
            assert ask() is not None
        assert len(captured) <= 3
        assert all("LIMIT" in query["sql"] or '"version" = ' in query["sql"] for query in captured)
    assert choices_for(loaded).current == "shop@99.99.0"


def test_an_upgrade_gives_every_release_that_was_there_its_place(world: World) -> None:
    make(world, "8f4b2c1", *(f"shop@1.{n}.0" for n in range(1_200)))
    Release.objects.update(order_key=b"")
    assert newest("shop@1.0.0") == "shop@1.1199.0"  # by date, as if none were a version
    import_module("tracker.migrations.0012_fill_release_order_key").fill(apps, None)
    keys = {version: bytes(key) for version, key in Release.objects.values_list("version", "order_key")}
    assert keys == {version: order_key(version) for version in keys}
