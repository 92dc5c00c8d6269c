"""Each photo of the library gets one opinion of the run in service, whatever ends the work in between."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from core.dataset.store import PhotoStore
from core.db.engine import Database, open_database
from core.db.jobs import JobRepository
from core.db.opinions import OpinionRepository
from core.db.photos import PhotoRepository
from core.db.places import UNKNOWN, PlaceRepository
from core.db.ready import upgrade
from core.detector.predict import OnnxDetector
from core.domain.library import Opinion, PhotoFilter, PhotoOrder, doubt_about
from core.domain.photo import PhotoRecord, PhotoStatus
from core.errors import DatabaseUnavailable, JobStopped
from core.identify import Models
from core.identify.opinions import LibraryPhotos, submit_opinions, write_opinions
from tests.support.batch_photos import Started, colour_png
from tests.support.places import make_place
from tests.support.tiny_detector import write_tiny_detector
from tests.support.tiny_model import SLUGS

RUN = "tiny"


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = open_database(f"sqlite:///{tmp_path / 'eodi.sqlite3'}")
    upgrade(opened)
    places = PlaceRepository(opened)
    for class_id, slug in enumerate((*SLUGS, "nowhere-else")):
        places.add(make_place(class_id, slug))
    return opened


@pytest.fixture
def library(database: Database, tmp_path: Path) -> LibraryPhotos:
    store = PhotoStore(str(tmp_path / "library"))
    return LibraryPhotos(OpinionRepository(database), store, PlaceRepository(database))


class Told:
    """Remembers how far the work was, and stops it after so many photos."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.reports: list[tuple[int, int | None]] = []
        self.stop_after = stop_after

    def __call__(self, done: int, total: int | None, message_key: str = "", **values: str | float) -> None:
        self.reports.append((done, total))
        if done == self.stop_after:
            raise JobStopped


def bring(
    database: Database, library: LibraryPhotos, number: int, place_slug: str | None, with_file: bool = True
) -> str:
    """Put a photo into the library that shows what class `number` looks like; each differs in size."""
    width = 80 + PhotoRepository(database).count()
    content = colour_png(number, (width, 60))
    sha256 = hashlib.sha256(content).hexdigest()
    record = PhotoRecord(sha256, place_slug, PhotoStatus.NEW, "PNG", width, 60, len(content), "0" * 16)
    if with_file:
        library.store.put(content, sha256, "png")
    PhotoRepository(database).add(record)
    return sha256


def opinion_of(library: LibraryPhotos, sha256: str) -> Opinion:
    opinion = library.opinions.get(sha256, RUN)
    assert opinion is not None
    return opinion


def test_a_photo_gets_the_answer_its_own_share_and_the_doubt(
    database: Database, library: LibraryPhotos, models: Models
) -> None:
    right = bring(database, library, 1, "manjanggul")
    wrong = bring(database, library, 1, "osulloc")
    stranger = bring(database, library, 5, UNKNOWN)
    unsorted = bring(database, library, 1, None)
    told = Told()
    assert write_opinions(models, library, told) == 4
    assert (told.reports[0], told.reports[-1]) == ((0, 4), (4, 4))
    opinion = opinion_of(library, right)
    assert (opinion.answer_slug, opinion.run_id, opinion.created_at is not None) == ("manjanggul", RUN, True)
    assert opinion.own_probability == pytest.approx(opinion.scores["manjanggul"])
    assert opinion.confidence == pytest.approx(opinion.own_probability)
    assert opinion.doubt == pytest.approx(1 - opinion.scores["manjanggul"]) and opinion.doubt < 0.05
    assert opinion_of(library, wrong).doubt > 0.95
    assert (opinion_of(library, stranger).answer_slug, opinion_of(library, stranger).own_probability) == (None, None)
    assert opinion_of(library, stranger).doubt < 0.05
    assert opinion_of(library, unsorted).own_probability is None
    assert opinion_of(library, unsorted).doubt < 0.05
    found = PhotoRepository(database).find(PhotoFilter(run_id=RUN), PhotoOrder.DOUBTFUL)
    assert found[0].sha256 == wrong


def test_the_doubt_is_worked_out_by_hand() -> None:
    scores = {"a": 0.5, "b": 0.3}
    assert doubt_about("a", scores) == (0.5, 0.5)
    assert doubt_about("b", scores) == (0.3, 0.7)
    assert doubt_about(UNKNOWN, scores) == (None, pytest.approx(0.8))
    assert doubt_about("not-known-to-the-model", scores) == (None, pytest.approx(0.8))
    assert doubt_about(None, scores) == (None, pytest.approx(1 - (0.5 - 0.3)))
    assert doubt_about(None, {}) == (None, 0.0)
    assert doubt_about("a", {"a": 1.0000001}) == (1.0000001, 0.0)


def test_what_is_written_stays_when_the_work_is_stopped_and_the_next_call_goes_on(
    database: Database, library: LibraryPhotos, models: Models
) -> None:
    for number in range(7):
        bring(database, library, number, "osulloc")
    with pytest.raises(JobStopped):
        write_opinions(models, library, Told(stop_after=5), batch=2)
    assert library.opinions.count_missing(RUN) == 2
    assert write_opinions(models, library, Told(), batch=2) == 2
    assert write_opinions(models, library, Told()) == 0


def test_opinions_are_written_in_batches(database: Database, library: LibraryPhotos, models: Models) -> None:
    for number in range(5):
        bring(database, library, number, "osulloc")
    missing: list[int] = []

    def report(done: int, total: int | None, message_key: str = "", **values: str | float) -> None:
        missing.append(library.opinions.count_missing(RUN))

    write_opinions(models, library, report, batch=2)
    assert missing == [5, 5, 3, 3, 1, 1]


def test_a_photo_that_cannot_be_read_is_passed_over_and_does_not_hold_up_the_others(
    database: Database, library: LibraryPhotos, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.identify.opinions.PAGE", 1)
    for number in range(8):
        bring(database, library, number, "osulloc", with_file=number % 2 == 0)
    assert write_opinions(models, library, Told(), batch=2) == 4
    assert library.opinions.count_missing(RUN) == 4


def test_photos_that_come_in_meanwhile_get_theirs_and_those_that_go_none(
    database: Database, library: LibraryPhotos, models: Models
) -> None:
    photos = PhotoRepository(database)
    gone, *_ = [bring(database, library, number, "osulloc") for number in range(3)]
    told: list[int] = []

    def report(done: int, total: int | None, message_key: str = "", **values: str | float) -> None:
        told.append(done)
        if len(told) == 2:
            bring(database, library, 4, "cheonjiyeon")
            photos.delete(gone)

    assert write_opinions(models, library, report) == 3
    assert library.opinions.count_missing(RUN) == 0


def test_another_run_has_opinions_of_its_own(database: Database, library: LibraryPhotos, models: Models) -> None:
    sha256 = bring(database, library, 0, "osulloc")
    library.opinions.put([replace(Opinion(sha256, "older", "osulloc", 0.9, 0.9, 0.1), scores={"osulloc": 0.9})])
    assert write_opinions(models, library, Told()) == 1
    assert library.opinions.get(sha256, "older") is not None


def test_a_database_that_is_away_ends_the_work_with_its_error(
    database: Database, library: LibraryPhotos, models: Models
) -> None:
    class Away(OpinionRepository):
        def put(self, opinions: object) -> int:
            raise DatabaseUnavailable

    bring(database, library, 0, "osulloc")
    with pytest.raises(DatabaseUnavailable):
        write_opinions(models, replace(library, opinions=Away(database)), Told())


def test_one_job_at_a_time_forms_the_opinions_of_a_run(database: Database) -> None:
    jobs, runner = JobRepository(database), Started()
    first, again = (submit_opinions(jobs, runner, "tiny") for _ in range(2))
    other = submit_opinions(jobs, runner, "other")
    assert first.job_id == again.job_id != other.job_id
    assert [job.kind for job in runner.jobs] == ["opinions", "opinions"]


def test_the_detector_in_service_has_an_opinion_of_its_own(
    database: Database, library: LibraryPhotos, models: Models, tmp_path: Path
) -> None:
    red, blue = bring(database, library, 0, SLUGS[0]), bring(database, library, 2, SLUGS[0])
    write_opinions(models, library, Told())
    with_detector = replace(models, detector=OnnxDetector(write_tiny_detector(tmp_path / "detectors"), threads=1))

    assert write_opinions(with_detector, library, Told()) == 2

    found, missed = (library.opinions.get(sha256, "tiny-detector") for sha256 in (red, blue))
    assert found is not None and missed is not None
    assert (found.answer_slug, missed.answer_slug) == (SLUGS[0], None)
    assert found.own_probability is not None and found.own_probability > 0.9
    assert found.doubt < 0.1 and missed.own_probability == 0.0
