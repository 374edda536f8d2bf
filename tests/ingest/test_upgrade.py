"""An upgrade keeps what is there, and can be taken back."""

import time

import pytest

from tests.ingest.load import Load, check_nothing_lost
from tests.running import running_server

pytestmark = pytest.mark.slow

FIRST_RELEASED = "0010"
"""The tables of the first version that people run; later migrations must lead from there to here, and back."""


def test_events_of_the_first_version_are_there_after_an_upgrade_and_new_ones_join_them() -> None:
    with running_server({}) as server:
        with Load(server) as load:
            time.sleep(1)
        check_nothing_lost(server, load)
        before = _facts(server.issues())
        assert server.stop() == 0

        server.manage("migrate", "tracker", FIRST_RELEASED, "--verbosity", "0")
        server.start()
        assert _facts(server.issues()) == before

        with Load(server) as more:
            time.sleep(1)
        load.sent |= more.sent
        load.accepted |= more.accepted
        check_nothing_lost(server, load)


def _facts(issues: list[dict[str, object]]) -> list[tuple[object, ...]]:
    return [tuple(issue[name] for name in ("id", "title", "count", "userCount", "lastSeen")) for issue in issues]
