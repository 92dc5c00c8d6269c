from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from core.db.engine import Database
from core.db.opinions import OpinionRepository
from core.db.photos import PAGE, PhotoRepository
from core.db.places import PlaceRepository
from core.domain.library import (
    BLURRY_BELOW,
    DARK_BELOW,
    SMALL_PX,
    Concern,
    Facets,
    Opinion,
    PhotoFilter,
    PhotoOrder,
)
from core.domain.photo import PhotoRecord, PhotoStatus, Split
from core.errors import NotFound
from tests.db.conftest import MakeRecord

START = datetime(2026, 1, 1, tzinfo=UTC)
RUN = "classifier-1"
RECORDS: tuple[dict[str, object], ...] = (
    {"place_slug": "cave", "source": "commons", "licence": "CC0", "look_id": "b", "sharpness": 10.0, "brightness": 0.5},
    {"place_slug": "cave", "source": "commons ", "licence": "CC BY", "look_id": "a", "split": Split.TEST},
    {"place_slug": "falls", "source": "Commons", "licence": "CC0", "look_id": "b", "split": Split.TRAIN},
    {"place_slug": "unknown", "source": "flickr", "sharpness": BLURRY_BELOW, "brightness": DARK_BELOW},
    {"place_slug": None, "width_px": SMALL_PX - 1, "height_px": SMALL_PX - 1, "brightness": DARK_BELOW - 0.01},
    {"place_slug": "cave", "width_px": SMALL_PX, "height_px": 10, "status": PhotoStatus.ACCEPTED},
)


def opinion(number: int, answer: str | None, doubt: float, own: float | None = 0.1, run_id: str = RUN) -> Opinion:
    return Opinion(f"{number:064x}", run_id, answer, 0.9, own, doubt)


@pytest.fixture
def photos(database: Database, places: PlaceRepository, make_record: MakeRecord) -> PhotoRepository:
    """Give the photos above, one second apart; 0 to 4 have opinions."""
    repository = PhotoRepository(database)
    for number, changes in enumerate(RECORDS):
        repository.add(make_record(number, created_at=START + timedelta(seconds=number), **changes))
    OpinionRepository(database).put(
        [
            opinion(0, "cave", 0.2),
            opinion(1, "falls", 0.9),
            opinion(2, None, 0.5),
            opinion(3, "cave", 0.7, None),
            opinion(4, "cave", 0.6, None),
            opinion(0, "falls", 0.9, run_id="older"),
        ]
    )
    return repository


def numbers(records: tuple[PhotoRecord, ...]) -> list[int]:
    return [int(record.sha256, 16) for record in records]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (PhotoFilter(), [0, 1, 2, 3, 4, 5]),
        (PhotoFilter(place_slug="", source="", licence=""), [0, 1, 2, 3, 4, 5]),
        (PhotoFilter("cave"), [0, 1, 5]),
        (PhotoFilter("unknown"), [3]),
        (PhotoFilter("unsorted"), [4]),
        (PhotoFilter("none-such"), []),
        (PhotoFilter("동굴"), []),
        (PhotoFilter(status=PhotoStatus.ACCEPTED), [5]),
        (PhotoFilter(source="commons"), [0]),
        (PhotoFilter(source="commons "), [1]),
        (PhotoFilter(licence="CC0"), [0, 2]),
        (PhotoFilter(split=Split.TEST), [1]),
        (PhotoFilter(concern=Concern.NEAR_DUPLICATES), [0, 1, 2]),
        (PhotoFilter(concern=Concern.TOO_SMALL), [4]),
        (PhotoFilter(concern=Concern.BLURRY), [0]),
        (PhotoFilter(concern=Concern.DARK), [4]),
        (PhotoFilter("cave", PhotoStatus.NEW, "commons", "CC0", concern=Concern.NEAR_DUPLICATES), [0]),
        (PhotoFilter("cave", split=Split.TRAIN), []),
    ],
)
def test_a_filter_finds_what_it_names_and_counts_it(
    photos: PhotoRepository, wanted: PhotoFilter, expected: list[int]
) -> None:
    assert numbers(photos.find(wanted, PhotoOrder.OLDEST)) == expected
    assert photos.count_matching(wanted) == len(expected)


class TestDisagreement:
    def test_is_another_place_than_the_photos_by_the_run_that_is_asked_for(self, photos: PhotoRepository) -> None:
        assert numbers(photos.find(PhotoFilter(concern=Concern.DISAGREES, run_id=RUN), PhotoOrder.OLDEST)) == [1, 2, 3]
        assert numbers(photos.find(PhotoFilter(concern=Concern.DISAGREES, run_id="older"))) == [0]
        for run_id in ("", "none-such", "모델"):
            assert photos.count_matching(PhotoFilter(concern=Concern.DISAGREES, run_id=run_id)) == 0

    def test_is_not_none_of_these_about_a_place_that_the_model_does_not_know(
        self, photos: PhotoRepository, database: Database
    ) -> None:
        OpinionRepository(database).put([opinion(2, None, 0.5, None)])
        assert numbers(photos.find(PhotoFilter(concern=Concern.DISAGREES, run_id=RUN), PhotoOrder.OLDEST)) == [1, 3]

    def test_is_not_none_of_these_about_a_photo_of_no_known_place(
        self, photos: PhotoRepository, database: Database
    ) -> None:
        OpinionRepository(database).put([opinion(3, None, 0.1, None)])
        assert numbers(photos.find(PhotoFilter(concern=Concern.DISAGREES, run_id=RUN), PhotoOrder.OLDEST)) == [1, 2]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (PhotoOrder.NEWEST, [5, 4, 3, 2, 1, 0]),
        (PhotoOrder.OLDEST, [0, 1, 2, 3, 4, 5]),
        (PhotoOrder.DOUBTFUL, [1, 3, 4, 2, 0, 5]),
        (PhotoOrder.LOOK, [2, 0, 1, 5, 4, 3]),
    ],
)
def test_an_order_holds_across_pages(photos: PhotoRepository, order: PhotoOrder, expected: list[int]) -> None:
    wanted = PhotoFilter(run_id=RUN)
    assert numbers(photos.find(wanted, order)) == expected
    pages = [photos.find(wanted, order, limit=4, offset=offset) for offset in (0, 4, 8)]
    assert [len(page) for page in pages] == [4, 2, 0]
    assert [number for page in pages for number in numbers(page)] == expected


def test_every_filter_goes_with_every_order(photos: PhotoRepository) -> None:
    for place, concern, order in product((None, "cave"), (None, *Concern), PhotoOrder):
        wanted = PhotoFilter(place, concern=concern, run_id=RUN)
        assert len(photos.find(wanted, order)) == photos.count_matching(wanted)


def test_the_doubt_of_another_run_does_not_count(photos: PhotoRepository) -> None:
    assert numbers(photos.find(PhotoFilter(run_id="older"), PhotoOrder.DOUBTFUL)) == [0, 1, 2, 3, 4, 5]
    assert numbers(photos.find(PhotoFilter(), PhotoOrder.DOUBTFUL)) == [0, 1, 2, 3, 4, 5]


def test_photos_that_arrived_at_once_keep_one_order_across_pages(
    photos: PhotoRepository, make_record: MakeRecord
) -> None:
    for number in range(10, 20):
        photos.add(make_record(number, created_at=START))
    for order in PhotoOrder:
        pages = [photos.find(PhotoFilter(), order, limit=3, offset=offset) for offset in range(0, 16, 3)]
        found = [number for page in pages for number in numbers(page)]
        assert sorted(found) == [*range(6), *range(10, 20)]


def test_facets_count_what_there_is_most_first(photos: PhotoRepository, database: Database) -> None:
    facets = photos.facets()
    assert facets.places == (("cave", 3), ("falls", 1), ("unknown", 1), ("unsorted", 1))
    assert facets.licences == (("CC0", 2), ("CC BY", 1))
    assert dict(facets.sources)["flickr"] == 1
    assert sum(count for _, count in facets.sources) == 4


def test_an_empty_library_has_no_facets(database: Database) -> None:
    assert PhotoRepository(database).facets() == Facets((), (), ())


def test_many_records_come_in_the_order_that_was_asked_for(photos: PhotoRepository) -> None:
    keys = [f"{number:064x}" for number in (3, 99, 0, 3, 5)]
    assert numbers(photos.get_many([*keys, "no hash"])) == [3, 0, 5]
    assert photos.get_many([]) == ()


def test_near_duplicates_are_those_of_the_same_look_but_itself(photos: PhotoRepository) -> None:
    assert numbers(photos.look_alikes(f"{0:064x}")) == [2]
    assert photos.look_alikes(f"{1:064x}") == photos.look_alikes(f"{5:064x}") == ()
    with pytest.raises(NotFound):
        photos.look_alikes(f"{99:064x}")


def test_the_whole_library_is_walked_by_hash(photos: PhotoRepository) -> None:
    first = photos.records(limit=4)
    rest = photos.records(first[-1].sha256)
    assert numbers(first + rest) == [0, 1, 2, 3, 4, 5]
    assert photos.records(rest[-1].sha256) == photos.records("no hash") == ()


def test_the_photos_of_a_source_are_exactly_those_and_may_go_while_they_are_read(
    photos: PhotoRepository, make_record: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert PAGE > 100
    monkeypatch.setattr("core.db.photos.PAGE", 3)
    for number in range(10, 18):
        photos.add(make_record(number, source="commons"))
    gone = []
    for sha256 in photos.hashes_of_source("commons"):
        assert photos.delete(sha256)
        gone.append(int(sha256, 16))
    assert gone == [0, *range(10, 18)]
    assert photos.count() == 5
    assert list(photos.hashes_of_source("'; DROP TABLE photos; --")) == []
