"""`python -m benchmarks [--quick] [NAME...]`: measure, print, write docs/benchmarks.md."""

import importlib
import sys

from benchmarks.table import write

NAMES = (
    "whole_job",
    "packaging",
    "serve",
    "memory",
    "instant",
    "pertitle",
    "kills",
    "crew",
    "fair",
)


def main(arguments: list[str]) -> int:
    """Run the benchmarks named, or all; a quick run writes nothing."""
    quick = "--quick" in arguments
    names = [name for name in arguments if not name.startswith("-")] or list(NAMES)
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"There is no benchmark {unknown[0]}; there are: {', '.join(NAMES)}.")
        return 2
    for name in names:
        for table in importlib.import_module(f"benchmarks.{name}").measure(quick=quick):
            print(f"{table.text()}\n", flush=True)
            if not quick:
                write(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
