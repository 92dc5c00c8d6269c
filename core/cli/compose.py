"""Build the parts that commands need, each at most once per process."""

import locale
from functools import cache
from typing import TYPE_CHECKING

from core.domain.place import Language
from core.errors import EodiError
from core.messages import pick_language
from core.settings import Settings, load_settings, make_data_dir

if TYPE_CHECKING:
    from core.db.engine import Database
    from core.identify import ModelShelf


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

    return ModelShelf(ReleaseRepository(database()), settings().weights_dir, settings().inference_threads)


def interface_language() -> Language:
    """Return the language of the command line: `EODI_LANGUAGE`, else the terminal's, else English."""
    return pick_language([_wanted_language(), locale.getlocale()[0]], default="en")


def _wanted_language() -> Language | None:
    """Return the operator's wish; settings that cannot be read have none, so that this can be said in some language."""
    try:
        return settings().language
    except EodiError:
        return None
