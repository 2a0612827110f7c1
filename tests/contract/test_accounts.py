from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select

from matinee.accounts.accounts import OPEN_CODES, Accounts, Principal
from matinee.database.tables import api_keys, sessions, sign_in_codes
from matinee.errors import DeniedError, InputError, NotFoundError, UpstreamError

GUESSES = ["", "mk_", "x", "mk_" + "A" * 43, "mk_" + "A" * 5000, "mk_" + "ö" * 43, "' OR 1=1 --",
           "A" * 43, "mk_\0", "\ud800"]  # fmt: skip


@pytest.fixture
def principal(accounts: Accounts) -> Principal:
    return accounts.authenticate(accounts.create_key("ops").secret)


def dump(engine: Engine) -> str:
    with engine.connect() as connection:
        tables = (api_keys, sessions, sign_in_codes)
        return "".join(str(connection.execute(select(one)).all()) for one in tables)


def test_a_key_says_who(accounts: Accounts) -> None:
    made = accounts.create_key(" Newsroom ")
    assert made.secret.startswith("mk_")
    principal = accounts.authenticate(made.secret)
    assert principal == Principal(id=made.key.id, name="Newsroom", role="admin")
    assert made.secret.endswith(made.key.hint)


@pytest.mark.parametrize("guess", GUESSES)
def test_guesses_are_denied(accounts: Accounts, principal: Principal, guess: str) -> None:
    for ask in (accounts.authenticate, accounts.session, accounts.redeem):
        with pytest.raises(DeniedError):
            ask(guess)
    accounts.close_session(guess)


def test_the_database_holds_no_secret(
    accounts: Accounts, principal: Principal, engine: Engine
) -> None:
    secrets = [
        accounts.create_key("x").secret,
        accounts.open_session(principal),
        accounts.create_code(principal).code,
    ]
    held = dump(engine)
    assert "ops" in held
    for secret in secrets:
        assert secret[3:] not in held


def test_a_revoked_key_ends_with_all_it_opened(accounts: Accounts, principal: Principal) -> None:
    made = accounts.create_key("leaving")
    leaver = accounts.authenticate(made.secret)
    token, code = accounts.open_session(leaver), accounts.create_code(leaver).code
    other = accounts.open_session(principal)
    accounts.revoke_key(made.key.id)
    accounts.revoke_key(made.key.id)
    for ask in (
        lambda: accounts.authenticate(made.secret),
        lambda: accounts.session(token),
        lambda: accounts.redeem(code),
        lambda: accounts.open_session(leaver),
        lambda: accounts.create_code(leaver),
    ):
        with pytest.raises(DeniedError):
            ask()
    assert accounts.session(other) == principal
    with pytest.raises(NotFoundError):
        accounts.revoke_key("nothing")


def test_keys_are_listed_with_their_use(accounts: Accounts, clock) -> None:
    first, second = accounts.create_key("a"), accounts.create_key("b", "viewer")
    clock.forward(hours=1)
    accounts.authenticate(second.secret)
    accounts.revoke_key(first.key.id)
    listed = accounts.list_keys()
    assert [(key.name, key.role) for key in listed] == [("a", "admin"), ("b", "viewer")]
    assert listed[0].revoked_at is not None
    assert (listed[0].last_used_at is None, listed[1].last_used_at is None) == (True, False)


def test_use_is_noted_once_a_minute(accounts: Accounts, clock) -> None:
    made = accounts.create_key("a")
    accounts.authenticate(made.secret)
    first = accounts.list_keys()[0].last_used_at
    clock.forward(seconds=30)
    accounts.authenticate(made.secret)
    assert accounts.list_keys()[0].last_used_at == first
    clock.forward(seconds=31)
    accounts.authenticate(made.secret)
    assert accounts.list_keys()[0].last_used_at != first


@pytest.mark.parametrize("name", ["", " ", "x" * 201, "a\nb", "a\0b"])
def test_names_of_keys(accounts: Accounts, name: str) -> None:
    with pytest.raises(InputError):
        accounts.create_key(name)


def test_roles_of_keys(accounts: Accounts) -> None:
    with pytest.raises(InputError):
        accounts.create_key("a", "god")  # type: ignore[arg-type] # what a request may hold


def test_a_session_lasts_twelve_hours_from_its_last_use(
    accounts: Accounts, principal: Principal, clock
) -> None:
    token = accounts.open_session(principal)
    for _ in range(3):
        clock.forward(hours=11)
        assert accounts.session(token) == principal
    clock.forward(hours=13)
    with pytest.raises(DeniedError) as raised:
        accounts.session(token)
    assert raised.value.code == "no-session"


def test_signing_out(accounts: Accounts, principal: Principal) -> None:
    token, other = accounts.open_session(principal), accounts.open_session(principal)
    accounts.close_session(token)
    accounts.close_session(token)
    with pytest.raises(DeniedError):
        accounts.session(token)
    assert accounts.session(other) == principal


def test_over_sessions_and_codes_are_removed(
    accounts: Accounts, principal: Principal, clock, engine: Engine
) -> None:
    accounts.open_session(principal)
    accounts.create_code(principal)
    clock.forward(days=1)
    accounts.open_session(principal)
    accounts.create_code(principal)
    with engine.connect() as connection:
        for table in (sessions, sign_in_codes):
            assert len(connection.execute(select(table)).all()) == 1


def test_a_code_works_once(accounts: Accounts, principal: Principal) -> None:
    code = accounts.create_code(principal)
    assert accounts.redeem(code.code) == principal
    with pytest.raises(DeniedError) as raised:
        accounts.redeem(code.code)
    assert raised.value.code == "bad-code"


def test_a_code_works_once_for_many_at_once(accounts: Accounts, principal: Principal) -> None:
    code = accounts.create_code(principal).code

    def redeem(_: int) -> bool:
        try:
            accounts.redeem(code)
        except DeniedError:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(redeem, range(12))) == 1


def test_a_code_lasts_five_minutes(accounts: Accounts, principal: Principal, clock) -> None:
    code = accounts.create_code(principal)
    late = accounts.create_code(principal)
    clock.forward(minutes=4, seconds=59)
    assert accounts.redeem(code.code) == principal
    clock.forward(seconds=2)
    with pytest.raises(DeniedError):
        accounts.redeem(late.code)


def test_codes_of_one_key_are_few(accounts: Accounts, principal: Principal) -> None:
    codes = [accounts.create_code(principal).code for _ in range(OPEN_CODES + 2)]
    for spent in codes[:2]:
        with pytest.raises(DeniedError):
            accounts.redeem(spent)
    for good in codes[2:]:
        assert accounts.redeem(good) == principal


def test_the_first_start_makes_the_admin_key(accounts: Accounts, tmp_path: Path) -> None:
    path = tmp_path / "data" / "admin.key"
    assert accounts.ensure_admin_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    key = path.read_text().strip()
    assert accounts.authenticate(key).role == "admin"
    assert not accounts.ensure_admin_key(path)
    assert path.read_text().strip() == key
    assert len(accounts.list_keys()) == 1
    assert list(path.parent.iterdir()) == [path]


def test_a_key_file_survives_a_lost_database(
    accounts: Accounts, tmp_path: Path, engine: Engine
) -> None:
    path = tmp_path / "admin.key"
    accounts.ensure_admin_key(path)
    key = path.read_text().strip()
    with engine.begin() as connection:
        connection.execute(delete(api_keys))
    path.chmod(0o644)
    assert not accounts.ensure_admin_key(path)
    assert accounts.authenticate(key).role == "admin"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_revoked_admin_key_is_replaced_not_revived(accounts: Accounts, tmp_path: Path) -> None:
    path = tmp_path / "admin.key"
    accounts.ensure_admin_key(path)
    old = path.read_text().strip()
    accounts.revoke_key(accounts.authenticate(old).id)
    assert accounts.ensure_admin_key(path)
    assert accounts.authenticate(path.read_text().strip()).role == "admin"
    with pytest.raises(DeniedError):
        accounts.authenticate(old)


def test_first_starts_at_once_agree(accounts: Accounts, tmp_path: Path) -> None:
    path = tmp_path / "admin.key"
    with ThreadPoolExecutor(6) as threads:
        made = list(threads.map(lambda _: accounts.ensure_admin_key(path), range(6)))
    assert sum(made) == 1
    assert accounts.authenticate(path.read_text().strip()).role == "admin"
    assert len(accounts.list_keys()) == 1


def test_a_key_file_that_is_none(accounts: Accounts, tmp_path: Path) -> None:
    path = tmp_path / "admin.key"
    path.write_bytes(b"\xff" * 10_000)
    with pytest.raises(InputError) as raised:
        accounts.ensure_admin_key(path)
    assert raised.value.code == "bad-key-file"
    with pytest.raises(UpstreamError):
        accounts.ensure_admin_key(tmp_path)
    assert accounts.list_keys() == ()
