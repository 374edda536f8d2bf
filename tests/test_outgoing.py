"""Nothing in the product asks another machine for anything, so nobody can make it ask a private address.

What is called besides is called where an operator's settings say: the database, Redis, the mail server. Who adds a
webhook, a check or a fetch of source maps adds the guard against private addresses, and its tests, in the same change.
"""

import ast
from pathlib import Path

import pytest

from tests.running import ROOT

PACKAGES = ("grouping", "ingest", "tracker", "web")
ASKS = {"aiohttp", "ftplib", "http.client", "httpx", "requests", "telnetlib", "urllib.request", "urllib3", "xmlrpc"}
CALLS = {"create_connection", "open_connection"}
OWN = {
    "tracker/demo/sender.py",
    "tracker/demo/server.py",
    "tracker/management/commands/health.py",
    "tracker/serve/watches.py",
}
"""They ask this installation itself, at the address where it listens; nobody who sends anything has a say in it."""


def asking(source: str) -> list[str]:
    """What in a module could reach another machine."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [node.module or "", *(f"{node.module}.{name.name}" for name in node.names)]
        elif isinstance(node, ast.Attribute) and node.attr in CALLS:
            found.append(node.attr)
    return [name for name in found if name in CALLS or any(name == ask or name.startswith(ask + ".") for ask in ASKS)]


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_can_ask_another_machine(package: str) -> None:
    modules = sorted((ROOT / package).rglob("*.py"))
    assert len(modules) > 5
    found = {str(module.relative_to(ROOT)): asks for module in modules if (asks := asking(module.read_text()))}
    assert {module: asks for module, asks in found.items() if module not in OWN} == {}


def test_those_that_ask_this_installation_do_so() -> None:
    assert all(asking((ROOT / module).read_text()) for module in OWN)


@pytest.mark.parametrize(
    "source",
    [
        "import httpx",
        "from urllib import request",
        "from urllib.request import urlopen",
        "import http.client as h",
        "import socket\nsocket.create_connection(('10.0.0.1', 80))",
    ],
)
def test_a_module_that_asks_would_be_noticed(source: str) -> None:
    assert asking(source)


def test_what_only_reads_addresses_is_not_meant() -> None:
    assert not asking("from urllib.parse import urlsplit\nfrom http import HTTPStatus\nimport socket")


def test_every_package_of_the_product_is_looked_at() -> None:
    packages = {path.parent.name for path in Path(ROOT).glob("*/__init__.py")} - {"tests"}
    assert packages == set(PACKAGES)
