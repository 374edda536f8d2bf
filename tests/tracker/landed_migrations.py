"""Every text with which a migration has landed but is no longer there: databases have been made with it.

Such a text is kept in `landed/`, as `<name>.<commit>.txt`; git's history, where it is there, is asked for others.
"""

import hashlib
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps
from django.test import override_settings

ROOT = Path(__file__).resolve().parents[2]
MIGRATIONS = ROOT / "tracker" / "migrations"
KEPT = Path(__file__).parent / "landed"

NEVER_APPLIED = {
    # 0001 at d0b8d9b: `manage.py migrate` of every commit with it ends with an ImportError before it begins.
    "15ebfdc9823b20599d30664c898a0aa47a4f9415",
    # 0004 at 0cba676: it ends with an error, and leaves nothing.
    "939dd68c33564e869201903f782ea4db34e21610",
}
"""Texts, as git names them, with which no database was ever made."""

OUR_IMPORT = re.compile(r"(?m)^(?:import|from) tracker\b.*\n")
OUR_NAME = re.compile(r"\btracker(?:\.\w+)+\.(\w+)")


@dataclass(frozen=True)
class Landed:
    """A migration as it was once; `blob` is git's name for the text."""

    name: str
    blob: str
    text: str


def upgrades() -> list[tuple[Landed, ...]]:
    """Databases to be made and upgraded, each of as many old texts as go together, so that every text is in one."""
    versions: dict[str, list[Landed]] = {}
    for one in replaced_migrations():
        versions.setdefault(one.name, []).append(one)
    rounds = zip_longest(*versions.values())
    return [tuple(one for one in together if one is not None) for together in rounds]


def replaced_migrations() -> list[Landed]:
    """Texts with which a database may have been made and that are not today's: by name, those that are kept first."""
    kept = [
        Landed(path.name.split(".")[0], git_blob(path.read_bytes()), path.read_text())
        for path in sorted(KEPT.glob("*.txt"))
    ]
    passed = {git_blob(path.read_bytes()) for path in MIGRATIONS.glob("*.py")} | NEVER_APPLIED
    passed |= {one.blob for one in kept}
    found = {blob: name for name, blob in _history() if blob not in passed}
    kept += [Landed(name, blob, _git("cat-file", "blob", blob)) for blob, name in found.items()]
    return sorted(kept, key=lambda one: one.name)


def git_blob(content: bytes) -> str:
    """The name that git gives to a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _history() -> Iterator[tuple[str, str]]:
    """Name and blob of every migration that a commit brought or changed, as far as the history reaches back."""
    folder = MIGRATIONS.relative_to(ROOT).as_posix()
    if Path(_git("rev-parse", "--show-toplevel").strip() or "/").resolve() != ROOT:
        return
    for line in _git("log", "--format=", "--raw", "--no-abbrev", "--no-renames", "--", folder).splitlines():
        *_, blob, change, path = line.split()
        if change != "D" and re.fullmatch(r"\d{4}_\w+\.py", Path(path).name):
            yield Path(path).stem, blob


def _git(*arguments: str) -> str:
    """What git prints; nothing where git or the repository is missing."""
    try:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True).stdout
    except FileNotFoundError:
        return ""


@contextmanager
def migrations_as_they_were(landed: Sequence[Landed], folder: Path) -> Iterator[str]:
    """Within, Django finds these migrations, and of today's those that come before the last of them: its name."""
    last = max(one.name for one in landed)
    package = folder / f"migrations_{'_'.join(one.blob[:7] for one in landed)}"
    package.mkdir()
    (package / "__init__.py").touch()
    for path in MIGRATIONS.glob("[0-9]*.py"):
        if path.stem[:4] < last[:4]:
            (package / path.name).write_text(path.read_text())
    for one in landed:
        today = MIGRATIONS / f"{one.name}.py"
        text = _with_todays_names(one.text, today.read_text()) if today.exists() else one.text
        (package / f"{one.name}.py").write_text(text)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        with override_settings(MIGRATION_MODULES={"tracker": package.name}):
            yield last
    finally:
        sys.path.remove(str(folder))


def _with_todays_names(text: str, today: str) -> str:
    """Modules of ours have moved since: what a text takes from them is taken from where today's text finds it."""
    places = {match[1]: match[0] for match in OUR_NAME.finditer(OUR_IMPORT.sub("", today))}
    body = OUR_NAME.sub(lambda match: places.get(match[1], match[0]), OUR_IMPORT.sub("", text))
    return "".join(OUR_IMPORT.findall(today)) + body


def migrate(*targets: tuple[str, str]) -> StateApps:
    """Migrate the connection's database; without targets, all the way. Returns the models of the state reached."""
    executor = MigrationExecutor(connection)
    wanted = list(targets) or executor.loader.graph.leaf_nodes()
    executor.migrate(wanted)
    return executor.loader.project_state(wanted).apps
