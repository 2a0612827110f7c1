"""A film made in chunks is the film, whoever made them, in whatever order."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from tests.integration.transcode.small import LADDER

from matinee.ingest.probe import probe
from matinee.model.ladder import Ladder, Rung
from matinee.model.progress import Control, Progress
from matinee.storage.local import LocalStore
from matinee.toolchain.run import ProcessError, run
from matinee.toolchain.sandbox import Limits
from matinee.toolchain.tools import Toolchain
from matinee.transcode import chunks
from matinee.transcode.encode import Encoded, encode, finished, order_of
from matinee.transcode.making import Workplace, make
from matinee.transcode.order import Order, Piece, pieces_of, read_of
from matinee.transcode.plan import plan

pytestmark = pytest.mark.integration

MODERN = msgspec.structs.replace(
    LADDER,
    video=(
        *LADDER.video,
        Rung(name="hevc-180p", codec="hevc", crf=26.0, height=180, max_rate=600_000),
        Rung(name="av1-90p", codec="av1", crf=38.0, height=90, max_rate=200_000, preset="fast"),
    ),
)
TWICE = msgspec.structs.replace(
    LADDER,
    preset="veryfast",
    video=(
        Rung(name="180p", height=180, crf=None, rate=300_000, max_rate=600_000),
        Rung(name="hevc-90p", codec="hevc", height=90, crf=None, rate=60_000, max_rate=120_000),
        Rung(name="90p", height=90, crf=None, rate=80_000, max_rate=160_000, passes=1),
    ),
)
LIMITS = Limits(wall_seconds=60)


@pytest.fixture(autouse=True)
def short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_SECONDS", 1)
    monkeypatch.setattr(chunks, "SHORT_CHUNK_SECONDS", 1)


class Studio:
    """Makes a film's pieces in a folder of its own."""

    def __init__(self, folder: Path, film: Path, ladder: Ladder = LADDER) -> None:
        self.toolchain = Toolchain.find()
        self.store = LocalStore(folder / "store")
        self.film = folder / "store" / "film"
        self.film.symlink_to(film)
        self.workplace = Workplace(
            store=self.store, folder="out", scratch=folder / "scratch", toolchain=self.toolchain
        )
        made = plan(probe(film, self.toolchain), ladder)
        self.order: Order = order_of(made, "film", self.workplace, Control(), source=self.film)

    def make(self, backwards: bool = False) -> Encoded:
        pieces = pieces_of(self.order)
        made = {
            piece.number: make(self.order, piece, self.read(piece), self.workplace, Control())
            for piece in (reversed(pieces) if backwards else pieces)
        }
        return finished(self.order, [made[one.number] for one in pieces], self.workplace)

    def read(self, piece: Piece) -> Path:
        return self.store.path(read_of(self.order, piece))

    def frames(self, key: str) -> list[str]:
        """A digest of each decoded picture."""
        done = run(
            [self.toolchain.ffmpeg, "-v", "error", "-i", self.store.path(key), "-map", "0:v",
             "-f", "framemd5", "-"], limits=LIMITS,
        )  # fmt: skip
        assert not done.stderr, done.stderr
        lines = done.stdout.decode().splitlines()
        return [line.split(",")[-1] for line in lines if not line.startswith("#")]

    def similarity(self, key: str, whole: Path) -> float:
        """SSIM of what was encoded and of *whole*, picture by picture; the worst."""
        graph = (
            "[0:v]settb=1/1000,setpts=N[a];[1:v]settb=1/1000,setpts=N[b];[a][b]ssim=stats_file=-"
        )
        done = run(
            [self.toolchain.ffmpeg, "-v", "error", "-i", self.store.path(key), "-i", whole,
             "-lavfi", graph, "-f", "null", "-"], limits=LIMITS,
        )  # fmt: skip
        worst = [
            float(line.split("All:")[1].split()[0]) for line in done.stdout.decode().splitlines()
        ]
        return min(worst)


@pytest.mark.parametrize(
    "name",
    ["plain", "mkv", "webm", "avi", "mxf", "film-rate", "interlaced", "ts", "fields",
     "telecined", "telecined-unflagged"],
)  # fmt: skip
def test_chunks_hold_the_frames_of_the_whole_film(
    clip: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "chunks").mkdir()
    whole, cut = Studio(tmp_path / "whole", clip(name)), Studio(tmp_path / "chunks", clip(name))
    whole.order = msgspec.structs.replace(whole.order, divided=False)
    assert len(pieces_of(cut.order)) > 3
    one, other = whole.make(), cut.make()
    assert [r.key for r in one.renditions] == [r.key for r in other.renditions]
    for rendition in other.renditions:
        if rendition.kind == "video":
            assert len(cut.frames(rendition.key)) == len(whole.frames(rendition.key))
            assert cut.similarity(rendition.key, whole.store.path(rendition.key)) > 0.9


@pytest.mark.parametrize("name", ["telecined", "telecined-unflagged"])
def test_chunks_of_telecined_film_drop_the_frames_that_the_whole_film_drops(
    clip: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    # GOPs of 30 pictures: half a second before them is in the middle of five frames.
    ladder = msgspec.structs.replace(LADDER, gop_seconds=1.25, segment_seconds=1.25)
    (tmp_path / "whole").mkdir()
    (tmp_path / "chunks").mkdir()
    whole = Studio(tmp_path / "whole", clip(name), ladder)
    cut = Studio(tmp_path / "chunks", clip(name), ladder)
    whole.order = msgspec.structs.replace(whole.order, divided=False)
    assert len(pieces_of(cut.order)) > 3
    one, other = whole.make().renditions[0], cut.make().renditions[0]
    assert len(cut.frames(other.key)) == len(whole.frames(one.key))
    assert cut.similarity(other.key, whole.store.path(one.key)) > 0.97


def test_a_disk_without_room_for_a_copy_leaves_the_film_in_one_piece(
    clip: Callable[[str], Path], tmp_path: Path
) -> None:
    studio = Studio(tmp_path, clip("ts"))
    assert studio.order.copy is not None
    narrow = msgspec.structs.replace(studio.workplace, disk_reserve=1 << 60)
    order = order_of(studio.order.plan, "film", narrow, Control(), source=studio.film)
    assert order.copy is None
    assert "no room" in order.notes[-1]
    assert [one.kind for one in pieces_of(order)].count("pictures") == 0


def test_each_codec_has_chunks_of_its_own(clip: Callable[[str], Path], tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "chunks").mkdir()
    whole = Studio(tmp_path / "whole", clip("plain"), MODERN)
    cut = Studio(tmp_path / "chunks", clip("plain"), MODERN)
    whole.order = msgspec.structs.replace(whole.order, divided=False)
    pieces = [piece for piece in pieces_of(cut.order) if piece.kind == "pictures"]
    codecs = [piece.codec for piece in pieces]
    assert list(dict.fromkeys(codecs)) == ["av1", "hevc", "h264"]
    assert codecs.count("av1") == codecs.count("hevc") == codecs.count("h264") > 3
    assert len({piece.folder for piece in pieces}) == len(pieces)
    one, other = whole.make(), cut.make()
    assert [r.key for r in one.renditions] == [r.key for r in other.renditions]
    assert one.notes == other.notes
    for rendition in other.renditions:
        if rendition.kind == "video":
            assert len(cut.frames(rendition.key)) == len(whole.frames(rendition.key))
            assert cut.similarity(rendition.key, whole.store.path(rendition.key)) > 0.9


def test_two_passes_come_to_the_rate_and_to_the_same_film_again(
    clip: Callable[[str], Path], tmp_path: Path
) -> None:
    digests = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        studio = Studio(tmp_path / name, clip("plain"), TWICE)
        made = studio.make()
        assert list(studio.workplace.scratch.iterdir()) == []
        assert all("passes" not in item.key for item in studio.store.list("out"))
        sizes = {
            one.name: len(studio.store.get(one.key))
            for one in made.renditions
            if one.kind == "video"
        }
        seconds = studio.order.plan.duration
        assert sizes["180p"] * 8 / seconds == pytest.approx(300_000, rel=0.15)
        digests.append(
            [hashlib.sha256(studio.store.get(one.key)).digest() for one in made.renditions]
        )
    assert digests[0] == digests[1]


def test_progress_goes_on_from_the_first_pass_to_the_second(
    clip: Callable[[str], Path], tmp_path: Path
) -> None:
    studio = Studio(tmp_path, clip("plain"), TWICE)
    told: list[Progress] = []
    piece = pieces_of(studio.order)[-1]
    make(studio.order, piece, studio.film, studio.workplace, Control(report=told.append))
    fractions = [one.fraction for one in told]
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] <= 0.25 < fractions[-1] <= 1
    assert not told[0].rungs
    assert {one.name for one in told[-1].rungs} == {"180p", "90p"}


def test_one_process_makes_the_same_film_as_a_crew(
    clip: Callable[[str], Path], tmp_path: Path
) -> None:
    (tmp_path / "crew").mkdir()
    (tmp_path / "alone").mkdir()
    crew, alone = (
        Studio(tmp_path / "crew", clip("plain")),
        Studio(tmp_path / "alone", clip("plain")),
    )
    one = crew.make()
    told: list[Progress] = []
    workplace = msgspec.structs.replace(alone.workplace, slots=2)
    other = encode(alone.order.plan, "film", workplace, Control(report=told.append))
    assert one.renditions == other.renditions
    for rendition in one.renditions:
        assert crew.store.get(rendition.key) == alone.store.get(rendition.key)
    assert list(alone.workplace.scratch.iterdir()) == []
    assert [item.key for item in alone.store.list("out/chunks")] == []
    assert told[-1].fraction == 1.0
    assert len(told[-1].chunks) == len(pieces_of(alone.order)) - 1


def test_the_order_of_making_does_not_matter(clip: Callable[[str], Path], tmp_path: Path) -> None:
    digests = []
    for backwards in (False, True):
        folder = tmp_path / str(backwards)
        folder.mkdir()
        studio = Studio(folder, clip("plain"))
        made = studio.make(backwards)
        digests.append(
            [hashlib.sha256(studio.store.get(one.key)).digest() for one in made.renditions]
        )
    assert digests[0] == digests[1]


@pytest.mark.parametrize("ladder", [LADDER, TWICE, MODERN], ids=["one", "two-passes", "codecs"])
def test_a_film_that_ends_before_it_says_is_joined_to_its_end(
    clip: Callable[[str], Path], tmp_path: Path, ladder: Ladder
) -> None:
    studio = Studio(tmp_path, clip("plain"), ladder)
    longer = msgspec.structs.replace(studio.order.plan, duration=studio.order.plan.duration + 3)
    studio.order = msgspec.structs.replace(studio.order, plan=longer)
    pieces = pieces_of(studio.order)
    made = [make(studio.order, one, studio.film, studio.workplace, Control()) for one in pieces]
    assert sum(not any(one.frames.values()) for one in made[1:]) >= 2
    joined = finished(studio.order, made, studio.workplace)
    assert len(studio.frames(joined.renditions[0].key)) == 100
    lengths = {len(studio.frames(one.key)) for one in joined.renditions if one.kind == "video"}
    assert lengths <= {50, 100}  # of a rung with half the rate


def test_a_killed_encoder_is_told_as_it_is(clip: Callable[[str], Path], tmp_path: Path) -> None:
    """It may not have said a word; and an error that came of itself would be walked for ever."""
    silent = tmp_path / "ffmpeg"
    silent.write_text("#!/bin/sh\nkill -9 $$\n")
    silent.chmod(0o755)
    studio = Studio(tmp_path, clip("plain"))
    crooked = msgspec.structs.replace(studio.toolchain, ffmpeg=silent)
    workplace = msgspec.structs.replace(studio.workplace, toolchain=crooked)
    with pytest.raises(ProcessError) as caught:
        make(studio.order, pieces_of(studio.order)[1], studio.film, workplace, Control())
    assert caught.value.__cause__ is None
