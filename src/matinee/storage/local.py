"""Objects as files below one folder: the embedded default."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from matinee.errors import NotFoundError, UpstreamError
from matinee.model.presentation import ByteRange
from matinee.storage.keys import checked
from matinee.storage.store import StoredObject

_PARTIAL = ".partial-"
"""Prefix of files that are still being written; they are no objects."""


class LocalStore:
    """An `ObjectStore` on a file system. Writes are atomic by rename within `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def path(self, key: str) -> Path:
        """Return where *key* lies, whether or not it exists."""
        return self.root / checked(key)

    def put(self, key: str, source: Path | bytes) -> None:
        """See `ObjectStore.put`. A path on the same file system is renamed, not copied."""
        target = self.path(key)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(source, Path):
                self._move(source, target)
            else:
                self._write(source, target)
        except OSError as error:
            raise UpstreamError(
                f"Could not store {key}: {error.strerror}.", fix=_fix(error)
            ) from error

    def _move(self, source: Path, target: Path) -> None:
        if not source.is_file():
            raise NotFoundError(f"There is no file {source.name} to store.")
        try:
            source.replace(target)
        except OSError:
            # Another file system: copy beside the target, then rename.
            partial = target.with_name(f"{_PARTIAL}{os.getpid()}-{target.name}")
            shutil.copyfile(source, partial)
            partial.replace(target)
            source.unlink()

    @staticmethod
    def _write(data: bytes, target: Path) -> None:
        handle, name = tempfile.mkstemp(prefix=_PARTIAL, dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.chmod(name, 0o644)  # noqa: PTH101  (mkstemp makes 0600; the origin may be nginx)
            os.replace(name, target)  # noqa: PTH105
        except BaseException:
            with suppress(OSError):
                os.unlink(name)  # noqa: PTH108
            raise

    def get(self, key: str, span: ByteRange | None = None) -> bytes:
        """See `ObjectStore.get`."""
        try:
            with self.path(key).open("rb") as file:
                if span is None:
                    return file.read()
                file.seek(span.offset)
                return file.read(span.length)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise NotFoundError(f"There is no object {key}.") from error
        except OSError as error:
            raise UpstreamError(f"Could not read {key}: {error.strerror}.") from error

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """See `ObjectStore.list`."""
        top = self.root / checked(prefix, prefix=True)
        if top.is_file():
            yield self._described(top)
        found = [
            Path(folder) / name
            for folder, _, names in os.walk(top)
            for name in names
            if not name.startswith(_PARTIAL)
        ]
        for path in sorted(found, key=lambda path: path.relative_to(self.root).as_posix()):
            with suppress(FileNotFoundError):  # deleted while we looked
                yield self._described(path)

    def _described(self, path: Path) -> StoredObject:
        facts = path.stat()
        return StoredObject(
            key=path.relative_to(self.root).as_posix(),
            size=facts.st_size,
            modified=facts.st_mtime,
        )

    def delete(self, prefix: str) -> None:
        """See `ObjectStore.delete`; folders left empty go too."""
        top = self.path(prefix)
        try:
            if top.is_dir() and not top.is_symlink():
                shutil.rmtree(top)
            else:
                top.unlink(missing_ok=True)
        except FileNotFoundError:
            pass
        except NotADirectoryError:
            return
        except OSError as error:
            raise UpstreamError(f"Could not delete {prefix}: {error.strerror}.") from error
        for folder in top.parents:
            if folder == self.root or not folder.is_relative_to(self.root):
                break
            try:
                folder.rmdir()
            except OSError:
                break

    def sweep(self, before: float) -> int:
        """Remove what a killed process left half written, if last touched *before* (Unix time).

        Returns how many files that were.
        """
        swept = 0
        for folder, _, names in os.walk(self.root):
            for name in names:
                path = Path(folder) / name
                with suppress(OSError):
                    if name.startswith(_PARTIAL) and path.stat().st_mtime < before:
                        path.unlink()
                        swept += 1
        return swept

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """See `ObjectStore.local`: the object's own file."""
        path = self.path(key)
        if not path.is_file():
            raise NotFoundError(f"There is no object {key}.")
        yield path


def _fix(error: OSError) -> str:
    if error.errno in {28, 122}:  # ENOSPC, EDQUOT
        return "Free some disk space, or choose another data folder with --data."
    return ""
