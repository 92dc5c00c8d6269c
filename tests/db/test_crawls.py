"""Crawls remember what was asked for, every page and every candidate, and count what became of them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.db.crawls import CrawlQuery, CrawlRepository, Settled
from core.db.engine import Database
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.domain.crawl import Candidate, CandidateState, CrawlSpec, SourceLight
from core.domain.library import PhotoAction
from core.domain.place import Position
from core.errors import InvalidInput, NotFound
from tests.db.conftest import MakeRecord

SPEC = CrawlSpec(("cave",), ("a", "b"), 20, {"cave": ("만장굴", "cave 🕳")}, True, 200, 5000.0)


@pytest.fixture
def crawls(database: Database) -> CrawlRepository:
    return CrawlRepository(database)


def candidates(*numbers: int, source: str = "a", licence: str = "CC0") -> list[Candidate]:
    return [Candidate(source, f"http://x/{number}.jpg", licence=licence) for number in numbers]


def open_query(crawls: CrawlRepository, crawl_id: str, text: str = "만장굴", source: str = "a") -> CrawlQuery:
    crawls.open_queries(crawl_id, [("cave", source, text)])
    return next(query for query in crawls.queries(crawl_id) if (query.text, query.source) == (text, source))


def test_what_was_asked_for_is_read_back_as_it_was(crawls: CrawlRepository) -> None:
    crawl = crawls.create(SPEC)
    assert crawls.get(crawl.crawl_id).spec == SPEC
    assert crawls.list() == (crawl,)
    crawls.set_job(crawl.crawl_id, "0123456789ab")
    assert crawls.find_by_job("0123456789ab") == replace(crawl, job_id="0123456789ab")
    assert crawls.find_by_job("") is None
    assert crawls.delete(crawl.crawl_id)
    with pytest.raises(NotFound):
        crawls.get(crawl.crawl_id)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sources": ()}, "crawl.nothing"),
        ({"limit": 0}, "crawl.limit"),
        ({"queries": {"cave": ("x" * 501,)}}, "crawl.query_long"),
        ({"place_slugs": ("동굴",)}, "text.key"),
    ],
)
def test_a_crawl_of_nothing_is_refused(crawls: CrawlRepository, change: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        crawls.create(replace(SPEC, **change))  # type: ignore[arg-type]
    assert refusal.value.code == code
    assert crawls.list() == ()


def test_queries_take_turns_by_the_page_until_they_are_finished(crawls: CrawlRepository) -> None:
    crawl_id = crawls.create(SPEC).crawl_id
    crawls.open_queries(crawl_id, [("cave", "a", "one"), ("cave", "a", "two"), ("cave", "b", "one")])
    crawls.open_queries(crawl_id, [("cave", "a", "one")])
    asked = []
    for number in range(5):
        query = crawls.next_query(crawl_id, "a", "cave")
        if query is None:
            break
        asked.append((query.text, dict(query.cursor)))
        crawls.add_candidates(query, candidates(number), {"page": str(number)} if query.pages == 0 else None)
    assert asked == [("one", {}), ("two", {}), ("one", {"page": "0"}), ("two", {"page": "1"})]


def test_a_candidate_is_noted_once_per_place_in_the_order_in_which_it_was_found(crawls: CrawlRepository) -> None:
    crawl_id = crawls.create(SPEC).crawl_id
    query = open_query(crawls, crawl_id)
    assert crawls.add_candidates(query, candidates(3, 1, 3), {"page": "2"}) == 2
    query = crawls.queries(crawl_id)[0]
    assert crawls.add_candidates(query, candidates(1, 2), {"page": "3"}) == 1
    query = crawls.queries(crawl_id)[0]
    assert crawls.add_candidates(query, candidates(1, 2, 3), {"page": "4"}) == 0
    assert (query.pages, crawls.queries(crawl_id)[0].stale_pages) == (2, 1)
    found = crawls.next_candidates(crawl_id, "a", "cave")
    assert [one.candidate.image_url for one in found] == ["http://x/3.jpg", "http://x/1.jpg", "http://x/2.jpg"]
    assert crawls.next_candidates(crawl_id, "a", "cave", after=found[1].candidate_id) == found[2:]
    assert crawls.next_candidates(crawl_id, "b", "cave") == ()


def test_candidates_come_back_whole_and_texts_without_end_are_cut(crawls: CrawlRepository) -> None:
    crawl_id = crawls.create(SPEC).crawl_id
    whole = Candidate(
        "a", "http://x/1.jpg", "만장굴", "7", "http://x/p", "http://x/t", "제목 🗼", "김", "CC BY 4.0", "http://l",
        width_px=640, height_px=480, position=Position(33.5, 126.5), taken_at=datetime(2026, 1, 2, 3, 4), rank=5,
    )  # fmt: skip
    endless = Candidate("a", "http://x/" + "y" * 5000, title="z" * 100_000 + "\0", author="\0k")
    crawls.add_candidates(open_query(crawls, crawl_id), [whole, endless], None)
    first, second = crawls.next_candidates(crawl_id, "a", "cave")
    assert (first.candidate, first.key) == (whole, whole.key)
    assert (len(second.candidate.image_url), len(second.candidate.title), second.candidate.author) == (4000, 500, "k")


def test_what_became_of_candidates_is_counted_by_source_query_and_licence(
    crawls: CrawlRepository, places: PlaceRepository, database: Database, make_record: MakeRecord
) -> None:
    crawl_id = crawls.create(SPEC).crawl_id
    first, second = open_query(crawls, crawl_id), open_query(crawls, crawl_id, "cave")
    crawls.add_candidates(first, candidates(1, 2, 3), {"page": "2"})
    crawls.add_candidates(second, candidates(4, licence=""), None)
    photos = PhotoRepository(database)
    photos.add_all([make_record(number) for number in (1, 4)])
    rows = [one.candidate_id for one in crawls.next_candidates(crawl_id, "a", "cave")]
    crawls.settle(
        [
            Settled(rows[0], CandidateState.KEPT, f"{1:064x}"),
            Settled(rows[1], CandidateState.REFUSED, "", "photo.broken"),
            Settled(rows[2], CandidateState.KNOWN, f"{9:064x}", "crawl.near_duplicate", {"photo": "9"}),
        ]
    )
    crawls.settle([Settled(rows[3], CandidateState.KEPT, f"{4:064x}")])
    crawls.settle([])
    until = datetime(2026, 11, 23, 5, 5, tzinfo=UTC)
    crawls.set_standing(crawl_id, "a", SourceLight.WORKING)
    crawls.set_standing(crawl_id, "a", SourceLight.WAITING, until, "network.wait", {"host": "h"})
    a, b = crawls.standings(crawl_id)
    assert (a.found, a.kept, a.known, dict(a.refused), a.requests) == (4, 2, 1, {"photo.broken": 1}, 2)
    assert (a.light, a.until, a.message, dict(a.message_values)) == (
        SourceLight.WAITING,
        until,
        "network.wait",
        {"host": "h"},
    )
    assert (b.source, b.light, b.found) == ("b", SourceLight.IDLE, 0)
    assert [(one.query, one.found, one.kept, one.known, one.refused) for one in crawls.yields(crawl_id)] == [
        ("만장굴", 3, 1, 1, 1),
        ("cave", 1, 1, 0, 0),
    ]
    assert crawls.newest_kept(crawl_id) == (f"{4:064x}", f"{1:064x}")
    assert crawls.licences(crawl_id) == {"": 1, "CC0": 1}
    assert crawls.kept(crawl_id) == {("a", "cave"): 2}
    photos.delete(f"{4:064x}")
    assert crawls.newest_kept(crawl_id, limit=5) == (f"{1:064x}",)


def test_a_photo_had_from_an_address_is_known_to_later_crawls_while_the_library_holds_it(
    crawls: CrawlRepository, places: PlaceRepository, database: Database, make_record: MakeRecord
) -> None:
    photos = PhotoRepository(database)
    photos.add(make_record(1))
    crawl_id = crawls.create(SPEC).crawl_id
    offered = candidates(1, 2)
    crawls.add_candidates(open_query(crawls, crawl_id), offered, None)
    rows = crawls.next_candidates(crawl_id, "a", "cave")
    crawls.settle([Settled(rows[0].candidate_id, CandidateState.KEPT, f"{1:064x}")])
    crawls.settle([Settled(rows[1].candidate_id, CandidateState.REFUSED, "", "crawl.status")])
    keys = [one.key for one in offered]
    assert crawls.fetched_before(keys) == {keys[0]: f"{1:064x}"}
    photos.delete(f"{1:064x}")
    assert crawls.fetched_before(keys) == {}


def test_photos_that_an_attempt_brought_and_did_not_settle_are_found(
    crawls: CrawlRepository, places: PlaceRepository, database: Database, make_record: MakeRecord
) -> None:
    crawl_id = crawls.create(SPEC).crawl_id
    photos = PhotoRepository(database)
    photos.add_all([make_record(1), make_record(2)], PhotoAction.IMPORTED, "crawl x")
    photos.add(make_record(3), PhotoAction.IMPORTED, "Kim")
    crawls.add_candidates(open_query(crawls, crawl_id), candidates(1), None)
    (row,) = crawls.next_candidates(crawl_id, "a", "cave")
    crawls.settle([Settled(row.candidate_id, CandidateState.KEPT, f"{1:064x}")])
    brought = [f"{number:064x}" for number in (1, 2, 3, 4)]
    assert crawls.unclaimed(crawl_id, "crawl x", brought) == {f"{2:064x}"}


def test_looks_tell_the_place_and_can_be_asked_for_since_a_moment(
    crawls: CrawlRepository, places: PlaceRepository, database: Database, make_record: MakeRecord
) -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    photos = PhotoRepository(database)
    photos.add(make_record(1, place_slug="cave", created_at=early))
    photos.add(make_record(2, place_slug="unknown", created_at=late))
    photos.add(make_record(3, created_at=late))
    assert [(int(sha256, 16), place) for sha256, _, place in crawls.looks()] == [(1, "cave"), (2, "unknown"), (3, None)]
    assert [int(sha256, 16) for sha256, _, _ in crawls.looks(late)] == [2, 3]


def test_forgetting_a_crawl_takes_its_rows_along(crawls: CrawlRepository, database: Database) -> None:
    crawl_id = crawls.create(SPEC).crawl_id
    crawls.add_candidates(open_query(crawls, crawl_id), candidates(1), None)
    crawls.set_standing(crawl_id, "a", SourceLight.WORKING)
    crawls.delete(crawl_id)
    assert crawls.queries(crawl_id) == ()
    assert crawls.next_candidates(crawl_id, "a", "cave") == ()
