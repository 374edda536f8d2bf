"""The recordings themselves are read whole: every request, every encoding, every item."""

from collections import Counter

import pytest

from tests.corpus.recordings import Case, iter_cases

PROTOCOLS = ("sentry", "rollbar", "bugsnag", "airbrake", "honeybadger", "otlp")


@pytest.mark.parametrize("case", list(iter_cases()), ids=lambda case: case.id)
def test_a_case_has_the_items_that_were_observed_in_it(case: Case) -> None:
    items = Counter(item.type for request in case.requests if request.is_envelope for item in request.envelope[1])
    items["(store)"] = sum(request.is_store for request in case.requests)
    assert +items == Counter(case.observed["items"])


def test_every_recorded_request_belongs_to_a_case() -> None:
    requests = [request for protocol in PROTOCOLS for case in iter_cases(protocol) for request in case.requests]
    assert len({request.name for request in requests}) == len(requests) == 1_330
