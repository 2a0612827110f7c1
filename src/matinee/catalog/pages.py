"""Pages of a listing: items and an opaque cursor to the next ones (keyset pagination)."""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

import msgspec

from matinee.errors import InputError

MAXIMUM_LIMIT = 200
_MAXIMUM_CURSOR = 512
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Item = TypeVar("Item")


class Page(msgspec.Struct, Generic[Item], frozen=True, kw_only=True):
    """Some items of a listing; `next_cursor` None on the last page."""

    items: tuple[Item, ...]
    next_cursor: str | None = None


class Position(msgspec.Struct, frozen=True, array_like=True):
    """After which row a page begins. `listing` says of which listing, so none is mistaken."""

    listing: str
    key: int | float
    """Microseconds since 1970, or a search rank."""
    id: str

    @property
    def at(self) -> datetime:
        """The key as a time.

        Raises:
            InputError: it is not one.
        """
        if isinstance(self.key, float):
            raise bad_cursor()
        try:
            return _EPOCH + timedelta(microseconds=self.key)
        except OverflowError as error:
            raise bad_cursor() from error


def listing_of(kind: str, *filters: str | None) -> str:
    """Return a short name for the listing *kind* under *filters*."""
    # repr, for it writes any string in characters that can be encoded.
    digest = hashlib.sha256(repr((kind, *filters)).encode("ascii", "backslashreplace"))
    return digest.hexdigest()[:12]


def microseconds(at: datetime) -> int:
    """Return *at* as a whole number for a cursor; exact, which floats are not."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def cursor_of(position: Position) -> str:
    """Write *position* as an opaque URL-safe string."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def position_of(cursor: str | None, listing: str) -> Position | None:
    """Read a cursor that `cursor_of` wrote for the same *listing*; None stays None.

    Raises:
        InputError: `bad-cursor`, it is not such a cursor.
    """
    if cursor is None:
        return None
    if len(cursor) > _MAXIMUM_CURSOR:
        raise bad_cursor()
    try:
        raw = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        position = msgspec.json.decode(base64.b64decode(raw, b"-_", validate=True), type=Position)
    except (UnicodeEncodeError, binascii.Error, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise bad_cursor() from error
    if position.listing != listing or not position.id.isascii() or "\0" in position.id:
        raise bad_cursor()
    return position


def checked_limit(limit: int) -> int:
    """Return *limit* if a page may have so many items.

    Raises:
        InputError: it is not between 1 and MAXIMUM_LIMIT.
    """
    if not 1 <= limit <= MAXIMUM_LIMIT:
        raise InputError(
            f"A page cannot have {limit} items.",
            fix=f"Ask for 1 to {MAXIMUM_LIMIT}.",
            code="bad-limit",
        )
    return limit


def cut(items: Sequence[Item], positions: Sequence[Position], limit: int) -> Page[Item]:
    """Make a page of the first *limit* of *items*, of which one more was fetched if there is one.

    `positions[i]` is that of `items[i]`.
    """
    more = len(items) > limit
    return Page(
        items=tuple(items[:limit]), next_cursor=cursor_of(positions[limit - 1]) if more else None
    )


def bad_cursor() -> InputError:
    """Return the error for a cursor that we did not write, or wrote for another listing."""
    return InputError(
        "The cursor does not belong to this listing.",
        fix="Start again without a cursor.",
        code="bad-cursor",
    )
