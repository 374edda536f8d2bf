"""Sweeps up after a test run, however it ended: `python -m tests.sweeper FOLDER`, its standard input held by the run.

The run's temporary files are all in the folder, and what it started has the folder in its environment as `TMPDIR`. When
the run is over its end of the pipe is closed, were it by `kill -9`; then processes that are left are ended and the
folder is removed.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import psutil

GRACE_SECONDS = 5.0


def sweep_when_this_process_ends(folder: Path) -> "subprocess.Popen[bytes]":
    """Start a sweeper of its own session, which Ctrl-C does not reach; to be kept, as its pipe lives as long."""
    command = [sys.executable, "-m", "tests.sweeper", str(folder)]
    root = Path(__file__).resolve().parent.parent
    return subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, start_new_session=True)


def processes_of(folder: Path) -> list[psutil.Process]:
    """What runs with this folder for its temporary files, but for this process."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != psutil.Process().pid and process.environ().get("TMPDIR") == str(folder):
                found.append(process)
        except psutil.Error:
            continue
    return found


def sweep(folder: Path) -> None:
    """End what runs with the folder, and remove it."""
    left = processes_of(folder)
    for process in left:
        process.terminate()
    for process in psutil.wait_procs(left, timeout=GRACE_SECONDS)[1]:
        process.kill()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.stdin.read()
    sweep(Path(sys.argv[1]))
