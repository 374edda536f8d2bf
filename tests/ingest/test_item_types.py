"""The tables of item types and of endpoints fit what reads them."""

from ingest.digest.entry import READERS
from ingest.item_types import ITEM_TYPES
from ingest.receive.adapters import ADAPTERS
from ingest.receive.request import ENDPOINTS, is_served


def test_only_items_of_a_known_type_have_a_reader() -> None:
    assert READERS.keys() < ITEM_TYPES.keys()


def test_every_endpoint_that_is_served_has_an_adapter_and_no_other_has() -> None:
    assert {endpoint for endpoint in ENDPOINTS if is_served(endpoint)} == ADAPTERS.keys()
    assert not is_served("") and not is_served("minidump") and not is_served("anything")


def test_an_item_that_bears_an_event_is_bounded_as_it_is_decoded_while_its_client_waits() -> None:
    assert all(known.max_bytes for known in ITEM_TYPES.values() if known.bears_event)
