"""`crawl`: collects from sources and from files, says what came of it, goes on by its number, and runs as a job."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cli import compose
from core.cli.crawl_tools import crawl_tools, fetch_policy, switched_on
from core.cli.jobs import repository
from core.crawl.sources.registry import SOURCES
from core.crawl.submit import go_on_with_crawl, submit_crawl
from core.db.crawls import CrawlRepository
from core.domain.crawl import CrawlSpec, SourceLight
from core.domain.job import Job, JobState
from core.errors import InvalidInput, NotFound
from core.jobs.runner import ProcessRunner
from tests.cli.conftest import call, forget
from tests.support.portal import Portal, running_portal
from tests.support.recorded import answer


@pytest.fixture
def portal(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    """A portal that the settings name for every source, with its keys."""
    with running_portal() as running:
        monkeypatch.setenv("EODI_CRAWL_BASE_URLS", json.dumps(running.base_urls))
        monkeypatch.setenv("EODI_NETWORK_ALLOW_HOSTS", json.dumps(["127.0.0.1"]))
        monkeypatch.setenv("EODI_CONTACT", "tests@example.org")
        monkeypatch.setenv("EODI_KAKAO_KEY", "planted-key")
        forget()
        yield running


def wait_end(job_id: str) -> Job:
    until = time.monotonic() + 120
    while not (job := repository().get(job_id)).state.ended:
        assert time.monotonic() < until, (compose.settings().jobs_dir / job.log_file).read_text()
        time.sleep(0.05)
    return job


def test_a_crawl_collects_says_what_each_query_brought_and_goes_on_by_its_number(portal: Portal) -> None:
    portal.offer("kakao", range(2))
    options = ("--place", "manjanggul", "--source", "kakao,openverse", "--query", "만장굴")
    result = call("crawl", *options, "--limit", 5, "--json")
    document = json.loads(result.stdout)
    assert (document["kept"], document["known"], document["refused"]) == (2, 0, 0)
    assert [(one["source"], one["light"], one["kept"]) for one in document["sources"]] == [
        ("kakao", "finished", 2),
        ("openverse", "finished", 0),
    ]
    assert document["licences"] == {"": 2}
    assert document["crawl_id"] in result.stderr
    assert "planted-key" not in result.output
    assert compose.library().photos.count("manjanggul") == 2
    before = len(portal.asked)
    again = call("crawl", "--crawl", document["crawl_id"])
    assert "New: 2. Known before: 0. Not taken in: 0." in again.stdout
    assert "licence unknown: 2 photo(s)" in again.stdout
    assert len(portal.asked) == before


def test_a_source_that_cannot_go_on_is_named_and_nothing_found_is_a_failure(portal: Portal) -> None:
    result = call("crawl", "--place", "manjanggul", "--source", "flickr", "--query", "x")
    assert result.exit_code == 1
    assert "EODI_FLICKR_KEY" in result.stderr


def test_a_list_of_addresses_and_a_saved_page_are_fetched_without_asking_a_source(
    portal: Portal, tmp_path: Path
) -> None:
    listed = tmp_path / "목록.csv"
    listed.write_text(f"url,page_url,author,licence\n{portal.photo_url(1)},,김,CC BY 4.0\n", encoding="utf-8")
    document = json.loads(call("crawl", "--place", "osulloc", "--file", listed, "--json").stdout)
    assert (document["kept"], document["licences"]) == (1, {"CC BY 4.0": 1})
    assert [(one["query"], one["found"]) for one in document["queries"]] == [("목록.csv", 1)]
    page = tmp_path / "saved.html"
    page.write_bytes(answer("naver-page", "", {}, [portal.photo_url(2)])[2])
    document = json.loads(
        call("crawl", "--place", "osulloc", "--source", "naver-page", "--file", page, "--json").stdout
    )
    assert document["kept"] == 1
    assert {asked.path for asked in portal.asked} == {"/robots.txt", "/photo/1.jpg", "/photo/2.jpg"}


def test_what_cannot_be_crawled_is_said_before_anything_is_noted(portal: Portal, tmp_path: Path) -> None:
    page = tmp_path / "saved.html"
    page.write_text("<html></html>", encoding="utf-8")
    for options, code in (
        (("--source", "kakao"), "crawl.nothing"),
        (("--place", "osulloc", "--source", "bing"), "crawl.no_source"),
        (("--place", "atlantis"), "place.not_found"),
        (("--crawl", "000000000000"), "crawl.not_found"),
        (("--place", "osulloc", "--source", "kakao", "--file", page), "crawl.file_source"),
        (("--place", "osulloc", "--place", "manjanggul", "--file", page), "crawl.file_place"),
    ):
        with pytest.raises((InvalidInput, NotFound)) as refusal:
            call("crawl", *options)
        assert refusal.value.code == code
    assert crawl_tools().crawls.list() == ()
    assert portal.asked == []


def test_a_double_click_starts_one_job_that_outlives_its_starter_and_can_be_gone_on_with(portal: Portal) -> None:
    portal.offer("kakao", range(2))
    jobs, crawls = repository(), CrawlRepository(compose.database())
    runner = ProcessRunner(jobs, compose.settings().jobs_dir)
    spec = CrawlSpec(("osulloc",), ("kakao",), 5, {"osulloc": ("오설록",)})
    first, second = (submit_crawl(spec, crawls, jobs, runner) for _ in range(2))
    assert first.job_id == second.job_id
    (crawl,) = crawls.list()
    assert crawls.find_by_job(first.job_id) == crawl
    job = wait_end(first.job_id)
    assert (job.state, job.kind, job.message, job.done) == (JobState.SUCCEEDED, "crawl", "crawl.done", 2)
    assert crawls.standings(crawl.crawl_id)[0].light is SourceLight.FINISHED
    assert compose.library().photos.count("osulloc") == 2
    assert [one.kind for one in jobs.list()] == ["opinions", "crawl"]
    for one in jobs.list():
        wait_end(one.job_id)


class NotingRunner:
    """Starts nothing, and notes what it should have."""

    def __init__(self) -> None:
        self.started: list[Job] = []

    def start(self, job: Job) -> None:
        self.started.append(job)


def test_going_on_with_a_crawl_is_a_job_of_its_own_and_two_clicks_are_one(data_dir: Path) -> None:
    jobs, crawls, runner = repository(), CrawlRepository(compose.database()), NotingRunner()
    spec = CrawlSpec(("osulloc",), ("kakao",))
    first = submit_crawl(spec, crawls, jobs, runner)
    (crawl,) = crawls.list()
    jobs.end(first.job_id, JobState.SUCCEEDED)
    again, twice = (go_on_with_crawl(crawl.crawl_id, crawls, jobs, runner) for _ in range(2))
    assert again == twice != first
    assert [job.arguments for job in runner.started] == [("--crawl", crawl.crawl_id)] * 2
    assert crawls.get(crawl.crawl_id).job_id == again.job_id
    other = submit_crawl(spec, crawls, jobs, runner)  # the same wish as one that has ended is a new crawl
    assert other.arguments != again.arguments


def test_a_job_is_cancelled_within_two_seconds_and_resumed_where_it_stopped(portal: Portal) -> None:
    portal.offer("kakao", range(30))
    jobs, crawls = repository(), CrawlRepository(compose.database())
    spec = CrawlSpec(("osulloc",), ("kakao",), 30, {"osulloc": ("오설록",)})
    job = submit_crawl(spec, crawls, jobs, ProcessRunner(jobs, compose.settings().jobs_dir))
    until = time.monotonic() + 120
    while len(portal.photos_asked()) < 1:  # at the pace of one a second, thirty would take half a minute
        assert time.monotonic() < until
        time.sleep(0.02)
    call("jobs", "cancel", job.job_id)
    asked_at = time.monotonic()
    assert wait_end(job.job_id).state is JobState.CANCELLED
    took_s = time.monotonic() - asked_at
    print(f"cancelled after {took_s:.2f} s")
    assert took_s < 10  # below two on a quiet machine; what the network's part of it takes is asserted elsewhere
    before = portal.photos_asked()
    assert len(before) < 30
    portal.offers["kakao"] = portal.offers["kakao"][: len(before)]
    call("jobs", "resume", job.job_id)
    until = time.monotonic() + 120
    while len(portal.photos_asked()) <= len(before):
        assert time.monotonic() < until
        time.sleep(0.02)
    call("jobs", "cancel", job.job_id)
    wait_end(job.job_id)
    assert portal.photos_asked()[len(before)] in {len(before) - 1, len(before)}
    assert len(portal.searches("kakao")) == 1


def test_paces_quotas_and_documented_hosts_are_those_of_the_sources(data_dir: Path) -> None:
    policy = fetch_policy(compose.settings())
    assert policy.paces["openverse"] == SOURCES["openverse"].INFO.pace_s
    assert policy.quotas["google-api"] == 100
    assert "flickr" not in policy.quotas
    assert "openapi.naver.com" in policy.api_hosts
    assert "search.naver.com" not in policy.api_hosts
    assert switched_on(compose.settings()) == frozenset()
