"""Unmodified SDKs of several ages, fetched once from the registries that `pip` and `npm` are set up for."""

import fcntl
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
CACHE = Path(sys.prefix) / "sdks"
"""Inside the virtual environment, so that `make clean` takes it along."""


def python_sdk(version: str) -> Path:
    """A folder for PYTHONPATH with this version of sentry-sdk and what it needs, pinned by hash."""
    folder = CACHE / f"sentry-sdk-{version}"
    requirements = HERE / f"sentry-sdk-{version}.txt"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    _once(folder, [*command, "--target", str(folder), "-r", str(requirements)])
    return folder


def node_sdk(version: str) -> Path:
    """A folder for NODE_PATH with this version of @sentry/node."""
    return _from_npm("@sentry/node", version)


def sentry_cli(version: str) -> Path:
    """The path of this version of sentry-cli."""
    return _from_npm("@sentry/cli", version) / ".bin" / "sentry-cli"


def _from_npm(package: str, version: str) -> Path:
    folder = CACHE / f"{package.replace('/', '-').removeprefix('@')}-{version}"
    command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
    _once(folder, [*command, "--prefix", str(folder), f"{package}@{version}"])
    return folder / "node_modules"


def _once(folder: Path, command: list[str]) -> None:
    """Run the command unless it has succeeded before; test processes wait for each other."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / ".complete"
        if not done.exists():
            folder.mkdir(exist_ok=True)
            subprocess.run(command, check=True)
            done.touch()
