"""What a curator accepts on the photos page is known to the gallery before anyone asks about a photo."""

import time
from pathlib import Path

import pytest
import streamlit as st

from core.db.gallery import EmbeddingRepository
from core.weights.release import write_default
from pages.ui import resources
from tests.pages.test_photos import act, wishing
from tests.support.galleries import write_tiny_run_with_embeddings
from tests.support.reviewed import Shelf, open_shelf

PATIENCE_S = 60.0
RUN = "seeing"


@pytest.fixture
def shelf(home: Path) -> Shelf:
    write_tiny_run_with_embeddings(home / "weights", RUN)
    write_default(home / "weights", RUN)
    st.cache_resource.clear()
    return open_shelf(home)


def ask(*actions: object) -> None:
    from streamlit.testing.v1 import AppTest

    asking = AppTest.from_function(wishing, args=({"client": "one", "actions": list(actions)},))
    asking.query_params["lang"] = "en"
    asking.run()
    assert not asking.exception and not asking.error


def known_from(class_id: int) -> int:
    gallery = resources.model_shelf().current().gallery
    assert gallery is not None
    return gallery.known_from(class_id)


def wait_for(class_id: int, photos: int) -> None:
    end = time.monotonic() + PATIENCE_S
    while known_from(class_id) != photos:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_an_accepted_photo_is_embedded_at_once_and_leaves_with_its_undoing(shelf: Shelf) -> None:
    first, second = shelf.add(1, "manjanggul"), shelf.add(2, "manjanggul")
    embeddings = EmbeddingRepository(resources.database())
    ask(act(1, "accept", shas=[first, second]))
    end = time.monotonic() + PATIENCE_S
    while len([photo for page in embeddings.read(RUN) for photo in page]) < 2:
        assert time.monotonic() < end
        time.sleep(0.05)
    wait_for(1, 2)
    shelf.library.review.move([second], "osulloc", "mina")
    wait_for(1, 1)
    assert known_from(0) == 1
