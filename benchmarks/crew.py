"""How the time of a publish goes with the number of workers that take chunks from one queue.

`python -m benchmarks.crew [--rounds N]`

Publishes one film on fresh platforms of 1, 2 and 4 worker processes, each with one slot, in turns.
The encode of one chunk keeps about one and a half processors busy: on two processors a second
worker has little to gain, and four are in each other's way. How the queue scales over machines is
not measured here.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.kills import film, publish
from benchmarks.process import machine
from benchmarks.table import Table, ratio

WORKERS = (1, 2, 4)
ROUNDS = 3
SECONDS = 150


@contextmanager
def one_slot() -> Iterator[None]:
    """Let each worker that is started meanwhile make one piece at a time."""
    os.environ["MATINEE_ENCODE_SLOTS"] = "1"
    try:
        yield
    finally:
        del os.environ["MATINEE_ENCODE_SLOTS"]


def table(rounds: int, seconds: int) -> Table:
    source = film(seconds)
    times: dict[int, list[float]] = {count: [] for count in WORKERS}
    same: set[tuple[str, ...]] = set()
    with one_slot(), tempfile.TemporaryDirectory(prefix="matinee-crew-") as top:
        for number in range(rounds):
            for count in WORKERS if number % 2 == 0 else reversed(WORKERS):
                done = publish(Path(top, f"{number}-{count}"), source, count, None)
                times[count].append(done.seconds)
                same.add(done.digests)
    one = statistics.median(times[1])
    return Table(
        name="crew",
        title=f"Publishing {seconds} s of film with several workers",
        columns=("workers", "wall s", "against one", "films"),
        rows=tuple(
            (str(count), f"{statistics.median(found):.1f}",
             ratio(statistics.median(found), one), "identical" if len(same) == 1 else "DIFFERENT")
            for count, found in times.items()
        ),
        note=(
            f"180p and 90p in chunks of about 30 s, one slot a worker; upload, probe, images, "
            f"packaging and verification, which are not shared out, count. Two processors, which "
            f"one worker nearly fills, show what more workers cost, not how they scale. "
            f"Median of {rounds} rounds; {machine()}."
        ),
    )  # fmt: skip


def measure(*, quick: bool = False) -> list[Table]:
    return [table(1 if quick else ROUNDS, 90 if quick else SECONDS)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    given = parser.parse_args()
    print(table(given.rounds, given.seconds).text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
