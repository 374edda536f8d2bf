"""The suite really runs on the profile it says."""

import os

from django.conf import settings
from django.db import connection

from tests.conftest import World


def test_the_world_stands_on_the_database_of_the_chosen_profile(world: World) -> None:
    expected = "postgresql" if os.environ.get("STACKTALE_PROFILE") == "servers" else "sqlite"
    assert connection.vendor == expected
    assert world.shop.organization == world.acme


def test_the_broker_and_spool_follow_the_profile() -> None:
    assert bool(settings.REDIS_URL) == (os.environ.get("STACKTALE_PROFILE") == "servers")
