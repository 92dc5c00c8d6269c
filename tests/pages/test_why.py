"""Why? Folded and free until it is opened; then what the classifier went by, the rules, and known photos."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.domain.answer import Neighbour
from core.domain.photo import PhotoStatus
from pages.ui import resources, why_map, why_neighbours
from pages.ui.why_map import lit
from tests.pages.home import GREY, RED, coloured_jpeg
from tests.pages.visiting import open_app, upload, words
from tests.support.reviewed import Shelf, open_shelf

pytestmark = pytest.mark.usefixtures("home")


def unfold(app: AppTest) -> AppTest:
    """Open the section, as a click on it does."""
    held = app.session_state._state.filtered_state
    (key,) = {str(key) for key in held if str(key).startswith("why-")}
    app.session_state[key] = True
    return app.run()


def test_it_costs_nothing_until_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    real = why_map.class_activation
    monkeypatch.setattr(why_map, "class_activation", lambda *a: (asked.append(a[2]), real(*a))[1])
    app = upload(open_app(), coloured_jpeg(RED))
    assert "Why this answer?" in words(app)
    assert "How it was decided" not in words(app)
    assert asked == []
    unfold(app)
    app.run()
    assert asked == [0]


def test_opened_it_says_where_and_how_it_was_decided_and_what_would_have_to_differ() -> None:
    app = unfold(upload(open_app(), coloured_jpeg(RED)))
    said = words(app)
    assert not app.exception and not app.error
    assert "Bright and in colour: speaks for Osulloc Tea Museum" in said
    assert "stated rules decided" in said
    assert "What would have to differ" in said


def test_of_a_photo_of_nowhere_it_shows_what_it_looks_most_like() -> None:
    said = words(unfold(upload(open_app(language="ko"), coloured_jpeg(GREY))))
    assert "어떻게 정했나" in said
    assert "why." not in said


def test_what_speaks_for_the_place_stays_bright_and_the_rest_is_dimmed() -> None:
    picture = coloured_jpeg((200, 60, 60), (400, 300))
    heat = np.zeros((4, 4), np.float32)
    heat[:2, 2:] = 1
    shown = np.asarray(_opened(lit(picture, heat)), np.int16)
    assert np.abs(shown[40, 360] - (200, 60, 60)).max() < 12
    assert shown[280, 40].max() < 80 and np.ptp(shown[280, 40]) < 12
    line = shown[30, 150:260].max(axis=1) - shown[30, 150:260].min(axis=1)
    assert shown[30, 150:260].min() < 40 and (shown[30, 150:260].min(axis=1) > 200).any() and (line < 30).any()


def _opened(content: bytes) -> Image.Image:
    import io

    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(
    ("curates", "status", "licence", "shown"),
    [
        (True, PhotoStatus.NEW, "", True),
        (False, PhotoStatus.ACCEPTED, "CC BY 4.0", True),
        (False, PhotoStatus.ACCEPTED, "", False),
        (False, PhotoStatus.NEW, "CC BY 4.0", False),
        (False, PhotoStatus.REJECTED, "CC BY 4.0", False),
    ],
)
def test_visitors_see_only_known_photos_that_may_be_shown(
    home: Path, monkeypatch: pytest.MonkeyPatch, curates: bool, status: PhotoStatus, licence: str, shown: bool
) -> None:
    shelf: Shelf = open_shelf(home)
    sha256 = shelf.add(1, "manjanggul", status=status, licence=licence)
    monkeypatch.setattr(resources, "photos", lambda: shelf.library.photos)
    monkeypatch.setattr(resources, "library", lambda: shelf.library)
    monkeypatch.setattr(why_neighbours, "may_curate", lambda: curates)
    near = (Neighbour(sha256, 1, 0.9), Neighbour("f" * 64, None, 0.8))
    assert set(why_neighbours.shown_pictures(near)) == ({sha256} if shown else set())
