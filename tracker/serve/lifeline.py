"""No orphans: a process ends when its parent is gone, even where that one was killed and could tell nobody."""

import os
import signal
import threading
import time

LOOK_SECONDS = 0.25
GRACE_SECONDS = 20.0


def end_with_parent() -> None:
    """From now on this process, and every process it forks, ends gracefully when its parent dies."""
    os.register_at_fork(after_in_child=_watch)
    _watch()


def _watch() -> None:
    threading.Thread(target=_wait_for_end, args=(os.getppid(),), name="lifeline", daemon=True).start()


def _wait_for_end(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)
