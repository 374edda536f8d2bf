"""The folder that the Dockerfile makes, without Docker: what it copies, and what its commands make of it."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ingest.full_disk import NAMESPACES
from tests.missing import missing
from tests.running import ROOT, server_python

DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
INSTALLED_BY = "requirements.txt"
"""Copied for the command that installs; here that is the environment which servers under test run from anyway."""


def instructions(name: str) -> list[str]:
    """The arguments of every instruction of a kind, in order."""
    return re.findall(rf"^{name} (.+)$", DOCKERFILE, re.MULTILINE)


def settings_of_image() -> dict[str, str]:
    """Its environment variables, but for those of places: they are the container's."""
    pairs = (pair.split("=", 1) for line in instructions("ENV") for pair in line.split())
    return {name: value for name, value in pairs if name not in ("PATH", "DATA_DIR")}


def copy_what_it_copies(folder: Path) -> None:
    """Fill an empty folder as COPY does."""
    for line in instructions("COPY"):
        *sources, target = line.split()
        for source in sources:
            # A folder's content is copied, a file goes into the folder.
            if (ROOT / source).is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / source, folder / target, ignore=ignored, dirs_exist_ok=True)
            else:
                shutil.copy(ROOT / source, folder / target)


def commands_of_ours() -> list[list[str]]:
    """Arguments of Python in RUN: `manage.py` and what it is to do."""
    return [found.split() for line in instructions("RUN") for found in re.findall(r"python (manage\.py [^&;|]+)", line)]


def run_its_commands(folder: Path, data_dir: Path) -> None:
    for command in commands_of_ours():
        environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(data_dir), **settings_of_image()}
        subprocess.run([server_python(), *command], cwd=folder, env=environment, check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[tuple[str, ...]]:
    """A command that runs others where the folder, which they begin in, can be read and not written, even by root."""
    mount = f'mount --bind "{folder}" "{folder}" && mount -o remount,bind,ro "{folder}" && cd "{folder}"'
    # Without a user namespace where that is allowed: inside one, what belongs to PostgreSQL's user is out of reach.
    for unshare, enter in reversed(NAMESPACES):
        command = [*unshare, "sh", "-c", f"{mount} && echo mounted && exec cat"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            if not (holder.stdout and holder.stdout.readline()):
                continue
            try:
                yield (*enter, "--mount", f"--target={holder.pid}", "--wd")
            finally:
                holder.kill()
            return
    missing("neither unshare --map-root-user --mount nor unshare --mount is allowed here")
