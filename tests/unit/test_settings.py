import re
from pathlib import Path

import msgspec
import pytest

from matinee.errors import InputError
from matinee.settings import Settings, default_slots

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"


def test_every_setting_is_documented_and_nothing_else() -> None:
    documented = re.findall(r"^\| `MATINEE_(\w+)`", PAGE.read_text(), flags=re.MULTILINE)
    fields = [field.name.upper() for field in msgspec.structs.fields(Settings)]
    assert sorted(documented) == sorted(fields)


def test_the_environment_sets_fields() -> None:
    settings = Settings.from_env(
        {"MATINEE_PORT": "9000", "MATINEE_DATA": "/srv/m", "MATINEE_ALLOW_PRIVATE_SOURCES": "true"}
    )
    assert (settings.port, settings.data, settings.allow_private_sources) == (
        9000,
        Path("/srv/m"),
        True,
    )


def test_an_empty_variable_is_not_set() -> None:
    assert Settings.from_env({"MATINEE_PORT": ""}).port == 8080


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "http"), ("LOG_LEVEL", "loud"), ("ALLOW_PRIVATE_SOURCES", "maybe")]
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(InputError, match=f"MATINEE_{name}"):
        Settings.from_env({f"MATINEE_{name}": value})


def test_settings_survive_the_way_to_a_child_process() -> None:
    settings = Settings(data=Path("/srv/m"), port=1234, http_workers=3, allow_private_sources=True)
    assert Settings.from_env(settings.to_env()) == settings


def test_postgresql_holds_the_workflows_too() -> None:
    settings = Settings(data=Path("/srv/m"), database_url="postgresql+psycopg://m@db/m")
    assert settings.workflow_database == "postgresql+psycopg://m@db/m"
    assert Settings(data=Path("/srv/m")).workflow_database == "sqlite:////srv/m/workflows.db"


@pytest.mark.parametrize(
    ("processors", "gigabytes", "slots"),
    [(1, 1, 1), (2, 24, 2), (4, 16, 3), (16, 64, 11), (16, 8, 4)],
)
def test_pieces_at_a_time_go_by_processors_and_memory(
    monkeypatch: pytest.MonkeyPatch, processors: int, gigabytes: int, slots: int
) -> None:
    sizes = {"SC_PHYS_PAGES": gigabytes << 18, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(processors)))
    monkeypatch.setattr("os.sysconf", sizes.__getitem__)
    assert default_slots() == slots
    assert Settings(workers=4).slots == max(1, slots // 4)
