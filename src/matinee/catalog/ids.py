"""Identifiers that sort by the time of their making: `01k9x4f7q2ncw8h3d`."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no i, l, o or u, which are misread."""
_TIME_DIGITS = 9
"""45 bits of milliseconds: enough until the year 3084."""
_RANDOM_BYTES = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def id_maker(
    clock: Callable[[], datetime], entropy: Callable[[int], bytes]
) -> Callable[[str], str]:
    """Return a maker of 17-character, lower-case, URL-safe ids; it ignores the kind.

    *entropy* gives as many random bytes as asked for, such as `secrets.token_bytes`. Forty random
    bits a millisecond: a thousand ids in one millisecond collide once in two million times.
    """

    def new_id(_kind: str) -> str:
        milliseconds = (clock() - _EPOCH) // timedelta(milliseconds=1)
        chance = int.from_bytes(entropy(_RANDOM_BYTES), "big")
        return _digits(milliseconds, _TIME_DIGITS) + _digits(chance, _RANDOM_BYTES * 8 // 5)

    return new_id


def _system_clock() -> datetime:
    return datetime.now(UTC)


new_id = id_maker(_system_clock, secrets.token_bytes)
"""The maker that a running platform uses."""


def _digits(number: int, count: int) -> str:
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(count)))
