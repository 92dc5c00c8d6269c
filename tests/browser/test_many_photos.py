"""Many photos in a real browser: answered one at a time into a table, taken away as CSV, or handed to a job."""

import io
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from core.dataset.csv_cells import BOM, read_csv
from core.domain.place import Language
from core.messages import translator
from tests.browser.driving import give_many, open_start, said, settle, visitor
from tests.browser.server import RunningApp, running_app
from tests.browser.test_identify import leaves_its_column, overflow_px
from tests.pages.home import GREEN, GREY, RED, coloured_jpeg, make_home, position_exif
from tests.pages.traces import files, table

pytestmark = pytest.mark.browser
PROGRESS = "[data-testid=stProgress]"
ROWS = "[class*=st-key-row-]"
FORMULA = "=1+1 ![](http://x.example).jpg"
LONG = "IMG_20261104_183210_a_rather_long_name_from_a_phone.jpg"
NAMES = ("제주 여행 001.jpg", FORMULA, "letter.jpg", LONG, *(f"photo {number}.jpg" for number in range(5, 18)))


def seventeen() -> dict[str, bytes]:
    contents = dict.fromkeys(NAMES, coloured_jpeg(GREY, (160, 120)))
    contents[NAMES[0]] = coloured_jpeg(RED, exif=position_exif(33.3064, 126.2905))
    contents[NAMES[2]] = b"%PDF-1.7\n" + b"x" * 3000
    contents[LONG] = coloured_jpeg(GREEN, exif=position_exif(33.3064, 126.2905))
    return contents


def downloaded(page: Page) -> bytes:
    with page.expect_download() as download:
        page.locator("[data-testid=stDownloadButton] button").click()
    assert download.value.suggested_filename == "eodi.csv"
    return Path(download.value.path()).read_bytes()


def slow_png() -> bytes:
    """Return a photo of 24 megapixels that no decoder can take a short cut with: a quarter of a second."""
    content = io.BytesIO()
    Image.new("RGB", (6000, 4000), RED).save(content, "PNG", compress_level=1)
    return content.getvalue()


@pytest.mark.parametrize(("language", "width", "scheme"), [("ko", 1280, "light"), ("en", 390, "dark")])
def test_seventeen_photos_one_of_them_broken_are_answered_in_a_table_with_a_csv(
    browser: Browser, app: RunningApp, save_picture: Callable[..., None], language: Language, width: int, scheme: str
) -> None:
    t = translator(language)
    with visitor(browser, width, scheme) as page:
        open_start(page, f"{app.url}/?lang={language}")
        give_many(page, seventeen())
        expect(page.locator(ROWS)).to_have_count(17)
        expect(page.locator("h2")).to_have_count(1)
        settle(page)
        assert page.locator(f"{ROWS} img").count() == 16
        assert page.locator("[data-testid=stAlert], [data-testid=stProgress]").count() == 0
        seen = said(page)
        for words in (NAMES[0], FORMULA, LONG, "PDF", t("many.agrees"), t("many.disagrees")):
            assert words in seen.replace("\u2060", "")
        assert overflow_px(page) <= 0
        assert leaves_its_column(page) == []
        save_picture(page)
        page.locator(ROWS).nth(3).get_by_text(t("many.show"), exact=True).click()
        expect(page.locator("h2")).to_have_text("만장굴" if language == "ko" else "Manjanggul")
        content = downloaded(page)
    assert content.startswith(BOM)
    titles, lines = read_csv(content)
    assert titles[:5] == ("photo", "place", "class_id", "slug", "confidence")
    assert tuple(line[0] for line in lines) == NAMES
    assert b"\n\"'=1+1" in content
    assert [line[3] for line in lines[:4]] == ["osulloc", "", "", "manjanggul"]
    assert [line[7] for line in lines[:4]] == ["agrees", "", "", "disagrees"]
    assert "PDF" in lines[2][8] and lines[1][1] == t("answer.none")


def test_answers_appear_as_they_come_and_are_not_lost_when_the_visitor_clicks_meanwhile(
    browser: Browser, app: RunningApp
) -> None:
    with visitor(browser) as page:
        open_start(page, f"{app.url}/?lang=en")
        give_many(page, dict.fromkeys((f"{number}.png" for number in range(12)), slow_png()))
        expect(page.locator(ROWS).nth(2)).to_be_visible()
        assert page.locator(ROWS).count() < 12
        page.get_by_text("한국어", exact=True).click()
        at = page.locator(PROGRESS, has_text="12장 가운데").text_content() or ""
        assert int(at.split("가운데")[1].split("번째")[0]) >= 3  # goes on where it was
        expect(page.locator(ROWS)).to_have_count(12)
        settle(page)
        assert page.locator("h2").text_content() == "오설록 티 뮤지엄"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[RunningApp]:
    """Start an app whose folders the tests look into."""
    home = tmp_path_factory.mktemp("jobs")
    with running_app(home, make_home(home)) as started:
        yield started


def uploads_in_memory(app: RunningApp) -> int:
    """Return how many bytes of uploads the server says it holds; it counts anew every five seconds."""
    with urllib.request.urlopen(f"{app.url}/_stcore/metrics", timeout=5) as answer:
        held = [line for line in answer.read().decode().splitlines() if "UploadedFileManager" in line]
    return sum(int(line.split()[-1]) for line in held)


def hand_over(page: Page, app: RunningApp, language: str) -> None:
    open_start(page, f"{app.url}/?lang={language}")
    give_many(page, {f"사진 {number}.jpg": coloured_jpeg(RED, (64, 48 + number)) for number in range(51)})
    page.locator("[data-testid=stBaseButton-primary]").click()
    expect(page.locator(".st-key-job")).to_be_visible()


@pytest.mark.parametrize(("language", "width", "scheme"), [("ko", 390, "light")])
def test_fifty_one_photos_become_a_job_that_survives_a_reload_and_ends_in_a_csv(
    browser: Browser, own: RunningApp, save_picture: Callable[..., None], language: Language, width: int, scheme: str
) -> None:
    t = translator(language)
    with visitor(browser, width, scheme) as page:
        assert uploads_in_memory(own) == 0
        hand_over(page, own, language)
        save_picture(page, "-running")
        expect(page.locator("[data-testid=stFileChip]")).to_have_count(0)
        address = page.url
        assert "job=" in address
        page.reload()
        expect(page.get_by_text(t("job_panel.succeeded", total=51))).to_be_visible(timeout=40_000)
        expect(page.get_by_text(t("job_panel.copies_deleted"))).to_be_visible()
        settle(page)
        assert overflow_px(page) <= 0
        save_picture(page)
        titles, lines = read_csv(downloaded(page))
        assert len(lines) == 51 and {line[titles.index("slug")] for line in lines} == {"osulloc"}
        assert [line[0] for line in lines] == [f"사진 {number}.jpg" for number in range(51)]
        assert [name for name in files(own.home / "data" / "jobs") if "/in/" in name] == []
        until = time.monotonic() + 6
        while uploads_in_memory(own) and time.monotonic() < until:
            page.wait_for_timeout(300)
        assert uploads_in_memory(own) == 0
        page.get_by_text(t("job_panel.close"), exact=True).click()
        expect(page.locator(".st-key-job")).to_have_count(0)
        assert "job=" not in page.url


def test_a_job_can_be_stopped_and_its_copies_go(browser: Browser, own: RunningApp) -> None:
    with visitor(browser) as page:
        hand_over(page, own, "en")
        page.get_by_text("Stop", exact=True).click()
        expect(page.get_by_text("The copies of your photos are deleted")).to_be_visible(timeout=40_000)
        assert [name for name in files(own.home / "data" / "jobs") if "/in/" in name] == []
        states = {row["state"] for row in table(own.home, "jobs")}
        assert states <= {"cancelled", "succeeded"} and "cancelled" in states
