"""Who is asking: the values that the accounts room gives to the rest."""

from datetime import datetime
from typing import Literal

import msgspec

Role = Literal["admin", "operator", "viewer"]
"""Only `admin` is asked for today; the others are reserved."""
ROLES: tuple[Role, ...] = ("admin", "operator", "viewer")


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who has shown a key, or a session or code that a key stands behind."""

    id: str
    """The API key's id."""
    name: str
    role: Role


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """An API key as it may be shown: never the key itself."""

    id: str
    name: str
    role: Role
    hint: str
    """The key's last four characters, to tell keys apart."""
    created_at: datetime
    last_used_at: datetime | None = None
    """To the minute."""
    revoked_at: datetime | None = None


class NewApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key just made; `secret` is shown this once and never again."""

    key: ApiKey
    secret: str


class SignInCode(msgspec.Struct, frozen=True, kw_only=True):
    """A one-time code for a browser to sign in with."""

    code: str
    expires_at: datetime
