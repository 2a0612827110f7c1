"""Where a stream's bytes come from: here a folder, in `web` HTTP. Addresses are opaque to rules."""

from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import msgspec

from matinee.errors import InputError, NotFoundError, UpstreamError
from matinee.model.presentation import ByteRange


class Body(msgspec.Struct, frozen=True):
    """What came: the bytes, the whole object's size where known, and its media type if any."""

    data: bytes
    size: int | None = None
    media_type: str | None = None
    range_ignored: bool = False
    """The server sent the whole object where a range was asked for."""


class Reader(Protocol):
    """Reads objects by address.

    Methods raise `NotFoundError` for what is not there, `InputError` for addresses that may not
    be read and objects beyond *limit*, `UpstreamError` where the source fails.
    """

    remote: bool

    def resolve(self, base: str, reference: str) -> str:
        """Return the address of *reference* as it stands in the document at *base*."""
        ...

    def read(self, address: str, span: ByteRange | None, limit: int) -> Body:
        """Return the bytes at *address*, or those of *span*, at most *limit*."""
        ...

    def close(self) -> None:
        """Give back what the reader holds."""
        ...


class FolderReader:
    """Files in and below one folder, and no others."""

    remote = False

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def resolve(self, base: str, reference: str) -> str:
        """Return the path of *reference* within the folder.

        Raises:
            InputError: it has a scheme or a host, or leads out of the folder.
        """
        parts = urlsplit(reference)
        if parts.scheme or parts.netloc:
            raise InputError(f"{reference[:200]} is not in the folder")
        folder = base.rpartition("/")[0]
        path = unquote(parts.path)
        joined: list[str] = []
        for step in (*(folder.split("/") if not path.startswith("/") else ()), *path.split("/")):
            if step == "..":
                if not joined:
                    raise InputError(f"{reference[:200]} leads out of the folder")
                joined.pop()
            elif step not in {"", "."}:
                joined.append(step)
        # A base that ends in a slash is a folder, and what follows goes into it.
        slash = "/" if joined and path.rpartition("/")[2] in {"", ".", ".."} else ""
        return "/".join(joined) + slash

    def read(self, address: str, span: ByteRange | None, limit: int) -> Body:
        """Return the file's bytes, or those of *span*.

        Raises:
            NotFoundError: there is no such file.
            InputError: a link out of the folder, or larger than *limit*.
            UpstreamError: the disk failed.
        """
        try:
            path = (self._root / address).resolve()
            if not path.is_relative_to(self._root):
                raise InputError(f"{address} leads out of the folder")
            with path.open("rb") as file:
                size = path.stat().st_size
                length = span.length if span else size
                if length > limit:
                    raise InputError(f"{address} is larger than {limit} bytes")
                file.seek(span.offset if span else 0)
                return Body(file.read(length), size)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError, ValueError):
            raise NotFoundError(f"there is no {address}") from None
        except OSError as error:
            raise UpstreamError(f"{address} cannot be read: {error.strerror}") from error

    def close(self) -> None:
        """Nothing is held."""
