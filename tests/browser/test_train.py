"""A training with a real browser: the curve moves while it learns, a reload finds it again, a stop is obeyed."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.driving import choose, said, settle, visitor
from tests.browser.server import running_app
from tests.browser.test_identify import overflow_px
from tests.pages.home import ROOT, make_home

pytestmark = [pytest.mark.browser, pytest.mark.train]
JOB = ".st-key-job"
CURVE = f"{JOB} [data-testid=stVegaLiteChart]"
PATIENCE_MS = 120_000
FILL = "from tests.support.boxed_library import fill_boxed_library; fill_boxed_library(boxed=8, strangers=2)"


def make_boxed_home(home: Path) -> dict[str, str]:
    """Make a home whose library has photos with boxes."""
    home.mkdir()
    environment = make_home(home)
    own = {name: value for name, value in os.environ.items() if not name.startswith("EODI_")}
    subprocess.run([sys.executable, "-c", FILL], cwd=ROOT, env={**own, **environment}, check=True)
    return environment


def choose_a_small_detector(page: Page) -> None:
    """Choose what a few seconds are enough for: 64 pixels, random weights, no folds."""
    page.get_by_text("Detector", exact=True).click()
    page.get_by_text("It finds landmark parts").wait_for()
    settle(page)
    page.get_by_text("More choices").click()
    choose(page, ".st-key-detector-start input", "Random numbers")
    choose(page, ".st-key-detector-folds input", "2")
    for name, value in (("size", "64"), ("epochs", "60")):
        field = page.locator(f".st-key-detector-{name} input")
        field.fill(value)
        field.press("Enter")
        settle(page)


def epochs_shown(page: Page) -> int:
    found = re.search(r"Curves of fold 1, epochs: (\d+)", said(page))
    return int(found[1]) if found else 0


def test_a_curve_moves_while_it_learns_and_stops_when_asked(
    browser: Browser, tmp_path: Path, save_picture: Callable[..., None]
) -> None:
    home = tmp_path / "home"
    environment = make_boxed_home(home)
    with running_app(home, environment) as app, visitor(browser, 390, "dark") as page:
        page.goto(f"{app.url}/train?lang=en")
        page.wait_for_selector("[data-testid=stMain] h1")
        settle(page)
        choose_a_small_detector(page)
        save_picture(page, "-form")
        page.get_by_role("button", name="Start training").click()
        page.wait_for_selector(CURVE, timeout=PATIENCE_MS)
        address, first = page.url, epochs_shown(page)
        assert "job=" in address and first >= 1
        drawn = page.locator(CURVE).first.inner_html()
        page.wait_for_function(
            "first => Number((document.body.innerText.match(/Curves of fold 1, epochs: (\\d+)/) || [0, 0])[1]) > first",
            arg=first,
            timeout=PATIENCE_MS,
        )
        page.wait_for_timeout(500)
        assert page.locator(CURVE).first.inner_html() != drawn
        save_picture(page, "-live")
        page.reload()
        page.wait_for_selector(CURVE, timeout=PATIENCE_MS)
        assert page.url == address and epochs_shown(page) > first
        page.get_by_role("button", name="Stop").click()
        expect(page.get_by_text("The training was stopped")).to_be_visible(timeout=PATIENCE_MS)
        settle(page)
        expect(page.get_by_role("button", name="Go on")).to_be_visible()
        assert overflow_px(page) <= 0
        save_picture(page)
    assert list(home.glob("data/trainings/*/*/last.pt"))
