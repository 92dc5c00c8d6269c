"""The crawl page: what is chosen becomes a crawl, what it costs is said before, and what it brought is told after."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psutil
import pytest
import streamlit as st
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from core.db.requests import RequestLedger, SourceRequestsRow
from core.domain.crawl import Crawl, CrawlSpec, SourceLight
from core.domain.job import JobState
from pages.ui import resources
from pages.ui.crawl_resources import crawls
from tests.pages.visiting import open_app, words
from tests.support.batch_photos import Started
from tests.support.crawled import Brought, write_crawl

PAGE = "pages/crawl.py"
COMMONS, OPENVERSE, NAVER = "commons-search", "openverse", "naver-hub"
PAYLOAD = "![](http://x.example) <script>1</script>"
pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> Started:
    """Let jobs be noted, and not started."""
    noted = Started()
    monkeypatch.setattr(resources, "job_runner", lambda: noted)
    return noted


def said(app: AppTest) -> str:
    assert not app.exception
    return words(app).replace("\u2060", "")


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def planned(*slugs: str) -> AppTest:
    """Open the page and choose places."""
    app = open_app(PAGE)
    return app.multiselect(key="crawl-places").set_value(list(slugs)).run()


def start_button(app: AppTest) -> bool:
    """Return whether a crawl can be started."""
    return not next(button for button in app.button if button.key == "crawl-start").disabled


def brought() -> Crawl:
    """Write a crawl that two sources brought photos to, with a job of its own that is at work."""
    spec = CrawlSpec(("manjanggul",), (COMMONS, OPENVERSE, NAVER))
    things = [
        Brought(COMMONS, "manjanggul", "만장굴", [("Kim", "CC BY 4.0"), (PAYLOAD, "CC0")], 1, {"photo.too_small": 3}),
        Brought(OPENVERSE, "manjanggul", PAYLOAD, [("", "")], 0, {"crawl.far": 1, "network.failed": 2}, waiting=4),
    ]
    crawl = write_crawl(crawls(), resources.library(), spec, things)
    jobs = resources.jobs()
    job = jobs.create("crawl", ("--crawl", crawl.crawl_id))
    jobs.claim(job.job_id, os.getpid(), psutil.Process().create_time())
    crawls().set_job(crawl.crawl_id, job.job_id)
    crawls().set_standing(crawl.crawl_id, COMMONS, SourceLight.WORKING)
    soon = datetime.now(UTC) + timedelta(minutes=1)
    crawls().set_standing(crawl.crawl_id, OPENVERSE, SourceLight.WAITING, soon)
    values = {"source": NAVER, "setting": "EODI_NAVER_HUB_KEY", "where": "https://console.example"}
    crawls().set_standing(crawl.crawl_id, NAVER, SourceLight.KEY_MISSING, None, "source.key_missing", values)
    return crawls().get(crawl.crawl_id)


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "Please choose at least one place"), ("ko", "장소를 하나 이상 골라 주세요")]
)
def test_a_fresh_page_says_what_to_choose_first_and_starts_nothing(language: str, sentence: str) -> None:
    app = open_app(PAGE, language)
    assert sentence in said(app)
    assert not start_button(app)


def test_sources_that_need_no_key_are_ticked_and_a_crawl_works_at_once(runner: Started) -> None:
    app = planned("manjanggul")
    assert app.checkbox(key=f"crawl-source-{COMMONS}").value and app.checkbox(key=f"crawl-source-{OPENVERSE}").value
    app = press(app, "Start collecting")
    (job,) = runner.jobs
    crawl = crawls().find_by_job(job.job_id)
    assert crawl is not None and crawl.spec.place_slugs == ("manjanggul",)
    assert {COMMONS, OPENVERSE} <= set(crawl.spec.sources) and NAVER not in crawl.spec.sources
    assert app.query_params["job"] in (job.job_id, [job.job_id])


def test_a_second_click_on_the_same_finds_the_first(runner: Started) -> None:
    press(planned("manjanggul"), "Start collecting")
    press(planned("manjanggul"), "Start collecting")
    assert len(runner.jobs) == 1 and len(crawls().list()) == 1


def test_a_source_without_its_key_names_the_setting_where_to_get_it_and_where_to_put_it() -> None:
    app = open_app(PAGE)
    text = said(app)
    assert "EODI_KAKAO_KEY" in text and "https://developers.kakao.com" in text and ".streamlit/secrets.toml" in text
    assert app.checkbox(key="crawl-off-kakao").disabled


def test_a_source_whose_key_is_there_can_be_asked_and_the_key_is_never_shown(
    monkeypatch: pytest.MonkeyPatch, runner: Started
) -> None:
    monkeypatch.setenv("EODI_KAKAO_KEY", "a-very-secret-key")
    app = planned("manjanggul")
    assert not app.checkbox(key="crawl-source-kakao").value  # it states no licence, so nobody asked for it yet
    app = app.checkbox(key="crawl-source-kakao").check().run()
    assert "a-very-secret-key" not in said(app)
    press(app, "Start collecting")
    crawl = crawls().list()[0]
    assert "kakao" in crawl.spec.sources
    assert "a-very-secret-key" not in str(crawl)


def test_result_pages_are_off_until_the_operator_switches_them_on(monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_app(PAGE)
    assert app.checkbox(key="crawl-off-naver-page").disabled
    assert "EODI_CRAWL_PAGES" in said(app)
    monkeypatch.setenv("EODI_CRAWL_PAGES", "1")
    st.cache_resource.clear()
    app = open_app(PAGE)
    assert not app.checkbox(key="crawl-source-naver-page").disabled
    assert not app.checkbox(key="crawl-source-naver-page").value


def test_words_are_suggested_in_both_languages_and_what_is_written_instead_is_asked(runner: Started) -> None:
    app = planned("manjanggul")
    field = app.text_area(key="crawl-words-manjanggul")
    assert {"만장굴", "Manjanggul"} <= set(field.value.splitlines())
    field.set_value("  만장굴   입구 \n\n만장굴 입구\nlava tube").run()
    press(app, "Start collecting")
    assert crawls().list()[0].spec.queries == {"manjanggul": ("만장굴 입구", "lava tube")}


def test_the_numbers_chosen_are_those_of_the_crawl(runner: Started) -> None:
    app = planned("manjanggul", "cheonjiyeon")
    app.number_input(key="crawl-limit").set_value(7)
    app.number_input(key="crawl-size").set_value(640)
    app = app.toggle(key="crawl-free").set_value(True).run()
    press(app, "Start collecting")
    spec = crawls().list()[0].spec
    assert (spec.limit, spec.min_size_px, spec.free_only) == (7, 640, True)
    assert spec.place_slugs == ("manjanggul", "cheonjiyeon")


def test_with_free_licences_only_a_source_that_states_none_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, runner: Started
) -> None:
    monkeypatch.setenv("EODI_KAKAO_KEY", "key")
    app = planned("manjanggul")
    app = app.checkbox(key="crawl-source-kakao").check().run()
    app = app.toggle(key="crawl-free").set_value(True).run()
    assert app.checkbox(key="crawl-source-kakao").disabled
    press(app, "Start collecting")
    assert "kakao" not in crawls().list()[0].spec.sources


def test_the_cost_is_said_before_and_a_quota_that_may_not_suffice_is_named() -> None:
    database = resources.database()
    RequestLedger(database).spend(OPENVERSE, 200, datetime.now(UTC))
    with database.session() as session:
        session.execute(update(SourceRequestsRow).values(spent=150))
    text = said(planned("manjanggul"))
    assert "50 left today" in text
    assert "may not suffice: Openverse" in text


def test_a_crawl_at_work_shows_a_light_in_words_for_each_source_and_the_newest_photos() -> None:
    crawl = brought()
    app = open_app(PAGE, job=crawl.job_id)
    text = said(app)
    assert "working" in text and "waiting until" in text and "key missing" in text
    assert "found 6 · kept 2 · known 1 · refused 3" in text
    assert "Refused: too small 3" in text and "Refused: not reached 2 · taken elsewhere 1" in text
    assert len(app.get("image")) == 3
    assert "licence unknown" in text and "CC BY 4.0" in text


def test_text_of_a_source_is_shown_as_it_is() -> None:
    crawl = brought()
    resources.jobs().end(crawl.job_id, JobState.SUCCEEDED, "", {})
    app = open_app(PAGE, job=crawl.job_id)
    assert PAYLOAD in said(app)
    shown = [*app.markdown, *app.caption, *app.info, *app.subheader]
    assert not any("![](" in element.value for element in shown)


def test_afterwards_the_report_tells_every_count() -> None:
    crawl = brought()
    resources.jobs().end(crawl.job_id, JobState.SUCCEEDED, "", {})
    app = open_app(PAGE, job=crawl.job_id)
    text = said(app)
    assert "Manjanggul · Wikimedia Commons (2)" in text and "Manjanggul · Openverse (1)" in text
    assert [metric.value for metric in app.metric] == ["3", "1", "6", "14"]
    table = app.dataframe[0].value
    assert list(table["Kept"]) == [2, 1] and PAYLOAD in list(table["Search"])
    assert "CC0: 1" in text and "licence unknown: 1" in text


@pytest.mark.parametrize(
    ("state", "sentence"), [(JobState.INTERRUPTED, "It was cut off"), (JobState.CANCELLED, "Stopped.")]
)
def test_a_crawl_that_was_cut_off_or_stopped_goes_on_at_a_click(
    runner: Started, state: JobState, sentence: str
) -> None:
    crawl = brought()
    resources.jobs().end(crawl.job_id, state, "", {})
    app = open_app(PAGE, job=crawl.job_id)
    assert sentence in said(app) and "stopped" in said(app)
    press(app, "Go on")
    assert resources.jobs().get(crawl.job_id).state is JobState.QUEUED
    assert [job.job_id for job in runner.jobs] == [crawl.job_id]


def test_a_crawl_whose_sources_have_more_to_bring_can_go_on_after_its_end(runner: Started) -> None:
    crawl = brought()
    resources.jobs().end(crawl.job_id, JobState.SUCCEEDED, "", {})
    press(open_app(PAGE, job=crawl.job_id), "Go on")
    (job,) = runner.jobs
    assert job.arguments == ("--crawl", crawl.crawl_id)
    assert crawls().get(crawl.crawl_id).job_id == job.job_id


def test_a_crawl_that_is_through_offers_nothing_more() -> None:
    crawl = brought()
    for source in crawl.spec.sources:
        crawls().set_standing(crawl.crawl_id, source, SourceLight.FINISHED)
    resources.jobs().end(crawl.job_id, JobState.SUCCEEDED, "", {})
    assert "Go on" not in [button.label for button in open_app(PAGE, job=crawl.job_id).button]


def test_a_failed_start_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "job_runner", lambda: Started(fails=True))
    app = press(planned("manjanggul"), "Start collecting")
    assert len(app.error) == 1 and not app.exception


def test_several_crawls_are_listed_and_each_is_one_click_away() -> None:
    first = brought()
    crawls().create(CrawlSpec(("cheonjiyeon",), (OPENVERSE,)))
    app = open_app(PAGE)
    text = said(app)
    assert "Manjanggul" in text and "photos kept: 3" in text
    assert "Started on the command line" in text
    app = press(app, "Show")
    assert app.query_params["job"] in (first.job_id, [first.job_id])
    assert "Wikimedia Commons" in said(app)


@pytest.mark.parametrize("kind", ["export", "none at all"])
def test_an_address_of_no_crawl_says_so_and_shows_the_plan(kind: str) -> None:
    job_id = resources.jobs().create("export", ()).job_id if kind == "export" else "ffffffffffff"
    app = open_app(PAGE, job=job_id)
    assert "is not there" in said(app)
    assert app.multiselect(key="crawl-places").value == []


def test_a_place_without_position_is_named_where_a_source_looks_around_it() -> None:
    places = resources.places()
    places.update(replace(places.get("manjanggul"), position=None))
    assert "Passed over here, as they have no position: Manjanggul" in said(planned("manjanggul"))
