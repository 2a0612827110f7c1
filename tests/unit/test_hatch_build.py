"""When the web pages are built again, and when not."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SOURCE = Path(__file__).parents[2] / "hatch_build.py"


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def root(tmp_path: Path) -> Path:
    web = tmp_path / "web"
    (web / "src").mkdir(parents=True)
    (web / "package.json").write_text("{}")
    (web / "src" / "main.ts").write_text("let a = 1;")
    (web / "node_modules" / "x").mkdir(parents=True)
    return tmp_path


def test_a_checkout_without_web_sources_is_named(build: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no web sources"):
        build.build_pages(tmp_path)


def test_the_digest_follows_sources_and_names_only(build: ModuleType, root: Path) -> None:
    before = build.source_digest(root)
    (root / "web" / "node_modules" / "x" / "y.js").write_text("installed")
    assert build.source_digest(root) == before
    (root / "web" / "src" / "main.ts").write_text("let a = 2;")
    changed = build.source_digest(root)
    assert changed != before
    (root / "web" / "src" / "main.ts").rename(root / "web" / "src" / "start.ts")
    assert build.source_digest(root) not in {before, changed}


def test_pages_that_are_up_to_date_are_left_alone(build: ModuleType, root: Path) -> None:
    built = root / build.BUILT
    built.mkdir(parents=True)
    (built / "index.html").write_text("built")
    (built / build.STAMP).write_text(build.source_digest(root))
    assert build.build_pages(root) is False
    assert (built / "index.html").read_text() == "built"


def test_a_failed_build_ends_with_its_reason(
    build: ModuleType, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "web" / "package-lock.json").write_text("not JSON")
    with pytest.raises(SystemExit, match="failed with exit code"):
        build.build_pages(root)
    assert not (root / build.BUILT / build.STAMP).exists()


def test_an_editable_install_builds_nothing(build: ModuleType, tmp_path: Path) -> None:
    hook = build.WebPagesHook(str(tmp_path), {}, None, None, str(tmp_path), "wheel")
    data: dict[str, list[str]] = {"artifacts": []}
    hook.initialize("editable", data)
    assert data == {"artifacts": []}
