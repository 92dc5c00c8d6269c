"""The crawl page reads a file of the curator's own: a list of addresses, or a result page saved in a browser."""

from dataclasses import replace

import pytest

from pages.ui.crawl_file import start_with_file
from pages.ui.crawl_resources import crawls
from tests.pages.test_crawl import PAGE, press, runner, said
from tests.pages.visiting import open_app
from tests.support.batch_photos import Started
from tests.support.recorded import recorded, render

__all__ = ["runner"]
pytestmark = pytest.mark.usefixtures("home")


def test_a_list_of_addresses_becomes_a_crawl_of_its_own(runner: Started) -> None:
    lines = b"url,page_url,author,licence\nhttp://img.example/1.jpg,,Kim,CC0\nhttp://img.example/2.jpg\n"
    app = open_app(PAGE)
    app.selectbox(key="crawl-file-place").set_value("cheonjiyeon").run()
    app = app.file_uploader[0].set_value(("mine.csv", lines, "text/csv")).run()
    assert "It names 2 photos" in said(app)
    app = press(app, "Collect from the file")
    (job,) = runner.jobs
    crawl = crawls().list()[0]
    assert (crawl.spec.place_slugs, crawl.spec.sources, crawl.spec.limit) == (("cheonjiyeon",), ("url-list",), 2)
    assert job.arguments == ("--crawl", crawl.crawl_id) and crawl.job_id == job.job_id
    found = crawls().next_candidates(crawl.crawl_id, "url-list", "cheonjiyeon")
    assert [one.candidate.image_url for one in found] == ["http://img.example/1.jpg", "http://img.example/2.jpg"]
    start_with_file(replace(crawl.spec, queries={}), lines, "mine.csv")
    assert len(runner.jobs) == 1 and len(crawls().list()) == 1


def test_a_file_with_a_bad_line_is_one_sentence_and_starts_nothing(runner: Started) -> None:
    app = open_app(PAGE)
    app = app.file_uploader[0].set_value(("mine.txt", b"http://img.example/1.jpg\nno address\n", "text/plain")).run()
    assert len(app.error) == 1 and "2" in app.error[0].value
    assert "Collect from the file" not in [button.label for button in app.button]


def test_a_page_saved_from_a_browser_is_read_without_being_switched_on_and_a_captcha_is_named(runner: Started) -> None:
    app = open_app(PAGE)
    app = app.selectbox(key="crawl-file-kind").set_value("naver-page").run()
    page = render("naver-page", "만장굴", 1, ["http://img.example/1.jpg", "http://img.example/2.jpg"])[2]
    app = app.file_uploader[0].set_value(("saved.html", page, "text/html")).run()
    assert "It names 2 photos" in said(app)
    captcha = recorded("naver-page", "blocked")[2]
    app = app.file_uploader[0].set_value(("captcha.html", captcha, "text/html")).run()
    assert len(app.error) == 1 and "Collect from the file" not in [button.label for button in app.button]
