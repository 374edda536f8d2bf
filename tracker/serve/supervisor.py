"""Starts children by forking, starts those again that die or no longer answer, and stops all together."""

import contextlib
import faulthandler
import gc
import logging
import os
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tracker.serve.alive import AliveFiles
from tracker.serve.watches import Watch

PARENT_LOOK_SECONDS = 0.25
GRACE_SECONDS = 20.0


def end_with_parent() -> None:
    """From now on this process, and every process it forks, ends gracefully when its parent dies."""
    os.register_at_fork(after_in_child=_watch)
    _watch()


def _watch() -> None:
    threading.Thread(target=_wait_for_end, args=(os.getppid(),), name="parent-watchdog", daemon=True).start()


def _wait_for_end(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)


logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.1
MAX_PAUSE_SECONDS = 5.0
SETTLED_SECONDS = 10.0
"""A child that lived as long starts again without a pause that has grown."""
STOP_SECONDS = 25.0
LOOK_SECONDS = 0.1
LOOK_COUNTED_SECONDS = 0.5
"""What one look counts at most as silence: where this process itself stood still, its children did, too."""
START_SECONDS = 120.0
"""For which a child may be silent at its start, on top."""
LAST_WORDS_SECONDS = 1.0
"""Between the signal by which a silent child tells where it is and the one that nothing survives."""
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class Child:
    """A process that should always be there; `run` returns only when it was told to stop.

    One that `is_once` is there until it ends without an error; until then those wait that need it.
    """

    name: str
    run: Callable[[], None]
    watch: Watch | None = None
    is_once: bool = False
    needs_once: bool = False
    pid: int = 0
    started_at: float = 0.0
    pause_seconds: float = field(default=FIRST_PAUSE_SECONDS)
    start_at: float = 0.0
    silent_seconds: float = 0.0
    kill_at: float | None = None


class Supervisor:
    """Everything that children share is imported before; their memory is this process's until they write to it."""

    def __init__(self, children: Sequence[Child], folder: Path) -> None:
        """`folder` gets one `<name>.pid` for each child, and a file for each that answers."""
        self._children = list(children)
        self._folder = folder
        self._alive = AliveFiles(folder)
        self._looked_at = 0.0
        self._is_stopping = False

    def run(self) -> None:
        """Watch until SIGINT or SIGTERM, then stop all children."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._stop)
        self._alive.clear()
        self._looked_at = time.monotonic()
        gc.collect()
        gc.freeze()
        while not self._is_stopping:
            waits = any(child.is_once for child in self._children)
            for child in self._children:
                if not child.pid and time.monotonic() >= child.start_at and not (waits and child.needs_once):
                    self._start(child)
            self._reap()
            self._check_children()
            time.sleep(LOOK_SECONDS)
        self._end_all()

    def _stop(self, number: int, frame: object) -> None:
        self._is_stopping = True

    def _start(self, child: Child) -> None:
        child.started_at = time.monotonic()
        sys.stdout.flush()
        sys.stderr.flush()
        child.pid = os.fork()
        if not child.pid:
            _run_child(child)
        child.silent_seconds, child.kill_at = -START_SECONDS, None
        if child.watch:
            child.watch.begin()
        unborn = self._folder / f"{child.name}.pid.new"
        unborn.write_text(f"{child.pid}\n")
        unborn.replace(self._folder / f"{child.name}.pid")

    def _check_children(self) -> None:
        """Which children answer; those that have not for too long are killed, and start again when they are reaped."""
        now = time.monotonic()
        passed, self._looked_at = min(now - self._looked_at, LOOK_COUNTED_SECONDS), now
        for child in self._children:
            if not child.pid or child.watch is None:
                continue
            if child.kill_at is not None:
                if now >= child.kill_at:
                    _signal_group(child, signal.SIGKILL)
            elif child.watch.has_answered():
                child.silent_seconds = 0.0
                self._alive.touch(child.name)
            else:
                child.silent_seconds += passed
                if child.silent_seconds > child.watch.limit_seconds:
                    logger.error("%s has not answered for %.0f s and is killed", child.name, child.silent_seconds)
                    child.kill_at = now + LAST_WORDS_SECONDS
                    _signal_group(child, signal.SIGABRT)

    def _reap(self) -> None:
        for child in list(self._children):
            # The one that hangs may be a child of this one, and take longer over its last words.
            has_time_left = child.kill_at is not None and time.monotonic() < child.kill_at
            if child.pid and not has_time_left and (status := _status_of(child.pid)) is not None:
                self._note_end(child, status)

    def _note_end(self, child: Child, status: int) -> None:
        if child.kill_at is not None:
            _signal_group(child, signal.SIGKILL)
        child.pid = 0
        if child.is_once and not status:
            self._children.remove(child)
            return
        if self._is_stopping:
            return
        now = time.monotonic()
        if now - child.started_at >= SETTLED_SECONDS:
            child.pause_seconds = FIRST_PAUSE_SECONDS
        logger.error("%s ended (%s), it starts again in %.1f s", child.name, _reason(status), child.pause_seconds)
        child.start_at = now + child.pause_seconds
        child.pause_seconds = min(child.pause_seconds * 2, MAX_PAUSE_SECONDS)

    def _end_all(self) -> None:
        """Tell all to stop and wait; what a worker no longer digests stays in the spool."""
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children:
            _signal(child, signal.SIGTERM)
        while any(child.pid for child in self._children) and time.monotonic() < deadline:
            self._reap()
            time.sleep(LOOK_SECONDS / 5)
        for child in self._children:
            if child.pid:
                logger.error("%s did not stop in %.0f s and is killed", child.name, STOP_SECONDS)
                _signal(child, signal.SIGKILL)


def _run_child(child: Child) -> None:
    """What a child process does until it ends."""
    status = 1
    try:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        # Ctrl-C reaches only the supervisor, which stops its children in its own way.
        os.setpgid(0, 0)
        end_with_parent()
        _name_in_log(child.name)
        # Where a child was when it crashed, or was told to say so: by a handler in C, whichever thread holds the
        # interpreter.
        faulthandler.enable()
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        child.run()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _name_in_log(name: str) -> None:
    formatter = logging.Formatter(f"%(asctime)s [{name}] %(levelname)s %(name)s: %(message)s")
    for handler in logging.getLogger().handlers:
        handler.setFormatter(formatter)


def _status_of(pid: int) -> int | None:
    """The wait status of a child that has ended."""
    try:
        ended, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return 0
    return status if ended else None


def _reason(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGPROF:
        return "one entry took more processor time than the hard limit allows"
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _signal_group(child: Child, number: signal.Signals) -> None:
    """To the child and what it forked."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def _signal(child: Child, number: signal.Signals) -> None:
    if child.pid:
        try:
            os.kill(child.pid, number)
        except ProcessLookupError:
            child.pid = 0
