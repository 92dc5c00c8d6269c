"""A crawl with a real browser: photos arrive without a reload, it stops when asked, goes on, and counts rightly."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.canary import Canary, canary
from tests.browser.driving import said, settle, visitor
from tests.browser.server import RunningApp, running_app
from tests.browser.test_identify import overflow_px
from tests.pages.home import make_home
from tests.pages.traces import table
from tests.support.portal import Answer, Portal, page_answer, running_portal

pytestmark = pytest.mark.browser
PHOTOS = range(6)
GONE = 5  # a photo whose address answers 404
PATIENCE_MS = 60_000
STRIP = ".st-key-crawl-strip img"


@dataclass(frozen=True)
class Scene:
    """A running app, the server of the photos, and a listener that must hear nothing."""

    app: RunningApp
    photos: Portal
    bird: Canary


@pytest.fixture
def scene(browser: Browser, tmp_path: Path) -> Iterator[Scene]:
    """Start it all; searches and photos have servers of their own, so that neither waits for the other's pace."""
    home = tmp_path / "home"
    home.mkdir()
    with canary() as bird, running_portal() as photos, running_portal() as searches:
        searches.offers["commons-search"] = [photos.photo_url(number) for number in PHOTOS]
        searches.script("/openverse/", hostile_page(bird, photos))
        photos.put(f"/photo/{GONE}.jpg", Answer(404))
        mirrors = {
            "EODI_CRAWL_BASE_URLS": json.dumps(searches.base_urls),
            "EODI_NETWORK_ALLOW_HOSTS": json.dumps(["127.0.0.1"]),
        }
        with running_app(home, {**make_home(home), **mirrors}) as app:
            yield Scene(app, photos, bird)


def hostile_page(bird: Canary, photos: Portal) -> Answer:
    """Return a page of Openverse whose one photo has texts that would call out."""
    text = f"![]({bird.url}/image) <img src={bird.url}/tag onerror=window.__xss=1>"
    photo = {
        "id": "evil",
        "url": photos.photo_url(77),
        "foreign_landing_url": f"{photos.url}/page/77",
        "title": text,
        "creator": text,
        "license": "by",
        "license_version": "4.0",
        "width": 480,
        "height": 360,
    }
    return page_answer(json.dumps({"result_count": 1, "page_count": 1, "results": [photo]}))


def plan(page: Page, url: str) -> None:
    """Choose 만장굴, one search, Commons and Openverse."""
    page.goto(f"{url}/crawl?lang=en")
    page.wait_for_selector("[data-testid=stMain] h1")
    settle(page)
    page.locator(".st-key-crawl-places input").click()
    page.get_by_role("option", name="Manjanggul").click()
    page.get_by_role("option", name="Cheonjiyeon Falls").click()
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-crawl-words-cheonjiyeon")).to_be_attached()
    words = page.locator(".st-key-crawl-words-manjanggul textarea")
    expect(words).to_have_value(re.compile("만장굴"))  # a run that was cut short by the second place keeps them
    page.get_by_role("button", name="Remove Cheonjiyeon Falls").click()
    expect(page.locator(".st-key-crawl-words-cheonjiyeon")).not_to_be_attached()
    settle(page)
    page.locator(".st-key-crawl-words summary").click()
    words.fill("lava tube")
    words.press("Control+Enter")
    settle(page)
    page.get_by_text("Wikimedia Commons: nearby", exact=True).click()
    settle(page)


def kept_in_report(page: Page) -> int:
    """Return the first of the report's totals."""
    return int(page.locator(".st-key-crawl-totals [data-testid=stMetricValue]").first.inner_text())


def wait_for_photos(page: Page, count: int) -> None:
    page.wait_for_function(
        "([strip, count]) => document.querySelectorAll(strip).length >= count", arg=[STRIP, count], timeout=PATIENCE_MS
    )


def start_and_watch(page: Page, scene: Scene, save_picture: Callable[..., None]) -> str:
    """Start a crawl by two quick clicks, see photos arrive by themselves, and return its address."""
    plan(page, scene.app.url)
    page.get_by_role("button", name="Start collecting").dblclick()
    page.wait_for_selector(".st-key-job", timeout=PATIENCE_MS)
    wait_for_photos(page, 1)
    wait_for_photos(page, page.locator(STRIP).count() + 1)  # by itself: nothing was reloaded or pressed
    scene.photos.delay_s = 12.0  # so that it is not done before anybody can stop it
    save_picture(page, "-live")
    assert overflow_px(page) <= 0
    return page.url


def stop(page: Page, scene: Scene) -> int:
    """Stop the crawl, and return how many photos were kept."""
    page.get_by_role("button", name="Stop").click(timeout=PATIENCE_MS)
    expect(page.get_by_text("Stopped. What was collected stays")).to_be_visible(timeout=PATIENCE_MS)
    settle(page)
    scene.photos.delay_s = 0.0
    return kept_in_report(page)


def go_on(page: Page) -> str:
    """Let the crawl go on to its end, and return its report."""
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".st-key-crawl-totals")).to_be_hidden(timeout=PATIENCE_MS)
    expect(page.locator(".st-key-crawl-totals")).to_be_visible(timeout=PATIENCE_MS)
    settle(page)
    return said(page).replace("\u2060", "")


def test_photos_arrive_while_it_runs_it_stops_goes_on_and_ends_complete(
    browser: Browser, scene: Scene, save_picture: Callable[..., None]
) -> None:
    with visitor(browser, 390, "dark") as page:
        address = start_and_watch(page, scene, save_picture)
    with visitor(browser) as page:  # the browser was closed; the crawl went on
        page.goto(address)
        assert 2 <= stop(page, scene) < 6
        report = go_on(page)
        save_picture(page)
        assert kept_in_report(page) == 6  # five of Commons, one of Openverse
        assert f"![]({scene.bird.url}/image)" in report and "Refused: not reached 1" in report
        page.get_by_role("link", name=re.compile("Manjanggul · Wikimedia Commons")).click()
        page.wait_for_selector(".st-key-review")
        settle(page)
        assert "place=manjanggul" in page.url and "source=commons-search" in page.url
        assert page.evaluate("window.__xss") is None
    assert scene.bird.heard == []
    assert len(table(scene.app.home, "crawls")) == 1
    assert len([job for job in table(scene.app.home, "jobs") if job["kind"] == "crawl"]) == 1
    asked = scene.photos.photos_asked()
    assert set(asked) == {*PHOTOS, 77} and len(asked) <= len(PHOTOS) + 3  # one of each source was under way at the stop
