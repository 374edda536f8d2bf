"""What the documentation says is there: files, settings, commands, addresses, and the numbers of grouping's rules."""

import re
from pathlib import Path

import pytest
import yaml
from django.test import Client

from tests.test_readme import (
    ROOT,
    SETTINGS,
    TARGETS,
    commands_named,
    defaults_named,
    paths_linked,
    targets_named,
    unknown_options,
)

DOCS = sorted((ROOT / "docs").glob("*.md"))
GUIDES = [*DOCS, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", ROOT / "CHANGELOG.md"]
READ_SETTINGS = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', SETTINGS))
NO_SETTINGS = {
    *("POSTGRES_PASSWORD", "SENTRY_URL", "SENTRY_AUTH_TOKEN", "SENTRY_ORG", "SENTRY_PROJECT", "STACKTALE_PROFILE"),
    *("FAMILIES", "MESSAGE_MODULES", "SQLSTATE", "ITEM_TYPES", "ENDPOINTS", "READERS", "ADAPTERS"),
}
"""Words that look like a setting: of other programs, or constants of the code."""
RULE = re.compile(r"\b(?:[GPJVNRHOUWDEX](?:1[0-4]|[1-9])|C[0-6])\b")
NO_RULES = {"R8", "X11", *(f"E{number}" for number in range(2, 15))}
"""An obfuscator, a window system, and letters with numbers in addresses and hashes of the tests' events."""
PLACE = re.compile(
    r"`((?:grouping|ingest|tracker|web|tests|docs|\.ci)/[\w/.-]*|\.?[a-z][\w.-]*\.(?:md|toml|yml|yaml|txt|py))`"
)
ADDRESS = re.compile(r"`(/api/0/[a-z/]*/)`")
SPECIFIED = set(re.findall(r"^\| (\w+) \|", (ROOT / "docs/grouping.md").read_text(), re.MULTILINE))
"""The numbers in the first column of the specification's tables."""

named = pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)


@named
def test_every_file_that_is_linked_exists_with_its_heading(guide: Path) -> None:
    for path, heading in paths_linked(guide.read_text()):
        target = guide.parent / path if path else guide
        assert target.exists(), path
        if heading:
            assert heading in headings(target), f"{path}#{heading}"


def headings(path: Path) -> set[str]:
    """The anchors that a forge makes of a document's headings."""
    titles = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@named
def test_every_place_of_the_code_that_is_named_exists(guide: Path) -> None:
    for path in PLACE.findall(guide.read_text()):
        assert (ROOT / path).exists() or (ROOT / "docs" / path).exists(), path


@named
def test_every_command_option_and_target_that_is_named_exists(guide: Path) -> None:
    text = guide.read_text()
    assert targets_named(text) <= TARGETS
    assert [(name, options) for name, rest in commands_named(text) if (options := unknown_options(name, rest))] == []


@named
def test_every_setting_that_is_named_exists(guide: Path) -> None:
    named_settings = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`", guide.read_text()))
    assert named_settings <= READ_SETTINGS | NO_SETTINGS


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", sorted({address for guide in DOCS for address in ADDRESS.findall(guide.read_text())})
)
def test_every_address_of_the_api_that_is_named_answers(client: Client, address: str) -> None:
    assert client.get(address).status_code != 404


def test_every_document_is_linked_from_the_readme() -> None:
    linked = {path for path, _ in paths_linked((ROOT / "README.md").read_text())}
    assert {f"docs/{path.name}" for path in DOCS} | {"CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"} <= linked


def test_the_example_of_settings_has_every_setting_with_the_default_of_the_table() -> None:
    text = (ROOT / ".env.example").read_text()
    lines = dict(re.findall(r"^# ([A-Z_]+)=(.*)$", text, re.MULTILINE))
    assert set(lines) - {"POSTGRES_PASSWORD"} == READ_SETTINGS
    assert not re.search(r"^[^#\n]", text, re.MULTILINE), "a setting is in force"
    for name, default in defaults_named((ROOT / "README.md").read_text()):
        assert lines[name] == default, name


def test_every_rule_of_grouping_that_code_or_tests_cite_is_specified() -> None:
    texts = [*(ROOT / "grouping").rglob("*.py"), ROOT / "grouping/README.md", *(ROOT / "tests/grouping").glob("*.py")]
    cited = {rule: path.name for path in texts for rule in RULE.findall(path.read_text())}
    assert len(cited) > 60
    assert {rule: path for rule, path in cited.items() if rule not in SPECIFIED | NO_RULES} == {}


def test_every_rule_that_a_person_is_shown_is_specified() -> None:
    explained = set(re.findall(r'^    "([A-Z]\d+)":', (ROOT / "grouping/explain.py").read_text(), re.MULTILINE))
    assert len(explained) > 40
    assert explained <= SPECIFIED


def test_hooks_before_a_commit_download_nothing_and_run_what_is_there() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [repository["repo"] for repository in hooks] == ["local"]
    lint = (ROOT / "Makefile").read_text()
    for hook in hooks[0]["hooks"]:
        assert hook["language"] == "system"
        assert hook["entry"].split()[0].replace(".venv/bin", "$(BIN)") in lint


@pytest.mark.parametrize("name", ["install.md"])
def test_manifests_are_yaml(name: str) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / name).read_text(), re.DOTALL)
    kinds = [part["kind"] for block in blocks for part in yaml.safe_load_all(block)]
    assert kinds == ["Secret", "Job", "Deployment", "Deployment", "Service"]
