"""Films that hardware is to make: by what is not there, by what works, by what works wrong.

There is no such hardware here. What is claimed to be there and is not, fails in ffmpeg itself;
for what works, the options of x264 stand in for the hardware's.
"""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from tests.integration.transcode import small

from matinee.catalog.catalog import Catalog
from matinee.catalog.titles import NewTitle
from matinee.database.engine import migrate, open_database
from matinee.errors import MediaError
from matinee.ingest.probe import probe
from matinee.model.progress import Control, Progress
from matinee.model.title import Source
from matinee.storage.local import LocalStore
from matinee.toolchain.tools import Toolchain
from matinee.transcode import chunks, making, video_arguments
from matinee.transcode.assignment import by_software, kind_of
from matinee.transcode.encode import Encoded, encode, order_of
from matinee.transcode.hardware import FORMS, Finding, HardwareEncoder, Kind, nothing_sought
from matinee.transcode.making import Workplace
from matinee.transcode.order import Order, pieces_of
from matinee.transcode.plan import VideoOutput, plan
from matinee.workflows.crew import Crew
from matinee.workflows.encoding import Commission, QueuedEncoding, encoded, software_of

pytestmark = pytest.mark.integration

LADDER = msgspec.structs.replace(small.LADDER, preset="veryfast")


@pytest.fixture(autouse=True)
def short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_SECONDS", 1)
    monkeypatch.setattr(chunks, "SHORT_CHUNK_SECONDS", 1)


def claim(kind: Kind) -> Finding:
    return Finding(
        encoders=tuple(
            HardwareEncoder(kind=kind, form=form, device="/dev/dri/renderD-of-no-machine")
            for form in FORMS
        )
    )


class Site:
    """A store with a film, and a workplace that has *finding*."""

    def __init__(self, folder: Path, film: Path, finding: Finding | None = None) -> None:
        folder.mkdir(exist_ok=True)
        self.toolchain = Toolchain.find()
        self.store = LocalStore(folder / "store")
        self.film = folder / "store" / "film"
        self.film.symlink_to(film)
        self.workplace = Workplace(
            store=self.store,
            folder="out",
            scratch=folder / "scratch",
            toolchain=self.toolchain,
            hardware=nothing_sought if finding is None else lambda: finding,
        )
        self.plan = plan(probe(film, self.toolchain), LADDER)

    def encode(self, control: Control | None = None) -> Encoded:
        return encode(self.plan, "film", self.workplace, control or Control())

    def order(self) -> Order:
        return order_of(self.plan, "film", self.workplace, Control(), source=self.film)


def same_films(one: Site, other: Site, made: Encoded) -> bool:
    return all(one.store.get(each.key) == other.store.get(each.key) for each in made.renditions)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("nvenc", "NVENC failed: "),
        ("qsv", "Quick Sync failed: No VA display found"),
        ("vaapi", "VAAPI failed: No VA display found"),
    ],
)
def test_hardware_that_is_not_there_leaves_the_film_to_software(
    clip: Callable[[str], Path], tmp_path: Path, kind: Kind, words: str
) -> None:
    claimed = Site(tmp_path / "claimed", clip("plain"), claim(kind))
    plain = Site(tmp_path / "plain", clip("plain"))
    order = claimed.order()
    assert kind_of(order.plan) == kind
    assert [piece.kind for piece in pieces_of(order)] == ["whole"]
    told: list[Progress] = []
    made, other = claimed.encode(Control(report=told.append)), plain.encode()
    assert "encoded by hardware" in made.notes[0]
    assert made.notes[1].startswith(f"The pictures are encoded by software after all: {words}")
    assert made.notes[1].endswith(".")
    assert other.notes == made.notes[2:]
    assert len(told[-1].chunks) > 2, "software works in chunks as ever"
    assert same_films(claimed, plain, made)
    assert list(claimed.workplace.scratch.iterdir()) == []


def test_a_film_without_an_index_is_cut_after_all(
    clip: Callable[[str], Path], tmp_path: Path
) -> None:
    claimed = Site(tmp_path / "claimed", clip("ts"), claim("nvenc"))
    plain = Site(tmp_path / "plain", clip("ts"))
    assert claimed.order().copy is None, "hardware takes it whole"
    told: list[Progress] = []
    made, other = claimed.encode(Control(report=told.append)), plain.encode()
    assert made.renditions == other.renditions
    assert len(told[-1].chunks) > 2
    assert same_films(claimed, plain, made)


def stand_in(monkeypatch: pytest.MonkeyPatch, spoil: Callable[[list[str]], list[str]]) -> None:
    """Let x264 play the hardware, its options spoilt."""

    def options(output: VideoOutput, _: object) -> list[str]:
        software = msgspec.structs.replace(output, hardware=None)
        return spoil(video_arguments.codec_options(software, 1))

    monkeypatch.setattr(video_arguments, "hardware_options", options)


def test_hardware_that_works_makes_the_film_in_one_piece(
    clip: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(monkeypatch, list)
    site = Site(tmp_path / "one", clip("plain"), claim("nvenc"))
    plain = Site(tmp_path / "plain", clip("plain"))
    whole = msgspec.structs.replace(plain.order(), divided=False)
    assert pieces_of(site.order()) == pieces_of(whole)
    made = site.encode()
    assert made.notes == ("The pictures are encoded by hardware (NVENC).",)
    assert made.renditions == plain.encode().renditions


def test_hardware_that_works_wrong_leaves_the_film_to_software(
    clip: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(monkeypatch, lambda told: ["250" if word == "12" else word for word in told])
    site = Site(tmp_path / "one", clip("plain"), claim("nvenc"))
    plain = Site(tmp_path / "plain", clip("plain"))
    video = site.plan.video
    assert video is not None
    assert video.outputs[0].gop_frames == 12
    made = site.encode()
    assert made.notes[1] == (
        "The pictures are encoded by software after all: NVENC made 180p wrong: "
        "no key frame at picture 12, where a GOP of 12 begins."
    )
    plain.encode()
    assert same_films(site, plain, made)


def test_a_broken_source_is_no_fault_of_the_hardware(
    clip: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(monkeypatch, list)
    whole = clip("plain").read_bytes()
    film = tmp_path / "broken.mp4"
    site = Site(tmp_path / "one", clip("plain"), claim("nvenc"))
    film.write_bytes(whole[: len(whole) // 3])  # what its index names is not there
    site.film.unlink()
    site.film.symlink_to(film)
    told: list[Progress] = []
    with pytest.raises(MediaError) as refused:
        site.encode(Control(report=told.append))
    assert refused.value.code == "damaged"
    assert not any(one.chunks for one in told), "software was not asked"


def crooked(site: Site, deed: str) -> None:
    """Let *deed* happen in place of every ffmpeg that is told to encode by hardware."""
    real = site.toolchain.ffmpeg
    script = site.film.parents[1] / "ffmpeg"
    script.write_text(f'#!/bin/sh\ncase "$*" in *_nvenc*) {deed} ;; esac\nexec {real} "$@"\n')
    script.chmod(0o755)
    toolchain = msgspec.structs.replace(site.toolchain, ffmpeg=script)
    site.workplace = msgspec.structs.replace(site.workplace, toolchain=toolchain)


LOST = "echo '[h264_nvenc @ 0x1] OpenEncodeSessionEx failed: out of memory (10)' >&2; exit 1"
INVALID = (
    "echo '[vost#0:0/h264_nvenc @ 0x1] Error submitting a frame to the encoder: "
    "Invalid data found when processing input' >&2; exit 1"
)
UNDECODABLE = (
    "echo '[vist#0:0/h264 @ 0x1] Error submitting packet to decoder: "
    "Invalid data found when processing input' >&2; exit 1"
)


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("kill -9 $$", "NVENC failed: ffmpeg was killed (status -9)."),
        ("sleep 60", "NVENC failed: ffmpeg stopped making progress."),
        (LOST, "NVENC failed: OpenEncodeSessionEx failed: out of memory (10)."),
        (INVALID, "NVENC failed: invalid data."),
    ],
)
def test_hardware_that_breaks_down_leaves_the_film_to_software(
    clip: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    deed: str,
    words: str,
) -> None:
    monkeypatch.setattr(making, "_STALL_SECONDS", 5.0 if deed.startswith("sleep") else 300.0)
    site = Site(tmp_path / "one", clip("tiny"), claim("nvenc"))
    crooked(site, deed)
    made = site.encode()
    assert made.notes[1] == f"The pictures are encoded by software after all: {words}"


def test_what_cannot_be_decoded_is_not_given_to_software(
    clip: Callable[[str], Path], tmp_path: Path
) -> None:
    site = Site(tmp_path / "one", clip("tiny"), claim("nvenc"))
    crooked(site, UNDECODABLE)
    with pytest.raises(MediaError) as refused:
        site.encode()
    assert refused.value.code == "damaged"


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    engine = open_database(f"sqlite:///{tmp_path / 'catalog.db'}")
    migrate(engine)
    numbers = itertools.count(1)
    yield Catalog(engine, lambda: datetime.now(UTC), lambda kind: f"{kind}-{next(numbers)}")
    engine.dispose()


@pytest.mark.parametrize(
    ("of_the_worker", "words"),
    [
        (claim("nvenc"), "NVENC failed: "),
        (Finding(nothing="no NVIDIA driver, no /dev/dri"), "The worker that took it has no such"),
    ],
)
def test_a_crew_without_the_hardware_makes_the_film_by_software(
    clip: Callable[[str], Path],
    tmp_path: Path,
    catalog: Catalog,
    of_the_worker: Finding,
    words: str,
) -> None:
    site = Site(tmp_path / "crew", clip("plain"), claim("nvenc"))
    plain = Site(tmp_path / "plain", clip("plain"))
    order = msgspec.structs.replace(site.order(), software=software_of(site.toolchain))
    title = catalog.titles.create(NewTitle(name="Film", source=Source(filename="f"))).title
    crew = Crew(
        "one", catalog.pieces, site.store, tmp_path / "hands", site.toolchain,
        lambda: of_the_worker,
    )  # fmt: skip
    crew.slots = 2
    crew.start()

    def run() -> Encoded:
        return encoded(
            Commission(title_id=title.id, order_key="out/order.json", order=order),
            QueuedEncoding(catalog.pieces, site.store, posted=crew.wake),
            site.workplace,
            Control(),
        )

    try:
        made = run()
        assert run() == made, "run again, it goes on with software"
    finally:
        assert crew.stop(10)
    assert made.notes[1].startswith(f"The pictures are encoded by software after all: {words}")
    refused = catalog.pieces.of("out/order.json")
    assert [(one.state, one.failures) for one in refused] == [("failed", 1)], "tried once"
    again = msgspec.json.decode(site.store.get("out/order.json.software"), type=Order)
    assert again.plan == by_software(order.plan)
    states = {one.state for one in catalog.pieces.of("out/order.json.software")}
    assert states == {"done"}
    plain.encode()
    assert same_films(site, plain, made)
