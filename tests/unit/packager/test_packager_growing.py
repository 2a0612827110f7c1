"""Growing files of our own making, and what players are told of them."""

from array import array
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest
from tests.unit.formats.isobmff.movies import AVC1, MP4A

from matinee.errors import InvariantError, MediaError, UpstreamError
from matinee.formats.isobmff import FragmentSamples, TrackHeader, fragment_head, header_segment
from matinee.model.media import Chapter, Colour, Ratio
from matinee.model.presentation import Presentation, Track
from matinee.model.rendition import Rendition
from matinee.packager.growing import (
    GrowingPackage,
    GrowingRendition,
    GrowingRequest,
    growing_presentation,
)
from matinee.storage.memory import MemoryStore

FOLDER = "titles/film/v1"
BEGAN = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Encoder:
    """Writes a picture and a sound, a second at a time: groups of 4 pictures, 50 frames."""

    def __init__(self, folder: Path, fill: int = 7) -> None:
        self.fill = fill
        self.video, self.audio = folder / "video-360p.mp4", folder / "audio-0-stereo.mp4"
        self.seconds = 0

    def write(self, seconds: int) -> None:
        if not self.seconds:
            video = TrackHeader(video=True, timescale=4, duration=0, entry=AVC1)
            audio = TrackHeader(video=False, timescale=50, duration=0, entry=MP4A)
            self.video.write_bytes(header_segment(video))
            self.audio.write_bytes(header_segment(audio))
        for _ in range(seconds):
            self._append(self.video, 4, all_sync=False)
            self._append(self.audio, 50, all_sync=True)
            self.seconds += 1

    def _append(self, path: Path, count: int, *, all_sync: bool) -> None:
        sizes = array("I", (20 + self.seconds % 5 for _ in range(count)))
        samples = FragmentSamples(array("I", [1] * count), sizes, array("i"), all_sync)
        with path.open("ab") as file:
            file.write(fragment_head(self.seconds + 1, self.seconds * count, samples))
            file.write(bytes([self.fill]) * sum(sizes))


class Bench:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = MemoryStore()
        self.now = BEGAN
        self.encoder = self.fresh_encoder()

    def fresh_encoder(self, fill: int = 7) -> Encoder:
        work = self.folder / f"work-{len(list(self.folder.iterdir()))}"
        work.mkdir()
        return Encoder(work, fill)

    def package(self, **more: object) -> GrowingPackage:
        video = Rendition(
            key="v", kind="video", name="360p", codec="h264", frame_rate=Ratio(4), colour=Colour(),
            source_index=0,
        )  # fmt: skip
        audio = Rendition(key="a", kind="audio", name="stereo", language="en", source_index=1)
        request = GrowingRequest(
            presentation_id="film",
            version=1,
            title="Film",
            renditions=(
                GrowingRendition(rendition=video, path=self.encoder.video, max_rate=900_000),
                GrowingRendition(rendition=audio, path=self.encoder.audio, max_rate=128_000),
            ),
            folder=FOLDER,
            segment=Fraction(4),
            expected=Fraction(20),
        )
        return GrowingPackage(msgspec.structs.replace(request, **more), self.store, self.clock)

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def told(self) -> Presentation:
        found = growing_presentation(self.store, FOLDER)
        assert found is not None
        return found

    def media(self) -> dict[str, bytes]:
        return {
            one.key: self.store.get(one.key)
            for one in self.store.list(FOLDER)
            if one.key.endswith((".m4s", ".mp4"))
        }


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def tracks(p: Presentation) -> dict[str, Track]:
    return {one.id: one for each in p.periods[0].selection_sets for one in each.tracks}


def counts(p: Presentation) -> list[int]:
    return [len(one.segments) for one in tracks(p).values()]


def test_nothing_is_told_before_every_track_has_a_segment(bench: Bench) -> None:
    package = bench.package()
    assert not package.advance(), "there is no file yet"
    bench.encoder.write(4)
    assert not package.advance(), "nobody knows yet whether the next segment is long enough"
    assert package.presentation is None
    bench.encoder.write(1)
    assert package.advance()
    assert counts(bench.told()) == [1, 1]
    assert package.ready == 4
    package.close()


def test_it_grows_and_ends(bench: Bench) -> None:
    package = bench.package()
    bench.encoder.write(9)
    assert package.advance()
    assert not package.advance(), "nothing is new"
    first = bench.told()
    bench.encoder.write(5)
    assert package.advance()
    last = package.finish()
    package.close()
    assert counts(first) == [2, 2]
    assert counts(last) == counts(bench.told()) == [4, 4]
    assert (first.ended, first.duration, last.ended) == (False, None, True)
    assert last.duration is not None
    assert last.duration.seconds == 14
    assert [one.duration for one in tracks(last)["video-h264-360p"].segments] == [16, 16, 16, 8]
    assert last.availability_start == first.availability_start
    assert last.updated_at > first.updated_at  # type: ignore[operator]
    assert {"master.m3u8", "manifest.mpd"} <= {
        one.key.rpartition("/")[2] for one in bench.store.list(FOLDER)
    }


def test_segments_hold_what_the_encoder_wrote(bench: Bench) -> None:
    package = bench.package()
    bench.encoder.write(6)
    package.advance()
    package.close()
    segment = bench.store.get(f"{FOLDER}/video-h264-360p/00001.m4s")
    assert segment.count(bytes([7]) * 80) >= 1
    assert segment[4:8] == b"moof"
    assert bench.store.get(f"{FOLDER}/video-h264-360p/init.mp4")[4:8] == b"ftyp"
    assert b"mehd" not in bench.store.get(f"{FOLDER}/video-h264-360p/init.mp4")


def test_rates_are_promised_while_it_grows_and_measured_at_the_end(bench: Bench) -> None:
    package = bench.package()
    bench.encoder.write(9)
    package.advance()
    assert tracks(bench.told())["video-h264-360p"].bandwidth == 900_000
    whole = tracks(package.finish())["video-h264-360p"]
    package.close()
    media = [len(bench.store.get(f"{FOLDER}/{one.key}")) for one in whole.segments]
    assert whole.size == sum(media)
    assert whole.bandwidth < 10_000
    assert whole.average_bandwidth == -(-sum(media) * 8 // 9)


def test_made_again_after_a_crash_it_is_the_same_and_never_less(bench: Bench) -> None:
    package = bench.package()
    bench.encoder.write(14)
    package.advance()
    package.close()
    before, media = bench.told(), bench.media()

    bench.encoder = bench.fresh_encoder()
    again = bench.package()
    assert again.presentation == before, "players are told at once"
    for _ in range(13):
        bench.encoder.write(1)
        again.advance()
        assert bench.told() == before
    bench.encoder.write(4)
    assert again.advance()
    assert counts(bench.told()) == [4, 4]
    assert bench.told().availability_start == before.availability_start
    assert {key: bench.media()[key] for key in media} == media
    again.finish()
    again.close()


def test_another_encode_is_not_passed_off_as_the_first(bench: Bench) -> None:
    package = bench.package()
    bench.encoder.write(10)
    package.advance()
    package.close()
    bench.encoder = bench.fresh_encoder()
    other = bench.package(segment=Fraction(2))
    bench.encoder.write(10)
    with pytest.raises(InvariantError, match="is not what players were told of"):
        other.advance()
    other.close()


def test_a_shorter_film_is_not_passed_off_as_the_first(bench: Bench) -> None:
    package = bench.package()
    bench.encoder.write(14)
    package.advance()
    package.close()
    bench.encoder = bench.fresh_encoder()
    other = bench.package()
    bench.encoder.write(8)
    with pytest.raises(InvariantError, match="is not what players were told of"):
        other.finish()
    other.close()


def test_every_segment_is_available_when_it_is_listed(bench: Bench) -> None:
    """Even of a film twice as long as its source says, made in no time."""
    package = bench.package()
    bench.encoder.write(45)
    package.advance()
    told = bench.told()
    package.close()
    end = max(
        Fraction(one.segments[-1].start + one.segments[-1].duration, one.timescale)
        for one in tracks(told).values()
    )
    assert told.availability_start is not None
    assert told.availability_start + timedelta(seconds=float(end)) < BEGAN


def test_chapters_come_with_the_first_segments(bench: Bench) -> None:
    package = bench.package(chapters=(Chapter(start=0, end=4, title="One"),))
    bench.encoder.write(6)
    package.advance()
    package.close()
    assert bench.told().chapters == "chapters.vtt"
    assert b"One" in bench.store.get(f"{FOLDER}/chapters.vtt")


def test_an_encoder_that_wrote_nothing(bench: Bench) -> None:
    package = bench.package()
    with pytest.raises(UpstreamError, match="wrote nothing"):
        package.finish()
    package.close()


def test_a_file_that_is_cut_short(bench: Bench) -> None:
    package = bench.package()
    bench.encoder.write(6)
    with bench.encoder.video.open("ab") as file:
        file.write(b"\0\0\1\0moof")
    package.advance()
    with pytest.raises(MediaError, match="cut short"):
        package.finish()
    package.close()


def test_what_does_not_grow_is_none(bench: Bench) -> None:
    assert growing_presentation(bench.store, FOLDER) is None
    package = bench.package()
    bench.encoder.write(6)
    package.advance()
    package.close()
    plain = msgspec.structs.replace(bench.told(), mode="on-demand")
    bench.store.put(f"{FOLDER}/presentation.json", msgspec.json.encode(plain))
    assert growing_presentation(bench.store, FOLDER) is None
