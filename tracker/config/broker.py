"""Celery's broker of one machine: kombu's folder of messages, in which every message appears whole.

kombu makes a message's file before it writes it, so that a worker that looks in between reads an empty one and dies of
it; and it takes messages by way of the machine's folder for temporary files. Here both are one rename.
"""

import json
import uuid
from pathlib import Path
from queue import Empty
from time import monotonic_ns
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem


class Channel(filesystem.Channel):
    """Puts and gets by rename within the folder."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        path = Path(self.data_folder_out) / f"{monotonic_ns():020d}_{uuid.uuid4().hex}.{queue}.msg"
        unborn = path.with_suffix(".new")
        try:
            unborn.write_text(json.dumps(payload))
            unborn.rename(path)
        except OSError as error:
            raise ChannelError(f"Cannot put a message into {path.parent}") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for path in sorted(Path(self.data_folder_in).glob(f"*.{queue}.msg")):
            taken = path.with_suffix(".taken")
            try:
                path.rename(taken)
            except FileNotFoundError:
                # Another worker was faster.
                continue
            text = taken.read_text()
            taken.unlink()
            return json.loads(text)
        raise Empty


class Transport(filesystem.Transport):
    Channel = Channel


def use_whole_messages() -> None:
    """Let `filesystem://` mean this transport."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
