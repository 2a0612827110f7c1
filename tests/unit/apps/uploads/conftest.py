import asyncio
import base64
import hashlib
import secrets
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from matinee.accounts.accounts import Accounts
from matinee.apps.api.services import Services
from matinee.apps.uploads.tus import TusApp
from matinee.catalog.catalog import Catalog
from matinee.catalog.ids import id_maker
from matinee.database.engine import migrate, open_database
from matinee.storage.memory import MemoryStore

BASE = "/api/v1/uploads"


class Clock:
    def __init__(self):
        self.ahead = timedelta()

    def __call__(self):
        return datetime.now(UTC) + self.ahead


class Answer(msgspec.Struct):
    status: int
    headers: dict
    body: bytes

    @property
    def problem(self):
        return msgspec.json.decode(self.body)


class Tus:
    """A tus client that speaks ASGI, so that a body can break off anywhere."""

    def __init__(self, services, key):
        self.services = services
        self.key = key
        self.app = TusApp(services)

    def restart(self):
        """Lose all that the process knew."""
        self.app = TusApp(self.services)

    async def request(self, method, path, headers=None, pieces=(b"",), *, broken=False):
        """Send *pieces* as the body; a *broken* one ends with the connection's loss."""
        everything = {
            "host": "matinee.test",
            "tus-resumable": "1.0.0",
            "authorization": f"Bearer {self.key}",
        } | {name.lower(): value for name, value in (headers or {}).items()}
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "scheme": "http",
            "client": ("127.0.0.1", 5),
            "headers": [(n.encode(), v.encode()) for n, v in everything.items() if v is not None],
        }
        waiting = list(pieces)
        sent = []

        async def receive():
            await asyncio.sleep(0)
            if waiting:
                body = waiting.pop(0)
                return {"type": "http.request", "body": body, "more_body": bool(waiting) or broken}
            return {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)

        await self.app(scope, receive, send)
        start, *bodies = sent
        return Answer(
            start["status"],
            {name.decode(): value.decode() for name, value in start["headers"]},
            b"".join(one.get("body", b"") for one in bodies),
        )

    async def create(self, length, **headers):
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.request("POST", BASE, {"Upload-Length": str(length)} | more)

    async def patch(self, path, offset, *pieces, broken=False, **headers):
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.request(
            "PATCH",
            path,
            {
                "Content-Type": "application/offset+octet-stream",
                "Upload-Offset": str(offset),
            }
            | more,
            pieces or (b"",),
            broken=broken,
        )

    async def offset(self, path):
        answer = await self.request("HEAD", path)
        assert answer.status == 200, answer
        return int(answer.headers["upload-offset"])

    def file(self, path):
        return self.services.uploads_folder / path.rpartition("/")[2]


def checksum(data, algorithm="sha256"):
    digest = hashlib.new(algorithm, data).digest()
    return f"{algorithm} {base64.b64encode(digest).decode()}"


@pytest.fixture(name="checksum")
def checksum_of():
    return checksum


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tus")
    engine = open_database(f"sqlite:///{folder / 'catalog.sqlite'}")
    migrate(engine)
    clock = Clock()
    yield Services(
        catalog=Catalog(engine, clock, id_maker(clock, secrets.token_bytes)),
        accounts=Accounts(engine, clock, secrets.token_bytes),
        store=MemoryStore(),
        uploads_folder=folder / "uploads",
        version="1",
        max_upload_size=10_000_000,
        clock=clock,
    )
    engine.dispose()


@pytest.fixture(scope="module")
def module_tus(shared):
    return Tus(shared, shared.accounts.create_key("tests").secret)


@pytest.fixture
def tus(module_tus):
    yield module_tus
    module_tus.services.clock.ahead = timedelta()
