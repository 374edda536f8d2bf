"""Ranges of versions as people write them."""

import pytest

from tracker.errors import DomainError, Refusal
from tracker.versions import parse_version
from tracker.versions.ranges import parse_range


@pytest.mark.parametrize(
    ("text", "below", "within", "beyond"),
    [
        (">=2.4", "2.3.9 2.4.0-rc.1 1.9", "2.4 2.4.1 3.0 99", ""),
        (">= 2.4", "2.3.9", "2.4", ""),
        (">2.4", "2.4 2.4.0 2.3", "2.4.1 3.0", ""),
        ("=2.4", "2.3", "2.4 2.5", ""),
        ("2.4", "2.3", "2.4 2.5", ""),
        ("^3", "2.9.9", "3.0 3.9 4.0", ""),
        ("~2.4.1", "2.4.0", "2.4.1 2.4.9 2.5", ""),
        (">^2.1.0", "2.1.0 2.9.9", "3.0.0", ""),
        ("> ~2.1.0", "2.1.9", "2.2.0", ""),
        ("8.20.*", "8.19.45678", "8.20.0 8.20.7 8.21", ""),
        ("2.x", "1.9", "2.0 2.9", ""),
        (">=2.4 <3", "2.3", "2.4 2.9.9", "3.0 3.1"),
        (">=2.4, <=3", "2.3", "2.4 3.0", "3.0.1"),
        (">=1 >=2.4 <9 <3", "2.3", "2.4 2.9", "3.0 8.0"),
        (">=2.4 >=1 <3 <9", "2.3", "2.4 2.9", "3.0 8.0"),
        (">2.4 >=2.4", "2.4", "2.4.1", ""),
        (">=2.4 >2.4", "2.4", "2.4.1", ""),
        (">=1 <=3 <3", "0.9", "1.0 2.9", "3.0"),
        (">=1 <3 <=3", "0.9", "1.0 2.9", "3.0"),
        (">=v2.4", "v2.3", "v2.4", ""),
    ],
)
def test_which_versions_are_below_within_and_beyond(text: str, below: str, within: str, beyond: str) -> None:
    wanted = parse_range(text)
    for names, expected in ((below, (True, False)), (within, (False, False)), (beyond, (False, True))):
        for name in names.split():
            version = parse_version(name)
            assert version is not None
            assert (wanted.is_below(version), wanted.is_beyond(version)) == expected, name


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", Refusal.NOT_A_RANGE),
        ("  ", Refusal.NOT_A_RANGE),
        (">=", Refusal.NOT_A_RANGE),
        ("soon", Refusal.NOT_A_BOUND),
        (">=8f4b2c1", Refusal.NOT_A_BOUND),
        ("<3", Refusal.NO_LOWEST_VERSION),
        (">=3 <2", Refusal.EMPTY_RANGE),
        (">=2 <2", Refusal.EMPTY_RANGE),
    ],
)
def test_what_is_no_range_is_refused(text: str, code: Refusal) -> None:
    with pytest.raises(DomainError) as refused:
        parse_range(text)
    assert refused.value.code is code
