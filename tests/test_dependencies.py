"""Whatever the program imports is declared, pinned, and there for operators."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.running import ROOT, server_python

PACKAGES = ("grouping", "ingest", "tracker", "web")
DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
NAMING = ("import_string", "import_module")
"""Functions whose argument names a module."""

IMPORT_ALL = f"""
import django, importlib, pkgutil
django.setup()
for package in {PACKAGES}:
    for module in pkgutil.walk_packages([package], package + "."):
        importlib.import_module(module.name)
from tracker.jobs.celery import app
print(type(app.connection_for_write().transport).__module__)
"""


def distribution(requirement: str) -> str:
    """`celery` of `Celery[redis]>=5`: the name as all spell it that compare names."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement.strip(), maxsplit=1)[0]).lower()


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (ROOT / package).rglob("*.py")


def modules_imported_by(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def modules_named_in(path: Path) -> Iterator[str]:
    """Texts by which something else imports a module; in the settings every text may be one."""
    is_settings = path.name == "settings.py"
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMING:
            yield from (str(text.value) for text in node.args if isinstance(text, ast.Constant))
        elif is_settings and isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def top_levels(names: Iterable[str]) -> set[str]:
    """Of modules that neither Python brings nor we."""
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names - set(PACKAGES)


def pins(file: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / file).read_text(), re.MULTILINE))


def test_every_package_that_is_imported_or_named_is_declared() -> None:
    declared = {distribution(requirement) for requirement in DECLARED}
    owners = packages_distributions()
    undeclared: dict[str, str] = {}
    seen: set[str] = set()
    for path in sources():
        # A text that names no package which is installed here is none of these.
        used = top_levels(modules_imported_by(path)) | (top_levels(modules_named_in(path)) & owners.keys())
        seen |= used
        missing = {module for module in used if not declared & set(map(distribution, owners.get(module, ())))}
        undeclared |= dict.fromkeys(missing, str(path))
    assert {"django", "whitenoise", "ua_parser", "kombu"} <= seen
    assert undeclared == {}


def test_what_is_declared_is_pinned_and_tests_run_with_the_same_pins() -> None:
    operators, developers = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {distribution(requirement) for requirement in DECLARED} <= operators.keys()
    assert {name: developers.get(name) for name in operators} == operators


@pytest.mark.parametrize(
    ("redis_url", "transport"), [("", "tracker.jobs.broker"), ("redis://127.0.0.1:1/0", "kombu.transport.redis")]
)
def test_every_module_can_be_imported_with_requirements_txt_alone(
    redis_url: str, transport: str, tmp_path: Path
) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path),
        "REDIS_URL": redis_url,
        "DJANGO_SETTINGS_MODULE": "tracker.config.settings",
    }
    command = [server_python(), "-c", IMPORT_ALL]
    finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.strip() == transport
