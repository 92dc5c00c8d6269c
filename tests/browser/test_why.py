"""Why, in the browser: folded at first, then the photo with what speaks for the place, at every width and look."""

import io
from collections.abc import Callable, Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.driving import give, open_start, settle, visitor
from tests.browser.server import RunningApp, running_app
from tests.browser.test_identify import looks
from tests.pages.home import make_home

pytestmark = pytest.mark.browser
SUMMARY = "[data-testid=stExpander] summary"
SHOWN = ".st-key-why-shown img"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[RunningApp]:
    """Start an app with a detector in service."""
    home = tmp_path_factory.mktemp("why")
    with running_app(home, make_home(home, detector=True)) as app:
        yield app


def photo_with_red_left_half() -> bytes:
    picture = Image.new("RGB", (1024, 768), (128, 128, 128))
    picture.paste((255, 0, 0), (0, 0, 512, 768))
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def unfold(page: Page, words: str) -> None:
    page.locator(SUMMARY, has_text=words).click()
    page.wait_for_selector(".st-key-why")
    settle(page)


def pixels(page: Page, selector: str) -> Image.Image:
    """Return the picture as the browser got it."""
    address = page.locator(selector).get_attribute("src") or ""
    content = page.evaluate("async a => [...new Uint8Array(await (await fetch(a)).arrayBuffer())]", address)
    return Image.open(io.BytesIO(bytes(content))).convert("RGB")


def test_what_speaks_for_the_place_is_lit_where_it_is(
    browser: Browser, own: RunningApp, save_picture: Callable[..., None]
) -> None:
    with visitor(browser) as page:
        open_start(page, f"{own.url}/?lang=en")
        give(page, photo_with_red_left_half(), "half.png", "image/png")
        expect(page.locator(SUMMARY, has_text="Why this answer?")).to_be_visible()
        assert page.locator(SHOWN).count() == 0
        unfold(page, "Why this answer?")
        expect(page.locator(SHOWN)).to_be_visible()
        picture = pixels(page, SHOWN)
        left, right = (picture.getpixel((int(picture.width * x), picture.height // 2)) for x in (0.2, 0.85))
        assert left[0] > 180 and left[1] < 60  # the red object as it is
        assert max(right) < 100  # the grey wall dimmed
        before = page.locator(SHOWN).get_attribute("src") or ""
        page.get_by_text("Show what speaks for").click()
        expect(page.locator(SHOWN)).not_to_have_attribute("src", before)
        assert min(pixels(page, SHOWN).getpixel((picture.width * 85 // 100, picture.height // 2))) > 110
        for look in looks(page):
            save_picture(page, look)
            width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert width <= 0


def test_boxes_lie_over_it_too_and_korean_has_words_for_all(
    browser: Browser, own: RunningApp, save_picture: Callable[..., None]
) -> None:
    with visitor(browser, width=390, scheme="dark") as page:
        open_start(page, f"{own.url}/?lang=ko")
        give(page, photo_with_red_left_half(), "half.png", "image/png")
        unfold(page, "왜 이렇게 답했나요?")
        expect(page.get_by_text("어떻게 정했나")).to_be_visible()
        expect(page.locator(".st-key-why .boxes .found")).to_have_count(6)  # cells of the tiny detector
        picture = page.locator(SHOWN).bounding_box()
        line = page.locator(".st-key-why .boxes .layer .line").first.bounding_box()
        assert picture is not None and line is not None
        assert line["width"] == pytest.approx(picture["width"] / 4, abs=4)
        save_picture(page)
