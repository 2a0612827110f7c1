import re
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.verify import streams

from matinee.errors import CancelledError, InputError, MatineeError, NotFoundError
from matinee.model.progress import Control
from matinee.verify import VerifyOptions, verify
from matinee.verify.reader import FolderReader


def test_a_folder_needs_a_manifest(tmp_path, check):
    with pytest.raises(NotFoundError, match="neither master"):
        check(tmp_path)
    with pytest.raises(NotFoundError, match="There is no"):
        check(tmp_path / "nothing")


@pytest.mark.parametrize("target", ["ftp://host/a.m3u8", "file:///etc/hosts", "concat://a"])
def test_other_schemes_are_refused(target, check):
    with pytest.raises(InputError, match="neither http nor https"):
        check(target)


def test_what_is_no_manifest_is_refused(tmp_path, check):
    (tmp_path / "film.mp4").write_bytes(b"\0" * 99)
    with pytest.raises(InputError, match="neither a playlist nor an MPD"):
        check(tmp_path / "film.mp4")


def test_one_manifest_alone_may_be_named(folder, check):
    report = check(folder / "manifest.mpd")
    assert report.passed
    assert report.checked["playlists"] == 1
    assert check(folder / "audio-en.m3u8").checked["tracks"] == 1


def test_a_manifest_is_known_by_its_content(folder, check):
    (folder / "manifest.mpd").rename(folder / "film")
    assert check(folder / "film").checked["tracks"] == 5


def test_quick_looks_at_the_ends(folder, check):
    report = check(folder, quick=True)
    assert report.passed
    assert report.checked["segments"] == 11  # two of each of five tracks, and the text whole


def test_progress_runs_to_one_and_cancelling_stops(folder):
    seen = []
    verify(
        str(folder), options=VerifyOptions(), toolchain=None, control=Control(report=seen.append)
    )
    assert seen[-1].fraction == 1.0
    assert all(one.stage == "verify" and 0 <= one.fraction <= 1 for one in seen)
    stop = threading.Event()
    stop.set()
    with pytest.raises(CancelledError):
        verify(
            str(folder),
            options=VerifyOptions(),
            toolchain=None,
            control=Control(cancelled=stop.is_set),
        )


def test_counts_are_bounded(folder, check):
    report = check(folder, playlists=1, segments=4)
    assert report.checked["playlists"] == 3  # the two manifests and one media playlist
    assert report.checked["segments"] < 15


def test_playlists_are_bounded_together(folder, check, monkeypatch):
    read = FolderReader.read

    def slowly(*given):
        time.sleep(0.02)  # so that all are read at once
        return read(*given)

    monkeypatch.setattr(FolderReader, "read", slowly)
    whole = sum(path.stat().st_size for path in folder.glob("*.m3u8"))
    report = check(folder / "master.m3u8", all_manifest_bytes=whole // 2)
    assert "hls.resolves" in {one.rule for one in report.findings}
    with pytest.raises(InputError, match="larger than"):
        check(folder / "master.m3u8", manifest_bytes=100)


def test_a_film_without_index_is_looked_for_only(folder, check):
    text = (folder / "manifest.mpd").read_text()
    text = re.sub(r"(?s)<SegmentBase .*?</SegmentBase>", "<SegmentBase/>", text)
    (folder / "manifest.mpd").write_text(text)
    assert check(folder / "manifest.mpd").passed
    (folder / "audio-en.mp4").unlink()
    found = {one.rule for one in check(folder / "manifest.mpd").findings}
    assert found == {"dash.resolves"}


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_damaged_streams_raise_only_typed_errors(tmp_path_factory, data):
    where = tmp_path_factory.mktemp("hostile")
    streams.build(where)
    files = sorted(path for path in where.rglob("*") if path.is_file())
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(files))
        content = bytearray(path.read_bytes())
        # Heads of files hold what is read; most of the rest is zeros.
        at = data.draw(st.integers(0, min(len(content), 1200) - 1))
        content[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
        path.write_bytes(content)
    try:
        report = verify(str(where), options=VerifyOptions(), toolchain=None, control=Control())
    except MatineeError:
        return
    assert report.checked["playlists"] > 0
