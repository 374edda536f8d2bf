"""Which version runs is the same everywhere, and comes from one place."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from tests.conftest import World
from tracker.health.version import PYPROJECT, VERSION, read_version

ROOT = Path(__file__).resolve().parents[2]
SHOWN = f"Stacktale {VERSION}"


def test_the_version_is_what_the_project_says(tmp_path: Path) -> None:
    assert f'\nversion = "{VERSION}"\n' in PYPROJECT.read_text()
    other = tmp_path / "pyproject.toml"
    other.write_text('[project]\nname = "stacktale"\nversion = "7.8.9"\n')
    assert read_version(other) == "7.8.9"


def test_no_other_file_of_the_code_names_it() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
    for package in ("grouping", "ingest", "tracker/health", "tracker/management", "tracker/config", "web"):
        for path in (ROOT / package).rglob("*.py"):
            assert f'VERSION = "{VERSION}"' not in path.read_text(), path


def test_the_command_prints_it_and_not_the_one_of_django() -> None:
    printed = subprocess.run([sys.executable, "manage.py", "version"], cwd=ROOT, capture_output=True, text=True)
    assert (printed.stdout, printed.returncode) == (f"{VERSION}\n", 0)


@pytest.mark.django_db
def test_a_page_of_someone_signed_in_shows_it(client: Client, world: World) -> None:
    client.force_login(world.alice)
    assert SHOWN in client.get("/o/acme/issues/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/accounts/login/", "/no-such-page/"])
def test_a_page_without_a_sidebar_shows_it(client: Client, address: str) -> None:
    assert SHOWN in client.get(address).content.decode()
