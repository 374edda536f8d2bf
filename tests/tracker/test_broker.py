"""The broker of one machine: every message whole, each taken once."""

import multiprocessing
import threading
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from tracker.jobs import broker
from tracker.jobs.broker import use_whole_messages


def connect(folder: Path) -> Any:
    use_whole_messages()
    options = {name: str(folder) for name in ("data_folder_in", "data_folder_out")}
    return Connection(
        "filesystem://", transport_options=options | {"control_folder": str(folder / "control")}
    ).channel()


def take_all(folder: Path, found: "Queue[int]") -> None:
    channel = connect(folder)
    while True:
        try:
            message = channel._get("work")
        except Empty:
            if len(list(folder.glob("*.end"))):
                return
            continue
        found.put(message["number"])


def test_messages_come_in_order_and_only_to_their_queue(tmp_path: Path) -> None:
    channel = connect(tmp_path)
    for number in range(20):
        channel._put("work", {"number": number})
    channel._put("other", {"number": 99})
    assert channel._size("work") == 20
    assert [channel._get("work")["number"] for _ in range(20)] == list(range(20))
    with pytest.raises(Empty):
        channel._get("work")
    assert [path.suffix for path in tmp_path.glob("*.*")] == [".msg"]


def test_a_message_that_is_being_written_is_not_there_yet(tmp_path: Path) -> None:
    channel = connect(tmp_path)
    (tmp_path / "00000000000000000001_a.work.new").write_text("")
    with pytest.raises(Empty):
        channel._get("work")


def test_workers_that_look_while_messages_are_written_take_each_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    found: Queue[int] = context.Queue()
    workers = [context.Process(target=take_all, args=(tmp_path, found)) for _ in range(2)]
    for worker in workers:
        worker.start()
    channel = connect(tmp_path)
    for number in range(300):
        channel._put("work", {"number": number, "padding": "x" * 10_000})
    taken = sorted(found.get(timeout=60) for _ in range(300))
    (tmp_path / "no.more.end").touch()
    for worker in workers:
        worker.join(timeout=60)
    assert taken == list(range(300))
    assert [worker.exitcode for worker in workers] == [0, 0]


def test_a_worker_that_sleeps_is_woken_and_does_not_look_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its longest sleep is an hour here, so that only the pipe can wake it."""
    monkeypatch.setattr(broker, "MAX_SLEEP_SECONDS", 3600.0)
    pipe = broker.WakeUpPipe(tmp_path)
    waking = threading.Thread(target=pipe.sleep, args=(3600.0,))
    waking.start()
    connect(tmp_path)._put("work", {"number": 1})
    waking.join(timeout=60)
    assert not waking.is_alive()
    pipe.close()


def test_a_message_that_came_just_before_the_sleep_is_not_slept_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "MAX_SLEEP_SECONDS", 3600.0)
    pipe = broker.WakeUpPipe(tmp_path)
    broker.wake_sleeper(tmp_path)
    pipe.sleep(3600.0)
    pipe.close()


def test_nobody_has_to_sleep_at_the_pipe_for_a_message_to_be_put(tmp_path: Path) -> None:
    broker.wake_sleeper(tmp_path)
    broker.WakeUpPipe(tmp_path).close()
    broker.wake_sleeper(tmp_path)


def test_where_there_are_no_pipes_a_worker_looks_again_and_again(tmp_path: Path) -> None:
    """A folder that is not there cannot hold a pipe."""
    pipe = broker.WakeUpPipe(tmp_path / "none")
    pipe.sleep(3600.0)
    pipe.close()
