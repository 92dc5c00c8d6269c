"""What hosts do that none should: a photo is refused by its reason, nothing of it stays, and the others come in."""

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from core.crawl.ask import MOST_PAGES, STALE_PAGES, most_pages
from core.crawl.collect import MOST_UNANSWERED
from core.crawl.source import SourcePage, SourceQuery
from core.crawl.sources.registry import SOURCES
from core.dataset.verify import verify_library
from core.domain.crawl import Candidate, SourceLight
from core.domain.place import Position
from core.network.message import Response
from tests.support.crawls import POLICY, Bench, new_bench, with_changes
from tests.support.places import make_place
from tests.support.portal import Answer, Portal, answer_of, bomb, photo_bytes
from tests.support.recorded import cases

JEJU, SEOUL = Position(33.4586, 126.9419), Position(37.5665, 126.978)


def taken_at(position: Position, number: int = 0) -> bytes:
    """Return a photo whose EXIF says where it was taken."""
    exif = Image.Exif()
    latitude, longitude = (
        (int(value), round((value % 1) * 60, 4), 0.0) for value in (position.latitude, position.longitude)
    )
    exif.get_ifd(0x8825).update({1: "N", 2: latitude, 3: "E", 4: longitude})
    target = io.BytesIO()
    Image.open(io.BytesIO(photo_bytes(number))).save(target, "JPEG", exif=exif, quality=90)
    return target.getvalue()


def encoded(number: int, kind: str) -> bytes:
    target = io.BytesIO()
    Image.open(io.BytesIO(photo_bytes(number))).save(target, kind)
    return target.getvalue()


WHOLE = photo_bytes(0)
BAD: Mapping[str, tuple[Answer, str]] = {
    "gone": (Answer(404, b"no", "text/html"), "crawl.status"),
    "forbidden": (Answer(403, b"no", "text/html"), "crawl.status"),
    "page": (Answer(200, b"<html>log in</html>", "image/jpeg"), "photo."),
    "empty": (Answer(200, b""), "photo.empty"),
    "short": (Answer(200, WHOLE[: len(WHOLE) // 2]), "photo.broken"),
    "lie": (Answer(200, WHOLE, stated_length=2 * len(WHOLE)), "network."),
    "large": (Answer(200, b"\xff\xd8\xff" + bytes(30 * 2**20)), "network."),
    "slow": (Answer(200, WHOLE, byte_s=0.25), "network."),
    "bomb": (bomb(), ""),
    "circle": (Answer(302, headers={"Location": "/bad/circle"}), "network."),
    "inside": (Answer(302, headers={"Location": "http://169.254.169.254/latest/meta-data"}), "network.private"),
    "file": (Answer(302, headers={"Location": "file:///etc/passwd"}), "network.address"),
    "thumb": (Answer(200, photo_bytes(1, (120, 90))), "photo.too_small"),
    "film": (Answer(200, b"\x00\x00\x00\x18ftypmp42" + bytes(100), "image/jpeg"), "photo."),
}


def test_every_bad_photo_is_refused_by_its_reason_and_the_others_come_in(tmp_path: Path, portal: Portal) -> None:
    bench = new_bench(tmp_path, portal, replace(POLICY, total_s=2.0, tries=2))
    urls = [portal.put(f"/bad/{name}", answer) for name, (answer, _) in BAD.items()]
    portal.offers["naver-api"] = [*urls, *map(portal.photo_url, range(20, 24))]
    crawl = bench.crawl("naver-api")
    report = bench.run(crawl)
    reasons = bench.reasons(crawl)
    for name, (_, code) in BAD.items():
        assert reasons[f"{portal.url}/bad/{name}"].startswith(code or ("photo.", "network.")), (name, reasons)
    assert (report.kept, report.refused) == (4, len(BAD))
    assert sum(report.standings[0].refused.values()) == len(BAD)
    assert report.standings[0].light is SourceLight.FINISHED
    assert verify_library(bench.library).is_clean
    assert bench.library.photos.count() == 4


def test_the_same_photo_at_five_addresses_comes_in_once(bench: Bench) -> None:
    bench.portal.offers["naver-api"] = [
        bench.portal.put(f"/copy/{n}.jpg", Answer(body=photo_bytes(3))) for n in range(5)
    ]
    report = bench.run(bench.crawl("naver-api"))
    assert (report.kept, report.known, report.refused) == (1, 4, 0)
    assert bench.library.photos.count() == 1


def test_an_address_that_comes_on_every_page_is_asked_for_once(bench: Bench) -> None:
    bench.portal.per_page = 4
    numbers = [0, 1, 2, 3, 2, 3, 0, 4, 1, 5]
    bench.portal.offer("naver-api", numbers)
    report = bench.run(bench.crawl("naver-api"))
    assert (report.kept, report.standings[0].found) == (6, 6)
    assert sorted(bench.portal.photos_asked()) == [0, 1, 2, 3, 4, 5]


def test_what_a_file_is_named_does_not_matter(bench: Bench) -> None:
    webp = bench.portal.put("/%EC%82%AC%EC%A7%84/a.jpg", Answer(body=encoded(1, "WEBP")))
    png = bench.portal.put("/photo.php", Answer(body=encoded(2, "PNG"), media_type="text/plain"))
    bench.portal.offers["naver-api"] = [webp, png]
    assert bench.run(bench.crawl("naver-api")).kept == 2
    records = bench.library.photos.records()
    assert {(record.format, record.original_name) for record in records} == {("WEBP", "a.jpg"), ("PNG", "photo.php")}


def test_a_photo_that_says_that_it_was_taken_elsewhere_is_refused_and_no_position_is_kept(bench: Bench) -> None:
    bench.tools.places.add(make_place(7, "seongsan", JEJU))
    near = bench.portal.put("/near.jpg", Answer(body=taken_at(JEJU, 1)))
    far = bench.portal.put("/far.jpg", Answer(body=taken_at(SEOUL, 2)))
    bench.portal.offers["naver-api"] = [far, near]
    crawl = bench.crawl("naver-api", place="seongsan")
    report = bench.run(crawl)
    assert (report.kept, bench.reasons(crawl)[far]) == (1, "crawl.far")
    (record,) = bench.library.photos.records()
    assert record.position is None


class Circling:
    """A source whose cursor never runs out; it has as many new photos as it is told, and then the last ones again."""

    INFO = SOURCES["openverse"].INFO
    build_request = staticmethod(SOURCES["openverse"].build_request)

    def __init__(self, new_pages: int) -> None:
        self.pages, self._new_pages = 0, new_pages

    def parse_response(self, response: Response, query: SourceQuery) -> SourcePage:
        page = min(self.pages, self._new_pages)
        self.pages += 1
        return SourcePage((Candidate("openverse", f"http://nowhere.invalid/{page}.jpg"),), {"after": "SAME"})


@pytest.mark.parametrize(("new_pages", "asked"), [(2, 3 + STALE_PAGES), (10_000, most_pages(SOURCES["openverse"]))])
def test_a_cursor_that_stays_the_same_advances_while_there_is_news_and_ends_where_there_is_none(
    bench: Bench, new_pages: int, asked: int
) -> None:
    source = Circling(new_pages)
    bench = with_changes(bench, sources={**SOURCES, "openverse": source})
    report = bench.run(bench.crawl("openverse", free_only=True))
    assert source.pages == asked <= MOST_PAGES
    assert report.standings[0].light is SourceLight.FINISHED


@pytest.mark.parametrize("kind", ["empty", "single"])
def test_no_results_and_one_are_taken_as_such_from_every_source(bench: Bench, kind: str) -> None:
    bench.tools.places.add(make_place(7, "seongsan", JEJU))
    said = {case.source: case for case in reversed(cases(kind))}
    for name, case in said.items():
        tag = [answer_of(case.answer)] if name != "instagram-graph" or kind == "empty" else []
        bench.portal.script(f"/{name}/", *tag)
    report = bench.run(bench.crawl(*(set(said) - {"instagram-graph"}), place="seongsan", free_only=True))
    assert {one.light for one in report.standings} == {SourceLight.FINISHED}
    assert {one.found for one in report.standings} == {0 if kind == "empty" else 1}


def test_a_source_that_robots_txt_forbids_is_blocked_and_never_asked(bench: Bench) -> None:
    bench.portal.robots = Answer(200, b"User-agent: *\nDisallow: /naver-page/", "text/plain")
    bench.portal.offer("openverse", range(2))
    report = bench.run(bench.crawl("naver-page", "openverse"))
    assert [standing.light for standing in report.standings] == [SourceLight.BLOCKED, SourceLight.FINISHED]
    assert (report.standings[0].message, report.kept) == ("network.robots", 2)
    assert bench.portal.searches("naver-page") == []


def test_a_host_that_is_gone_costs_its_photos_and_a_connection_that_is_gone_costs_none(bench: Bench) -> None:
    gone = [f"http://127.0.0.1:9/{number}.jpg" for number in range(MOST_UNANSWERED + 1)]
    bench.portal.offers["naver-api"] = [gone[0], bench.portal.photo_url(1), gone[1]]
    crawl = bench.crawl("naver-api")
    report = bench.run(crawl)
    assert (report.kept, report.refused, report.standings[0].light) == (1, 2, SourceLight.FINISHED)
    assert bench.reasons(crawl)[gone[1]] == "network.robots_unread"
    bench.portal.offers["kakao"] = [*gone, bench.portal.photo_url(2)]
    crawl = bench.crawl("kakao")
    report = bench.run(crawl)
    assert (report.standings[0].light, report.standings[0].message) == (SourceLight.FAILED, "network.robots_unread")
    assert (report.refused, len(bench.crawls.next_candidates(crawl.crawl_id, "kakao", "cave"))) == (0, len(gone) + 1)
    report = bench.run(crawl)  # and the next attempt does not get stuck at the same ones
    assert (report.kept, report.refused, report.standings[0].light) == (1, len(gone), SourceLight.FINISHED)
