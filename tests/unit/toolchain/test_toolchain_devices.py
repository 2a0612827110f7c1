"""Devices, in a folder that stands for `/dev`."""

import os
from pathlib import Path

import pytest

from matinee.toolchain.devices import Devices, find_devices


def test_cards_and_render_nodes_are_found(tmp_path: Path) -> None:
    (tmp_path / "dri").mkdir()
    for name in ("nvidia0", "nvidiactl", "nvidia-uvm", "dri/card0", "dri/renderD128"):
        (tmp_path / name).touch()
    found = find_devices(tmp_path)
    assert [path.name for path in found.nvidia] == ["nvidia0"]
    assert [path.name for path in found.render] == ["renderD128"]
    assert found
    assert found.lack == ""


def test_there_may_be_none(tmp_path: Path) -> None:
    found = find_devices(tmp_path)
    assert not found
    assert found.lack == "no NVIDIA driver, no /dev/dri"


def test_a_device_of_another_group_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dri").mkdir()
    (tmp_path / "dri" / "renderD128").touch()
    monkeypatch.setattr(os, "access", lambda *_: False)
    found = find_devices(tmp_path)
    assert found == Devices(closed=(tmp_path / "dri" / "renderD128",))
    assert found.lack.endswith("renderD128 may not be opened by this user")
