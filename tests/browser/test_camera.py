"""The camera: a photo taken with it is answered; refused, a plain sentence stands there and the drop zone works on."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.driving import READY, css_words, give, open_start, settle, visitor
from tests.browser.server import RunningApp
from tests.browser.test_identify import overflow_px
from tests.pages.home import RED, coloured_jpeg

pytestmark = pytest.mark.browser
SENTENCE = "[data-testid=stCameraInputWebcamComponent] p"
TAKE = "[data-testid=stCameraInputButton]"


def refuse_camera(page: Page, url: str) -> None:
    chromium = page.context.new_cdp_session(page)
    chromium.send("Browser.setPermission", {"permission": {"name": "camera"}, "setting": "denied", "origin": url})


def open_camera(page: Page) -> None:
    page.locator(".st-key-camera-open label").click()
    page.wait_for_selector("[data-testid=stCameraInput]")


def answer_of_the_browser(page: Page) -> str:
    return page.evaluate("navigator.mediaDevices.getUserMedia({video: true}).then(() => 'given', e => e.name)")


@pytest.mark.parametrize(("language", "width", "scheme"), [("ko", 390, "dark"), ("en", 1280, "light")])
def test_a_refused_camera_leaves_a_plain_sentence_and_the_drop_zone_works_on(
    browser: Browser, app: RunningApp, save_picture: Callable[..., None], language: str, width: int, scheme: str
) -> None:
    with visitor(browser, width, scheme) as page:
        refuse_camera(page, app.url)
        open_start(page, f"{app.url}/?lang={language}")
        assert page.locator("[data-testid=stCameraInput]").count() == 0
        open_camera(page)
        assert answer_of_the_browser(page) == "NotAllowedError"
        sentence = css_words(page, SENTENCE)
        assert sentence.isascii() == (language == "en") and len(sentence) > 40
        assert page.locator(f"{SENTENCE} a").is_hidden() and page.locator(TAKE).is_disabled()
        settle(page)
        assert overflow_px(page) <= 0
        save_picture(page)
        expect(page.locator(READY)).to_be_visible()
        give(page, coloured_jpeg(RED))
        expect(page.locator("h2")).to_contain_text("오설록" if language == "ko" else "Osulloc")


def test_a_photo_taken_with_the_camera_gets_an_answer(
    browser: Browser, app: RunningApp, save_picture: Callable[..., None]
) -> None:
    with visitor(browser) as page:
        page.context.grant_permissions(["camera"], origin=app.url)
        open_start(page, f"{app.url}/?lang=en")
        open_camera(page)
        expect(page.locator(TAKE)).to_be_enabled()
        assert css_words(page, TAKE) == "Take the photo"
        page.locator(TAKE).click()
        expect(page.locator("h2")).to_be_visible()
        settle(page)
        assert "camera" in page.inner_text("[class*=st-key-photo-]") and css_words(page, TAKE) == "Take another"
        save_picture(page)
