"""The browser, the players, and the platform itself."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from tests.e2e.browser import PlayerPage, launch, open_window
from tests.e2e.service import Platform
from tests.e2e.static import serve

HERE = Path(__file__).parent
LONGEST = ("test_make_run", "test_harness", "test_growing", "test_crew", "test_playback")
"""Files to begin with: two share the machine, and a long one at the end would run alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda one: LONGEST.index(one.path.stem) if one.path.stem in LONGEST else 99)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as one:
        yield one


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    one = launch(playwright)
    yield one
    one.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def harness() -> Iterator[str]:
    """URL of the page that holds the players."""
    folder = HERE / "players"
    assert (folder / "node_modules").is_dir(), "run `make test-environment` first"
    with serve(folder) as url:
        yield url


@pytest.fixture(scope="session")
def window(
    playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """An ordinary browser window, as viewers have."""
    one = open_window(playwright, tmp_path_factory.mktemp("profile"))
    yield one
    one.close()


@pytest.fixture
def player(window: BrowserContext, harness: str) -> Iterator[Callable[[str], PlayerPage]]:
    """`player("hls.js")` is that player on a page of its own."""
    opened = []

    def open_page(name: str) -> PlayerPage:
        opened.append(window.new_page())
        return PlayerPage(opened[-1], harness, name)

    yield open_page
    for page in opened:
        page.close()


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The running product, shared by all tests that do it no harm."""
    one = Platform(tmp_path_factory.mktemp("platform") / "data").start()
    yield one
    assert one.stop() == 0, one.words()
