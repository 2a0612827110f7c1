import asyncio
import base64
import dataclasses
import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matinee.apps.uploads import transfer

BASE = "/api/v1/uploads"


def run(coroutine):
    return asyncio.run(coroutine)


def test_options_tells_what_we_can_to_anybody(tus):
    answer = run(tus.request("OPTIONS", BASE, {"Authorization": None, "Tus-Resumable": None}))
    assert answer.status == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert "creation-with-upload" in answer.headers["tus-extension"]
    assert answer.headers["tus-max-size"] == "10000000"
    assert answer.headers["tus-checksum-algorithm"].startswith("sha256,sha1")


def test_everything_else_needs_a_key_and_the_version(tus):
    answer = run(tus.request("POST", BASE, {"Upload-Length": "1", "Authorization": None}))
    assert (answer.status, answer.problem["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    answer = run(tus.request("POST", BASE, {"Upload-Length": "1", "Tus-Resumable": "0.2.2"}))
    assert answer.status == 412
    assert answer.headers["tus-version"] == "1.0.0"


def test_an_upload_in_two_pieces(tus):
    async def scenario():
        metadata = f"filename {base64.b64encode('Fïlm.mp4'.encode()).decode()}"
        created = await tus.create(6, Upload_Metadata=metadata)
        assert created.status == 201
        path = created.headers["location"]
        assert path.startswith(f"{BASE}/")
        assert created.headers["upload-expires"].endswith("GMT")
        head = await tus.request("HEAD", path)
        assert head.headers["upload-length"] == "6"
        assert head.headers["upload-offset"] == "0"
        assert head.headers["upload-metadata"] == metadata
        assert head.headers["cache-control"] == "no-store"
        first = await tus.patch(path, 0, b"abc")
        assert (first.status, first.headers["upload-offset"]) == (204, "3")
        upload = tus.services.catalog.uploads.get(path.rpartition("/")[2])
        assert (upload.offset, upload.state) == (3, "open")
        second = await tus.patch(path, 3, b"d", b"ef")
        assert second.headers["upload-offset"] == "6"
        assert tus.file(path).read_bytes() == b"abcdef"
        upload = tus.services.catalog.uploads.get(upload.id)
        assert (upload.offset, upload.state, upload.filename) == (6, "complete", "Fïlm.mp4")

    run(scenario())


def test_creation_with_upload_takes_the_first_bytes(tus, checksum):
    headers = {
        "Upload-Length": "5",
        "Content-Type": "application/offset+octet-stream",
        "Upload-Checksum": checksum(b"hello", "md5"),
    }
    answer = run(tus.request("POST", BASE, headers, [b"he", b"llo"]))
    assert (answer.status, answer.headers["upload-offset"]) == (201, "5")
    assert tus.file(answer.headers["location"]).read_bytes() == b"hello"


def test_creation_with_upload_that_breaks_off_can_be_resumed(tus):
    headers = {"Upload-Length": "5", "Content-Type": "application/offset+octet-stream"}
    answer = run(tus.request("POST", BASE, headers, [b"he"], broken=True))
    assert answer.status == 201
    assert run(tus.offset(answer.headers["location"])) == 2


def test_an_empty_upload_is_complete_at_once(tus):
    path = run(tus.create(0)).headers["location"]
    assert tus.services.catalog.uploads.get(path.rpartition("/")[2]).state == "complete"


def test_the_length_may_come_later(tus):
    async def scenario():
        created = await tus.request("POST", BASE, {"Upload-Defer-Length": "1"})
        path = created.headers["location"]
        assert (await tus.request("HEAD", path)).headers["upload-defer-length"] == "1"
        assert (await tus.patch(path, 0, b"abc")).status == 204
        done = await tus.patch(path, 3, b"de", Upload_Length="5")
        assert done.headers["upload-offset"] == "5"
        assert tus.services.catalog.uploads.get(path.rpartition("/")[2]).state == "complete"
        other = await tus.patch(path, 5, b"", Upload_Length="9")
        assert other.status == 409

    run(scenario())


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512", "md5"])
def test_a_wrong_checksum_leaves_nothing(tus, checksum, algorithm):
    async def scenario():
        path = (await tus.create(6)).headers["location"]
        await tus.patch(path, 0, b"abc")
        bad = await tus.patch(path, 3, b"xyz", Upload_Checksum=checksum(b"def", algorithm))
        assert (bad.status, bad.problem["code"]) == (460, "checksum-mismatch")
        assert await tus.offset(path) == 3
        good = await tus.patch(path, 3, b"def", Upload_Checksum=checksum(b"def", algorithm))
        assert good.status == 204
        assert tus.file(path).read_bytes() == b"abcdef"

    run(scenario())


def test_a_checksummed_body_that_breaks_off_leaves_nothing(tus, checksum):
    async def scenario():
        path = (await tus.create(6)).headers["location"]
        answer = await tus.patch(path, 0, b"abc", broken=True, Upload_Checksum=checksum(b"abcdef"))
        assert answer.status == 408
        assert await tus.offset(path) == 0

    run(scenario())


def test_another_offset_is_refused(tus):
    async def scenario():
        path = (await tus.create(6)).headers["location"]
        answer = await tus.patch(path, 2, b"abc")
        assert (answer.status, answer.problem["code"]) == (409, "offset-mismatch")
        assert await tus.offset(path) == 0

    run(scenario())


def test_more_bytes_than_declared_are_refused(tus):
    async def scenario():
        path = (await tus.create(4)).headers["location"]
        answer = await tus.patch(path, 0, b"abc", b"def")
        assert (answer.status, answer.problem["code"]) == (413, "too-large")
        assert await tus.offset(path) == 3
        announced = await tus.patch(path, 3, b"d", Content_Length="5")
        assert announced.status == 413

    run(scenario())


def test_an_upload_above_the_limit_is_refused_at_once(tus):
    assert run(tus.create(10_000_001)).status == 413


def test_a_full_disk_is_said_before_the_upload(tus, monkeypatch):
    promised = tus.services.catalog.uploads.promised(tus.services.clock())
    monkeypatch.setattr(tus.app.files, "free", lambda: promised + 99)
    answer = run(tus.create(100))
    assert (answer.status, answer.problem["code"]) == (507, "disk-full")
    assert "99" in answer.problem["detail"]


def test_room_is_promised_to_the_end_of_an_upload_and_a_reserve_stays_free(tus, monkeypatch):
    services = dataclasses.replace(tus.services, disk_reserve=100)
    tus.services = services
    tus.restart()
    free = 1000 + services.catalog.uploads.promised(services.clock())  # what others have begun

    async def scenario():
        nonlocal free
        monkeypatch.setattr(tus.app.files, "free", lambda: free)
        assert (await tus.create(901)).status == 507
        first = (await tus.create(600)).headers["location"]
        assert (await tus.create(301)).status == 507
        free -= 200  # as its bytes come, they are on the disk and no longer promised
        assert (await tus.patch(first, 0, b"x" * 200)).status == 204
        assert (await tus.create(301)).status == 507
        assert (await tus.create(300)).status == 201
        later = await tus.request("POST", BASE, {"Upload-Defer-Length": "1"})
        assert later.status == 201
        path = later.headers["location"]
        refused = await tus.patch(path, 0, b"x", Upload_Length="1")
        assert (refused.status, refused.problem["code"]) == (507, "disk-full")
        assert (await tus.patch(path, 0, b"x", Content_Length="1")).status == 507
        assert (await tus.request("DELETE", first)).status == 204
        assert (await tus.patch(path, 0, b"x" * 400, Upload_Length="400")).status == 204

    run(scenario())


def test_a_disk_that_fills_keeps_what_came(tus, monkeypatch):
    async def scenario():
        path = (await tus.create(4)).headers["location"]
        await tus.patch(path, 0, b"ab")

        def refuse(handle, data):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(os, "write", refuse)
            answer = await tus.patch(path, 2, b"cd")
        assert (answer.status, answer.problem["code"]) == (507, "disk-full")
        assert await tus.offset(path) == 2

    run(scenario())


def test_two_at_once_are_not_let_in(tus):
    async def scenario():
        path = (await tus.create(4)).headers["location"]
        with tus.app.files.append(path.rpartition("/")[2]):
            answer = await tus.patch(path, 0, b"ab")
        assert (answer.status, answer.headers["retry-after"]) == (423, "2")
        assert (await tus.patch(path, 0, b"ab")).status == 204

    run(scenario())


def test_a_silent_sender_gives_way(tus, monkeypatch):
    monkeypatch.setattr(transfer, "TAKEOVER_SECONDS", 0.0)

    async def scenario():
        path = (await tus.create(4)).headers["location"]
        hung = asyncio.Event()
        sent = []

        async def receive():
            if not sent:
                sent.append(1)
                return {"type": "http.request", "body": b"ab", "more_body": True}
            hung.set()
            await asyncio.Event().wait()
            return None

        answers = []

        async def send(message):
            answers.append(message)

        headers = {
            "tus-resumable": "1.0.0",
            "authorization": f"Bearer {tus.key}",
            "upload-offset": "0",
            "content-type": "application/offset+octet-stream",
        }
        scope = {
            "type": "http",
            "method": "PATCH",
            "path": path,
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        first = asyncio.create_task(tus.app(scope, receive, send))
        await hung.wait()
        second = await tus.patch(path, 2, b"cd")
        await first
        assert answers[0]["status"] == 408
        assert second.status == 204
        assert tus.file(path).read_bytes() == b"abcd"

    run(scenario())


def test_termination_removes_everything(tus):
    async def scenario():
        path = (await tus.create(4)).headers["location"]
        await tus.patch(path, 0, b"ab")
        assert (await tus.request("DELETE", path)).status == 204
        assert not tus.file(path).exists()
        assert (await tus.request("HEAD", path)).status == 404
        assert (await tus.request("DELETE", path)).status == 404

    run(scenario())


def test_an_expired_upload_is_gone(tus):
    path = run(tus.create(4)).headers["location"]
    tus.services.clock.ahead = tus.services.upload_lifetime + timedelta(seconds=1)
    answer = run(tus.request("HEAD", path))
    assert answer.status == 410


def test_a_consumed_upload_is_gone(tus):
    async def scenario():
        path = (await tus.create(0)).headers["location"]
        tus.services.catalog.uploads.consume(path.rpartition("/")[2], "some-title")
        assert (await tus.patch(path, 0, b"")).status == 410
        assert (await tus.request("DELETE", path)).status == 410

    run(scenario())


def test_methods_may_be_overridden_for_clients_that_cannot(tus):
    async def scenario():
        path = (await tus.create(2)).headers["location"]
        headers = {
            "X-HTTP-Method-Override": "PATCH",
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": "0",
        }
        assert (await tus.request("POST", path, headers, [b"ab"])).status == 204
        wrong = await tus.request("PUT", path)
        assert (wrong.status, wrong.headers["allow"]) == (405, "HEAD, PATCH, DELETE, OPTIONS")

    run(scenario())


@pytest.mark.parametrize("upload_id", ["..%2f..", "..", "a/b", "nope", "x" * 99])
def test_ids_that_are_none_find_nothing(tus, upload_id):
    assert run(tus.request("HEAD", f"{BASE}/{upload_id}")).status == 404


def test_a_last_word_lost_in_a_crash_is_found_again(tus):
    async def scenario():
        path = (await tus.create(4)).headers["location"]
        with tus.app.files.append(path.rpartition("/")[2]) as appender:
            appender.write(b"abcd")  # and the process dies here
        tus.restart()
        assert await tus.offset(path) == 4
        assert tus.services.catalog.uploads.get(path.rpartition("/")[2]).state == "complete"

    run(scenario())


@st.composite
def plans(draw):
    """A file, and requests that each bring some of it: whole, broken off, checksummed or not."""
    data = draw(st.binary(min_size=1, max_size=4000))
    requests = draw(
        st.lists(
            st.tuples(
                st.integers(1, 1500),  # bytes of the request
                st.integers(1, 400),  # bytes of each piece
                st.sampled_from(["whole", "broken", "restart"]),
                st.sampled_from([None, "right", "wrong"]),
            ),
            max_size=12,
        )
    )
    return data, requests


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(plan=plans())
def test_whatever_happens_on_the_way_the_file_arrives(tus, checksum, plan):
    data, requests = plan

    async def scenario():
        path = (await tus.create(len(data))).headers["location"]
        rest = (len(data), 1000, "whole", "right")
        for size, piece, fate, guard in [*requests, rest]:
            offset = await tus.offset(path)
            body = data[offset : offset + size]
            pieces = [body[at : at + piece] for at in range(0, len(body), piece)] or [b""]
            headers = {}
            if guard is not None:
                right = checksum(body) if guard == "right" else checksum(body + b"!")
                headers["Upload_Checksum"] = right
            if fate == "broken":
                pieces = pieces[: len(pieces) // 2] or [b""]
            answer = await tus.patch(path, offset, *pieces, broken=fate == "broken", **headers)
            reached = await tus.offset(path)
            if guard == "wrong" and fate != "broken":
                assert answer.status == 460
                assert reached == offset
            elif guard is not None and fate == "broken":
                assert reached == offset
            elif fate == "broken":
                assert reached == offset + sum(map(len, pieces))
            else:
                assert answer.status == 204
                assert reached == offset + len(body)
            if fate == "restart":
                tus.restart()
        assert tus.file(path).read_bytes() == data
        await tus.request("DELETE", path)

    run(scenario())
