"""Keys: the same 16 bytes for the same parts, in every process and under every Python.

A key is the BLAKE2b of a row of parts; a part is one tag byte, the length as a varint, and the text as UTF-8. Because
every length stands before its text, no two rows of parts can spell the same bytes.
"""

from hashlib import blake2b

TYPE = b"T"
FRAME = b"F"
LOCATION = b"l"
FUNCTION = b"f"
LINE = b"L"
MESSAGE = b"M"
CAUSE = b"C"
FINGERPRINT = b"P"
SALT = b"S"

DIGEST_SIZE = 16
PERSON = b"grp:g1"


def uvarint(number: int) -> bytes:
    """A non-negative integer in little-endian groups of seven bits."""
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def part(tag: bytes, text: str) -> bytes:
    """One text as a part of a key; a lone surrogate is written as `?`."""
    return nested(tag, text.encode("utf-8", "replace"))


def nested(tag: bytes, content: bytes) -> bytes:
    """Parts within a part."""
    return tag + uvarint(len(content)) + content


def digest(kind: str, parts: list[bytes]) -> bytes:
    """The key of the given kind over the given parts: 16 bytes."""
    return blake2b(part(SALT, kind) + b"".join(parts), digest_size=DIGEST_SIZE, person=PERSON).digest()
