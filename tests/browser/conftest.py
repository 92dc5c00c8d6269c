"""Headless Chromium for all browser tests, and one running app for those that leave it as they found it."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.server import RunningApp, running_app
from tests.pages.home import make_home

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --use-fake-device-for-media-stream"
)
MISSING = "chromium is not installed: NOTHING was tested in a browser (apt-get install chromium fonts-noto-cjk)"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium once."""
    if not CHROMIUM.exists():
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS.split())
        yield started
        started.close()


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[RunningApp]:
    """Start the app once, with a tiny model."""
    home = tmp_path_factory.mktemp("app")
    with running_app(home, make_home(home)) as started:
        yield started


@pytest.fixture
def save_picture(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Return a function that saves the whole page to the folder that `EODI_SCREENSHOTS` names, if it names one."""
    folder = os.environ.get("EODI_SCREENSHOTS", "")
    name = re.sub(r"[^\w-]+", "_", request.node.name.removeprefix("test_")).strip("_")

    def save(page: Page, moment: str = "") -> None:
        if not folder:
            return
        size = page.viewport_size or {"width": 1280, "height": 900}
        height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": max(size["height"], height)})
        page.wait_for_timeout(700)
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}{moment}.png")
        page.set_viewport_size(size)

    return save
