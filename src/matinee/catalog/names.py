"""What a title is called when nobody says."""

import re
from pathlib import PurePosixPath


def default_name(filename: str) -> str:
    """Return what to call a title of the file *filename*, until its own title tag is known."""
    stem = PurePosixPath(filename).stem
    return " ".join(re.sub(r"[._]+", " ", stem).split()) or "Untitled"
