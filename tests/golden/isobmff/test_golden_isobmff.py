"""Every box of the track files made of a film built by hand; `--update-golden` writes them anew."""

from pathlib import Path

import pytest
from tests.unit.formats.isobmff.movies import movie, picture_track, sound_track

from matinee.formats.isobmff import box
from matinee.model.progress import Control
from matinee.model.rendition import Rendition
from matinee.packager import PackageRequest, package
from matinee.storage.local import LocalStore

CONTAINERS = {"moov", "trak", "edts", "mdia", "minf", "dinf", "stbl", "mvex", "moof", "traf"}
FIELDS_BEFORE_BOXES = {"stsd": 8, "dref": 8, "avc1": 78, "mp4a": 28}
HERE = Path(__file__).parent


def dump(data: bytes, start: int, end: int, depth: int = 0) -> list[str]:
    """A line a box: its type, size, and bytes where no boxes follow."""
    lines = []
    for one in box.boxes(memoryview(data), start, end):
        before = FIELDS_BEFORE_BOXES.get(one.type, 0)
        inner = one.type in CONTAINERS or before
        shown = data[one.body : one.body + before] if inner else data[one.body : one.end]
        label = f"{'  ' * depth}{one.type} {one.end - one.start}"
        lines.append(f"{label} {shown.hex(' ', -4)}".rstrip())
        if inner:
            lines += dump(data, one.body + before, one.end, depth + 1)
    return lines


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("golden")
    store = LocalStore(root)
    pictures, sound = picture_track(), sound_track()
    pictures.timescale, pictures.edits = 8, [(1000, 1)]  # slow: long enough for two segments
    sound.timescale = 12000
    store.put("film.mp4", movie(pictures, sound))
    renditions = (
        Rendition(key="film.mp4", kind="video", name="360p"),
        Rendition(key="film.mp4", kind="audio", name="stereo", language="en-GB"),
    )
    request = PackageRequest(
        presentation_id="film", version=1, renditions=renditions, segment_seconds=0.5
    )
    package(request, store, root / "scratch", Control())
    return root


@pytest.mark.parametrize("name", ["video-h264-360p", "audio-en-GB-stereo", "trick-360p"])
def test_boxes(name: str, folder: Path, update_golden: bool) -> None:
    data = (folder / f"{name}.mp4").read_bytes()
    lines = "\n".join(dump(data, 0, len(data))) + "\n"
    expected = HERE / f"{name}.txt"
    if update_golden:
        expected.write_text(lines)
    assert lines == expected.read_text()
