"""`ingest.server` over real connections: an application sees and says what it would through the server's own WSGI."""

import re
import select
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingest.endpoint_setup import EVENT_ID, KEY, event_envelope
from tests.ingest.server_apps import FILE, PAGE_THREADS
from tests.ingest.server_setup import ServerWorld, read_answer, serving
from tracker.health.version import VERSION

pytestmark = pytest.mark.xdist_group("server")

AUTH = f"X-Sentry-Auth: Sentry sentry_key={KEY}, sentry_version=7".encode()


@pytest.fixture(scope="module")
def server() -> Iterator[ServerWorld]:
    with serving("rsgi") as world:
        yield world


@pytest.fixture(scope="module")
def plain() -> Iterator[ServerWorld]:
    with serving("wsgi") as world:
        yield world


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))


def wait_until_closed(world: ServerWorld) -> None:
    mark = Path(tempfile.gettempdir()) / f"stacktale-test-closed-{world.port}"
    deadline = time.monotonic() + 10
    while not mark.exists():
        assert time.monotonic() < deadline, "the answer was not closed"
        time.sleep(0.02)
    mark.unlink()


@pytest.mark.parametrize(
    "path",
    [
        b"/",
        b"/api/0/organizations/x/releases/a%2Fb@1.0/",
        b"/a//b/../c;d=1/",
        b"/caf%C3%A9/%E2%82%AC",
        "/café".encode(),
        b"/with%20space+plus?a=%20b+c&d=%2F&&e",
        b"/%00%0a",
        b"/?",
        b"/x?y?z",
        b"http://b.example/absolute?q",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_the_environ_is_the_one_of_the_servers_own_wsgi(
    server: ServerWorld, plain: ServerWorld, method: str, path: bytes
) -> None:
    lines = (
        b"X-Twice: one",
        b"X-Twice: two",
        b"X-Forwarded-For: 1.2.3.4",
        b"X-Forwarded-Proto: https",
        b"Content-Type: text/plain; charset=x",
        b"Content-Length: 5",
        b"Authorization: Bearer abc",
    )
    ours, theirs = (world.request(method, path, *lines, body=b"hello").json for world in (server, plain))
    assert ours.pop("SERVER_PORT") == str(server.port)
    assert theirs.pop("SERVER_PORT") == str(plain.port)
    if method == "GET":
        ours.pop("body"), theirs.pop("body")
    assert ours == theirs


def test_cookies_in_several_lines_are_one_header(server: ServerWorld) -> None:
    assert server.request("GET", b"/", b"Cookie: a=1", b"Cookie: b=2").json["HTTP_COOKIE"] == "a=1; b=2"


def test_a_header_with_underscores_does_not_pass_for_one_with_dashes(server: ServerWorld) -> None:
    assert "HTTP_X_FORWARDED_FOR" not in server.request("GET", b"/", b"X_Forwarded_For: 1.2.3.4").json


def test_a_path_that_is_not_utf_8_is_served(server: ServerWorld) -> None:
    assert server.request("GET", b"/a%FFb").status == 200


def test_a_chunked_body_arrives_whole_and_with_its_length(server: ServerWorld) -> None:
    shown = server.request("POST", b"/", b"Transfer-Encoding: chunked", body=chunked(b"one", b" two" * 5_000)).json
    assert shown["body"] == "one" + " two" * 5_000
    assert shown["CONTENT_LENGTH"] == "20003"
    assert "HTTP_TRANSFER_ENCODING" not in shown


def test_trailers_are_no_sign_of_an_early_end(server: ServerWorld) -> None:
    body = b"3\r\nabc\r\n0\r\nX-A: b\r\n\r\n"
    shown = server.request("POST", b"/", b"Transfer-Encoding: chunked", b"Trailer: X-A", body=body).json
    assert shown["body"] == "abc"


def test_status_cookies_and_names_arrive_as_they_were_said(server: ServerWorld) -> None:
    answer = server.request("GET", b"/cookies")
    assert answer.status == 201
    assert answer.header("set-cookie") == ["a=1", "b=2"]
    assert answer.header("x-name") == ["caf\xc3\xa9"]
    assert answer.content == b"one two"


def test_head_has_the_headers_and_no_body(server: ServerWorld) -> None:
    length = server.request("GET", b"/file").header("content-length")
    answer = server.request("HEAD", b"/file")
    assert answer.header("content-length") == length
    assert answer.body == b""
    answer = server.request("HEAD", b"/api/7/envelope/")
    assert (answer.status, answer.body) == (405, b"")


def test_a_large_answer_is_streamed_whole_and_closed(server: ServerWorld) -> None:
    content = server.request("GET", b"/large").content
    assert content == b"".join(b"%07d\n" % number * 1_000 for number in range(300))
    wait_until_closed(server)


def test_an_answer_is_closed_when_its_client_goes_away(server: ServerWorld) -> None:
    with server.connect() as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        connection.recv(1_000)
    wait_until_closed(server)


def test_a_file_is_sent_as_it_is(server: ServerWorld) -> None:
    answer = server.request("GET", b"/file")
    assert answer.content == FILE.read_bytes()
    assert answer.header("x-file") == ["yes"]


def test_a_failure_before_the_answer_is_a_500_and_one_in_its_middle_ends_it(server: ServerWorld) -> None:
    failed = server.request("GET", b"/raise")
    assert failed.status == 500
    [failure_id] = re.fullmatch(rb"Internal error, id ([0-9a-f]{32})\n", failed.body).groups()  # type: ignore[union-attr]
    entry = server.log.read_text().partition(failure_id.decode())[2]
    assert "before anything was said" in entry
    broken = server.request("GET", b"/broken")
    wait_until_closed(server)
    assert broken.status == 200
    assert len(broken.content) < 300 * 8_000 + 1
    assert server.request("GET", b"/").status == 200


def test_a_connection_serves_many_requests(server: ServerWorld) -> None:
    with server.connect() as connection:
        for _ in range(3):
            connection.sendall(b"GET /cookies HTTP/1.1\r\nHost: a\r\n\r\n")
            assert connection.recv(65_536).endswith(b"one two")
        connection.sendall(b"GET /cookies HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert read_answer(connection).status == 201


def test_an_event_is_taken_with_any_framing(server: ServerWorld) -> None:
    event = event_envelope()
    declared = server.request("POST", b"/api/7/envelope/", AUTH, b"Content-Length: %d" % len(event), body=event)
    in_chunks = server.request(
        "POST", b"/api/7/envelope/", AUTH, b"Transfer-Encoding: chunked", body=chunked(event[:40], event[40:])
    )
    assert declared.json == in_chunks.json == {"id": EVENT_ID}


def test_slow_pages_do_not_hold_up_machines(server: ServerWorld) -> None:
    pages = [server.connect() for _ in range(PAGE_THREADS * 3)]
    for page in pages:
        page.sendall(b"GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    done: list[float] = []

    def wait_for_last_page() -> None:
        read_answer(pages[-1])
        done.append(time.monotonic())

    waiting = threading.Thread(target=wait_for_last_page)
    waiting.start()
    event = event_envelope()
    for _ in range(5):
        assert server.request("POST", b"/api/7/envelope/", AUTH, b"Content-Length: %d" % len(event), body=event).json
    taken_at = time.monotonic()
    waiting.join(30)
    assert done and taken_at < done[0]
    for page in pages:
        page.close()


@pytest.mark.parametrize("path", [b"/api/7/envelope/", b"/a-page/"])
def test_a_body_that_is_declared_too_large_is_refused_unread(server: ServerWorld, path: bytes) -> None:
    answer = server.request("POST", path, AUTH, b"Content-Length: 30000000", b"Expect: 100-continue")
    assert answer.status == 413
    assert answer.header("access-control-allow-origin") == ["*"]
    assert answer.json["detail"]


@pytest.mark.parametrize("framing", [b"Content-Length: 400000", b"Transfer-Encoding: chunked"])
@pytest.mark.parametrize("path", [b"/api/7/envelope/", b"/a-page/"])
def test_a_body_that_stands_still_is_refused_with_a_reason(server: ServerWorld, framing: bytes, path: bytes) -> None:
    answer = server.request("POST", path, AUTH, framing, body=b"1\r\n{\r\n")
    assert answer.status == 408
    assert answer.header("access-control-allow-origin") == ["*"]
    assert answer.json["detail"] == "the body came too slowly"


def test_a_body_that_never_ends_is_refused_however_lively_it_is(server: ServerWorld) -> None:
    with server.connect() as connection:
        connection.sendall(b"POST /api/7/envelope/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        connection.settimeout(0.2)
        answer = b""
        deadline = time.monotonic() + 15
        while not answer:
            assert time.monotonic() < deadline, "it was never refused"
            connection.sendall(b"1\r\nx\r\n")
            try:
                answer = connection.recv(65_536)
            except TimeoutError:
                continue
        assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_large_body_waits_for_room_and_small_ones_do_not(server: ServerWorld) -> None:
    event = event_envelope()
    with server.connect() as first, server.connect() as second:
        first.sendall(b"POST /a-page/ HTTP/1.1\r\nHost: a\r\nContent-Length: 2990000\r\n\r\n" + b"x" * 2_900_000)
        time.sleep(0.3)
        second.sendall(b"POST /a-page/ HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n" + b"x" * 500_000)
        for _ in range(5):
            assert server.request(
                "POST", b"/api/7/envelope/", AUTH, b"Content-Length: %d" % len(event), body=event
            ).json
        second.settimeout(0.1)
        with pytest.raises(TimeoutError):
            second.recv(100)
        first.sendall(b"x" * 90_000)
        for connection in (first, second):
            connection.settimeout(20)
            assert connection.recv(100).startswith(b"HTTP/1.1 200 ")


def test_a_client_that_goes_away_in_the_middle_of_a_body_leaves_nothing(server: ServerWorld) -> None:
    for _ in range(20):
        with server.connect() as connection:
            connection.sendall(b"POST /a-page/ HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n" + b"x" * 200_000)
            connection.shutdown(socket.SHUT_RDWR)
    time.sleep(0.3)
    assert server.request("POST", b"/a-page/", b"Content-Length: 2900000", body=b"x" * 2_900_000).status == 200


def test_the_process_says_that_it_lives_while_it_is_still_found_out_whether_it_is_ready(server: ServerWorld) -> None:
    with server.connect() as waiting:
        waiting.sendall(b"GET /readyz HTTP/1.1\r\nHost: a.example\r\n\r\n")
        answer = server.request("GET", b"/healthz")
        assert (answer.status, answer.json) == (200, {"status": "ok", "version": VERSION})
        assert server.request("HEAD", b"/healthz").content == b""
        assert select.select([waiting], [], [], 0)[0] == []
