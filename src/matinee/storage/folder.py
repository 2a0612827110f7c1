"""A whole folder of objects at once."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matinee.storage.local import LocalStore
from matinee.storage.store import ObjectStore


def below(folder: str, name: str) -> str:
    """Return the key of *name* in *folder*, where "" is the store's root."""
    return f"{folder}/{name}" if folder else name


@contextmanager
def local_folder(store: ObjectStore, folder: str, scratch: Path) -> Iterator[Path]:
    """Give all objects below *folder* as local files: the store's own, or copies in *scratch*."""
    if isinstance(store, LocalStore):
        yield store.path(folder) if folder else store.root
        return
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="folder-", dir=scratch) as name:
        for one in store.list(folder):
            target = Path(name) / one.key[len(folder) :].lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            with store.local(one.key) as path:
                path.replace(target)
        yield Path(name)
