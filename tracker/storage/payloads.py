"""Payloads at rest: each is the zstd difference to its issue's base.

Events of one issue share most of their text, so an event is compressed with an early event of the issue as dictionary,
and once the issue has many, with two of them. That base is kept as long as one event refers to it.
"""

import threading

import zstandard

from tracker.models import Event, PayloadBase
from tracker.storage.memory import Remembered

LEVEL = 1
"""Of zstd, for differences: level 3 saves 2 % of the bytes, takes four times the memory and longer."""

ALONE_LEVEL = 6
"""Of zstd, for bases, which are few."""

MAX_PAYLOAD_BYTES = 64_000_000
"""Bound on what a stored payload may unfold to."""

BASES_IN_MEMORY = 256
"""For each thread; one takes 220 kB once it has been compressed against."""

GROWS_AFTER = 32
"""Events of an issue after which its base takes in a second payload: the differences are then 6 % smaller, and the new
base is paid for by some 100 events. A third would save 2 % more, and take as much memory again."""

MAX_GROWN_BYTES = 100_000
"""Of a base of two payloads, unfolded: memory for a worker's bases is bounded."""

SEAM = b"\0"
"""Between the payloads of a base; it stands in no JSON."""

GOOD_SHARE = 0.5
"""A difference larger than this share of the base's own compressed size shows that the issue's events have changed."""


class Base:
    """A base in memory, ready to compress against and to unfold with."""

    __slots__ = ("_compressor", "_dictionary", "alone_bytes", "id", "is_grown")

    def __init__(self, id_: int, payload: bytes, alone_bytes: int) -> None:
        self.id = id_
        self.alone_bytes = alone_bytes
        self.is_grown = SEAM in payload
        self._dictionary = zstandard.ZstdCompressionDict(payload, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        self._compressor: zstandard.ZstdCompressor | None = None

    def fold(self, payload: bytes) -> bytes:
        if self._compressor is None:
            size = len(self._dictionary)
            # Told the sizes beforehand, zstd takes a fourth of the memory that it takes otherwise.
            fitting = zstandard.ZstdCompressionParameters.from_level(
                LEVEL, source_size=size, dict_size=size, write_dict_id=False
            )
            self._compressor = zstandard.ZstdCompressor(compression_params=fitting, dict_data=self._dictionary)
        return self._compressor.compress(payload)

    def unfold(self, stored: bytes) -> bytes:
        decompressor = zstandard.ZstdDecompressor(dict_data=self._dictionary)
        return decompressor.decompress(stored, max_output_size=MAX_PAYLOAD_BYTES)

    def grown(self, payload: bytes) -> bytes:
        """The text of a base of both payloads; empty where it would be too large, or this one has grown already."""
        if self.is_grown or len(self._dictionary) + len(payload) > MAX_GROWN_BYTES:
            return b""
        return self._dictionary.as_bytes() + SEAM + payload

    def is_good_for(self, folded: bytes) -> bool:
        """Whether a payload that folded to this is near enough to the base to go on using it."""
        return len(folded) <= max(1_000, self.alone_bytes * GOOD_SHARE)


def compress_alone(payload: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=ALONE_LEVEL).compress(payload)


def decompress_alone(stored: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(stored, max_output_size=MAX_PAYLOAD_BYTES)


_local = threading.local()
"""Compressors are not safe to share between threads."""


def _bases() -> Remembered[int, Base]:
    bases: Remembered[int, Base] | None = getattr(_local, "bases", None)
    if bases is None:
        bases = _local.bases = Remembered(BASES_IN_MEMORY)
    return bases


def forget_bases() -> None:
    """Drop this thread's bases (tests: a database that is rolled back gives ids again)."""
    _bases().clear()


def load_bases(ids: set[int]) -> dict[int, Base]:
    """Bases by id, from memory or by one query; one that is gone is absent."""
    remembered = _bases()
    found: dict[int, Base] = {}
    missing: set[int] = set()
    for id_ in ids:
        base = remembered.get(id_)
        if base is None:
            missing.add(id_)
        else:
            found[id_] = base
    if missing:
        for id_, stored in PayloadBase.objects.filter(id__in=missing).values_list("id", "payload"):
            base = Base(id_, decompress_alone(bytes(stored)), len(stored))
            remembered.put(id_, base)
            found[id_] = base
    return found


def load_payload_bytes(event: Event) -> bytes:
    """The event's payload as stored, JSON in UTF-8; one query for its base if that is not in memory."""
    stored = bytes(event.payload)
    if event.base_id is None:
        return decompress_alone(stored)
    return load_bases({event.base_id})[event.base_id].unfold(stored)
