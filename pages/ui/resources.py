"""The pages' composition root: settings, database, catalogue, models and pictures, built once for all sessions.

Each function hands out one shared, thread-safe object. What could not be built is not remembered: the next run tries
again, so a page recovers by itself when the database comes back.
"""

import streamlit as st

from core.dataset.derivative import encode_derivative
from core.dataset.ingest import read_photo
from core.dataset.store import PhotoStore
from core.db.engine import Database
from core.db.feedback import FeedbackRepository
from core.db.jobs import JobRepository
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.ready import ready_database
from core.db.releases import ReleaseRepository
from core.identify import ModelShelf
from core.jobs.runner import ProcessRunner
from core.logs import start_logging
from core.settings import Settings, load_settings, make_data_dir

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
    return ModelShelf(ReleaseRepository(database()), here.weights_dir, here.inference_threads)


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


def jobs() -> JobRepository:
    """Return the rows of jobs."""
    return JobRepository(database())


def job_runner() -> ProcessRunner:
    """Return the runner that starts jobs as processes of this machine."""
    return ProcessRunner(jobs(), settings().jobs_dir)


@st.cache_data(show_spinner=False, max_entries=200)
def place_picture(file: str) -> bytes:
    """Return a catalogue picture as JPEG without metadata; `file` is its name, never a path.

    Raises:
        PhotoRefused: the file is no picture.
        OSError: there is no such file.
    """
    folder = (settings().catalogue_dir / "pictures").resolve()
    path = (folder / file).resolve()
    if path.parent != folder:
        raise FileNotFoundError(file)
    return encode_derivative(read_photo(path.read_bytes()), PICTURE_PX, PICTURE_QUALITY)
