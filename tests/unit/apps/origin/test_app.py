import asyncio
import os
from pathlib import Path

import httpx
import msgspec
import pytest

from matinee.apps.origin.app import Origin
from matinee.model.media import Ratio
from matinee.model.presentation import (
    ByteRange,
    Period,
    Presentation,
    Segment,
    SelectionSet,
    SwitchingSet,
    Track,
)
from matinee.model.time import MediaTime
from matinee.storage.local import LocalStore
from matinee.storage.memory import MemoryStore
from matinee.storage.store import ObjectStore

MEDIA = bytes(range(256)) * 8


class Pointers:
    def __init__(self, live: dict[str, int]) -> None:
        self.live = live
        self.asked = 0

    def live_version(self, title_id: str) -> int | None:
        self.asked += 1
        return self.live.get(title_id)


def presentation(version: int) -> Presentation:
    track = Track(
        id="video-h264-360p",
        kind="video",
        codec="avc1.64001e",
        mime_type="video/mp4",
        timescale=1000,
        bandwidth=400_000,
        average_bandwidth=300_000,
        key="video-h264-360p.mp4",
        size=len(MEDIA),
        init=ByteRange(0, 100),
        index=ByteRange(100, 44),
        segments=(
            Segment(number=1, start=0, duration=4000, key="video-h264-360p.mp4",
                    range=ByteRange(144, len(MEDIA) - 144)),
        ),
        width=640,
        height=360,
        frame_rate=Ratio(24),
    )  # fmt: skip
    return Presentation(
        id="film",
        version=version,
        periods=(
            Period(
                id="p0",
                start=MediaTime(0, 1000),
                duration=MediaTime(4000, 1000),
                selection_sets=(
                    SelectionSet(
                        id="video",
                        kind="video",
                        switching_sets=(SwitchingSet(id="video-h264", tracks=(track,)),),
                        default=True,
                    ),
                ),
            ),
        ),
    )


def filled(store: ObjectStore) -> ObjectStore:
    for version in (1, 2):
        folder = f"titles/film/v{version}"
        store.put(f"{folder}/presentation.json", msgspec.json.encode(presentation(version)))
        store.put(f"{folder}/video-h264-360p.mp4", MEDIA)
        store.put(f"{folder}/video-h264-360p.m3u8", b"#EXTM3U\n" + b"#EXTINF:4,\n" * 50)
        store.put(f"{folder}/report.json", b"{}")
    store.put("titles/film/source/film.mp4", b"secret mezzanine")
    return store


@pytest.fixture(params=["local", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    return filled(LocalStore(tmp_path) if request.param == "local" else MemoryStore())


class Browser:
    def __init__(self, origin: Origin) -> None:
        self._origin = origin

    def __call__(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._origin)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://m") as client:
                sent = {"accept-encoding": "identity"}
                sent |= {name.replace("_", "-"): value for name, value in headers.items()}
                return await client.request(method, path, headers=sent)

        return asyncio.run(ask())


@pytest.fixture
def get(store: ObjectStore) -> Browser:
    return Browser(Origin(Pointers({"film": 2}), store))


def test_the_stable_playlist_leads_into_the_live_version(get: Browser) -> None:
    answer = get("/media/film/master.m3u8")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.apple.mpegurl"
    assert "v2/video-h264-360p.m3u8" in answer.text
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "immutable" not in answer.headers["cache-control"]


def test_the_stable_mpd_leads_into_the_live_version(get: Browser) -> None:
    answer = get("/media/film/manifest.mpd")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/dash+xml"
    assert "v2/video-h264-360p.mp4" in answer.text


def test_playlists_are_compressed_for_those_who_can_read_it(get: Browser) -> None:
    plain = get("/media/film/v2/video-h264-360p.m3u8")
    packed = get("/media/film/v2/video-h264-360p.m3u8", accept_encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content)
    assert packed.content == plain.content
    assert plain.headers["vary"] == packed.headers["vary"] == "accept-encoding"
    assert "immutable" in plain.headers["cache-control"]


@pytest.mark.parametrize(
    ("wanted", "status", "start", "end"),
    [("bytes=0-99", 206, 0, 100), ("bytes=2000-", 206, 2000, 2048), ("bytes=-48", 206, 2000, 2048),
     ("bytes=0-1,5-6", 200, 0, 2048)],
)  # fmt: skip
def test_media_by_range(get: Browser, wanted: str, status: int, start: int, end: int) -> None:
    answer = get("/media/film/v2/video-h264-360p.mp4", range=wanted)
    assert answer.status_code == status
    assert answer.content == MEDIA[start:end]
    assert int(answer.headers["content-length"]) == end - start
    if status == 206:
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(MEDIA)}"


def test_a_range_beyond_the_end(get: Browser) -> None:
    answer = get("/media/film/v2/video-h264-360p.mp4", range="bytes=9999-")
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(MEDIA)}"


def test_head_has_the_headers_of_get_and_no_body(get: Browser) -> None:
    for path in ("/media/film/v2/video-h264-360p.mp4", "/media/film/master.m3u8"):
        head, whole = get(path, "HEAD"), get(path)
        assert head.content == b""
        assert head.headers["content-length"] == str(len(whole.content))


def test_validators(get: Browser) -> None:
    for path in ("/media/film/v2/video-h264-360p.mp4", "/media/film/manifest.mpd"):
        tag = get(path).headers["etag"]
        assert get(path, if_none_match=tag).status_code == 304
        assert get(path, if_none_match=f'"x", W/{tag}').status_code == 304
        assert get(path, if_none_match='"x"').status_code == 200
    path = "/media/film/v2/video-h264-360p.mp4"
    tag = get(path).headers["etag"]
    assert get(path, range="bytes=0-9", if_range=tag).status_code == 206
    assert get(path, range="bytes=0-9", if_range='"old"').status_code == 200
    assert get(path, if_none_match='"x"', if_modified_since=LATER).status_code == 200
    assert get(path, if_modified_since=get(path).headers["last-modified"]).status_code == 304
    assert get(path, if_modified_since=EARLIER).status_code == 200


EARLIER, LATER = "Thu, 01 Jan 1970 00:00:01 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"


def test_the_compressed_form_has_a_tag_of_its_own(get: Browser) -> None:
    path = "/media/film/v2/video-h264-360p.m3u8"
    plain, packed = get(path).headers["etag"], get(path, accept_encoding="gzip").headers["etag"]
    assert plain != packed
    assert get(path, accept_encoding="gzip", if_none_match=packed).status_code == 304
    assert get(path, if_none_match=packed).status_code == 200


def test_ranges_are_for_get_alone(get: Browser) -> None:
    head = get("/media/film/v2/video-h264-360p.mp4", "HEAD", range="bytes=0-9")
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(MEDIA)))


def test_refusals_are_kept_by_no_cache(get: Browser) -> None:
    path = "/media/film/v2/video-h264-360p.mp4"
    other = get(path, if_match='"x"', range="bytes=0-9")
    assert other.status_code == 412
    assert get(path, if_match=get(path).headers["etag"]).status_code == 200
    for answer in (other, get(path, range="bytes=9999-"), get("/media/film/v9/a.mp4")):
        assert answer.headers["cache-control"] == "no-store"


def test_the_version_before_is_still_served(get: Browser) -> None:
    assert get("/media/film/v1/video-h264-360p.mp4").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/media/other/master.m3u8",
        "/media/film/v3/video-h264-360p.mp4",
        "/media/film/v2/presentation.json",
        "/media/film/v2/report.json",
        "/media/film/v2/../source/film.mp4",
        "/media/film/v2/..%2fsource/film.mp4",
        "/media/film/v2/../../../matinee.db",
        "/media/film/source/film.mp4",
        "/media/film/video-h264-360p.mp4",
        "/media/film/v2/",
        "/media/film/v2/nothing.mp4",
        "/media/film/v2//video-h264-360p.mp4",
        "/media/",
    ],
)
def test_what_is_not_for_players_is_not_found(get: Browser, path: str) -> None:
    answer = get(path)
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"
    assert b"secret" not in answer.content


def test_an_unpublished_title_disappears_within_a_second(store: ObjectStore) -> None:
    now = 100.0
    pointers = Pointers({"film": 2})
    get = Browser(Origin(pointers, store, clock=lambda: now))
    path = "/media/film/v2/video-h264-360p.mp4"
    assert get(path).status_code == get(path).status_code == 200
    assert pointers.asked == 1
    pointers.live.clear()
    now += 1.01
    assert get(path).status_code == 404
    assert get("/media/film/master.m3u8").status_code == 404


def test_preflight_and_other_methods(get: Browser) -> None:
    answer = get("/media/film/master.m3u8", "OPTIONS")
    assert answer.status_code == 204
    assert "range" in answer.headers["access-control-allow-headers"]
    assert get("/media/film/master.m3u8", "POST").status_code == 405


def test_texts_that_are_remembered_hold_bounded_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Counting(MemoryStore):
        asked = 0

        def get(self, key: str, span: ByteRange | None = None) -> bytes:
            self.asked += 1
            return super().get(key, span)

    store = Counting()
    filled(store)
    for number in range(4):
        store.put(f"titles/film/v2/text-{number}.vtt", b"WEBVTT\n" + os.urandom(1000))
    monkeypatch.setattr(
        "matinee.apps.origin.documents.DOCUMENT_BYTES", 5000
    )  # two, with their gzip
    get = Browser(Origin(Pointers({"film": 2}), store))

    def reads(*numbers: int) -> int:
        before = store.asked
        for number in numbers:
            assert get(f"/media/film/v2/text-{number}.vtt").status_code == 200
        return store.asked - before

    assert reads(0, 1) == 2
    assert reads(0, 1, 0) == 0
    assert reads(2) == 1  # in the place of 1, which was used the longest ago
    assert reads(0, 2) == 0
    assert reads(1, 3, 0) == 3
