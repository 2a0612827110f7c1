"""What the origin says of a film that grows."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest
from tests.golden.manifests import cases
from tests.unit.apps.origin.test_app import Browser, Pointers

from matinee.apps.origin.app import Origin
from matinee.apps.origin.documents import GROWING_SECONDS, Documents
from matinee.errors import NotFoundError
from matinee.formats import dash, hls
from matinee.model.presentation import ByteRange, Presentation
from matinee.storage.memory import MemoryStore

FOLDER = "titles/film/v1"
VIDEO = "/media/film/v1/video-h264-360p.m3u8"


class Counting(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def get(self, key: str, span: ByteRange | None = None) -> bytes:
        self.asked += 1
        return super().get(key, span)


class Platform:
    """A growing film, an origin, and the hands of its clock."""

    def __init__(self) -> None:
        self.store = Counting()
        self.now = 1000.0
        self.live = {"film": 1}
        self.origin = Origin(Pointers(self.live), self.store, clock=lambda: self.now)
        self.get = Browser(self.origin)
        self.tell(cases.growing())
        for name, data in (("00001.m4s", b"one"), ("init.mp4", b"header")):
            self.store.put(f"{FOLDER}/video-h264-360p/{name}", data)
        # What a plain web server would have served when it began: the origin must not.
        self.store.put(f"{FOLDER}/video-h264-360p.m3u8", b"#EXTM3U\nold\n")

    def tell(self, presentation: Presentation) -> None:
        self.store.put(f"{FOLDER}/presentation.json", msgspec.json.encode(presentation))


@pytest.fixture
def platform() -> Platform:
    return Platform()


def listed(answer: httpx.Response) -> int:
    playlist = hls.parse(answer.raise_for_status().text)
    assert isinstance(playlist, hls.MediaPlaylist)
    return len(playlist.segments)


def test_new_segments_are_seen_within_a_second(platform: Platform) -> None:
    before = platform.get(VIDEO)
    assert listed(before) == 2
    platform.tell(cases.growing(ended=True))
    platform.now += GROWING_SECONDS + 0.01
    after = platform.get(VIDEO)
    assert listed(after) == 3
    assert before.headers["etag"] != after.headers["etag"]
    assert GROWING_SECONDS < 1


def test_growing_manifests_are_held_for_half_a_target_duration(platform: Platform) -> None:
    for path in (VIDEO, "/media/film/master.m3u8", "/media/film/manifest.mpd",
                 "/media/film/manifest-v1.mpd", "/media/film/v1/manifest.mpd"):  # fmt: skip
        assert platform.get(path).headers["cache-control"] == "public, max-age=2", path


def test_media_of_a_growing_film_is_held_for_ever(platform: Platform) -> None:
    for name, kind in (("00001.m4s", "video/iso.segment"), ("init.mp4", "video/mp4")):
        answer = platform.get(f"/media/film/v1/video-h264-360p/{name}")
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"] == kind


def test_an_unchanged_playlist_is_not_sent_again(platform: Platform) -> None:
    first = platform.get(VIDEO)
    platform.now += 10
    assert platform.get(VIDEO, if_none_match=first.headers["etag"]).status_code == 304


def test_it_is_read_once_for_all_who_ask(platform: Platform) -> None:
    platform.get(VIDEO)
    asked = platform.store.asked
    for path in (VIDEO, "/media/film/v1/audio-en-stereo.m3u8", "/media/film/manifest.mpd"):
        platform.get(path)
    assert platform.store.asked == asked

    async def at_once() -> None:
        documents = Documents(platform.store, clock=lambda: platform.now)
        await asyncio.gather(*(documents.text(("film", 1), "master.m3u8", b"") for _ in range(20)))

    asyncio.run(at_once())
    assert platform.store.asked == asked + 1


def test_when_it_has_ended_its_versions_documents_never_change(platform: Platform) -> None:
    platform.tell(cases.growing(ended=True))
    answer = platform.get(VIDEO)
    assert "immutable" in answer.headers["cache-control"]
    assert "#EXT-X-ENDLIST" in answer.text
    assert "immutable" in platform.get("/media/film/manifest-v1.mpd").headers["cache-control"]
    stable = platform.get("/media/film/manifest.mpd")
    assert "immutable" not in stable.headers["cache-control"], "the ladder comes to this address"
    asked = platform.store.asked
    platform.now += 100
    platform.get(VIDEO)
    assert platform.store.asked == asked


def test_players_stay_with_their_version_when_the_ladder_is_live(platform: Platform) -> None:
    mpd = dash.parse(platform.get("/media/film/manifest.mpd").content)
    platform.tell(cases.growing(ended=True))
    platform.store.put("titles/film/v2/presentation.json", msgspec.json.encode(cases.plain()))
    platform.live["film"] = 2
    platform.now += 2
    again = dash.parse(platform.get(f"/media/film/{mpd.locations[0]}").content)
    assert again.type == "static"
    assert len(again.periods[0].adaptation_sets[0].representations) == 1
    assert listed(platform.get(VIDEO)) == 3
    new = dash.parse(platform.get("/media/film/manifest.mpd").content)
    assert len(new.periods[0].adaptation_sets[0].representations) == 2


@pytest.mark.parametrize("name", ["manifest-v2.mpd", "manifest-v.mpd", "manifest-vx.mpd"])
def test_there_are_no_other_versions(platform: Platform, name: str) -> None:
    assert platform.get(f"/media/film/{name}").status_code == 404


def test_a_title_off_the_air_has_nothing(platform: Platform) -> None:
    del platform.live["film"]
    for path in (VIDEO, "/media/film/manifest-v1.mpd"):
        assert platform.get(path).status_code == 404


def test_the_time_of_day_for_players_clocks(platform: Platform) -> None:
    answer = platform.get("/media/time")
    told = datetime.fromisoformat(answer.text)
    assert abs(datetime.now(UTC) - told) < timedelta(seconds=10)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == "*"


def test_the_clock_is_where_manifests_say(platform: Platform) -> None:
    for path in ("/media/film/manifest.mpd", "/media/film/v1/manifest.mpd"):
        said = dash.parse(platform.get(path).content).utc_timings[0].value or ""
        assert platform.get(str(httpx.URL(f"http://m{path}").join(said).path)).status_code == 200


def test_a_version_that_is_gone() -> None:
    documents = Documents(MemoryStore())
    with pytest.raises(NotFoundError):
        asyncio.run(documents.text(("film", 1), "master.m3u8", b""))
    with pytest.raises(NotFoundError):
        asyncio.run(documents.manifest(("film", 1), "master.m3u8"))
