"""The door of the accounts room: keys, sessions and sign-in codes in SQL, all hashed.

Every session and code belongs to an API key and ends with it: revoking the key signs out.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Engine, RowMapping, delete, insert, select, update

from matinee.accounts import key_file
from matinee.accounts.principals import ROLES, ApiKey, NewApiKey, Principal, Role, SignInCode
from matinee.accounts.secrets import (
    KEY_PREFIX,
    SECRET_BYTES,
    digest,
    is_key,
    is_token,
    matches,
    url_safe,
)
from matinee.database.tables import api_keys, sessions, sign_in_codes
from matinee.database.transactions import reading, writing
from matinee.errors import DeniedError, InputError, NotFoundError

__all__ = ["Accounts", "ApiKey", "NewApiKey", "Principal", "Role", "SignInCode"]

SESSION_LIFETIME = timedelta(hours=12)
"""From the last use."""
CODE_LIFETIME = timedelta(minutes=5)
OPEN_CODES = 5
"""Codes a key may have open; making one more spends the oldest."""
_STEP = timedelta(minutes=1)
"""Use is noted, and a session prolonged, at most so often: requests should not all write."""
_MAXIMUM_NAME = 200
_MAXIMUM_KEYS = 1000


class Accounts:
    """Who may use this Matinee. Methods block; call them from any thread or process."""

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], datetime],
        random_token: Callable[[int], bytes],
    ) -> None:
        """Stand on *engine*, already migrated.

        *random_token* gives that many random bytes, as `secrets.token_bytes` does.
        """
        self._engine = engine
        self._clock = clock
        self._random_token = random_token

    def ensure_admin_key(self, path: Path) -> bool:
        """Make sure that the file at *path* holds a working admin key; say whether one was made.

        The first start makes the key and writes the file with mode 0600. A key in the file that
        the database does not know, because the database is new, is registered again. A key that
        was revoked is replaced by a new one.

        Raises:
            InputError: the file holds something that is not a key.
            UpstreamError: the file or the database cannot be written.
        """
        with writing(self._engine) as connection:  # two first starts take turns here
            secret = key_file.read(path)
            row = None if secret is None else _key_row(connection, secret)
            if row is not None and row["revoked_at"] is None:
                return False
            made = secret is None or row is not None
            if made:
                secret = self._new_secret()
                # File first: if we die before the commit, the next start registers its key.
                key_file.write(path, secret)
            self._register(connection, "admin (made by the first start)", "admin", str(secret))
            return made

    def authenticate(self, key: str) -> Principal:
        """Return whose *key* this is.

        Raises:
            DeniedError: `unknown-key`; it is unknown, revoked or not a key.
        """
        if not is_key(key):
            raise _unknown_key()
        with reading(self._engine) as connection:
            row = _key_row(connection, key)
        if row is None or row["revoked_at"] is not None or not matches(key, row["hash"]):
            raise _unknown_key()
        self._note_use(row)
        return _principal_of(row)

    def create_key(self, name: str, role: Role = "admin") -> NewApiKey:
        """Make a key; its secret is in the answer and nowhere else.

        Raises:
            InputError: the name is empty or too long, or there is no such role.
        """
        name = name.strip()
        if not name or len(name) > _MAXIMUM_NAME or not name.isprintable():
            raise InputError(
                "The key's name is empty, too long or not printable.",
                fix=f"Give it a name of 1 to {_MAXIMUM_NAME} characters.",
                code="bad-key-name",
            )
        if role not in ROLES:
            raise InputError(
                "There is no such role.", fix=f"Use {', '.join(ROLES)}.", code="bad-role"
            )
        secret = self._new_secret()
        with writing(self._engine) as connection:
            return NewApiKey(key=self._register(connection, name, role, secret), secret=secret)

    def list_keys(self) -> tuple[ApiKey, ...]:
        """Return all keys, oldest first, the revoked ones too."""
        statement = (
            select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id).limit(_MAXIMUM_KEYS)
        )
        with reading(self._engine) as connection:
            return tuple(_key_of(row) for row in connection.execute(statement).mappings())

    def revoke_key(self, key_id: str) -> None:
        """End a key for ever, with its sessions and codes; again, nothing changes.

        Raises:
            NotFoundError: there is no such key.
        """
        with writing(self._engine) as connection:
            known = connection.execute(
                update(api_keys)
                .where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
                .values(revoked_at=self._now())
            ).rowcount
            if not known and not _exists(connection, key_id):
                raise NotFoundError("There is no such API key.", code="api-key-not-found")
            connection.execute(delete(sessions).where(sessions.c.key_id == key_id))
            connection.execute(delete(sign_in_codes).where(sign_in_codes.c.key_id == key_id))

    def open_session(self, principal: Principal) -> str:
        """Open a browser session and return its token, which lasts 12 hours from each use.

        Raises:
            DeniedError: the principal's key was revoked meanwhile.
        """
        token = self._new_token()
        now = self._now()
        with writing(self._engine) as connection:
            _require_key(connection, principal.id)
            connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
            connection.execute(
                insert(sessions).values(
                    hash=digest(token),
                    key_id=principal.id,
                    created_at=now,
                    expires_at=now + SESSION_LIFETIME,
                )
            )
        return token

    def session(self, token: str) -> Principal:
        """Return who is signed in with *token*, and let the session last 12 hours from now.

        Raises:
            DeniedError: `no-session`; it is unknown, over or closed.
        """
        if not is_token(token):
            raise _no_session()
        now = self._now()
        statement = (
            select(api_keys, sessions.c.hash.label("session_hash"), sessions.c.expires_at)
            .join(sessions, sessions.c.key_id == api_keys.c.id)
            .where(sessions.c.hash == digest(token), api_keys.c.revoked_at.is_(None))
        )
        with reading(self._engine) as connection:
            row = connection.execute(statement).mappings().one_or_none()
        if row is None or row["expires_at"] <= now or not matches(token, row["session_hash"]):
            raise _no_session()
        if now + SESSION_LIFETIME - row["expires_at"] > _STEP:
            with writing(self._engine) as connection:
                connection.execute(
                    update(sessions)
                    .where(sessions.c.hash == row["session_hash"])
                    .values(expires_at=now + SESSION_LIFETIME)
                )
        return _principal_of(row)

    def close_session(self, token: str) -> None:
        """Sign out; a token that is unknown is no error."""
        if is_token(token):
            with writing(self._engine) as connection:
                connection.execute(delete(sessions).where(sessions.c.hash == digest(token)))

    def create_code(self, principal: Principal) -> SignInCode:
        """Make a one-time code that signs *principal* in within 5 minutes.

        Raises:
            DeniedError: the principal's key was revoked meanwhile.
        """
        code = self._new_token()
        now = self._now()
        table = sign_in_codes.c
        with writing(self._engine) as connection:
            _require_key(connection, principal.id)
            connection.execute(delete(sign_in_codes).where(table.expires_at <= now))
            newest = (
                select(table.hash)
                .where(table.key_id == principal.id)
                .order_by(table.created_at.desc(), table.hash)
                .limit(OPEN_CODES - 1)
            )
            connection.execute(
                delete(sign_in_codes).where(
                    table.key_id == principal.id, table.hash.not_in(newest.scalar_subquery())
                )
            )
            connection.execute(
                insert(sign_in_codes).values(
                    hash=digest(code),
                    key_id=principal.id,
                    created_at=now,
                    expires_at=now + CODE_LIFETIME,
                )
            )
        return SignInCode(code=code, expires_at=now + CODE_LIFETIME)

    def redeem(self, code: str) -> Principal:
        """Spend a sign-in code and return whom it signs in. It works once, whoever is first.

        Guessing is hopeless (256 bits), so a wrong code costs one indexed read and no counter.

        Raises:
            DeniedError: `bad-code`; it is unknown, spent or over.
        """
        if not is_token(code):
            raise _bad_code()
        statement = (
            select(api_keys, sign_in_codes.c.expires_at)
            .join(sign_in_codes, sign_in_codes.c.key_id == api_keys.c.id)
            .where(sign_in_codes.c.hash == digest(code), api_keys.c.revoked_at.is_(None))
        )
        with reading(self._engine) as connection:
            row = connection.execute(statement).mappings().one_or_none()
        if row is None:
            raise _bad_code()
        with writing(self._engine) as connection:
            spent = connection.execute(
                delete(sign_in_codes).where(sign_in_codes.c.hash == digest(code))
            ).rowcount
        if not spent or row["expires_at"] <= self._now():
            raise _bad_code()
        return _principal_of(row)

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC)

    def _new_secret(self) -> str:
        return KEY_PREFIX + self._new_token()

    def _new_token(self) -> str:
        return url_safe(self._random_token(SECRET_BYTES))

    def _register(self, connection: Connection, name: str, role: Role, secret: str) -> ApiKey:
        key = ApiKey(
            id=digest(f"id:{secret}")[:16],
            name=name,
            role=role,
            hint=secret[-4:],
            created_at=self._now(),
        )
        row = {**msgspec.structs.asdict(key), "hash": digest(secret)}
        connection.execute(insert(api_keys).values(row))
        return key

    def _note_use(self, row: RowMapping) -> None:
        now, last = self._now(), row["last_used_at"]
        if last is None or now - last > _STEP:
            with writing(self._engine) as connection:
                connection.execute(
                    update(api_keys).where(api_keys.c.id == row["id"]).values(last_used_at=now)
                )


def _key_row(connection: Connection, secret: str) -> RowMapping | None:
    statement = select(api_keys).where(api_keys.c.hash == digest(secret))
    return connection.execute(statement).mappings().one_or_none()


def _exists(connection: Connection, key_id: str) -> bool:
    found = connection.execute(select(api_keys.c.id).where(api_keys.c.id == key_id)).first()
    return found is not None


def _require_key(connection: Connection, key_id: str) -> None:
    statement = select(api_keys.c.id).where(
        api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None)
    )
    if connection.execute(statement).first() is None:
        raise _unknown_key()


def _principal_of(row: RowMapping) -> Principal:
    return Principal(id=row["id"], name=row["name"], role=row["role"])


def _key_of(row: RowMapping) -> ApiKey:
    return ApiKey(**{field: row[field] for field in ApiKey.__struct_fields__})


def _unknown_key() -> DeniedError:
    return DeniedError(
        "The API key is unknown or was revoked.",
        fix="Send a valid key as Authorization: Bearer mk_...",
        code="unknown-key",
    )


def _no_session() -> DeniedError:
    return DeniedError(
        "You are not signed in, or not any more.", fix="Sign in again.", code="no-session"
    )


def _bad_code() -> DeniedError:
    return DeniedError(
        "The sign-in code is wrong, was used before or is over.",
        fix="Get a new one with `matinee console`.",
        code="bad-code",
    )
