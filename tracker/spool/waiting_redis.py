"""How much of each project and category lies in the Redis stream."""

from collections import Counter

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from tracker.spool.entry import SpoolUnavailable
from tracker.spool.redis import STREAM
from tracker.spool.waiting import Waiting, add_up

STREAM_BATCH = 500
# The bodies stay in Redis: a batch tells only how far it came, and what each entry is of.
READ_BATCH = """
local found = {}
local last = ''
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])) do
  last = entry[1]
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'p' or entry[2][i] == 'c' then found[#found + 1] = entry[2][i + 1] end
  end
end
return {last, found}
"""


def count_in_redis() -> Waiting:
    """What waits in the stream, read a few hundred entries at a time. Raises SpoolUnavailable."""
    client = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=3)
    entries: Counter[tuple[int, str]] = Counter()
    start = "-"
    try:
        read_batch = client.register_script(READ_BATCH)
        while True:
            last, found = read_batch(keys=(STREAM,), args=(start, STREAM_BATCH))
            pairs = list(zip(found[::2], found[1::2], strict=True))
            entries.update((int(project), contents.decode()) for project, contents in pairs)
            if len(pairs) < STREAM_BATCH:
                return add_up(entries)
            start = f"({last.decode()}"
    except RedisError as error:
        raise SpoolUnavailable(str(error)) from error
    finally:
        client.close()
