"""What a storage key may look like."""

from matinee.errors import InputError

MAX_KEY_LENGTH = 1024


def checked(key: str, *, prefix: bool = False) -> str:
    """Return *key* if it is a relative `/`-separated path without tricks.

    A prefix may also be empty, meaning the whole store.

    Raises:
        InputError: the key is empty, absolute, too long, or has an empty, `.` or `..` segment, a
            backslash or a control character.
    """
    if prefix and not key:
        return key
    segments = key.split("/")
    if (
        len(key) > MAX_KEY_LENGTH
        or any(segment in {"", ".", ".."} for segment in segments)
        or "\\" in key
        or any(ord(letter) < 32 or ord(letter) == 127 for letter in key)
    ):
        raise InputError(f"{key[:80]!r} is not a storage key.", code="bad-key")
    return key
