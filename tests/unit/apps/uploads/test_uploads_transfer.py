import asyncio
import threading

import pytest

from matinee.apps.uploads import transfer
from matinee.apps.uploads.files import UploadFiles
from matinee.apps.uploads.transfer import Incoming, SenderGoneError, Transfers, settled


@pytest.fixture
def files(tmp_path):
    files = UploadFiles(tmp_path)
    files.create("one")
    return files


def incoming(told, limit=10_000_000):
    return Incoming(upload_id="one", offset=0, limit=limit, checksum=None, record=told.append)


def body(*pieces):
    """A receive() of these pieces; None is silence."""
    waiting = list(pieces)

    async def receive():
        piece = waiting.pop(0)
        if piece is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

    return receive


def test_memory_is_bounded_and_progress_recorded(files, monkeypatch):
    monkeypatch.setattr(transfer, "BUFFER", 1000)
    monkeypatch.setattr(transfer, "SYNC_EVERY", 3000)
    told, counted = [], []

    async def scenario():
        transfers = Transfers(files, counted.append)
        return await transfers.take(incoming(told), body(*[b"x" * 500] * 20))

    assert asyncio.run(scenario()) == 10_000
    assert max(counted) == 1000
    assert sum(counted) == 10_000
    assert told == [3000, 6000, 9000, 10_000]


def test_a_silent_sender_is_given_up(files, monkeypatch):
    monkeypatch.setattr(transfer, "SILENCE_SECONDS", 0.05)
    told = []

    async def scenario():
        transfers = Transfers(files, lambda _: None)
        with pytest.raises(SenderGoneError):
            await transfers.take(incoming(told), body(b"abc", None))
        assert files.offset("one") == 3
        with files.append("one"):  # the lock is free
            pass

    asyncio.run(scenario())
    assert told == [3]


def test_a_cancelled_request_keeps_what_came_and_frees_the_lock(files):
    told = []

    async def scenario():
        transfers = Transfers(files, lambda _: None)
        task = asyncio.create_task(transfers.take(incoming(told), body(b"abc", None)))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert files.offset("one") == 3
        with files.append("one"):
            pass

    asyncio.run(scenario())


def test_a_thread_is_not_left_behind():
    begun, done = threading.Event(), threading.Event()

    def work():
        begun.set()
        done.wait(5)
        return True

    async def scenario():
        task = asyncio.create_task(settled(work))
        await asyncio.to_thread(begun.wait)
        task.cancel()
        await asyncio.sleep(0.05)
        assert not task.done()
        done.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
