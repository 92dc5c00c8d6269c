"""Bringing photos in with a real browser: a folder, a reload, a stop and going on; and from photos to an answer."""

import io
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.driving import give, open_start, said, settle, visitor
from tests.browser.server import RunningApp, running_app
from tests.browser.test_identify import overflow_px
from tests.pages.home import ROOT, make_home
from tests.pages.traces import table

pytestmark = pytest.mark.browser
INPUT = "[data-testid=stFileUploaderDropzoneInput]"
JOB = ".st-key-job"
TILE = ".tile:not(.leaving)"
SLOW_PHOTOS = 14
PER_CLASS = 6
JOB_MS, TRAIN_MS = 60_000, 240_000


def write_slow_folder(folder: Path) -> Path:
    """Write photos of 24 megapixels that no decoder can take a short cut with: a quarter of a second each."""
    (folder / "my photos" / "cave").mkdir(parents=True)
    for number in range(SLOW_PHOTOS):
        picture = Image.new("RGB", (6000, 4000), (number * 9, 90, 120))
        picture.paste((255, 255, 255), (number * 200, 0, number * 200 + 900, 4000))
        picture.save(folder / "my photos" / "cave" / f"{number} 사진.png", compress_level=1)
    (folder / "my photos" / "cave" / "letter.jpg").write_bytes(b"%PDF-1.7\n" + b"x" * 2000)
    return folder / "my photos"


def open_view(page: Page, app: RunningApp, view: str, language: str = "en") -> None:
    page.goto(f"{app.url}/photos?view={view}&lang={language}")
    page.wait_for_selector("[data-testid=stMain] h1")
    settle(page)


def test_an_import_outlives_a_reload_is_stopped_and_goes_on_to_its_report(
    browser: Browser, tmp_path: Path, save_picture: Callable[..., None]
) -> None:
    folder, home = write_slow_folder(tmp_path), tmp_path / "home"
    home.mkdir()
    with running_app(home, make_home(home)) as app, visitor(browser, 390, "dark") as page:
        open_view(page, app, "import")
        page.get_by_text("A folder", exact=True).click()
        page.wait_for_selector(".st-key-import-folder")
        page.set_input_files(f".st-key-import-folder {INPUT}", str(folder))
        page.wait_for_selector(".st-key-import-row-0", timeout=JOB_MS)
        settle(page)
        assert "cave" in said(page) and overflow_px(page) <= 0
        save_picture(page, "-plan")
        page.get_by_role("button", name=f"Bring in {SLOW_PHOTOS + 1} files").click()
        page.wait_for_selector(f"{JOB} [data-testid=stProgress]")
        address = page.url
        assert "job=" in address
        page.reload()
        page.get_by_role("button", name="Stop").click(timeout=JOB_MS)
        expect(page.get_by_text("Stopped.")).to_be_visible(timeout=JOB_MS)
        settle(page)
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_text("Review them")).to_be_visible(timeout=JOB_MS)
        settle(page)
        assert page.url == address and overflow_px(page) <= 0
        page.get_by_text("Why files were refused").click()
        expect(page.get_by_text("letter.jpg")).to_contain_text("PDF")
        save_picture(page)
    rows = table(home, "photos")
    assert len(rows) == SLOW_PHOTOS and {row["place_slug"] for row in rows} == {"cave"}
    assert {row["original_name"].split("/")[-1] for row in rows} == {f"{n} 사진.png" for n in range(SLOW_PHOTOS)}
    assert list((home / "data" / "jobs").glob("*/in")) == []


def real_zip(photos: Path) -> bytes:
    """Return a zip of a few real photos of two places, a folder for each."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for folder in ("halong_bay", "hochiminh_mausoleum"):
            for photo in sorted((photos / folder).iterdir())[:PER_CLASS]:
                archive.write(photo, f"{folder}/{photo.name}")
    return content.getvalue()


@pytest.mark.train
def test_photos_of_two_new_places_become_answers_from_the_pages_alone(
    browser: Browser, tmp_path: Path, real_photos: Path, save_picture: Callable[..., None]
) -> None:
    photos = real_photos / "vietnam5"
    weights = tmp_path / "weights"
    shutil.copytree(ROOT / "weights", weights)
    environment = {"EODI_DATA_DIR": str(tmp_path / "data"), "EODI_WEIGHTS_DIR": str(weights)}
    with running_app(tmp_path, environment) as app, visitor(browser) as page:
        open_view(page, app, "import")
        give(page, real_zip(photos), "vietnam.zip", "application/zip")
        page.wait_for_selector(".st-key-import-row-1")
        page.locator(".st-key-import-ko-0 input").fill("하롱베이")
        page.locator(".st-key-import-ko-0 input").press("Enter")
        settle(page)
        page.get_by_role("button", name=f"Bring in {2 * PER_CLASS} files").click()
        page.get_by_text("Review them").click(timeout=JOB_MS)
        accept_all(page, 2 * PER_CLASS)
        open_view(page, app, "snapshots")
        ready = f"Accepted photos: {2 * PER_CLASS}, places: 2, leaks: 0"
        expect(page.locator(".st-key-freeze")).to_contain_text(ready, timeout=JOB_MS)
        page.get_by_role("button", name="Freeze").click()
        page.get_by_role("button", name="Train on it").click()
        page.wait_for_selector(JOB)
        promote = page.get_by_role("button", name="Put it in service")
        promote.click(timeout=TRAIN_MS)
        expect(promote).to_have_count(0, timeout=JOB_MS)  # the words alone stand in the table of scores before, too
        expect(page.locator(JOB)).to_contain_text("In service", timeout=JOB_MS)
        save_picture(page)
        open_start(page, f"{app.url}/?lang=ko")
        give(page, sorted((photos / "halong_bay").iterdir())[PER_CLASS].read_bytes())
        expect(page.locator("h2")).to_have_count(1, timeout=JOB_MS)
        page.wait_for_selector("[data-testid=stVegaLiteChart] [aria-label]", timeout=JOB_MS)
        settle(page)
        assert "하롱베이" in said(page) and "hochiminh mausoleum" in chart_words(page)


def accept_all(page: Page, count: int) -> None:
    """Accept every photo that is to be reviewed, by keyboard."""
    expect(page.locator(TILE)).to_have_count(count, timeout=JOB_MS)
    settle(page)
    page.keyboard.press("Control+a")
    page.keyboard.press("a")
    expect(page.get_by_text(f"{count} accepted.")).to_be_visible(timeout=JOB_MS)
    settle(page)


def chart_words(page: Page) -> str:
    """Return what the chart of scores says to whoever does not see it."""
    words: str = page.evaluate(
        "[...document.querySelectorAll('[data-testid=stVegaLiteChart]')]"
        ".map(c => c.getAttribute('aria-label') || c.innerHTML).join(' ')"
    )
    return words
