"""The pages' composition root: settings, database, catalogue, models and pictures, built once for all sessions.

Each function hands out one shared, thread-safe object. What could not be built is not remembered: the next run tries
again, so a page recovers by itself when the database comes back.
"""

from functools import partial

import streamlit as st

from core.dataset.derivative import encode_derivative
from core.dataset.health import PlaceHealth, library_leaks, place_health
from core.dataset.ingest import read_photo
from core.dataset.library import Library
from core.dataset.place_picture import library_sha256, may_be_shown
from core.dataset.sniff import EXTENSIONS
from core.dataset.store import PhotoStore
from core.dataset.suggestions import Suggestion, suggestions_from
from core.dataset.thumbnails import ThumbnailStore
from core.db.boxes import BoxRepository
from core.db.engine import Database
from core.db.feedback import FeedbackRepository
from core.db.gallery import EmbeddingRepository
from core.db.jobs import JobRepository
from core.db.labels import LabelRepository
from core.db.opinions import OpinionRepository
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.ready import ready_database
from core.db.releases import ReleaseRepository
from core.db.review import ReviewRepository
from core.db.run_notes import RunNoteRepository
from core.db.snapshots import SnapshotRepository
from core.domain.photo import PhotoRecord, PhotoStatus
from core.errors import EodiError, NotFound
from core.identify import ModelShelf
from core.identify.gallery_keeper import EmbeddedPhotos, GalleryKeeper, submit_gallery
from core.identify.promotion import Service, opinions_of
from core.jobs.runner import ProcessRunner
from core.logs import start_logging
from core.settings import Settings, load_settings, make_data_dir
from core.weights.release import current_release, list_runs
from pages.ui.map_picker import Tiles

PICTURE_PX = 960  # the widest that a place's picture is shown, at two device pixels each
PICTURE_QUALITY = 85


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """Return the settings, read once."""
    start_logging()
    return load_settings()


@st.cache_resource(show_spinner=False)
def database() -> Database:
    """Return the database, created, upgraded and seeded.

    Raises:
        StorageUnavailable: the data folder cannot be made.
        DatabaseUnavailable: it does not answer.
    """
    here = settings()
    make_data_dir(here.data_dir)
    return ready_database(here.resolved_database_url, here.catalogue_dir)


def places() -> PlaceRepository:
    """Return the catalogue of places."""
    return PlaceRepository(database())


@st.cache_resource(show_spinner=False)
def model_shelf() -> ModelShelf:
    """Return the shelf that hands out the models in service."""
    here = settings()
    return ModelShelf(ReleaseRepository(database()), here.weights_dir, here.inference_threads, gallery_keeper())


def gallery_keeper() -> GalleryKeeper:
    """Return what keeps the gallery up to date with the library; the shelf of models has the one that counts."""
    photos = EmbeddedPhotos(EmbeddingRepository(database()), partial(PhotoStore, settings().resolved_storage_url))
    rows, runner = jobs(), job_runner()  # made now: the keeper calls from a thread that is no session's
    return GalleryKeeper(photos, lambda run_id: submit_gallery(rows, runner, run_id))


def feedback() -> FeedbackRepository:
    """Return what visitors said of answers."""
    return FeedbackRepository(database())


def photos() -> PhotoRepository:
    """Return the rows of the library."""
    return PhotoRepository(database())


@st.cache_resource(show_spinner=False)
def photo_store() -> PhotoStore:
    """Return where the library's photos lie."""
    return PhotoStore(settings().resolved_storage_url)


def review() -> ReviewRepository:
    """Return what decides about photos and remembers it."""
    return ReviewRepository(database())


@st.cache_resource(show_spinner=False)
def thumbnail_store() -> ThumbnailStore:
    """Return where the library's small pictures lie."""
    return ThumbnailStore(settings().resolved_storage_url)


def library() -> Library:
    """Return the library as one value."""
    return Library(photos(), review(), photo_store(), thumbnail_store())


def jobs() -> JobRepository:
    """Return the rows of jobs."""
    return JobRepository(database())


def job_runner() -> ProcessRunner:
    """Return the runner that starts jobs as processes of this machine."""
    return ProcessRunner(jobs(), settings().jobs_dir)


def place_picture(file: str) -> bytes:
    """Return a place's picture as JPEG without metadata. file: a catalogue picture's name, or `library:<sha256>`.

    Raises:
        PhotoRefused: the file is no picture.
        OSError: there is no such file in the catalogue.
        NotFound: the library has no such photo, or it may not be shown to visitors (any more).
    """
    sha256 = library_sha256(file)
    if sha256 is None:
        return _catalogue_picture(file)
    record = photos().get(sha256)
    if not may_be_shown(record):
        raise NotFound("photo.not_found", sha256=sha256[:12])
    return _library_picture(sha256, EXTENSIONS[record.format])


@st.cache_data(show_spinner=False, max_entries=200)
def _catalogue_picture(file: str) -> bytes:
    folder = (settings().catalogue_dir / "pictures").resolve()
    path = (folder / file).resolve()
    if path.parent != folder:
        raise FileNotFoundError(file)
    return _as_picture(path.read_bytes())


# Whoever asks has looked into the photo's row before; what was deleted leaves the memory after these seconds.
@st.cache_data(show_spinner=False, max_entries=200, ttl=600)
def _library_picture(sha256: str, extension: str) -> bytes:
    return _as_picture(photo_store().get(sha256, extension))


def _as_picture(content: bytes) -> bytes:
    return encode_derivative(read_photo(content, need_px=PICTURE_PX), PICTURE_PX, PICTURE_QUALITY)


def map_tiles() -> Tiles:
    """Return where the tiles of maps come from, if the operator set any."""
    return Tiles(settings().tile_url, settings().tile_credit)


def class_numbers_in_models() -> frozenset[int]:
    """Return the class numbers that trained models answer with; their places are retired rather than removed."""
    manifests = list_runs(settings().weights_dir)
    return frozenset(class_id for manifest in manifests for class_id in manifest.class_ids)


def opinions() -> OpinionRepository:
    """Return what models think of the library's photos."""
    return OpinionRepository(database())


def run_in_service() -> str:
    """Return the classifier's run that answers now, "" where none can."""
    try:
        return current_release(ReleaseRepository(database()), settings().weights_dir).classifier_run_id
    except EodiError:
        return ""


@st.cache_data(show_spinner=False, max_entries=8, ttl=600)
def reviewed_photo(sha256: str, extension: str, longest_px: int) -> bytes:
    """Return a photo of the library, upright, as JPEG without metadata; `forget_photo` takes it out of the memory.

    Raises:
        NotFound, StorageUnavailable: its file cannot be read.
        PhotoRefused: the file is damaged.
    """
    photo = read_photo(photo_store().get(sha256, extension), need_px=longest_px // 2)
    return encode_derivative(photo, longest_px, PICTURE_QUALITY)


def forget_photo() -> None:
    """Drop every picture that is kept in memory, after a photo was deleted."""
    reviewed_photo.clear()
    _library_picture.clear()


def boxes() -> BoxRepository:
    """Return the boxes that people drew, and the work on them."""
    return BoxRepository(database())


def labels() -> LabelRepository:
    """Return the landmark parts of places that boxes are drawn around."""
    return LabelRepository(database())


def detector_in_service() -> str:
    """Return the detector's run that answers now, "" where there is none."""
    try:
        return current_release(ReleaseRepository(database()), settings().weights_dir).detector_run_id
    except EodiError:
        return ""


def suggestions(record: PhotoRecord) -> tuple[Suggestion, ...]:
    """Return the boxes that the detector in service would draw on a photo of the library; none while none serves."""
    return _suggested(record.sha256, EXTENSIONS[record.format], detector_in_service())


@st.cache_data(show_spinner=False, max_entries=100, ttl=600)
def _suggested(sha256: str, extension: str, run_id: str) -> tuple[Suggestion, ...]:
    detector = model_shelf().current().detector if run_id else None
    if detector is None:
        return ()
    photo = read_photo(photo_store().get(sha256, extension), need_px=detector.need_px)
    return suggestions_from(detector.predict(photo), labels().list(), photo.width_px, photo.height_px)


def snapshots() -> SnapshotRepository:
    """Return the frozen data sets."""
    return SnapshotRepository(database())


def library_health() -> tuple[tuple[PlaceHealth, ...], int]:
    """Return how each place stands, and the number of leaks across splits; at most a few seconds old."""
    return _health(photos().count(), *(photos().count(status=status) for status in PhotoStatus))


@st.cache_data(show_spinner=False, max_entries=1, ttl=5)
def _health(*counts: int) -> tuple[tuple[PlaceHealth, ...], int]:
    return place_health(photos()), library_leaks(photos())


def service() -> Service:
    """Return what puts runs in service and takes them back; the library's photos are then looked at again."""
    return Service(releases(), settings().weights_dir, opinions_of(jobs(), job_runner()))


def run_notes() -> RunNoteRepository:
    """Return what people wrote about trained runs."""
    return RunNoteRepository(database())


def releases() -> ReleaseRepository:
    """Return what is and was in service."""
    return ReleaseRepository(database())
