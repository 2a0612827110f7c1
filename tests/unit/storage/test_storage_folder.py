from pathlib import Path

import pytest

from matinee.storage.folder import below, local_folder
from matinee.storage.local import LocalStore
from matinee.storage.memory import MemoryStore


@pytest.mark.parametrize("kind", ["local", "memory"])
def test_a_folder_is_given_with_its_tree(kind: str, tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store") if kind == "local" else MemoryStore()
    store.put("t/v1/a.m3u8", b"a")
    store.put("t/v1/text/1.vtt", b"b")
    store.put("t/v10/a.m3u8", b"no")
    with local_folder(store, "t/v1", tmp_path / "scratch") as folder:
        names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
        assert names == ["a.m3u8", "text/1.vtt"]
        assert (folder / "text/1.vtt").read_bytes() == b"b"
    assert store.get("t/v1/a.m3u8") == b"a"


def test_below_the_root() -> None:
    assert below("", "a") == "a"
    assert below("t/v1", "a") == "t/v1/a"
