"""The hard limit ends a worker that only the kernel can end, and its successor learns where it was."""

import subprocess
import sys
from pathlib import Path

from tracker.spool.workers import MAX_DEAD, WorkerFile, find_dead, read_last_words

HANG = """
import re, sys
from pathlib import Path
from ingest.digest.watchdog import Watchdog

def caught_in_itself():
    re.match(r"(a*)*b", "a" * 64)

with Watchdog(Path(sys.argv[1]), "worker", 0.2) as watchdog:
    caught_in_itself()
"""
GO_ON = """
import sys, time
from pathlib import Path
from ingest.digest.watchdog import Watchdog

with Watchdog(Path(sys.argv[1]), "worker", 0.3) as watchdog:
    for _ in range(20):
        busy_until = time.process_time() + 0.05
        while time.process_time() < busy_until:
            pass
        watchdog.progress()
    time.sleep(0.5)
busy_until = time.process_time() + 0.5
while time.process_time() < busy_until:
    pass
"""


def run(program: str, folder: Path) -> int:
    return subprocess.run([sys.executable, "-c", program, str(folder)], timeout=60).returncode


def test_what_holds_the_interpreter_is_ended_and_tells_where_it_was(tmp_path: Path) -> None:
    assert run(HANG, tmp_path) < 0
    assert find_dead(tmp_path) == ["worker"]
    assert "caught_in_itself" in read_last_words(tmp_path, "worker")


def test_who_makes_progress_waits_or_is_through_is_left_alone(tmp_path: Path) -> None:
    assert run(GO_ON, tmp_path) == 0
    assert read_last_words(tmp_path, "worker") == ""


def test_a_worker_that_lives_is_not_among_the_dead(tmp_path: Path) -> None:
    file = WorkerFile(tmp_path, "worker")
    assert find_dead(tmp_path) == []
    file.close()
    assert find_dead(tmp_path) == ["worker"]
    assert find_dead(tmp_path, leave_out={"worker"}) == []


def test_files_of_dead_workers_do_not_pile_up(tmp_path: Path) -> None:
    for number in range(MAX_DEAD + 10):
        WorkerFile(tmp_path, f"worker-{number}").close()
    assert len(list(tmp_path.iterdir())) <= MAX_DEAD + 1


def test_where_there_is_no_folder_nobody_is_dead(tmp_path: Path) -> None:
    assert find_dead(tmp_path / "none") == []
    assert read_last_words(tmp_path / "none", "worker") == ""
