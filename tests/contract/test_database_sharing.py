"""Several processes work on one database: nothing is lost and nobody is locked out."""

import subprocess
import sys
from pathlib import Path

from matinee.catalog.catalog import Catalog
from matinee.catalog.titles import NewTitle
from matinee.model.title import Source

PROGRAM = Path(__file__).with_name("database_sharer.py")
PROCESSES, ROUNDS = 3, 25


def test_processes_lose_no_update(catalog: Catalog, database_url: str) -> None:
    title = catalog.titles.create(NewTitle(name="Shared", source=Source(filename="a"))).title
    arguments = [sys.executable, str(PROGRAM), database_url, title.id, str(ROUNDS)]
    running = [
        subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]
    versions: list[int] = []
    for process in running:
        said, complained = process.communicate(timeout=120)
        assert process.returncode == 0, complained
        versions += [int(line) for line in said.split()]
    total = PROCESSES * ROUNDS
    assert sorted(versions) == list(range(1, total + 1))
    assert catalog.titles.next_version(title.id) == total + 1
    events = catalog.events.after(0, types=("test.round",), limit=1000)
    assert len(events) == total
    assert len(catalog.titles.page("Process", limit=200).items) == total
