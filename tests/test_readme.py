"""What the README says is there, and what is there the README says."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.test import Client

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
SETTINGS = (ROOT / "tracker/config/settings.py").read_text()
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def defaults_named(text: str) -> list[tuple[str, str]]:
    """Settings of the table whose default is one plain word, with it."""
    return re.findall(r"^\| `([A-Z_]+)` \| `([\w.*]+)` \|", text, re.MULTILINE)


def targets_named(text: str) -> set[str]:
    """Targets of make that stand as commands, in backticks or at the start of a line of code."""
    return set(re.findall(r"(?:`|&& |^|sudo )make ([a-z-]+)", text, re.MULTILINE))


def commands_named(text: str) -> list[tuple[str, str]]:
    """Each `manage.py` command with the rest of its line."""
    return re.findall(r"manage\.py (\w+)([^\n`#]*)", text)


def unknown_options(name: str, rest: str) -> list[str]:
    """Options that the command does not have. Raises KeyError where there is no such command."""
    known = load_command_class(get_commands()[name], name).create_parser("manage.py", name).format_help()
    return [option for option in re.findall(r"(?<!\S)--[a-z-]+", rest) if option not in known]


def paths_linked(text: str) -> list[tuple[str, str]]:
    """What a document links to in the repository, with the heading."""
    return re.findall(r"\]\((?!http)([^)#]*)#?([^)]*)\)", text)


def test_every_setting_is_in_the_table_and_the_table_names_no_other() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', SETTINGS))
    rows = [line.split("|")[1] for line in README.splitlines() if line.startswith("| `")]
    assert read == {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}


def test_the_defaults_in_the_table_are_those_of_the_settings() -> None:
    plain = defaults_named(README)
    assert len(plain) > 5
    for name, default in plain:
        found = re.search(rf'env\.\w+\("{name}", \[?"?([^"\])]*)', SETTINGS)
        assert found and found[1].lower().removesuffix(".0") == default.lower(), name


def test_every_target_of_make_that_is_named_exists() -> None:
    assert len(targets_named(README)) > 5
    assert targets_named(README) <= TARGETS


def test_every_command_and_option_that_is_named_exists() -> None:
    for name, rest in commands_named(README):
        assert unknown_options(name, rest) == [], name


def test_every_file_that_is_linked_exists() -> None:
    for document in (README, (ROOT / "ARCHITECTURE.md").read_text()):
        for path, _ in paths_linked(document):
            assert (ROOT / path).exists(), path


def test_every_place_that_the_architecture_names_exists() -> None:
    document = (ROOT / "ARCHITECTURE.md").read_text()
    for path in re.findall(r"`((?:grouping|ingest|tracker|web|tests)/[\w/.]*)`", document):
        assert (ROOT / path).exists(), path


@pytest.mark.django_db
@pytest.mark.parametrize("address", re.findall(r"`(/[a-z0-9/]+/)`", README))
def test_every_address_that_is_named_answers(client: Client, address: str) -> None:
    assert client.get(address).status_code != 404 or address == "/api/0/"
