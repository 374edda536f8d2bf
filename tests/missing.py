"""What a test needs and this machine may lack."""

import os
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip the test, and say why; under CI it fails instead, so that nobody believes it ran."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)
