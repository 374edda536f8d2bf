"""Whole numbers that come from outside as text: ids in addresses and forms, offsets, counts. Pure."""

MAX_ID = 2**63 - 1
"""The largest number that a BIGINT holds."""


def number_in(text: str, most: int = MAX_ID) -> int | None:
    """The number that the text spells in ASCII digits and nothing else; None for any other text, or above `most`."""
    if not (text.isascii() and text.isdecimal()):
        return None
    # Python refuses to read thousands of digits: leading zeros count among them.
    number = int(text) if len(text) <= len(str(MAX_ID)) else None
    return number if number is not None and number <= most else None
