"""The tus client against a server that drops connections, forgets and restarts."""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from matinee.cli import uploading
from matinee.cli.client import Client
from matinee.errors import InputError, UpstreamError
from matinee.settings import Settings


class TusServer:
    """As much of tus 1.0.0 as the client uses, with faults on demand."""

    def __init__(self) -> None:
        self.files: dict[str, bytearray] = {}
        self.lengths: dict[str, int] = {}
        self.drops = 0
        self.after_drop: Callable[[bytearray, bytes], None] = lambda _file, _piece: None
        self.requests: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request.method)
        name = request.url.path.rpartition("/")[2]
        if request.method == "POST":
            made = f"upload{len(self.files)}"
            self.files[made] = bytearray()
            self.lengths[made] = int(request.headers["upload-length"])
            return httpx.Response(201, headers={"location": f"/api/v1/uploads/{made}"})
        if name not in self.files:
            return httpx.Response(404, json={})
        if request.method == "HEAD":
            return httpx.Response(200, headers={"upload-offset": str(len(self.files[name]))})
        piece = request.read()
        if self.drops:
            self.drops -= 1
            self.after_drop(self.files[name], piece)
            raise httpx.ReadError("gone", request=request)
        assert int(request.headers["upload-offset"]) == len(self.files[name])
        algorithm, _, digest = request.headers["upload-checksum"].partition(" ")
        assert base64.b64decode(digest) == hashlib.new(algorithm, piece).digest()
        self.files[name] += piece
        return httpx.Response(204, headers={"upload-offset": str(len(self.files[name]))})


@pytest.fixture
def server() -> TusServer:
    return TusServer()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path, cache=tmp_path / "cache", config=tmp_path / "config", api_key="mk_x",
        url="http://127.0.0.1:1",
    )  # fmt: skip


@pytest.fixture
def client(server: TusServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(uploading, "CHUNK", 1000)
    monkeypatch.setattr(uploading.time, "sleep", lambda _: None)
    client = Client(settings)
    client.http = httpx.Client(transport=httpx.MockTransport(server), base_url=client.url)
    return client


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "Ünïcode film.mp4"
    path.write_bytes(bytes(range(250)) * 17)
    return path


def told(_sent: int, _total: int) -> None: ...


def test_a_file_arrives_whole(
    client: Client, server: TusServer, settings: Settings, film: Path
) -> None:
    seen: list[int] = []
    upload_id = uploading.upload(client, settings, film, lambda sent, _: seen.append(sent))
    assert server.files[upload_id] == film.read_bytes()
    assert seen == [0, 1000, 2000, 3000, 4000, 4250]


@pytest.mark.parametrize("arrived", [0, 400, 1000])
def test_a_dropped_connection_goes_on_where_the_server_is(
    client: Client, server: TusServer, settings: Settings, film: Path, arrived: int
) -> None:
    server.drops = 2
    server.after_drop = lambda file, piece: file.extend(piece[:arrived])
    upload_id = uploading.upload(client, settings, film, told)
    assert server.files[upload_id] == film.read_bytes()


def test_a_server_that_stays_away_ends_it_and_the_next_run_resumes(
    client: Client, server: TusServer, settings: Settings, film: Path
) -> None:
    server.drops = uploading.ATTEMPTS
    server.after_drop = lambda file, piece: file.extend(piece[:500]) if not file else None
    with pytest.raises(UpstreamError):
        uploading.upload(client, settings, film, told)
    assert uploading.upload(client, settings, film, told) == "upload0"
    assert server.files["upload0"] == film.read_bytes()
    assert server.requests.count("POST") == 1


def test_an_upload_that_the_server_forgot_starts_again(
    client: Client, server: TusServer, settings: Settings, film: Path
) -> None:
    server.drops = uploading.ATTEMPTS
    with pytest.raises(UpstreamError):
        uploading.upload(client, settings, film, told)
    server.files.clear()
    upload_id = uploading.upload(client, settings, film, told)
    assert server.files[upload_id] == film.read_bytes()


def test_a_changed_file_is_another_upload(
    client: Client, server: TusServer, settings: Settings, film: Path
) -> None:
    server.drops = uploading.ATTEMPTS
    with pytest.raises(UpstreamError):
        uploading.upload(client, settings, film, told)
    film.write_bytes(b"another film")
    upload_id = uploading.upload(client, settings, film, told)
    assert server.files[upload_id] == b"another film"


def test_a_missing_file_is_named(client: Client, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.mp4"):
        uploading.upload(client, settings, tmp_path / "nothing.mp4", told)
