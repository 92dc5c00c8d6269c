"""What is filed and what is not: near-duplicates of the same place are not, those of another place are and say so."""

import io

import pytest
from PIL import Image

from core.crawl.filing import actor_of, provenance_of
from core.dataset.import_photos import Provenance, keep_original
from core.domain.crawl import Candidate
from core.domain.library import PhotoAction
from core.domain.photo import PhotoStatus
from tests.support.crawls import Bench
from tests.support.portal import Answer, photo_bytes


def saved_again(number: int, quality: int = 40) -> bytes:
    """Return a near-duplicate: the photo, saved once more."""
    target = io.BytesIO()
    Image.open(io.BytesIO(photo_bytes(number))).save(target, "JPEG", quality=quality)
    return target.getvalue()


def bring(bench: Bench, content: bytes, place: str | None) -> str:
    """Bring a photo into the library otherwise than by a crawl, and return its hash."""
    keep_original(content, "a.jpg", place, Provenance("album"), bench.library, "Kim")
    return bench.library.photos.records()[0].sha256


def test_a_near_duplicate_of_a_photo_of_the_same_place_is_not_kept_and_names_it(bench: Bench) -> None:
    there = bring(bench, saved_again(1), "cave")
    bench.library.photos.set_status(there, PhotoStatus.REJECTED, "blurry")  # also what review threw out stays out
    bench.portal.offer("naver-api", [1, 2])
    crawl = bench.crawl("naver-api")
    report = bench.run(crawl)
    assert (report.kept, report.known) == (1, 1)
    state, sha256, reason, values = bench.outcomes(crawl)[bench.portal.photo_url(1)]
    assert (state, sha256, reason, values) == ("known", there, "crawl.near_duplicate", {"photo": there[:12]})


@pytest.mark.parametrize("place", ["falls", "unknown", None])
def test_a_near_duplicate_of_a_photo_filed_elsewhere_is_kept_and_says_so(bench: Bench, place: str | None) -> None:
    there = bring(bench, saved_again(1), place)
    bench.portal.offer("naver-api", [1])
    crawl = bench.crawl("naver-api")
    assert bench.run(crawl).kept == 1
    _, sha256, reason, values = bench.outcomes(crawl)[bench.portal.photo_url(1)]
    assert (sha256, reason) == (bench.hash_of(1), "crawl.alike_elsewhere")
    assert values == {"photo": there[:12], "place": place or "unsorted"}


def test_the_very_photo_filed_elsewhere_stays_there_and_is_named(bench: Bench) -> None:
    there = bring(bench, photo_bytes(1), "falls")
    bench.portal.offer("naver-api", [1])
    crawl = bench.crawl("naver-api")
    assert bench.run(crawl).known == 1
    _, _, reason, values = bench.outcomes(crawl)[bench.portal.photo_url(1)]
    assert (reason, values) == ("crawl.known_elsewhere", {"photo": there[:12], "place": "falls"})
    assert bench.library.photos.get(there).place_slug == "falls"


def test_two_that_look_alike_in_one_crawl_are_one(bench: Bench) -> None:
    again = bench.portal.put("/again.jpg", Answer(body=saved_again(1)))
    bench.portal.offers["naver-api"] = [bench.portal.photo_url(1), again, bench.portal.photo_url(2)]
    crawl = bench.crawl("naver-api")
    assert bench.run(crawl).kept == 2
    assert bench.outcomes(crawl)[again][2] == "crawl.near_duplicate"


def test_history_names_the_crawl_that_brought_a_photo(bench: Bench) -> None:
    bench.portal.offer("naver-api", [1])
    crawl = bench.crawl("naver-api")
    bench.run(crawl)
    (event,) = bench.library.review.history(bench.hash_of(1))
    assert (event.action, event.actor) == (PhotoAction.IMPORTED, actor_of(crawl))


def test_a_photo_whose_row_was_written_by_an_attempt_that_was_cut_off_counts_as_kept_by_the_next(bench: Bench) -> None:
    bench.portal.offer("naver-api", range(4))
    crawl = bench.crawl("naver-api")
    keep_original(photo_bytes(2), "2.jpg", "cave", Provenance("naver-api"), bench.library, actor_of(crawl))
    report = bench.run(crawl)
    assert (report.kept, report.known) == (4, 0)
    assert bench.library.photos.count() == 4


def test_a_row_whose_file_is_gone_gets_it_back(bench: Bench) -> None:
    there = bring(bench, photo_bytes(1), "cave")
    bench.library.store.delete(there, "jpg")
    bench.portal.offer("naver-api", [1])
    assert bench.run(bench.crawl("naver-api")).known == 1
    assert bench.library.store.exists(there, "jpg")


@pytest.mark.parametrize(
    ("page", "kept"),
    [("http://b/1", "http://b/1"), ("http://b/?p=1", "http://b/?p=1"), ("", "http://x/1"), ("http://b/", "http://x/1")],
)
def test_a_front_page_is_no_page_of_a_photo(page: str, kept: str) -> None:
    assert provenance_of(Candidate("s", "http://x/1", page_url=page)).page_url == kept
