"""Build the parts that commands need, each at most once per process."""

import locale
from functools import cache, partial
from typing import TYPE_CHECKING

from core.domain.place import Language
from core.errors import EodiError, ModelRefused, NotFound
from core.messages import pick_language
from core.settings import Settings, load_settings, make_data_dir

if TYPE_CHECKING:
    from core.dataset.library import Library
    from core.db.engine import Database
    from core.identify import ModelShelf
    from core.identify.gallery_keeper import EmbeddedPhotos


@cache
def settings() -> Settings:
    """Return the settings, read once."""
    return load_settings()


@cache
def database() -> "Database":
    """Return the database, upgraded and seeded."""
    from core.db.ready import ready_database

    here = settings()
    make_data_dir(here.data_dir)
    return ready_database(here.resolved_database_url, here.catalogue_dir)


@cache
def model_shelf() -> "ModelShelf":
    """Return the shelf of models in service."""
    from core.db.releases import ReleaseRepository
    from core.identify import ModelShelf
    from core.identify.gallery_keeper import GalleryKeeper

    here = settings()
    galleries = GalleryKeeper(embedded_photos())
    return ModelShelf(ReleaseRepository(database()), here.weights_dir, here.inference_threads, galleries)


def embedded_photos() -> "EmbeddedPhotos":
    """Return where the photos and their embeddings are."""
    from core.dataset.store import PhotoStore
    from core.db.gallery import EmbeddingRepository
    from core.identify.gallery_keeper import EmbeddedPhotos

    return EmbeddedPhotos(EmbeddingRepository(database()), partial(PhotoStore, settings().resolved_storage_url))


def library() -> "Library":
    """Return the library: rows, history, photos and thumbnails."""
    from core.dataset.library import Library
    from core.dataset.store import PhotoStore
    from core.dataset.thumbnails import ThumbnailStore
    from core.db.photos import PhotoRepository
    from core.db.review import ReviewRepository

    url = settings().resolved_storage_url
    return Library(PhotoRepository(database()), ReviewRepository(database()), PhotoStore(url), ThumbnailStore(url))


def run_in_service() -> str:
    """Return the run whose opinions count; "" while nothing can answer."""
    from core.db.releases import ReleaseRepository
    from core.weights.release import current_release

    try:
        return current_release(ReleaseRepository(database()), settings().weights_dir).classifier_run_id
    except (NotFound, ModelRefused):
        return ""


def runs_in_service() -> frozenset[str]:
    """Return the runs that answer, of the classifier and of the detector; none while nothing can."""
    from core.db.releases import ReleaseRepository
    from core.weights.release import current_release

    try:
        members = current_release(ReleaseRepository(database()), settings().weights_dir).members
    except (NotFound, ModelRefused):
        return frozenset()
    return frozenset(member["run_id"] for member in members.values())


def interface_language() -> Language:
    """Return the language of the command line: `EODI_LANGUAGE`, else the terminal's, else English."""
    return pick_language([_wanted_language(), locale.getlocale()[0]], default="en")


def _wanted_language() -> Language | None:
    """Return the operator's wish; settings that cannot be read have none, so that this can be said in some language."""
    try:
        return settings().language
    except EodiError:
        return None
