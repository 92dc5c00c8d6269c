"""The review page in a real browser: mouse, keys and touch, what reaches the database, what the address keeps."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.domain.library import PhotoAction, RejectReason
from tests.browser.canary import Canary, canary
from tests.browser.driving import PATIENCE_MS, choose, settle, visitor
from tests.browser.server import RunningApp, running_app
from tests.browser.test_identify import overflow_px
from tests.browser.test_outside_text import payloads, visible
from tests.pages.home import make_home
from tests.support.reviewed import Shelf, open_shelf

pytestmark = pytest.mark.browser
TILE, NOTICE = ".tile:not(.leaving)", ".notice"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("review")


@pytest.fixture(scope="module")
def shelf(home: Path) -> Shelf:
    return open_shelf(home)


@pytest.fixture(scope="module")
def own(home: Path, shelf: Shelf, browser: Browser) -> Iterator[RunningApp]:
    """Start an app of its own: these tests change its library."""
    expect.set_options(timeout=PATIENCE_MS)
    with running_app(home, make_home(home)) as app:
        yield app
    expect.set_options(timeout=None)


def open_review(page: Page, app: RunningApp, tiles: int, query: str = "", language: str = "ko") -> None:
    page.goto(f"{app.url}/photos?lang={language}&{query}")
    expect(page.locator(TILE)).to_have_count(tiles)
    settle(page)


def hashes(page: Page) -> list[str]:
    found: list[str] = page.locator(TILE).evaluate_all("tiles => tiles.map(tile => tile.dataset.sha)")
    return found


def tile(page: Page, sha256: str) -> Locator:
    return page.locator(f".tile[data-sha='{sha256}']")


def selected(page: Page) -> list[str]:
    found: list[str] = page.locator(".tile[aria-selected=true]").evaluate_all("all => all.map(t => t.dataset.sha)")
    return found


def test_photos_are_walked_selected_accepted_and_taken_back_by_keys(
    browser: Browser, own: RunningApp, shelf: Shelf, save_picture: Callable[..., None]
) -> None:
    photos = shelf.add_many(range(100, 112), "manjanggul")
    shelf.think(photos[6], "osulloc")
    shelf.library.store.delete(photos[11], "jpg")
    with visitor(browser) as page:
        open_review(page, own, 12, "place=manjanggul")
        assert hashes(page) == photos
        expect(tile(page, photos[6])).to_contain_text("CNN: 오설록 티 뮤지엄 83%")
        expect(page.locator(".without .missing")).to_have_text("이 사진의 파일을 읽을 수 없습니다")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
        assert selected(page) == photos[1:4]
        page.keyboard.press("a")
        expect(page.locator(TILE)).to_have_count(9)
        expect(page.locator(NOTICE)).to_contain_text("3장을 승인했습니다")
        assert shelf.statuses(photos[:5]) == ["new", "accepted", "accepted", "accepted", "new"]
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
        assert selected(page) == [photos[5]]  # after the decision the next photo had the focus
        page.keyboard.press("Escape")
        assert selected(page) == []
        page.keyboard.press("u")
        expect(page.locator(TILE)).to_have_count(12)
        assert shelf.statuses(photos) == ["new"] * 12
        page.keyboard.press("Control+a")
        assert len(selected(page)) == 12
        save_picture(page)
        page.keyboard.press("?")
        expect(page.locator("dialog.keys")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("dialog.keys")).to_be_hidden()


def test_no_decision_is_lost_or_done_twice_however_fast_the_keys(
    browser: Browser, own: RunningApp, shelf: Shelf
) -> None:
    photos = shelf.add_many(range(200, 210), "osulloc")
    with visitor(browser) as page:
        open_review(page, own, 10, "place=osulloc")
        for _ in range(7):
            page.keyboard.press("a")
        # A Korean input method gives the letter that it writes: where the key lies decides.
        korean = "new KeyboardEvent('keydown', {key: 'ㅁ', code: 'KeyA', bubbles: true, composed: true})"
        page.evaluate(f"document.body.dispatchEvent({korean})")
        expect(page.locator(TILE)).to_have_count(2)
        expect(page.locator(".bar .range")).to_have_text("1–2 / 2")
    assert shelf.statuses(photos) == ["accepted"] * 8 + ["new"] * 2
    history = [event.action for sha256 in photos for event in shelf.library.review.history(sha256)]
    assert history.count(PhotoAction.ACCEPTED) == 8


def test_a_photo_is_rejected_with_a_reason_or_a_note_and_moved_to_another_place(
    browser: Browser, own: RunningApp, shelf: Shelf, save_picture: Callable[..., None]
) -> None:
    photos = shelf.add_many(range(300, 306), "monsant-aewol")
    with visitor(browser, scheme="dark") as page:
        open_review(page, own, 6, "place=monsant-aewol", "en")
        page.keyboard.press("r")
        expect(page.locator(".menu")).to_contain_text("Only people")
        save_picture(page, "-why")
        page.keyboard.press("3")
        expect(page.locator(TILE)).to_have_count(5)
        page.keyboard.press("r")
        page.get_by_placeholder("A note").fill("a 3-legged cat")
        page.keyboard.press("Enter")
        expect(page.locator(TILE)).to_have_count(4)
        page.keyboard.press("m")
        page.keyboard.type("cheonji")
        page.keyboard.press("Enter")
        expect(page.locator(TILE)).to_have_count(3)
        expect(page.locator(NOTICE)).to_contain_text("moved to: Cheonjiyeon Falls")
        page.keyboard.press("m")
        page.keyboard.press("6")
        expect(page.locator(TILE)).to_have_count(2)
        expect(page.locator(NOTICE)).to_contain_text("moved to: No known place")
    records = [shelf.library.photos.get(sha256) for sha256 in photos]
    assert records[0].reject_reason == RejectReason.PEOPLE and records[1].reject_reason == RejectReason.OTHER
    assert "a 3-legged cat" in str(shelf.library.review.history(photos[1])[0].after)
    assert [record.place_slug for record in records[2:5]] == ["cheonjiyeon", "unknown", "monsant-aewol"]


def test_a_click_selects_shift_a_range_control_one_more_and_a_double_click_opens(
    browser: Browser, own: RunningApp, shelf: Shelf, save_picture: Callable[..., None]
) -> None:
    photos = shelf.add_many(range(400, 408), "jusangjeolli", author="김 민지", page_url="https://example.org/p")
    with visitor(browser) as page:
        open_review(page, own, 8, "place=jusangjeolli")
        tile(page, photos[1]).click()
        assert selected(page) == [photos[1]]
        tile(page, photos[3]).click(modifiers=["Shift"])
        assert selected(page) == photos[1:4]
        tile(page, photos[5]).click(modifiers=["Control"])
        assert selected(page) == [*photos[1:4], photos[5]]
        tile(page, photos[4]).dblclick()
        expect(page.locator(".st-key-review-facts")).to_contain_text("김 민지")
        expect(page.locator(".one .bar .range")).to_have_text("5 / 8")
        assert page.locator(".st-key-review-facts a").get_attribute("href") == "https://example.org/p"
        save_picture(page)
        page.keyboard.press("ArrowRight")
        expect(page.locator(".one .bar .range")).to_have_text("6 / 8")
        page.keyboard.press("a")  # the next one moves up, and is shown
        expect(page.locator(".one .bar .range")).to_have_text("6 / 7")
        page.wait_for_url(lambda url: photos[6] in url)
        page.keyboard.press("u")
        page.wait_for_url(lambda url: photos[5] in url)
        expect(page.locator(".one .bar .range")).to_have_text("6 / 8")
        page.keyboard.press("Escape")
        expect(page.locator(TILE)).to_have_count(8)
        expect(tile(page, photos[5])).to_have_attribute("tabindex", "0")  # the photo that was shown has the focus
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: photos[5] in url)


def test_filters_and_page_stand_in_the_address_and_outlive_a_reload(
    browser: Browser, own: RunningApp, shelf: Shelf
) -> None:
    photos = shelf.add_many(range(500, 530), "cheonjiyeon", source="flickr")
    shelf.library.review.reject(photos, RejectReason.INDOORS, "", "mina")
    with visitor(browser) as page:
        open_review(page, own, 24, "place=cheonjiyeon&size=24&status=any&source=flickr", "en")
        choose(page, ".st-key-filter-status [role=combobox]", "Rejected")
        page.wait_for_url("**status=rejected**")
        settle(page)
        page.locator("h1").click()  # beside everything that takes keys
        page.keyboard.press("]")
        expect(page.locator(TILE)).to_have_count(6)
        page.wait_for_url("**page=2**")
        assert "source=flickr" in page.url and "place=cheonjiyeon" in page.url
        page.reload()
        expect(page.locator(TILE)).to_have_count(6)
        assert hashes(page) == photos[24:]
        page.keyboard.press("[")
        expect(page.locator(TILE)).to_have_count(24)
        page.wait_for_url(lambda url: "page=" not in url)


@pytest.mark.parametrize("scheme", ["light"])
def test_on_a_phone_a_tap_selects_the_bar_decides_and_a_long_press_opens(
    browser: Browser, own: RunningApp, shelf: Shelf, save_picture: Callable[..., None], scheme: str
) -> None:
    photos = shelf.add_many(range(600, 606), "unknown")
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, color_scheme=scheme, locale="ko-KR"
    )
    page = context.new_page()
    shelf.library.review.reject([r.sha256 for r in shelf.library.photos.list("unknown") if r.source != "import"],
                                RejectReason.OTHER, "", "mina")  # fmt: skip
    open_review(page, own, len(shelf.library.photos.list("unknown", None)), "place=unknown&status=any")
    tile(page, photos[0]).tap()
    tile(page, photos[2]).tap()
    assert selected(page) == [photos[0], photos[2]]
    box = page.locator(".bar").bounding_box()
    assert box is not None and box["y"] + box["height"] <= 844
    for button in page.locator(".bar button:visible").all():
        size = button.bounding_box()
        assert size is not None and min(size["width"], size["height"]) >= 40
    assert overflow_px(page) <= 0
    save_picture(page)
    page.get_by_role("button", name="승인").tap()
    expect(page.locator(NOTICE)).to_contain_text("2장을 승인했습니다")
    assert shelf.statuses(photos[:3]) == ["accepted", "new", "accepted"]
    page.get_by_role("status").get_by_role("button", name="되돌리기").tap()
    expect(page.locator(NOTICE)).to_contain_text("2장을 되돌렸습니다")
    assert shelf.statuses(photos[:3]) == ["new"] * 3
    hold = tile(page, photos[1]).evaluate("t => { const b = t.getBoundingClientRect(); return [b.x + 30, b.y + 60]; }")
    touch = {"pointerType": "touch", "bubbles": True, "composed": True, "clientX": hold[0], "clientY": hold[1]}
    tile(page, photos[1]).locator("img").dispatch_event("pointerdown", touch)
    page.wait_for_url(lambda url: photos[1] in url)
    expect(page.locator(".st-key-review-facts")).to_be_visible()
    settle(page)
    assert overflow_px(page) <= 0
    save_picture(page, "-alone")
    context.close()


def test_text_from_outside_runs_nothing_and_shows_as_it_is_in_grid_filters_and_one_photos_view(
    browser: Browser, own: RunningApp, shelf: Shelf
) -> None:
    with canary() as bird, visitor(browser) as page:
        every = [re.sub(r"\s*\n\s*", " ", text).strip() for text in payloads(bird)]
        threes = [(every * 2)[first : first + 3] for first in range(0, len(every), 3)]
        photos = [hostile_photo(shelf, 700 + number, texts, bird) for number, texts in enumerate(threes)]
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        shelf.name("osulloc", every[2])
        shelf.think(photos[0], "osulloc")
        open_review(page, own, len(photos), "place=unsorted&status=any", "en")
        expect(tile(page, photos[0])).to_contain_text(every[2])
        page.keyboard.press("m")
        expect(page.locator(".choice").first).to_contain_text(every[2])
        page.keyboard.press("Escape")
        page.locator(".st-key-review-more button").click()
        expect(page.locator(".st-key-filter-licence")).to_be_visible()
        page.keyboard.press("Escape")
        said = []
        for sha256 in photos:
            page.goto(f"{own.url}/photos?lang=en&photo={sha256}&place={every[3]}&source={every[1]}")
            page.locator(".stExpander summary").click()
            expect(page.locator(".stExpander")).to_contain_text("Rejected")
            said.append(visible(page.inner_text("[data-testid=stMain]")))
            assert page.locator(".st-key-review-facts a:not([href^='http'])").count() == 0
        page.wait_for_timeout(300)
        assert bird.heard == [] and dialogs == [] and page.evaluate("window.__xss") is None
    for texts, shown in zip(threes, said, strict=True):
        for text in texts:
            assert visible(text) in shown, text


def hostile_photo(shelf: Shelf, number: int, texts: list[str], bird: Canary) -> str:
    """Add a photo with payloads in every text that comes with a photo and with a decision."""
    name, author, note = texts
    page_url = f"javascript:fetch('{bird.url}')" if number % 2 else f"data:text/html,<img src={bird.url}>"
    more = {"original_name": name, "author": author, "licence": note[:60], "source": name[:30], "page_url": page_url}
    sha256 = shelf.add(number, None, **more)
    shelf.library.review.reject([sha256], RejectReason.OTHER, note, author[:20])
    return sha256
