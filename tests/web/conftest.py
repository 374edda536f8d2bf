"""Tests of pages roll their transactions back, so ids come again: what is remembered by id must not outlive a test."""

from collections.abc import Iterator

import pytest

from tracker.record import payloads


@pytest.fixture(autouse=True)
def no_remembered_bases() -> Iterator[None]:
    yield
    payloads._bases().clear()
