"""The signing key of an installation that names none: made once, readable by its owner only."""

import os
import secrets
from pathlib import Path


def read_or_make_secret(path: Path) -> str:
    """The text of `path`, written first if absent; processes that start together agree on one text."""
    if not path.exists():
        unborn = path.with_name(f"{path.name}.{os.getpid()}")
        unborn.touch(mode=0o600)
        unborn.write_text(secrets.token_urlsafe(50))
        try:
            # A link appears with its whole text, and only for the first who makes it.
            os.link(unborn, path)
        except FileExistsError:
            pass
        finally:
            unborn.unlink()
    return path.read_text().strip()
