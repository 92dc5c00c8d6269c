"""The page of metrics in a real browser: a wrong cell leads to its photo, everything can be taken away, phones fit."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.db.photos import PhotoRepository
from core.db.ready import ready_database
from core.settings import REPOSITORY
from core.weights.folder import write_run
from core.weights.records import PREDICTIONS_FILE, write_predictions
from tests.browser.driving import settle, visitor
from tests.browser.server import RunningApp, running_app
from tests.browser.test_identify import overflow_px
from tests.pages.home import make_home
from tests.support.boxed_run import EPOCHS, write_boxed_run
from tests.support.hand_worked import hand_manifest, hand_table
from tests.support.records import photo_record

pytestmark = pytest.mark.browser
WRONG = f"{2:064x}"  # the photo of 오설록 that was called 천지연


@pytest.fixture(scope="module")
def metrics_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """An app with a classifier's and two detectors' runs, and the photo of one error in its library."""
    home = tmp_path_factory.mktemp("metrics")
    environment = make_home(home)
    table = write_predictions(hand_table())
    write_run(home / "weights", hand_manifest(), {PREDICTIONS_FILE: table, "epochs.csv": EPOCHS})
    write_boxed_run(home / "weights")
    write_boxed_run(home / "weights", "other")
    with running_app(home, environment) as started:
        database = ready_database(f"sqlite:///{home / 'data' / 'eodi.sqlite3'}", REPOSITORY / "data" / "catalogue")
        PhotoRepository(database).add(photo_record(2, place_slug="osulloc"))
        yield started


def open_metrics(page: Page, app: RunningApp, address: str) -> None:
    page.goto(f"{app.url}/metrics?{address}")
    page.wait_for_selector("h1")
    settle(page)


def confusion_cell(page: Page, row: int, across: float) -> None:
    """Click a cell of the table of confusion, by its row from 0 and its place across the table."""
    table = page.locator("[data-testid=stDataFrame]").nth(1)
    table.scroll_into_view_if_needed()
    settle(page)
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * across, box["y"] + 35 * (row + 1) + 17)


def test_a_wrong_cell_opens_its_photos_and_each_opens_in_review(browser: Browser, metrics_app: RunningApp) -> None:
    with visitor(browser) as page:
        open_metrics(page, metrics_app, "run=hand&lang=en")
        confusion_cell(page, 0, 0.62)
        expect(page.get_by_text("True: Osulloc Tea Museum. Answer: Cheonjiyeon Falls. 1 photo")).to_be_visible()
        page.get_by_role("link", name="Open the photo").first.click()
        page.wait_for_url(f"**/photos?*photo={WRONG}*")


def test_charts_and_the_report_can_be_taken_away(browser: Browser, metrics_app: RunningApp, tmp_path: Path) -> None:
    with visitor(browser) as page:
        open_metrics(page, metrics_app, "run=boxed&lang=ko")
        for label, name, begins in (
            ("CSV", "boxed-precision-recall.csv", b"\xef\xbb\xbf"),
            ("PNG", "boxed-precision-recall.png", b"\x89PNG"),
            ("보고서 받기 (HTML)", "boxed.html", b"<!doctype html>"),
        ):
            with page.expect_download() as taken:
                page.get_by_role("button").filter(has_text=label).last.click()
            assert taken.value.suggested_filename == name
            taken.value.save_as(tmp_path / name)
            assert (tmp_path / name).read_bytes().startswith(begins)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_nothing_is_wider_than_a_phone(browser: Browser, metrics_app: RunningApp, language: str) -> None:
    with visitor(browser, width=390) as page:
        for address in ("", "run=hand&", "run=boxed&", "compare=boxed,other&"):
            open_metrics(page, metrics_app, f"{address}lang={language}")
            assert overflow_px(page) == 0, address
