import asyncio
from datetime import UTC, datetime

from matinee.apps.api import tailer as tailer_module
from matinee.apps.api.problems import RequestError
from matinee.apps.api.tailer import Tailer, frame
from matinee.model.title import Event

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Log:
    """Events in memory, and how often they were asked for."""

    def __init__(self):
        self.events = []
        self.asked = 0
        self.fails = 0

    def add(self, event_type="job.progress", title_id="a"):
        number = len(self.events) + 1
        self.events.append(Event(id=number, at=NOW, type=event_type, title_id=title_id))

    def after(self, number, title_id, types, limit):
        self.asked += 1
        if self.fails:
            self.fails -= 1
            raise OSError("the database is away")
        found = [
            event
            for event in self.events
            if event.id > number
            and title_id in {None, event.title_id}
            and (not types or event.type in types)
        ]
        return tuple(found[:limit])

    def last_id(self):
        return len(self.events)


def made(log):
    return Tailer(log.after, log.last_id, poll=0.005)


async def take(stream, count):
    """Return the ids of the next *count* events."""
    found = []
    async for text in stream:
        if text.startswith(b"id:"):
            found.append(int(text.split(b"\n")[0][3:]))
            if len(found) == count:
                break
    return found


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 20))


def test_a_frame_is_one_server_sent_event():
    event = Event(id=7, at=NOW, type="title.updated", data={"text": "two\nlines"})
    head, kind, data, *end = frame(event).split(b"\n")
    assert (head, kind) == (b"id: 7", b"event: title.updated")
    assert data.startswith(b'data: {"id":7,')
    assert end == [b"", b""]


def test_without_an_id_the_stream_begins_now():
    async def scenario():
        log = Log()
        log.add()
        tailer = made(log)
        stream = tailer.stream(None, None, None)
        assert (await anext(stream)).startswith(b"retry: 2000\n")
        log.add()
        assert await take(stream, 1) == [2]
        await stream.aclose()
        await tailer.close()

    run(scenario())


def test_with_an_id_nothing_is_missed_or_told_twice():
    async def scenario():
        log = Log()
        for _ in range(500):
            log.add()
        tailer = made(log)
        stream = tailer.stream(3, None, None)
        await anext(stream)
        for _ in range(100):
            log.add()
        assert await take(stream, 597) == list(range(4, 601))
        await stream.aclose()
        await tailer.close()

    run(scenario())


def test_filters_hold_for_the_past_and_the_future():
    async def scenario():
        log = Log()
        for title_id in ("a", "b", "a"):
            log.add("title.updated", title_id)
        tailer = made(log)
        stream = tailer.stream(0, "a", frozenset({"title.updated"}))
        await anext(stream)
        log.add("title.updated", "b")
        log.add("job.progress", "a")
        log.add("title.updated", "a")
        assert await take(stream, 3) == [1, 3, 6]
        await stream.aclose()
        await tailer.close()

    run(scenario())


def test_nobody_listening_means_nobody_asking():
    async def scenario():
        log = Log()
        tailer = made(log)
        stream = tailer.stream(None, None, None)
        await anext(stream)
        assert tailer.clients == 1
        log.add()
        assert await take(stream, 1) == [1]
        await stream.aclose()
        await asyncio.sleep(0.1)
        assert tailer.clients == 0
        asked = log.asked
        await asyncio.sleep(0.1)
        assert log.asked == asked

    run(scenario())


def test_one_poller_serves_all():
    async def scenario():
        log = Log()
        tailer = made(log)
        streams = [tailer.stream(None, None, None) for _ in range(50)]
        for stream in streams:
            await anext(stream)
        log.add()
        assert [await take(stream, 1) for stream in streams] == [[1]] * 50
        assert sum(task.get_name() == "events-tailer" for task in asyncio.all_tasks()) == 1
        for stream in streams:
            await stream.aclose()
        await tailer.close()

    run(scenario())


def test_no_more_clients_than_there_are_places_however_fast_they_come(monkeypatch):
    monkeypatch.setattr("matinee.apps.api.tailer.MAX_CLIENTS", 5)

    async def scenario():
        tailer = made(Log())
        streams = [tailer.stream(None, None, None) for _ in range(20)]
        firsts = await asyncio.gather(*map(anext, streams), return_exceptions=True)
        refused = [one for one in firsts if isinstance(one, RequestError)]
        assert (tailer.clients, len(refused)) == (5, 15)
        assert {one.code for one in refused} == {"throttled"}
        for stream in streams:
            await stream.aclose()
        assert await anext(tailer.stream(None, None, None))
        await tailer.close()

    run(scenario())


def test_a_slow_client_is_sent_away_and_may_come_again():
    async def scenario():
        log = Log()
        tailer = made(log)
        slow = tailer.stream(None, None, None)
        await anext(slow)
        for _ in range(tailer_module.QUEUE_LENGTH + 50):
            log.add()
        await asyncio.sleep(0.2)
        got = await take(slow, 10_000)
        assert got == list(range(1, tailer_module.QUEUE_LENGTH + 1))
        again = tailer.stream(got[-1], None, None)
        await anext(again)
        assert await take(again, 50) == list(range(got[-1] + 1, got[-1] + 51))
        await again.aclose()
        await tailer.close()

    run(scenario())


def test_a_database_that_is_away_for_a_while_is_waited_for():
    async def scenario():
        log = Log()
        log.fails = 2
        tailer = made(log)
        stream = tailer.stream(None, None, None)
        await anext(stream)
        log.add()
        assert await take(stream, 1) == [1]
        await stream.aclose()
        await tailer.close()

    run(scenario())


def test_silence_is_filled(monkeypatch):
    monkeypatch.setattr(tailer_module, "HEARTBEAT_SECONDS", 0.02)

    async def scenario():
        tailer = made(Log())
        stream = tailer.stream(None, None, None)
        await anext(stream)
        assert await anext(stream) == b": still here\n\n"
        await stream.aclose()
        await tailer.close()

    run(scenario())


def test_closing_ends_every_stream_and_lets_none_begin():
    async def scenario():
        tailer = made(Log())
        stream = tailer.stream(None, None, None)
        await anext(stream)
        await tailer.close()
        assert [text async for text in stream] == []
        assert len([text async for text in tailer.stream(0, None, None)]) == 1

    run(scenario())
