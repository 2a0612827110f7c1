import asyncio

import msgspec


async def listen(app, query, headers, count):
    """Return the first *count* events of the stream, and the headers of the answer."""
    parts, started = [], {}
    enough = asyncio.Event()

    async def receive():
        await enough.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        if message["type"] == "http.response.start":
            started.update(message)
        else:
            parts.append(message.get("body", b""))
            if sum(part.startswith(b"id:") for part in parts) >= count:
                enough.set()

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/v1/events",
        "query_string": query.encode(),
        "scheme": "http",
        "client": ("127.0.0.1", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "http_version": "1.1",
        "server": ("matinee.test", 80),
        "root_path": "",
    }
    async with asyncio.timeout(20):
        await app(scope, receive, send)
    found = [msgspec.json.decode(part.split(b"data: ")[1]) for part in parts if b"data: " in part]
    return found, dict(started["headers"]), started["status"]


def test_events_are_streamed_from_the_last_that_was_seen(app, services, key):
    events = services.catalog.events
    first = events.append("title.updated", title_id="a")
    for _ in range(3):
        events.append("job.progress", title_id="a")
    last = events.append("title.updated", title_id="a")
    headers = {
        "host": "matinee.test",
        "authorization": f"Bearer {key}",
        "last-event-id": str(first.id),
    }
    found, answered, status = asyncio.run(listen(app, "types=title.updated", headers, 1))
    assert status == 200
    assert answered[b"content-type"].startswith(b"text/event-stream")
    assert answered[b"x-accel-buffering"] == b"no"
    assert [one["id"] for one in found] == [last.id]


def test_a_browser_listens_with_its_cookie(app, services, key):
    who = services.accounts.authenticate(key)
    token = services.accounts.open_session(who)
    services.catalog.events.append("title.updated")
    headers = {"host": "matinee.test", "cookie": f"matinee_session={token}"}
    found, _, status = asyncio.run(listen(app, "after=0", headers, 1))
    assert (status, len(found)) == (200, 1)


def test_a_full_house_says_so(client, app, monkeypatch):
    monkeypatch.setattr("matinee.apps.api.tailer.MAX_CLIENTS", 0)
    answer = client.get("/api/v1/events")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")
