"""Secrets as we keep them: hashed. All have 256 random bits, so a plain SHA-256 cannot be undone.

Only something short that people choose would need a slow hash; nothing here is.
"""

import base64
import hashlib
import hmac
import re

KEY_PREFIX = "mk_"
SECRET_BYTES = 32
_KEY = re.compile(r"mk_[A-Za-z0-9_-]{43}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def url_safe(random_bytes: bytes) -> str:
    """Write *random_bytes* in letters, digits, `-` and `_`."""
    return base64.urlsafe_b64encode(random_bytes).decode().rstrip("=")


def digest(secret: str) -> str:
    """Return the SHA-256 of *secret* in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(secret: str, kept: str) -> bool:
    """Compare *secret* with the digest that was kept, in constant time."""
    return hmac.compare_digest(digest(secret), kept)


def is_key(text: str) -> bool:
    """Whether *text* has the form of an API key."""
    return _KEY.fullmatch(text) is not None


def is_token(text: str) -> bool:
    """Whether *text* has the form of a session token or sign-in code."""
    return _TOKEN.fullmatch(text) is not None
