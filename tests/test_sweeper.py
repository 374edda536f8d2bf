"""Nothing is left of a test run, however it ended: no process, no file."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.running import ROOT

RUN = """
import os, signal, subprocess, sys, time
from pathlib import Path
from tests.sweeper import sweep_when_this_process_ends
# A shell that runs the tests in the background has them ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
folder = Path(sys.argv[1])
os.environ["TMPDIR"] = str(folder)
sweeper = sweep_when_this_process_ends(folder)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_leaves_no_process_and_no_file(tmp_path: Path, end: signal.Signals) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "file").touch()
    command = [sys.executable, "-c", RUN, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as run:
        assert run.stdout is not None
        child = int(run.stdout.readline())
        assert psutil.pid_exists(child)
        run.send_signal(end)
    deadline = time.monotonic() + 20
    while folder.exists() or psutil.pid_exists(child):
        assert time.monotonic() < deadline, (folder.exists(), psutil.pid_exists(child))
        time.sleep(0.05)
