"""How long a delivery may take in all: a receiver that trickles its response holds no thread for long."""

import socket
import threading
from contextlib import suppress
from types import TracebackType


class TimeLimit:
    """While it is entered, the sockets it watches are shut down under their owner when the time is over."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_over = False
        self._lock = threading.Lock()
        self._watched: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def watch(self, connection: socket.socket) -> None:
        """Shut this one down as well; it may be wrapped for TLS or closed afterwards."""
        with self._lock:
            self._watched.append(connection.dup())
            if self.is_over:
                self._shut_down()

    def __enter__(self) -> "TimeLimit":
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for connection in self._watched:
                connection.close()
            self._watched.clear()

    def _end(self) -> None:
        with self._lock:
            self.is_over = True
            self._shut_down()

    def _shut_down(self) -> None:
        for connection in self._watched:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
