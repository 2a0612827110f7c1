"""Broken and hostile files: each is refused with its code, soon, and opens nothing else."""

import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from matinee.errors import InputError, MediaError, NotFoundError
from matinee.ingest import glances
from matinee.ingest.ffprobe import describe
from matinee.ingest.probe import probe
from matinee.model.media import MediaInfo
from matinee.toolchain.tools import Toolchain

pytestmark = pytest.mark.integration

Clip = Callable[[str], Path]
LONGEST = 30.0  # seconds on a busy machine; each takes less than one on an idle one
REFUSED = {
    "truncated": "truncated",
    "truncated-no-moov": "truncated",
    "corrupted": "damaged",
    "empty": "empty-file",
    "text": "not-media",
    "random": "not-media",
    "image": "not-media",
    "subtitles-only": "nothing-to-play",
    "encrypted": "encrypted",
    "playlist": "playlist-refused",
    "playlist-m3u8": "playlist-refused",
    "concat": "playlist-refused",
    "concat-txt": "playlist-refused",
    "mpd": "playlist-refused",
    "sdp": "playlist-refused",
    "svg": "not-media",
    "external-data": "playlist-refused",
    "nested-boxes": "damaged",
    "box-past-end": "truncated",
    "huge-table": "damaged",
    "absurd-dimensions": "absurd-dimensions",
    "absurd-duration": "absurd-duration",
    "many-tracks": "too-many-tracks",
}


def refusal(path: Path, toolchain: Toolchain) -> MediaError:
    started = time.monotonic()
    with pytest.raises(MediaError) as caught:
        probe(path, toolchain)
    assert time.monotonic() - started < LONGEST
    assert caught.value.fix
    assert str(path.parent) not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(("name", "code"), REFUSED.items())
def test_refused(clip: Clip, toolchain: Toolchain, name: str, code: str) -> None:
    assert refusal(clip(name), toolchain).code == code


@pytest.mark.parametrize("name", ["mkv", "webm", "avi", "mxf", "moov-last", "fragmented", "mov"])
@pytest.mark.parametrize("share", [0.3, 0.6])
def test_every_container_cut_short(
    clip: Clip, toolchain: Toolchain, tmp_path: Path, name: str, share: float
) -> None:
    whole = clip(name).read_bytes()
    path = tmp_path / "cut"
    path.write_bytes(whole[: int(len(whole) * share)])
    assert refusal(path, toolchain).code == "truncated"


@pytest.mark.parametrize("name", ["mkv", "ts", "avi", "moov-last", "audio-m4a"])
def test_every_container_shot_through(
    clip: Clip, toolchain: Toolchain, tmp_path: Path, name: str
) -> None:
    data = bytearray(clip(name).read_bytes())
    for at in range(5000, len(data), 97):
        data[at] ^= 0xFF
    path = tmp_path / "shot"
    path.write_bytes(data)
    assert refusal(path, toolchain).code in {"damaged", "truncated"}


def renamed(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(data)
    return path


def test_archives_and_pages_by_another_name(tmp_path: Path, toolchain: Toolchain) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("film.mp4", bytes(50_000_000))
    for data in (
        bomb.read_bytes(),
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 65535, 65535) + bytes(500),
        b"<!DOCTYPE html><html><script>fetch('http://127.0.0.1/')</script></html>",
    ):
        assert refusal(renamed(tmp_path, data), toolchain).code == "not-media"


def patched(whole: bytes, name: bytes, offset: int, *numbers: int) -> bytes:
    data = bytearray(whole)
    struct.pack_into(f">{len(numbers)}I", data, data.index(name) + offset, *numbers)
    return bytes(data)


@pytest.mark.parametrize(
    "break_it",
    [
        # 10^9 samples of one byte each: a table that needs no bytes in the file.
        lambda data: patched(patched(data, b"stsz", 8, 1, 10**9), b"stts", 8, 1, 10**9, 512),
        lambda data: patched(data, b"stsz", 8, 0, 10**9),
        lambda data: patched(data, b"stts", 8, 10**9),
        lambda data: patched(data, b"stsc", 8, 10**9),
        lambda data: patched(data, b"avcC", 0, 0xFFFFFFFF),
        lambda data: patched(data, b"stsz", -4, 0x7FFFFFFF),
    ],
)
def test_tables_that_claim_a_thousand_million_samples(
    clip: Clip, toolchain: Toolchain, tmp_path: Path, break_it: Callable[[bytes], bytes]
) -> None:
    path = renamed(tmp_path, break_it(clip("moov-last").read_bytes()))
    assert refusal(path, toolchain).code in {"damaged", "truncated", "unsupported-codec"}


def test_chunk_table_longer_than_its_box_is_read_to_the_boxs_end(
    clip: Clip, toolchain: Toolchain, tmp_path: Path
) -> None:
    started = time.monotonic()
    whole = clip("moov-last").read_bytes()
    info = probe(renamed(tmp_path, patched(whole, b"stco", 8, 10**9)), toolchain)
    assert info.duration == pytest.approx(4.0, abs=0.1)
    assert time.monotonic() - started < LONGEST


def test_dimensions_of_the_header_are_not_believed(
    clip: Clip, toolchain: Toolchain, tmp_path: Path
) -> None:
    """What counts is what the pictures themselves say."""
    data = bytearray(clip("mov").read_bytes())
    struct.pack_into(">HH", data, data.index(b"apco") + 28, 60_000, 60_000)
    path = renamed(tmp_path, bytes(data))
    try:
        (video,) = probe(path, toolchain).video
    except MediaError as error:
        assert error.code in {"absurd-dimensions", "damaged"}  # noqa: PT017 - either way is right
    else:
        assert (video.width, video.height) == (640, 360)


def test_not_a_file(tmp_path: Path, toolchain: Toolchain) -> None:
    with pytest.raises(NotFoundError):
        probe(tmp_path / "absent.mp4", toolchain)
    with pytest.raises(InputError, match="not a file"):
        probe(tmp_path, toolchain)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(InputError, match="not a file"):
        probe(fifo, toolchain)


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """A loopback port, and the connections made to it."""
    seen: list[object] = []
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.1)
    stop = threading.Event()

    def accept() -> None:
        while not stop.is_set():
            try:
                connection, peer = server.accept()
            except TimeoutError:
                continue
            seen.append(peer)
            connection.close()

    thread = threading.Thread(target=accept)
    thread.start()
    yield server.getsockname()[1], seen
    stop.set()
    thread.join()
    server.close()


def lures(port: int, canary: Path) -> dict[str, bytes]:
    url = f"http://127.0.0.1:{port}/x.ts"
    hls = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}\n#EXTINF:1,\n{canary}\n"
    sdp = (
        f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/AVP 96"
    )
    mpd = (
        "<MPD xmlns='urn:mpeg:dash:schema:mpd:2011'>"
        f"<Period><BaseURL>{url}</BaseURL></Period></MPD>"
    )
    return {
        "hls": hls.encode(),
        "concat": f"ffconcat version 1.0\nfile '{canary}'\nfile '{url}'\n".encode(),
        "sdp": sdp.encode(),
        "mpd": mpd.encode(),
    }


@pytest.mark.parametrize("kind", ["hls", "concat", "sdp", "mpd"])
@pytest.mark.parametrize("container", ["mp4", "matroska", "mpegts", "avi", "mxf", "ogg", "mp3"])
def test_even_past_the_sniffer_nothing_else_is_opened(
    tmp_path: Path,
    toolchain: Toolchain,
    listener: tuple[int, list[object]],
    kind: str,
    container: str,
) -> None:
    """If the sniffer were fooled, the forced demuxer and the protocol list would still hold."""
    port, seen = listener
    canary = tmp_path / "canary.ts"
    canary.write_bytes(b"\x47" * 188 * 10)
    path = renamed(tmp_path, lures(port, canary)[kind])
    try:
        described = describe(path, container, toolchain)
    except MediaError:
        pass
    else:
        assert not any(one.codec_type == "video" for one in described.streams)
    assert seen == []


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace shows what is opened")
@pytest.mark.parametrize("name", ["external-data", "plain", "playlist", "concat"])
def test_system_calls_show_no_other_file(clip: Clip, tmp_path: Path, name: str) -> None:
    """Watch every child: only the film is opened of what is not the system's, and no socket."""
    log = tmp_path / "log"
    code = (
        "import sys\nfrom pathlib import Path\nfrom matinee.ingest.probe import probe\n"
        "from matinee.ingest import mp4\nfrom matinee.toolchain.tools import Toolchain\n"
        "from matinee.errors import MediaError\nmp4.inspect = lambda path, repair=False: ()\n"
        "try:\n    probe(Path(sys.argv[1]), Toolchain.find())\nexcept MediaError:\n    pass\n"
    )
    done = subprocess.run(
        ["strace", "-f", "-qq", "-o", str(log), "-e", "trace=openat,open,connect,execve",
         sys.executable, "-c", code, str(clip(name))],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    if "ptrace" in done.stderr.lower() or not log.exists():
        pytest.skip("strace may not be used here")
    assert done.returncode == 0, done.stderr
    calls = log.read_text()
    children = {
        pid for pid, program in re.findall(r'^(\d+) +execve\("([^"]+)"', calls, re.MULTILINE)
        if Path(program).name.startswith(("ffmpeg", "ffprobe"))
    }  # fmt: skip
    refused_by_sniffer = name in {"playlist", "concat"}
    assert bool(children) != refused_by_sniffer
    opened = re.findall(r'^(\d+) +open(?:at)?\((?:AT_FDCWD, )?"([^"]+)"', calls, re.MULTILINE)
    system = (
        "/proc/",
        "/sys/",
        "/lib",
        "/usr/",
        "/dev/",
        "/etc/ld.so",
        "/etc/localtime",
        "/etc/ssl",
    )
    others = {
        path for pid, path in opened
        if pid in children and path != str(clip(name)) and not path.startswith(system)
    }  # fmt: skip
    assert others == set()
    assert "/etc/hostname" not in {path for _, path in opened}
    assert not re.search(r"connect\(.*AF_INET", calls)


def test_a_glance_at_the_film_ends_with_its_refusal(
    clip: Clip, toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = probe(clip("plain"), toolchain)
    assert glances.glance(clip("plain"), info, toolchain, lambda: True) == ()
    deadline = time.monotonic() + LONGEST
    told = []

    def patient(
        _path: Path, _info: MediaInfo, _toolchain: Toolchain, cancelled: Callable[[], bool]
    ) -> tuple[glances.Glance, ...]:
        while not cancelled() and time.monotonic() < deadline:
            time.sleep(0.01)
        told.append(cancelled())
        return ()

    monkeypatch.setattr(glances, "glance", patient)
    with pytest.raises(MediaError):
        probe(clip("corrupted"), toolchain)
    assert told == [True]
