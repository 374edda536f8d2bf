"""Ways to lose a machine: what goes over a link vanishes without a word, as if a cable were pulled."""

import contextlib
import select
import socket
import subprocess
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.servers import free_port

Address = tuple[str, int] | str
"""Of a server: host and port, or the path of a socket."""
SPACE_ADDRESS = "10.219.87.{number}"


@dataclass
class FreezingProxy:
    """Forwards to a server until it is frozen; then its connections stay open, and nothing comes through."""

    target: Address
    port: int = field(default_factory=free_port)
    _frozen: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._listener.settimeout(0.1)
        threading.Thread(target=self._accept, daemon=True).start()

    def freeze(self) -> None:
        self._frozen.set()

    def close(self) -> None:
        """Drop all connections; no new ones are taken."""
        self._over.set()
        self._listener.close()

    def _accept(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(OSError):
                near, _ = self._listener.accept()
                far = _connect(self.target)
                threading.Thread(target=self._forward, args=(near, far), daemon=True).start()

    def _forward(self, near: socket.socket, far: socket.socket) -> None:
        other = {near: far, far: near}
        with near, far, contextlib.suppress(OSError):
            while not self._over.is_set():
                for ready in select.select([near, far], [], [], 0.05)[0]:
                    if self._frozen.is_set():
                        self._over.wait()
                        return
                    if not (piece := ready.recv(65_536)):
                        return
                    other[ready].sendall(piece)


def _connect(target: Address) -> socket.socket:
    if isinstance(target, str):
        far = socket.socket(socket.AF_UNIX)
        far.connect(target)
        return far
    return socket.create_connection(target)


@dataclass
class NetworkSpace:
    """A network namespace of the kernel, which stands for a machine of its own with a cable to this one."""

    name: str
    address: str
    """Of this machine, as seen from there."""

    @property
    def wrap(self) -> tuple[str, ...]:
        """Runs a command there."""
        return ("ip", "netns", "exec", self.name)

    def cut(self) -> None:
        """Pull the cable."""
        _ip("link", "set", f"{self.name}h", "down")


@contextmanager
def network_space() -> Iterator[NetworkSpace]:
    """Raises OSError or CalledProcessError where the kernel gives none."""
    space = NetworkSpace(f"st{uuid.uuid4().hex[:8]}", SPACE_ADDRESS.format(number=1))
    _ip("netns", "add", space.name)
    try:
        here, there = f"{space.name}h", f"{space.name}n"
        _ip("link", "add", here, "type", "veth", "peer", "name", there)
        _ip("link", "set", there, "netns", space.name)
        _ip("addr", "add", f"{space.address}/24", "dev", here)
        _ip("link", "set", here, "up")
        _ip("-n", space.name, "addr", "add", f"{SPACE_ADDRESS.format(number=2)}/24", "dev", there)
        for device in (there, "lo"):
            _ip("-n", space.name, "link", "set", device, "up")
        yield space
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            _ip("link", "del", f"{space.name}h")
        _ip("netns", "del", space.name)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
