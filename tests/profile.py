"""Chooses the profile before Django reads its settings; loaded by pytest as an early plugin.

`STACKTALE_PROFILE=servers` runs the tests on a real PostgreSQL and Redis, anything else on SQLite and the disk. All
temporary files of a run are in one folder, which is removed when the run is over, however it ended.
"""

import atexit
import os
import tempfile
from pathlib import Path

from tests.sweeper import sweep_when_this_process_ends

worker = os.environ.get("PYTEST_XDIST_WORKER", "")

if not worker:
    folder = Path(tempfile.mkdtemp(prefix="stacktale-"))
    # PostgreSQL runs as another user where the tests are root's.
    folder.chmod(0o755)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    sweeper = sweep_when_this_process_ends(folder)

if os.environ.get("STACKTALE_PROFILE") == "servers":
    if not worker:
        from tests.servers import RealServers

        servers = RealServers()
        atexit.register(servers.stop)
        servers.start()
        servers.hurry()
        os.environ["DATABASE_URL"] = servers.database_url
        os.environ["REDIS_URL"] = servers.redis.url
    else:
        # Each worker process has a Redis database of its own, as pytest-django gives it a database of its own.
        server = os.environ["REDIS_URL"].rsplit("/", 1)[0]
        os.environ["REDIS_URL"] = f"{server}/{int(worker.removeprefix('gw')) + 1}"
else:
    os.environ.pop("DATABASE_URL", None)
    os.environ.pop("REDIS_URL", None)

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="data-")
os.environ["BASE_URL"] = "http://127.0.0.1:8000"
