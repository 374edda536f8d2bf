"""What the README says is there, and what is there the README says."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.test import Client

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
SETTINGS = (ROOT / "tracker/config/settings.py").read_text()


def test_every_setting_is_in_the_table_and_the_table_names_no_other() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', SETTINGS))
    rows = [line.split("|")[1] for line in README.splitlines() if line.startswith("| `")]
    assert read == {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}


def test_the_defaults_in_the_table_are_those_of_the_settings() -> None:
    plain = re.findall(r"^\| `([A-Z_]+)` \| `([\w.*]+)` \|", README, re.MULTILINE)
    assert len(plain) > 5
    for name, default in plain:
        found = re.search(rf'env\.\w+\("{name}", \[?"?([^"\])]*)', SETTINGS)
        assert found and found[1].lower().removesuffix(".0") == default.lower(), name


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", README)) <= targets


def test_every_command_and_option_that_is_named_exists() -> None:
    for name, rest in re.findall(r"manage\.py (\w+)([^\n`]*)", README):
        command = load_command_class(get_commands()[name], name)
        known = command.create_parser("manage.py", name).format_help()
        assert all(option in known for option in re.findall(r"--[a-z-]+", rest)), name


def test_every_file_that_is_linked_exists() -> None:
    for document in (README, (ROOT / "ARCHITECTURE.md").read_text()):
        for path in re.findall(r"\]\((?!http)([^)#]+)\)", document):
            assert (ROOT / path).exists(), path


def test_every_place_that_the_architecture_names_exists() -> None:
    document = (ROOT / "ARCHITECTURE.md").read_text()
    for path in re.findall(r"`((?:grouping|ingest|tracker|web|tests)/[\w/.]*)`", document):
        assert (ROOT / path).exists(), path


@pytest.mark.django_db
@pytest.mark.parametrize("address", re.findall(r"`(/[a-z0-9/]+/)`", README))
def test_every_address_that_is_named_answers(client: Client, address: str) -> None:
    assert client.get(address).status_code != 404 or address == "/api/0/"
