from pathlib import Path

import pytest

from matinee import wiring
from matinee.settings import Settings
from matinee.toolchain.tools import Toolchain
from matinee.transcode.hardware import Finding


def test_unpublished_films_are_private_even_in_an_open_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    wiring.prepare(Settings(data=tmp_path))
    assert {one.name: one.stat().st_mode & 0o777 for one in tmp_path.iterdir()} == {
        "scratch": 0o700,
        "uploads": 0o700,
    }


def test_a_new_data_folder_is_private(tmp_path: Path) -> None:
    wiring.prepare(Settings(data=tmp_path / "new"))
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_hardware_is_looked_for_when_it_is_asked_for_and_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    def found(_: Toolchain, scratch: Path) -> Finding:
        asked.append(scratch)
        return Finding(nothing="no NVIDIA driver, no /dev/dri")

    monkeypatch.setattr(wiring, "found_hardware", found)
    settings = Settings.from_env({"MATINEE_HARDWARE": "never"})
    tools = Toolchain(Path("a"), Path("b"))
    assert wiring.hardware(settings, tools, tmp_path)().nothing == "not looked for"
    hardware = wiring.hardware(Settings(), tools, tmp_path)
    assert asked == []
    assert hardware().nothing.startswith("no NVIDIA driver")
    assert asked == [tmp_path]
