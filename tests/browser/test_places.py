"""The page of places in a real browser: cards, one place, the way between the pages, a deep link on a fresh server."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.driving import READY, open_start, settle, visitor
from tests.browser.server import RunningApp, running_app
from tests.browser.test_identify import leaves_its_column, overflow_px
from tests.pages.home import make_home

pytestmark = pytest.mark.browser
CHART = "[data-testid=stVegaLiteChart] :is(canvas, svg)"
NAVIGATION = ".st-key-navigation a"


@pytest.mark.parametrize(
    ("language", "width", "scheme", "name"),
    [("ko", 390, "light", "만장굴"), ("en", 1280, "dark", "Manjanggul")],
)
def test_a_card_leads_to_its_place_and_a_link_back_to_all(
    browser: Browser,
    app: RunningApp,
    save_picture: Callable[..., None],
    language: str,
    width: int,
    scheme: str,
    name: str,
) -> None:
    with visitor(browser, width, scheme) as page:
        open_start(page, f"{app.url}/?lang={language}")
        page.locator(NAVIGATION).nth(1).click()
        expect(page.locator(".st-key-welcome img")).to_have_count(5)
        settle(page)
        assert overflow_px(page) <= 0
        save_picture(page, "-all")
        page.locator(".st-key-welcome a", has_text=name).click()
        expect(page.locator("h1")).to_have_text(name)
        page.wait_for_selector(CHART)
        settle(page)
        page.wait_for_url(f"**/places?place=manjanggul&lang={language}")
        page.reload()
        expect(page.locator("h1")).to_have_text(name)
        page.wait_for_selector(CHART)
        settle(page)
        assert overflow_px(page) <= 0
        assert leaves_its_column(page) == []
        save_picture(page)
        page.get_by_text("모든 곳 보기" if language == "ko" else "All places").click()
        expect(page.locator(".st-key-welcome img")).to_have_count(5)
        page.wait_for_url(lambda url: "place=" not in url)


def test_a_place_opened_by_deep_link_works_on_a_fresh_server_and_leads_to_the_start_page(
    browser: Browser, tmp_path: Path
) -> None:
    with running_app(tmp_path, make_home(tmp_path)) as fresh, visitor(browser) as page:
        page.goto(f"{fresh.url}/places?place=osulloc&lang=ko")
        expect(page.locator("h1")).to_have_text(
            "오설록 티 뮤지엄", timeout=30_000
        )  # the server imports everything first
        settle(page)
        assert page.locator("[role=dialog], [data-testid=stSidebarNav]").count() == 0
        page.locator(NAVIGATION).nth(0).click()
        page.wait_for_selector(READY)
        page.locator(".st-key-welcome a", has_text="만장굴").click()
        expect(page.locator("h1")).to_have_text("만장굴")
        page.goto(f"{fresh.url}/places?place=nowhere&lang=en")
        expect(page.locator("[data-testid=stAlert]")).to_have_count(1)
        expect(page.locator(".st-key-welcome img")).to_have_count(5)
