"""What a visitor's clicks write and what it takes to write nothing: folder and database compared around each."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.driving import choose, give, open_start, settle, visitor
from tests.browser.server import RunningApp, running_app
from tests.browser.test_identify import overflow_px
from tests.pages.home import RED, coloured_jpeg, make_home
from tests.pages.traces import changed, files, rows, table
from tests.support.planted import TRACES, planted_jpeg

pytestmark = pytest.mark.browser
KEEP = "[class*=st-key-keep-]"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[RunningApp]:
    home = tmp_path_factory.mktemp("consent")
    with running_app(home, make_home(home)) as started:
        yield started


def ask(page: Page, app: RunningApp, content: bytes, language: str = "en") -> None:
    open_start(page, f"{app.url}/?lang={language}")
    give(page, content)
    expect(page.locator("h2")).to_be_visible()
    settle(page)


def test_a_word_on_an_answer_is_one_row_that_changes_with_it(
    browser: Browser, own: RunningApp, save_picture: Callable[..., None]
) -> None:
    with visitor(browser, 390) as page:
        ask(page, own, coloured_jpeg(RED), "ko")
        before = rows(own.home)
        page.get_by_text("아니요", exact=True).click()
        expect(page.get_by_text("고맙습니다", exact=False)).to_be_visible()
        (row,) = table(own.home, "feedback")
        assert (row["verdict"], row["answered_slug"], row["correct_slug"]) == ("wrong", "osulloc", None)
        settle(page)
        choose(page, ".st-key-asking [data-testid=stSelectbox] button", "만장굴")
        settle(page)
        expect(page.get_by_text("고맙습니다", exact=False)).to_be_visible()
        page.wait_for_timeout(300)
        save_picture(page)
        (changed_row,) = table(own.home, "feedback")
        assert changed_row["feedback_id"] == row["feedback_id"]
        assert (changed_row["verdict"], changed_row["correct_slug"]) == ("other_place", "manjanggul")
        assert changed(before, rows(own.home)) <= {"feedback", "sqlite_sequence"}
        assert overflow_px(page) <= 0


def test_without_consent_nothing_is_written_and_with_it_a_copy_and_one_row_until_it_is_taken_back(
    browser: Browser, own: RunningApp, save_picture: Callable[..., None]
) -> None:
    with visitor(browser) as page:
        open_start(page, f"{own.url}/?lang=en")
        before = files(own.home), rows(own.home)
        ask(page, own, planted_jpeg())
        assert changed(before[0], files(own.home)) == set() and changed(before[1], rows(own.home)) == set()
        page.locator(f"{KEEP} label").click()
        expect(page.get_by_text("The copy is kept")).to_be_visible()
        save_picture(page)
        path, small = sorted(changed(before[0], files(own.home)))
        for name in (path, small):
            content = (own.home / name).read_bytes()
            assert [trace for trace in TRACES if trace in content] == []
        assert changed(before[1], rows(own.home)) == {"photos", "photo_events"}
        (row,) = table(own.home, "photos")
        assert row["status"] == "new" and row["consent_at"] and row["sha256"] in path and row["sha256"] in small
        assert row["latitude"] is None and row["longitude"] is None
        page.locator(f"{KEEP} label").click()
        expect(page.get_by_text("The copy is deleted")).to_be_visible()
        assert changed(before[0], files(own.home)) == set() and changed(before[1], rows(own.home)) == set()
