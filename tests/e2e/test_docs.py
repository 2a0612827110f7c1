"""The commands of the how-to pages, run as a reader would run them."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.e2e.service import Platform

PAGES = Path(__file__).parents[2] / "docs" / "how-to"
_RUN = re.compile(r"^<!-- run -->\n```bash\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[str]:
    return _RUN.findall((PAGES / page).read_text())


def run(script: str, folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"


def environment_of(folder: Path) -> dict[str, str]:
    """A shell with `matinee` on its path and a home of its own."""
    home = folder / "home"
    home.mkdir()
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
    }


@pytest.mark.timeout(600)
def test_publish_page(platform: Platform, clip: Callable[[str], Path], tmp_path: Path) -> None:
    environment = environment_of(tmp_path)
    environment |= {"MATINEE_URL": platform.url, "MATINEE_API_KEY": platform.key}
    shutil.copy(clip("plain"), tmp_path / "film.mp4")
    scripts = blocks("publish.md")
    assert len(scripts) == 4
    for script in scripts:
        run(script, tmp_path, environment)


@pytest.mark.timeout(600)
def test_package_and_verify_pages(clip: Callable[[str], Path], tmp_path: Path) -> None:
    environment = environment_of(tmp_path)
    shutil.copy(clip("plain"), tmp_path / "film.mp4")
    scripts = blocks("package.md") + blocks("verify.md")
    assert len(scripts) == 4
    for script in scripts:
        run(script, tmp_path, environment)
