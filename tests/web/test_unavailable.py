"""A database that does not answer, or not in time, is said as such: 503, and no traceback."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client, RequestFactory

from tests.conftest import World
from web.views.site import server_error

pytestmark = pytest.mark.django_db

LIST = "/o/acme/issues/"
API_LIST = "/api/0/projects/acme/shop/issues/"


@pytest.fixture
def alice(client: Client, world: World) -> Client:
    client.force_login(world.alice)
    return client


@contextmanager
def refusing(table: str, reason: str) -> Iterator[None]:
    """The database refuses statements that name a table."""

    def refuse(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if table in sql:
            raise OperationalError(reason)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


def test_a_page_without_its_database_says_that_nothing_is_lost(alice: Client, caplog: pytest.LogCaptureFixture) -> None:
    with refusing("tracker_issue", "server closed the connection\nunexpectedly"):
        answer = alice.get(LIST)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert b"Nothing is lost" in answer.content and b"<h1>" in answer.content
    assert [(record.levelname, record.exc_info) for record in caplog.records] == [("WARNING", None)]
    assert caplog.records[0].getMessage() == (
        f"GET {LIST} could not be answered: server closed the connection unexpectedly"
    )


def test_a_page_whose_statement_was_stopped_says_to_ask_for_less(alice: Client) -> None:
    with refusing("tracker_issue", "interrupted"):
        answer = alice.get(LIST)
    assert (answer.status_code, b"too long" in answer.content) == (503, True)


def test_the_api_says_it_as_json(alice: Client, caplog: pytest.LogCaptureFixture) -> None:
    with refusing("tracker_issue", "interrupted"):
        answer = alice.get(API_LIST)
    assert answer.status_code == 503
    assert "too long" in answer.json()["detail"]
    assert not any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize(("address", "is_json"), [(LIST, False), (API_LIST, True)])
def test_where_not_even_the_session_can_be_read_it_is_said_as_well(alice: Client, address: str, is_json: bool) -> None:
    alice.raise_request_exception = False
    with refusing("django_session", "could not connect"):
        answer = alice.get(address)
    assert (answer.status_code, answer.headers["Content-Type"].startswith("application/json")) == (503, is_json)


@pytest.mark.parametrize(("address", "is_json"), [(LIST, False), (API_LIST, True)])
def test_outside_of_any_view_it_is_said_as_well(address: str, is_json: bool) -> None:
    try:
        raise OperationalError("could not connect")
    except OperationalError:
        answer = server_error(RequestFactory().get(address))
    assert (answer.status_code, answer.headers["Content-Type"].startswith("application/json")) == (503, is_json)


def test_an_error_of_ours_is_still_one(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    alice.raise_request_exception = False

    def fail(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        raise ZeroDivisionError

    with connection.execute_wrapper(fail):
        assert alice.get(LIST).status_code == 500
