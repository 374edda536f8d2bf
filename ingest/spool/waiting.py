"""How many entries of each project lie in the spool: for the account of what became of everything."""

import os
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from ingest.spool.cursor import START, Cursor
from ingest.spool.entry import SpoolUnavailable
from ingest.spool.frames import HEADER, MAGIC, RECORD
from ingest.spool.segments import list_segments

STREAM_BITE = 500
# The bodies stay in Redis: a bite tells only how far it came, and one project id for each entry.
BITE = """
local projects = {}
local last = ''
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])) do
  last = entry[1]
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'p' then projects[#projects + 1] = entry[2][i + 1] end
  end
end
return {last, projects}
"""


def count_waiting() -> dict[int, int]:
    """Entries that are not acknowledged yet, by project id. Raises SpoolUnavailable."""
    return count_in_redis(settings.REDIS_URL) if settings.REDIS_URL else count_on_disk(settings.SPOOL_DIR)


def count_on_disk(directory: Path) -> dict[int, int]:
    """Hops from header to header behind the cursor and reads eight bytes of each frame."""
    if not directory.is_dir():
        return {}
    positions = Cursor(directory / "cursor").positions
    counts: Counter[int] = Counter()
    for path in list_segments(directory):
        counts += _count_in_segment(path, positions.get(path.name, START).offset)
    return dict(counts)


def _count_in_segment(path: Path, offset: int) -> Counter[int]:
    counts: Counter[int] = Counter()
    try:
        with path.open("rb") as file:
            end = os.fstat(file.fileno()).st_size
            while offset + HEADER.size + RECORD.size <= end:
                head = os.pread(file.fileno(), HEADER.size + RECORD.size, offset)
                magic, length, _ = HEADER.unpack_from(head)
                if magic != MAGIC or offset + HEADER.size + length > end:
                    break
                counts[RECORD.unpack_from(head, HEADER.size)[0]] += 1
                offset += HEADER.size + length
    except FileNotFoundError:
        pass
    return counts


def count_in_redis(url: str) -> dict[int, int]:
    """Walks over the stream, a few hundred entries at a time."""
    # By name, so that one machine never pays for the Redis client's memory.
    client: Any = import_string("redis.Redis").from_url(url, socket_connect_timeout=1, socket_timeout=3)
    stream, failure = (import_string(name) for name in ("ingest.spool.redis.STREAM", "redis.exceptions.RedisError"))
    counts: Counter[int] = Counter()
    start = "-"
    try:
        bite = client.register_script(BITE)
        while True:
            last, projects = bite(keys=(stream,), args=(start, STREAM_BITE))
            counts.update(int(project) for project in projects)
            if len(projects) < STREAM_BITE:
                return dict(counts)
            start = f"({last.decode()}"
    except failure as error:
        raise SpoolUnavailable(str(error)) from error
    finally:
        client.close()
