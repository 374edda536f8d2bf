"""Which version of Stacktale this is: what `pyproject.toml` says, which lies beside the code in a container, too."""

import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def read_version(path: Path = PYPROJECT) -> str:
    """The project's version. Raises OSError or KeyError where the file is missing or names none.

    It is not asked of the installed distributions: nobody installs this project, it runs from its folder.
    """
    version: str = tomllib.loads(path.read_text())["project"]["version"]
    return version


VERSION = read_version()
