"""What an operator has after `make run`, and in a container: events come in, and pages load little, and that once."""

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import brotli
import httpx
import pytest

from tests.journeys.image import (
    commands_of_ours,
    copy_what_it_copies,
    instructions,
    read_only,
    run_its_commands,
    settings_of_image,
)
from tests.journeys.people import Person
from tests.running import Running, running_server

pytestmark = pytest.mark.slow

SEND = "import sentry_sdk, sys; sentry_sdk.init(dsn=sys.argv[1]); 1 / 0"
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")
ENCODINGS = {"br": brotli.decompress, "gzip": gzip.decompress}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the Dockerfile copies and nothing else, in which nothing ran yet."""
    folder = tmp_path_factory.mktemp("program")
    copy_what_it_copies(folder)
    return folder


@pytest.fixture(scope="module")
def installation(program: Path) -> Iterator[Running]:
    """What `make run` starts, for the first time."""
    with running_server(folder=program) as running:
        yield running


def read(client: httpx.Client, path: str, accepted: str) -> tuple[httpx.Headers, bytes]:
    """Headers and the body as it came over the wire."""
    with client.stream("GET", path, headers={"Accept-Encoding": accepted}) as answer:
        assert answer.status_code == 200, path
        return answer.headers, b"".join(answer.iter_raw())


def files_of(page: str) -> list[str]:
    """Addresses of what a page loads."""
    found = dict.fromkeys(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))
    assert len(found) > 5
    return list(found)


def send_an_error(running: Running) -> None:
    sent = subprocess.run([sys.executable, "-c", SEND, running.setup["dsn"]], capture_output=True, text=True)
    assert "ZeroDivisionError" in sent.stderr
    assert running.wait_for_issues(1)[0]["metadata"]["type"] == "ZeroDivisionError"


def test_every_file_of_a_page_has_a_hashed_name_is_compressed_and_is_kept_for_ever(installation: Running) -> None:
    with Person(installation.url) as owner:
        owner.sign_in()
        for address in files_of(owner.get("/o/acme/issues/").text):
            assert HASHED.search(address), address
            _, plain = read(owner, address, "identity")
            for coding, decode in ENCODINGS.items():
                headers, body = read(owner, address, coding)
                assert "immutable" in headers["Cache-Control"], address
                assert headers["Content-Encoding"] == coding
                assert headers["Vary"] == "Accept-Encoding"
                assert len(body) < len(plain)
                assert decode(body) == plain


def test_a_page_is_compressed_as_the_browser_takes_it(installation: Running) -> None:
    with Person(installation.url) as owner:
        owner.sign_in()
        headers, plain = read(owner, "/o/acme/issues/", "identity")
        assert "Content-Encoding" not in headers
        assert "Accept-Encoding" in headers["Vary"]
        for coding, decode in ENCODINGS.items():
            headers, body = read(owner, "/o/acme/issues/", coding)
            assert headers["Content-Encoding"] == coding
            assert int(headers["Content-Length"]) == len(body) < len(plain) / 2
            assert len(decode(body)) == len(plain)


def test_the_api_s_own_page_loads_hashed_files(installation: Running) -> None:
    with httpx.Client(base_url=installation.url) as client:
        page = client.get("/api/0/schema/page/", headers={"Accept": "text/html"}).text
        addresses = re.findall(r'(?:href|src)="(/static/[^"#]+)', page)
        assert len(addresses) == 4
        for address in addresses:
            headers, _ = read(client, address, "br")
            assert "immutable" in headers["Cache-Control"], address


def test_answers_to_programs_are_as_they_always_were(installation: Running) -> None:
    key = installation.setup["dsn"].partition("//")[2].partition("@")[0]
    address = f"{installation.url}/api/{installation.setup['project_id']}/store/?sentry_key={key}"
    answer = httpx.post(address, json={"message": "x" * 3_000}, headers={"Accept-Encoding": "br, gzip"})
    assert answer.status_code == 200
    refused = httpx.post(address, content=b"{", headers={"Accept-Encoding": "br, gzip"})
    assert refused.status_code == 400
    for headers in (answer.headers, refused.headers):
        assert not {"content-encoding", "vary"} & set(headers)


def test_a_second_start_collects_nothing(installation: Running, program: Path) -> None:
    manifest = program / "staticfiles/staticfiles.json"
    before = manifest.stat().st_mtime_ns
    assert installation.stop() == 0
    installation.start()
    assert manifest.stat().st_mtime_ns == before
    assert "static files" not in installation.log


def test_the_image_s_program_serves_from_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "image"
    folder.mkdir()
    copy_what_it_copies(folder)
    assert ["manage.py", "collectstatic"] in [command[:2] for command in commands_of_ours()]
    run_its_commands(folder, tmp_path / "build")
    assert json.loads(instructions("CMD")[0]) == ["python", "manage.py", "serve"]
    with (
        read_only(folder) as wrap,
        running_server(settings_of_image(), folder=folder, wrap=wrap) as running,
        Person(running.url) as owner,
    ):
        send_an_error(running)
        owner.sign_in()
        for address in files_of(owner.get("/o/acme/issues/").text):
            headers, _ = read(owner, address, "br")
            assert headers["Content-Encoding"] == "br"
            assert "immutable" in headers["Cache-Control"]
        assert "static files" not in running.log


def test_where_nothing_is_collected_and_nothing_can_be_the_log_says_so_and_pages_work(tmp_path: Path) -> None:
    folder = tmp_path / "program"
    folder.mkdir()
    copy_what_it_copies(folder)
    with read_only(folder) as wrap, running_server(folder=folder, wrap=wrap) as running, Person(running.url) as owner:
        assert "static files cannot be collected" in running.log
        assert "Read-only file system" in running.log
        owner.sign_in()
        for address in files_of(owner.get("/o/acme/issues/").text):
            assert not HASHED.search(address)
            read(owner, address, "br")
