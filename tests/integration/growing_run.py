"""One arrival of a film in a process of its own, which tests may kill: STORE SOURCE LADDER."""

import sys
from pathlib import Path

from tests.integration.arrivals import Arrival

if __name__ == "__main__":
    Arrival(Path(sys.argv[1]), Path(sys.argv[2]), ladder=sys.argv[3]).run()
