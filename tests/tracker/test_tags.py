"""Tags: what the user set, and what everyone wants to search by; all bounded."""

from typing import Any

from grouping.reader import read_event
from grouping.tags import MAX_KEY_LENGTH, MAX_TAGS, MAX_VALUE_LENGTH, derive_tags

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)


def tags_of(**payload: Any) -> dict[str, str]:
    return derive_tags(read_event({"event_id": "a" * 32, **payload}))


def test_a_bare_event_has_its_level() -> None:
    assert tags_of(message="hi") == {"level": "error"}


def test_what_everyone_searches_by_is_derived() -> None:
    tags = tags_of(
        release="shop@1",
        dist="7",
        environment="prod",
        server_name="web-1",
        transaction="/checkout",
        logger="shop.cart",
        user={"id": 42},
        sdk={"name": "sentry.python", "version": "2"},
        request={"url": "https://shop.example/cart?token=1#top"},
        contexts={"runtime": {"name": "CPython", "version": "3.12.1"}},
        exception={"values": [{"type": "E", "value": "v", "mechanism": {"type": "django", "handled": False}}]},
    )
    assert tags == {
        "level": "error",
        "release": "shop@1",
        "dist": "7",
        "environment": "prod",
        "user": "id:42",
        "server_name": "web-1",
        "transaction": "/checkout",
        "logger": "shop.cart",
        "url": "https://shop.example/cart",
        "sdk": "sentry.python",
        "mechanism": "django",
        "handled": "no",
        "runtime": "CPython 3.12.1",
        "runtime.name": "CPython",
    }


def test_browser_and_system_are_read_off_the_user_agent() -> None:
    tags = tags_of(request={"headers": [["User-Agent", CHROME]]})
    assert (tags["browser"], tags["browser.name"]) == ("Chrome 126", "Chrome")
    assert (tags["os"], tags["os.name"]) == ("Windows 10", "Windows")
    assert tags_of(request={"headers": {"user-agent": IPHONE}})["device"] == "iPhone"


def test_what_the_sdk_says_of_browser_and_system_wins() -> None:
    contexts = {"browser": {"name": "Firefox", "version": "128"}, "os": {"name": "Linux"}, "device": {"model": "X1"}}
    tags = tags_of(request={"headers": {"User-Agent": CHROME}}, contexts=contexts)
    assert (tags["browser"], tags["os"], tags["device"]) == ("Firefox 128", "Linux", "X1")


def test_the_users_tags_win_over_derived_ones_but_not_over_what_filters_rely_on() -> None:
    tags = tags_of(tags={"url": "mine", "environment": "mine", "Level": "mine"}, environment="prod")
    assert (tags["url"], tags["environment"], tags["level"]) == ("mine", "prod", "error")
    assert "Level" not in tags


def test_keys_values_and_their_number_are_bounded() -> None:
    tags = tags_of(tags={f"{'k' * 50}{number}"[-50:]: "v" * 300 for number in range(200)})
    assert len(tags) <= MAX_TAGS
    assert max(map(len, tags)) <= MAX_KEY_LENGTH
    assert max(map(len, tags.values())) <= MAX_VALUE_LENGTH


def test_a_value_of_several_lines_becomes_one() -> None:
    assert tags_of(tags={"query": "SELECT 1\n  FROM x"})["query"] == "SELECT 1 FROM x"


def test_odd_headers_and_contexts_are_no_reason_to_fail() -> None:
    odd = [None, "text", [], [1], [["User-Agent"]], {"User-Agent": None}, {"User-Agent": [CHROME]}, {"User-Agent": 5}]
    for headers in odd:
        assert "level" in tags_of(request={"headers": headers}, contexts={"os": "text", "browser": [], "device": 3})
