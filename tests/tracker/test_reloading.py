"""A program that starts again whenever code changes: with a real program and real files."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tracker.serve.reloading import Reloader

PROGRAM = """
import pathlib, sys, time
with pathlib.Path(sys.argv[1]).open("a") as log:
    log.write("started\\n")
exec(pathlib.Path(sys.argv[2]).read_text())
"""
GOES_ON = "time.sleep(600)"


@dataclass
class Program:
    """A program whose code lies in a folder that is watched, and a list of what was said."""

    folder: Path
    said: list[str] = field(default_factory=list)

    @property
    def code(self) -> Path:
        return self.folder / "package" / "program.py"

    def write(self, text: str) -> None:
        self.code.write_text(text)
        # Two changes within one tick of the file system's clock would look like one.
        moved = time.time_ns() + len(self.said) * 1_000_000_000 + 2_000_000_000
        os.utime(self.code, ns=(moved, moved))

    def starts(self) -> int:
        log = self.folder / "log"
        return log.read_text().count("started") if log.exists() else 0


def wait_until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def reloaded(tmp_path: Path, code: str) -> Iterator[Program]:
    program = Program(tmp_path)
    program.code.parent.mkdir()
    program.write(code)
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "log"), str(program.code)]
    reloader = Reloader(command, os.environ, [program.code.parent], program.said.append)
    thread = threading.Thread(target=reloader.run)
    thread.start()
    try:
        yield program
    finally:
        reloader.stop()
        thread.join(40)
        assert not thread.is_alive()


def test_it_starts_again_when_a_file_changes_and_says_which(tmp_path: Path) -> None:
    with reloaded(tmp_path, GOES_ON) as program:
        wait_until(lambda: program.starts() == 1)
        program.write(f"{GOES_ON} # changed")
        wait_until(lambda: program.starts() == 2)
        assert program.said == ["program.py changed: starting again."]


def test_a_new_file_and_one_that_is_gone_are_changes(tmp_path: Path) -> None:
    with reloaded(tmp_path, GOES_ON) as program:
        wait_until(lambda: program.starts() == 1)
        other = program.code.with_name("other.py")
        other.write_text("")
        wait_until(lambda: program.starts() == 2)
        other.unlink()
        wait_until(lambda: program.starts() == 3)


def test_templates_and_styles_start_nothing(tmp_path: Path) -> None:
    with reloaded(tmp_path, GOES_ON) as program:
        wait_until(lambda: program.starts() == 1)
        program.code.with_name("page.html").write_text("<p>")
        program.code.with_name("page.css").write_text("p {}")
        program.write(f"{GOES_ON} # changed")
        wait_until(lambda: program.starts() == 2)
        assert len(program.said) == 1


def test_a_program_that_cannot_start_waits_for_the_next_change(tmp_path: Path) -> None:
    with reloaded(tmp_path, "raise SystemExit('a slip of the keyboard')") as program:
        wait_until(lambda: bool(program.said))
        assert program.starts() == 1 and "after the next change" in program.said[0]
        program.write(GOES_ON)
        wait_until(lambda: program.starts() == 2)


def test_it_ends_with_its_program(tmp_path: Path) -> None:
    tells_its_id = "import os; pathlib.Path(sys.argv[1]).with_name('pid').write_text(f'{os.getpid()} ')\n"
    with reloaded(tmp_path, tells_its_id + GOES_ON):
        written = tmp_path / "pid"
        wait_until(lambda: written.exists() and written.read_text().endswith(" "))
        pid = int(written.read_text())
    assert not Path(f"/proc/{pid}").exists()
