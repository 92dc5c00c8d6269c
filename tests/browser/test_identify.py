"""The start page in a real browser: answers, refusals, languages, light and dark, wide and narrow."""

import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.driving import css_words, give, open_start, said, settle, visitor
from tests.browser.server import RunningApp, free_port, running_app
from tests.pages.home import GREY, RED, coloured_jpeg, make_home, position_exif
from tests.support.mariadb import MISSING, MariaDb

pytestmark = pytest.mark.browser
WORDS = {
    "ko": ("오설록 티 뮤지엄", "Osulloc Tea Museum", "사진 고르기", "가까운 곳"),
    "en": ("Osulloc Tea Museum", "오설록 티 뮤지엄", "Choose photos", "Near here"),
}
BUTTON = "[data-testid=stFileUploaderDropzone] [data-testid=stBaseButton-secondary] p"
UPLOADER = ".stFileUploader"
PHOTO = "[class*=st-key-photo-] img"
PDF = b"%PDF-1.7\n" + b"x" * 5000


def overflow_px(page: Page) -> int:
    return page.evaluate(
        "Math.max(document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth)"
        " - window.innerWidth"
    )


def leaves_its_column(page: Page) -> list[str]:
    """Return what sticks out of the page on the right."""
    return page.evaluate(
        """() => [...document.querySelectorAll('[data-testid=stMain] :is(p, h1, h2, h3, img, canvas, svg, button)')]
            .filter(e => e.getBoundingClientRect().width > 0 && e.getBoundingClientRect().right > window.innerWidth + 1)
            .map(e => e.tagName + ' ' + e.textContent.slice(0, 40))"""
    )


def looks(page: Page) -> Iterator[str]:
    """Look at the page wide and narrow, in light and dark, as a visitor who turns the phone or the lamp."""
    for width in (1280, 390):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            expect(page.locator("[data-testid=stApp]")).to_have_css("color-scheme", scheme)
            settle(page)
            page.wait_for_timeout(150)  # charts are drawn anew at the new width
            yield f"-{width}-{scheme}"


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_known_places_are_shown_and_then_a_photo_gets_its_answer(
    browser: Browser, app: RunningApp, save_picture: Callable[..., None], language: str
) -> None:
    name, other, button, near = WORDS[language]
    with visitor(browser) as page:
        open_start(page, f"{app.url}/?lang={language}")
        expect(page.get_by_text(name, exact=True)).to_be_visible()
        settle(page)
        assert css_words(page, BUTTON) == button
        assert page.locator(".st-key-welcome img").count() == 5
        for look in looks(page):
            assert overflow_px(page) <= 0, look
            save_picture(page, f"{look}-before")
        give(page, coloured_jpeg(RED, exif=position_exif(33.3064, 126.2905)))
        expect(page.locator("h2", has_text=name)).to_be_visible()
        page.wait_for_selector("[data-testid=stVegaLiteChart] :is(canvas, svg) >> nth=1")
        settle(page)
        for words in (other, near, "%", "33.3064, 126.2905", "shipped:tiny"):
            assert words in said(page)
        for look in looks(page):
            assert overflow_px(page) <= 0, look
            assert leaves_its_column(page) == [], look
            save_picture(page, look)


@pytest.mark.parametrize(("language", "width", "scheme"), [("ko", 390, "light"), ("en", 1280, "dark")])
def test_a_photo_of_nowhere_known_is_told_so(
    browser: Browser, app: RunningApp, save_picture: Callable[..., None], language: str, width: int, scheme: str
) -> None:
    none = {"ko": "아는 곳이 아닙니다", "en": "None of the places I know"}[language]
    with visitor(browser, width, scheme) as page:
        open_start(page, f"{app.url}/?lang={language}")
        give(page, coloured_jpeg(GREY))
        expect(page.locator("h2", has_text=none)).to_be_visible()
        settle(page)
        assert page.locator("[data-testid=stExpander]").count() == 2  # why, and the most similar place
        save_picture(page)


def test_what_the_browser_gets_is_an_upright_picture_without_metadata(browser: Browser, app: RunningApp) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "CameraMaker"
    with visitor(browser) as page:
        open_start(page, app.url)
        give(page, coloured_jpeg(RED, (640, 480), exif.tobytes()))
        page.wait_for_selector(PHOTO)
        settle(page)
        content = page.request.get(page.locator(PHOTO).evaluate("e => e.src")).body()
    shown = Image.open(io.BytesIO(content))
    assert shown.size == (480, 640)
    assert not shown.getexif() and b"CameraMaker" not in content and b"Exif" not in content


@pytest.mark.parametrize(("language", "width", "scheme"), [("ko", 390, "dark"), ("en", 1280, "light")])
def test_a_pdf_named_jpg_gets_one_sentence(
    browser: Browser, app: RunningApp, save_picture: Callable[..., None], language: str, width: int, scheme: str
) -> None:
    with visitor(browser, width, scheme) as page:
        open_start(page, f"{app.url}/?lang={language}")
        give(page, PDF)
        expect(page.locator("[data-testid=stAlert]")).to_contain_text("PDF")
        settle(page)
        assert page.locator("[data-testid=stAlert]").count() == 1
        assert "Traceback" not in said(page)
        save_picture(page)


@pytest.mark.parametrize(("language", "width", "scheme"), [("ko", 1280, "light"), ("en", 390, "dark")])
def test_a_file_of_21_mb_gets_one_sentence_beside_the_answer_of_a_good_photo_until_it_is_taken_out(
    browser: Browser,
    app: RunningApp,
    tmp_path: Path,
    save_picture: Callable[..., None],
    language: str,
    width: int,
    scheme: str,
) -> None:
    large = tmp_path / "large.jpg"
    large.write_bytes(coloured_jpeg(RED) + bytes(21 * 2**20))
    with visitor(browser, width, scheme) as page:
        open_start(page, f"{app.url}/?lang={language}")
        assert css_words(page, UPLOADER) == ""
        page.set_input_files("[data-testid=stFileUploaderDropzoneInput]", large)
        page.wait_for_selector("[data-testid=stFileChip][aria-invalid=true]")
        sentence = css_words(page, UPLOADER)
        assert "20 MB" in sentence and sentence.isascii() == (language == "en")
        save_picture(page)
        give(page, coloured_jpeg(RED))
        expect(page.locator("h2", has_text=WORDS[language][0])).to_be_visible()
        assert css_words(page, UPLOADER) == sentence
        page.locator("[data-testid=stFileChip][aria-invalid=true] [data-testid=stFileChipDeleteBtn] button").click()
        expect(page.locator("[data-testid=stFileChip]")).to_have_count(1)
        assert css_words(page, UPLOADER) == ""


def test_another_type_refused_by_the_browser_gets_the_same_sentence(browser: Browser, app: RunningApp) -> None:
    with visitor(browser) as page:
        open_start(page, f"{app.url}/?lang=ko")
        give(page, PDF, "letter.pdf", "application/pdf")
        page.wait_for_selector("[data-testid=stFileChip][aria-invalid=true]")
        assert "JPG" in css_words(page, UPLOADER)


def test_the_first_words_are_in_the_browsers_language_and_the_switch_is_kept_in_the_address(
    browser: Browser, app: RunningApp
) -> None:
    for locale, question in (
        ("en-GB", "Where was this photo taken?"),
        ("de-DE", "이 사진, 어디일까요?"),
    ):
        with visitor(browser, locale=locale) as page:
            open_start(page, app.url)
            expect(page.locator("h1")).to_contain_text(question)
    with visitor(browser, locale="ko-KR") as page:
        open_start(page, app.url)
        expect(page.locator("h1")).to_contain_text("이 사진, 어디일까요?")
        page.get_by_text("English", exact=True).click()
        expect(page.locator("h1")).to_contain_text("Where was this photo taken?")
        assert "lang=en" in page.url
        page.reload()
        expect(page.locator("h1")).to_contain_text("Where was this photo taken?")


def test_a_page_opened_by_deep_link_works_on_a_fresh_server_and_after_the_app_ran(
    browser: Browser, tmp_path: Path
) -> None:
    with running_app(tmp_path, make_home(tmp_path)) as fresh, visitor(browser) as page:
        for path in ("/identify?lang=en", "/?lang=en", "/identify?lang=en"):
            open_start(page, fresh.url + path)
            expect(page.locator("h1")).to_contain_text("Where was this photo taken?")
            assert page.locator("[role=dialog]").count() == 0
            assert page.locator("[data-testid=stSidebarNav]").count() == 0
            assert page.title() == "Find the place · Eodi"


def test_a_lost_database_is_one_sentence_and_a_reload_recovers(
    browser: Browser, tmp_path: Path, save_picture: Callable[..., None]
) -> None:
    with running_app(tmp_path, make_home(tmp_path)) as own, visitor(browser, 390) as page:
        open_start(page, f"{own.url}/?lang=ko")
        expect(page.get_by_text("만장굴", exact=True)).to_be_visible()
        database, aside = tmp_path / "data" / "eodi.sqlite3", tmp_path / "aside"
        shutil.move(database, aside)
        page.reload()
        expect(page.locator("[data-testid=stAlert]")).to_have_count(1)
        settle(page)
        assert str(tmp_path) not in page.content() and "Traceback" not in said(page)
        save_picture(page)
        shutil.move(aside, database)
        page.reload()
        expect(page.get_by_text("만장굴", exact=True)).to_be_visible()
        assert page.locator("[data-testid=stAlert]").count() == 0


@pytest.mark.mysql
def test_a_killed_database_server_is_one_sentence_and_a_reload_recovers(browser: Browser, tmp_path: Path) -> None:
    if not shutil.which("mariadbd"):
        pytest.skip(MISSING)
    server = MariaDb(tmp_path / "mariadb", free_port())
    server.folder.mkdir()
    server.install()
    server.start()
    try:
        environment = {**make_home(tmp_path), "EODI_DATABASE_URL": server.new_schema()}
        with running_app(tmp_path, environment) as own, visitor(browser) as page:
            open_start(page, f"{own.url}/?lang=en")
            expect(page.get_by_text("Manjanggul", exact=True)).to_be_visible()
            page.wait_for_timeout(1_200)  # the test's server writes its log once a second: a kill may lose the last one
            server.kill()
            give(page, coloured_jpeg(RED))
            expect(page.locator("[data-testid=stAlert]")).to_contain_text("database")
            settle(page)
            assert page.locator("[data-testid=stAlert]").count() == 1
            server.start()
            page.reload()
            expect(page.get_by_text("Manjanggul", exact=True)).to_be_visible()
            give(page, coloured_jpeg(RED))
            expect(page.locator("h2", has_text="Osulloc")).to_be_visible()
    finally:
        server.stop()
