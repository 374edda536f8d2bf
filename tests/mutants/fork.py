"""Run something in a fork of this process, and say how it ended."""

import enum
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable

MAX_MEMORY = 4 << 30


class Ending(enum.Enum):
    """How a trial ended: all tests passed, one failed, or the process did not come to an end."""

    SURVIVED = "survived"
    KILLED = "killed"
    TIMEOUT = "timeout"
    NOT_TRIED = "not tried"
    """No test runs the line, or the change takes effect only while the module is imported."""


def run_in_fork(work: Callable[[], bool], limit: float, meanwhile: Callable[[], None] | None = None) -> Ending:
    """SURVIVED where `work` returns True within `limit` seconds of processor time, KILLED where it returns False.

    NOT_TRIED where it raises: then it was the trial itself that failed.
    """
    child = os.fork()
    if not child:
        os._exit(_work(work, limit))
    if meanwhile:
        meanwhile()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return Ending.TIMEOUT if os.WTERMSIG(status) in (signal.SIGALRM, signal.SIGPROF) else Ending.KILLED
    return {0: Ending.SURVIVED, 1: Ending.KILLED}.get(os.WEXITSTATUS(status), Ending.NOT_TRIED)


def _work(work: Callable[[], bool], limit: float) -> int:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, limit)
    signal.setitimer(signal.ITIMER_REAL, limit * 20)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(silence, stream)
    try:
        return 0 if work() else 1
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
        return 2
