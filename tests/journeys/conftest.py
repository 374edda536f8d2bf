"""One running server for all journeys of a test process."""

import shutil
from collections.abc import Iterator

import pytest

from tests.journeys.people import Person
from tests.missing import missing
from tests.running import Running, running_server


@pytest.fixture(scope="session")
def server() -> Iterator[Running]:
    with running_server() as running:
        yield running


@pytest.fixture
def owner(server: Running) -> Iterator[Person]:
    with Person(server.url) as person:
        person.sign_in()
        yield person


@pytest.fixture(scope="session")
def node() -> str:
    """The path of Node.js."""
    path = shutil.which("node")
    if path is None or shutil.which("npm") is None:
        missing("Node.js and npm are not installed")
    return path
