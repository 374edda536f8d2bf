"""Full disks, for real: a small file system of one's own, and processes that may not write another byte."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.missing import missing
from tests.running import ROOT, Running

DISK_BYTES = 64_000_000
NAMESPACES = (
    (("unshare", "--map-root-user", "--mount"), ("nsenter", "--user", "--preserve-credentials")),
    (("unshare", "--mount"), ("nsenter",)),
)
"""How to make and to enter one: the first needs no right at all on most systems, the second needs that to mount."""


@dataclass(frozen=True)
class SmallDisk:
    """`folder` is where it is mounted for commands that `wrap` runs, `seen` is the same place for everybody else."""

    folder: Path
    seen: Path
    wrap: tuple[str, ...]

    def fill(self) -> Path:
        """A file that leaves no byte free."""
        ballast = self.seen / "ballast"
        with ballast.open("wb", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                with suppress(OSError):
                    while file.write(b"x" * size):
                        pass
        return ballast


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """A small file system of its own, mounted where only the commands that `wrap` runs find it."""
    folder.mkdir()
    mount = f'mount -t tmpfs -o size={DISK_BYTES} tmpfs "{folder}" && echo mounted && exec cat'
    for unshare, enter in NAMESPACES:
        command = [*unshare, "sh", "-c", mount]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            if not (holder.stdout and holder.stdout.readline()):
                continue
            wrap = (*enter, "--mount", f"--target={holder.pid}", "--wd")
            try:
                yield SmallDisk(folder, Path(f"/proc/{holder.pid}/root{folder}"), wrap)
            finally:
                holder.kill()
            return
    missing("neither unshare --map-root-user --mount nor unshare --mount is allowed here")


@contextmanager
def no_byte_more(server: Running) -> Iterator[None]:
    """No process of the server may write to a file: the kernel refuses with EFBIG, and needs no right of ours."""
    _limit_files(server, 0)
    try:
        yield
    finally:
        _limit_files(server, psutil.RLIM_INFINITY)


def _limit_files(server: Running, size: int) -> None:
    serve = psutil.Process(server.process.pid)
    for process in (serve, *serve.children(recursive=True)):
        _, hard = process.rlimit(psutil.RLIMIT_FSIZE)
        process.rlimit(psutil.RLIMIT_FSIZE, (hard if size == psutil.RLIM_INFINITY else size, hard))
