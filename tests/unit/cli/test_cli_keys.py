from pathlib import Path

import pytest

from matinee.cli import keys
from matinee.errors import DeniedError
from matinee.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", config=tmp_path / "config")


def test_the_key_of_a_server_on_this_machine_is_found(settings: Settings) -> None:
    settings.data.mkdir()
    settings.key_file.write_text("mk_local\n")
    keys.remember(settings, "http://127.0.0.1:9000")
    elsewhere = Settings(
        data=settings.data / "none", config=settings.config, url="http://localhost:9000/"
    )
    assert keys.api_key(elsewhere) == "mk_local"


def test_a_given_key_goes_first(settings: Settings) -> None:
    given = Settings(data=settings.data, config=settings.config, api_key="mk_given")
    assert keys.api_key(given) == "mk_given"


def test_without_a_key_the_fix_is_told(settings: Settings) -> None:
    with pytest.raises(DeniedError, match="matinee up"):
        keys.api_key(settings)


def test_servers_are_remembered_beside_each_other(settings: Settings) -> None:
    keys.remember(settings, "http://127.0.0.1:1")
    keys.remember(settings, "http://127.0.0.1:2")
    assert set(keys.known_servers(settings)) == {"http://127.0.0.1:1", "http://127.0.0.1:2"}


def test_a_damaged_list_is_no_obstacle(settings: Settings) -> None:
    settings.config.mkdir()
    (settings.config / "servers.json").write_text("{")
    assert keys.known_servers(settings) == {}
    keys.remember(settings, "http://127.0.0.1:1")
    assert len(keys.known_servers(settings)) == 1
