"""A crawl brings what was asked for, no more, once, with its provenance; whatever a source does, the others go on."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from core.crawl.collect import MOST_WAITS, standing_after
from core.crawl.sources.registry import SOURCES
from core.domain.crawl import CrawlSpec, SourceLight, SourceStanding
from core.domain.place import Position
from core.errors import Conflict, MustWait, NotFound, SourceBusy, SourceLayoutError, Value
from core.network.message import Request, Response
from tests.support.crawls import KEYS, POLICY, Bench, new_bench, tools_at, with_changes
from tests.support.places import make_place
from tests.support.portal import Answer, Portal, answer_of, page_answer
from tests.support.recorded import Case, cases


def lights(standings: tuple[SourceStanding, ...]) -> dict[str, SourceLight]:
    return {standing.source: standing.light for standing in standings}


def test_photos_of_several_sources_come_in_once_with_who_made_them_and_on_what_terms(bench: Bench) -> None:
    bench.portal.offer("naver-api", range(6))
    bench.portal.offer("openverse", range(3, 9))
    report = bench.run(bench.crawl("naver-api", "openverse"))
    assert lights(report.standings) == dict.fromkeys(("naver-api", "openverse"), SourceLight.FINISHED)
    assert (report.kept, report.known, report.refused) == (9, 3, 0)
    records = bench.library.photos.list("cave")
    assert {record.sha256 for record in records} == set(map(bench.hash_of, range(9)))
    naver = next(record for record in records if record.source == "naver-api")
    assert (naver.author, naver.licence, naver.position) == ("", "", None)
    assert naver.page_url.startswith(bench.portal.url)  # no page is known, so the photo's own address stands there
    others = [record for record in records if record.source == "openverse"]
    assert {(record.licence, record.status.value) for record in others} == {("CC BY-SA 2.0", "new")}
    assert others[0].page_url.startswith("http://flickr.test/photos/")
    assert others[0].author.startswith("user 0")
    assert sum(report.licences.values()) == 9
    assert set(report.licences) == {"", "CC BY-SA 2.0"}
    assert [(one.source, one.query, one.found) for one in report.yields] == [
        ("naver-api", "만장굴", 6),
        ("openverse", "만장굴", 6),
    ]
    assert bench.portal.asked[-1].headers["user-agent"].startswith("Eodi/0 (tests@example.org)")


def test_no_more_is_fetched_than_is_wanted_of_each_place_and_source(bench: Bench) -> None:
    bench.portal.per_page = 20
    bench.portal.offer("openverse", range(60))
    bench.portal.script("/photo/3.jpg", Answer(404))
    spec = CrawlSpec(("cave", "falls"), ("openverse",), 7, {"cave": ("동굴",), "falls": ("폭포", "falls")})
    bench.portal.offers["openverse"] = bench.portal.offers["openverse"][:20]
    report = bench.run(bench.crawls.create(replace(spec, place_slugs=("cave",))))
    assert report.kept == 7
    assert bench.portal.photos_asked() == [0, 1, 2, 3, 4, 5, 6, 7]
    assert len(bench.portal.searches("openverse")) == 1


def test_queries_take_turns_and_each_is_told_what_it_brought(bench: Bench) -> None:
    bench.portal.per_page = 5
    bench.portal.offer("openverse", range(15))
    spec = CrawlSpec(("cave",), ("openverse",), 100, {"cave": ("one", "two")})
    report = bench.run(bench.crawls.create(spec))
    asked = [(search.params["q"], search.params["page"]) for search in bench.portal.searches("openverse")]
    assert asked[:4] == [("one", "1"), ("two", "1"), ("one", "2"), ("two", "2")]
    assert [(one.query, one.found, one.kept) for one in report.yields] == [("one", 15, 15), ("two", 0, 0)]


def test_a_finished_crawl_asks_for_nothing_and_another_one_for_no_photo_that_was_had(bench: Bench) -> None:
    bench.portal.offer("openverse", range(8))
    crawl = bench.crawl("openverse")
    bench.run(crawl)
    before = len(bench.portal.asked)
    assert bench.run(crawl).kept == 8
    assert len(bench.portal.asked) == before
    report = bench.run(bench.crawl("openverse"))
    assert (report.kept, report.known) == (0, 8)
    assert len(bench.portal.photos_asked()) == 8
    assert bench.run(bench.crawl("openverse", place="falls")).known == 8
    assert len(bench.portal.photos_asked()) == 8


def test_where_only_free_licences_are_wanted_no_other_photo_is_even_asked_for(bench: Bench) -> None:
    bench.portal.offer("naver-api", range(4))
    bench.portal.offer("openverse", range(4, 8))
    report = bench.run(bench.crawl("naver-api", "openverse", free_only=True))
    assert {standing.source: dict(standing.refused) for standing in report.standings} == {
        "naver-api": {"crawl.licence": 4},
        "openverse": {},
    }
    assert sorted(bench.portal.photos_asked()) == [4, 5, 6, 7]


def test_a_photo_that_its_source_calls_too_small_or_too_far_is_not_asked_for(bench: Bench) -> None:
    bench.tools.places.add(make_place(7, "busan", Position(35.18, 129.07)))
    bench.portal.offer("openverse", range(3))
    bench.portal.offer("flickr", range(3, 5))  # its photos say that they were taken on Jeju
    report = bench.run(bench.crawl("openverse", "flickr", place="busan", min_size_px=800))
    assert [dict(standing.refused) for standing in report.standings] == [{"photo.too_small": 3}, {"photo.too_small": 2}]
    report = bench.run(bench.crawl("flickr", place="busan"))
    assert dict(report.standings[0].refused) == {"crawl.far": 2}
    assert bench.portal.photos_asked() == []


def test_a_source_that_looks_around_a_position_passes_over_places_without_one(bench: Bench) -> None:
    bench.portal.offer("commons-near", range(3))
    assert bench.run(bench.crawl("commons-near")).kept == 0
    assert bench.portal.asked == []
    bench.tools.places.add(make_place(7, "seongsan", Position(33.4586, 126.9419)))
    bench.portal.offer("commons-near", range(3))
    report = bench.run(bench.crawls.create(CrawlSpec(("seongsan",), ("commons-near",), 9, {"seongsan": ("a", "b")})))
    assert report.kept == 3
    assert [one.query for one in report.yields] == ["a"]


def test_unknown_places_and_sources_are_said_before_anything_is_asked(bench: Bench) -> None:
    with pytest.raises(NotFound, match=r"crawl\.no_source"):
        bench.run(bench.crawl("openverse", "bing"))
    with pytest.raises(NotFound, match=r"place\.not_found"):
        bench.run(bench.crawl("openverse", place="atlantis"))
    assert bench.portal.asked == []


def test_a_crawl_is_worked_on_by_one_process_at_a_time(bench: Bench) -> None:
    bench.portal.offer("openverse", range(3))
    crawl = bench.crawl("openverse")

    def again(done: int, total: int | None, key: str = "", **values: Value) -> None:
        if key == "crawl.progress":
            with pytest.raises(Conflict, match=r"crawl\.under_way"):
                bench.run(crawl)

    assert bench.run(crawl, again).kept == 3


EXPLAIN_429 = {"google-api", "kakao", "naver-api", "naver-hub"}
LIGHT_OF = {
    "blocked": SourceLight.BLOCKED,
    "bad_key": SourceLight.KEY_MISSING,
    "quota": SourceLight.QUOTA_SPENT,
    "changed": SourceLight.FAILED,
    "refused": SourceLight.FAILED,
}


def refusals(kind: str) -> dict[str, Case]:
    """Return by source what it says, leaving out a 429 that says no more, which the door deals with."""
    said = reversed(cases(kind))
    return {case.source: case for case in said if case.status in {200, 400, 401, 403} or case.source in EXPLAIN_429}


@pytest.mark.parametrize("kind", LIGHT_OF)
def test_what_a_source_refuses_becomes_its_light_after_one_request_and_the_others_go_on(
    bench: Bench, kind: str
) -> None:
    bench.tools.places.add(make_place(7, "seongsan", Position(33.4586, 126.9419)))
    refusing = refusals(kind)
    fine = "openverse"
    refusing.pop(fine, None)
    assert len(refusing) >= 4
    bench.portal.offer(fine, range(2))
    for source, case in refusing.items():
        bench.portal.script(f"/{source}/", answer_of(case.answer))
    report = bench.run(bench.crawl(*refusing, fine, place="seongsan"))
    assert {one.source: one.light for one in report.standings[:-1]} == dict.fromkeys(refusing, LIGHT_OF[kind])
    assert all(one.message and not one.found for one in report.standings[:-1])
    assert {source: len(bench.portal.searches(source)) for source in refusing} == dict.fromkeys(refusing, 1)
    assert (report.standings[-1].light, report.kept) == (SourceLight.FINISHED, 2)


def test_a_source_without_its_key_says_which_and_one_that_is_off_says_how_to_switch_it_on(bench: Bench) -> None:
    bench.portal.offer("openverse", range(2))
    bench = with_changes(bench, keys={}, opt_in=frozenset())
    report = bench.run(bench.crawl("kakao", "naver-page", "openverse"))
    kakao, page, _ = report.standings
    assert (kakao.light, kakao.message_values["setting"]) == (SourceLight.KEY_MISSING, "EODI_KAKAO_KEY")
    assert (page.light, page.message) == (SourceLight.FAILED, "crawl.switched_off")
    assert report.kept == 2
    assert {asked.path.split("/")[1] for asked in bench.portal.asked} == {"robots.txt", "openverse", "photo"}


class Broken:
    """A source with a mistake in its code."""

    INFO = SOURCES["openverse"].INFO
    build_request = staticmethod(SOURCES["openverse"].build_request)

    @staticmethod
    def parse_response(response: Response, query: object) -> None:
        raise TypeError("'NoneType' object is not iterable")


def test_a_mistake_in_one_source_ends_that_source_alone(bench: Bench) -> None:
    bench.portal.offer("kakao", range(2))
    bench.portal.offer("openverse", range(2))
    bench = with_changes(bench, sources={**SOURCES, "openverse": Broken})
    report = bench.run(bench.crawl("openverse", "kakao"))
    assert [standing.light for standing in report.standings] == [SourceLight.FAILED, SourceLight.FINISHED]
    assert (report.standings[0].message, report.kept) == ("source.failed", 2)


def test_a_busy_source_is_asked_again_when_it_said(bench: Bench) -> None:
    bench.portal.offer("flickr", range(2))
    busy = '{"stat":"fail","code":105,"message":"Service currently unavailable"}'
    bench.portal.script("/flickr/", page_answer(busy, Retry_After="1"))
    report = bench.run(bench.crawl("flickr"))
    first, second = bench.portal.searches("flickr")
    assert second.at - first.at >= 1
    assert (report.kept, report.standings[0].light) == (2, SourceLight.FINISHED)


def test_a_source_that_asks_for_a_long_pause_waits_alone_and_the_crawl_ends_as_paused_and_goes_on_later(
    bench: Bench,
) -> None:
    bench.portal.offer("openverse", range(2))
    # Hosts are told apart by name: the other source and all photos are asked under another one.
    slow = bench.portal.url.replace("127.0.0.1", "localhost")
    bench = with_changes(bench, base_urls={**bench.tools.base_urls, "kakao": f"{slow}/kakao"})
    bench.portal.offer("kakao", range(2, 5))
    bench.portal.script("/kakao/", page_answer("", 429, Retry_After="3600"))
    told: list[tuple[str, Mapping[str, Value]]] = []
    crawl = bench.crawl("kakao", "openverse")
    report = bench.run(crawl, lambda done, total, key="", **values: told.append((key, values)))
    kakao, other = report.standings
    assert (kakao.light, kakao.message, other.light) == (SourceLight.WAITING, "network.wait", SourceLight.FINISHED)
    assert kakao.until is not None
    assert timedelta(minutes=55) < kakao.until - datetime.now(UTC) <= timedelta(hours=1)
    assert (report.kept, report.waits_until) == (2, kakao.until)
    assert told[-1][0] == "crawl.paused"
    assert len(bench.portal.searches("kakao")) == 1
    with bench.database.session() as session:
        session.execute(text("DELETE FROM host_pauses"))
    again = tools_at(bench.database, bench.library, bench.folder, bench.portal.url)
    assert replace(bench, tools=replace(again, base_urls=bench.tools.base_urls)).run(crawl).kept == 5


def test_a_spent_quota_stops_its_source_for_the_day_also_in_the_next_process(tmp_path: Path, portal: Portal) -> None:
    portal.per_page = 2
    portal.offer("openverse", range(6))
    policy = replace(POLICY, quotas={"openverse": 2})
    bench = new_bench(tmp_path, portal, policy)
    crawl = bench.crawl("openverse")
    report = bench.run(crawl)
    standing = report.standings[0]
    assert (standing.light, standing.message, report.kept) == (SourceLight.QUOTA_SPENT, "source.quota", 4)
    assert standing.until == report.waits_until is not None
    again = tools_at(bench.database, bench.library, bench.folder, portal.url, policy)
    assert replace(bench, tools=again).run(crawl).standings[0].light is SourceLight.QUOTA_SPENT
    assert len(portal.searches("openverse")) == 2


class Impatient:
    """A host that asks for one short pause after another, and never answers."""

    asked = 0

    def send(self, request: Request, stop: Callable[[], bool] = lambda: False) -> Response:
        self.asked += 1
        raise MustWait(host="h", until=(datetime.now(UTC) + timedelta(seconds=0.05)).isoformat())


def test_a_source_that_only_ever_asks_for_a_pause_is_left_alone_in_the_end(bench: Bench) -> None:
    fetcher = Impatient()
    report = with_changes(bench, fetcher=fetcher).run(bench.crawl("openverse"))
    assert (fetcher.asked, report.standings[0].light) == (MOST_WAITS, SourceLight.WAITING)
    assert report.waits_until is not None


@pytest.mark.parametrize("code", ["network.wait", "source.busy"])
def test_a_pause_without_a_moment_is_a_few_minutes(code: str) -> None:
    error = MustWait(host="h") if code == "network.wait" else SourceBusy(source="s", wait_s=3)
    standing = standing_after(error)
    assert standing.light is SourceLight.WAITING
    assert standing.until is not None
    assert standing.until > datetime.now(UTC) + timedelta(minutes=2)
    assert standing_after(SourceLayoutError(source="s", missing="x")).light is SourceLight.FAILED


def test_keys_are_in_no_row_no_log_and_no_address(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    names = [name for name, source in SOURCES.items() if source.INFO.key_settings]
    for number, name in enumerate(names):
        bench.portal.offer(name, range(2 * number, 2 * number + 2))
    assert bench.run(bench.crawl(*names)).kept == 2 * len(names)
    rows = []
    with bench.database.reading() as session:
        for (table,) in session.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all():
            rows.append(json.dumps([list(row) for row in session.execute(text(f"SELECT * FROM {table}"))], default=str))  # noqa: S608 -- names from the schema itself
    photos = [asked for asked in bench.portal.asked if asked.photo is not None]
    seen = "\n".join([*rows, caplog.text, *(str(asked.headers) + str(asked.params) for asked in photos)])
    assert [name for name, key in KEYS.items() if key in seen] == []
