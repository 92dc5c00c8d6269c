"""The shelf: one release answers at a time, and a broken one never does. Real runs, a real database."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.db.engine import Database, open_database
from core.db.ready import upgrade
from core.db.releases import ReleaseRepository
from core.errors import ModelRefused, NotFound
from core.identify import Models, ModelShelf, identify_photo
from core.identify import models as models_module
from core.weights.release import promote_classifier, roll_back, write_default
from tests.support.places import ListedPlaces, make_place
from tests.support.tiny_model import COLOURS, GREY, SLUGS, coloured_photo, tiny_onnx, write_tiny_run

PLACES = ListedPlaces(tuple(make_place(number, slug) for number, slug in enumerate(SLUGS)))


@pytest.fixture
def releases(tmp_path: Path) -> Iterator[ReleaseRepository]:
    database: Database = open_database(f"sqlite:///{tmp_path / 'eodi.sqlite3'}")
    upgrade(database)
    yield ReleaseRepository(database)
    database.dispose()


@pytest.fixture
def weights_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "weights"
    folder.mkdir()
    return folder


@pytest.fixture
def looks_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models_module, "LOOK_AGAIN_S", 0.0)


def test_without_a_row_the_default_answers(releases: ReleaseRepository, weights_dir: Path) -> None:
    write_tiny_run(weights_dir, "first")
    write_default(weights_dir, "first")
    assert ModelShelf(releases, weights_dir).current().release == "shipped:first"


def test_without_any_model_the_sentence_says_so(releases: ReleaseRepository, weights_dir: Path) -> None:
    with pytest.raises(NotFound) as error:
        ModelShelf(releases, weights_dir).current()
    assert error.value.code == "model.none"


@pytest.mark.usefixtures("looks_always")
def test_a_promotion_and_the_way_back_are_seen_without_a_restart(
    releases: ReleaseRepository, weights_dir: Path
) -> None:
    for run_id in ("first", "second"):
        write_tiny_run(weights_dir, run_id)
    write_default(weights_dir, "first")
    shelf = ModelShelf(releases, weights_dir)
    assert shelf.current().release == "shipped:first"
    promote_classifier(releases, weights_dir, "second")
    assert shelf.current().release.endswith(":second")
    roll_back(releases, weights_dir)
    assert shelf.current().release == "shipped:first"


@pytest.mark.usefixtures("looks_always")
def test_a_release_whose_file_was_changed_leaves_the_old_one_answering(
    releases: ReleaseRepository, weights_dir: Path
) -> None:
    write_tiny_run(weights_dir, "first")
    write_default(weights_dir, "first")
    shelf = ModelShelf(releases, weights_dir)
    shelf.current()
    run = write_tiny_run(weights_dir, "second")
    promote_classifier(releases, weights_dir, "second")
    (run.folder / "model.onnx").write_bytes(tiny_onnx(colours=(*COLOURS[::-1], GREY)))
    models = shelf.current()
    assert models.release == "shipped:first"
    assert identify_photo(coloured_photo(COLOURS[4]), models, PLACES).place == PLACES.places[4]


def test_a_changed_file_stops_the_very_first_load(releases: ReleaseRepository, weights_dir: Path) -> None:
    run = write_tiny_run(weights_dir, "first")
    write_default(weights_dir, "first")
    (run.folder / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelRefused):
        ModelShelf(releases, weights_dir).current()


@pytest.mark.usefixtures("looks_always")
def test_twenty_callers_during_a_switch_each_get_their_own_answer_from_one_whole_release(
    releases: ReleaseRepository, weights_dir: Path
) -> None:
    write_tiny_run(weights_dir, "first")
    write_default(weights_dir, "first")
    write_tiny_run(weights_dir, "second")
    shelf = ModelShelf(releases, weights_dir)
    wrong: list[str] = []
    seen: set[str] = set()
    start = threading.Barrier(21)

    def ask(number: int) -> None:
        start.wait()
        for _ in range(10):
            models: Models = shelf.current()
            answer = identify_photo(coloured_photo(COLOURS[number % 5]), models, PLACES)
            seen.add(answer.release)
            if answer.place != PLACES.places[number % 5]:
                wrong.append(f"{number}: {answer.place}")

    callers = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for caller in callers:
        caller.start()
    start.wait()
    promote_classifier(releases, weights_dir, "second")
    for caller in callers:
        caller.join()
    assert wrong == []
    assert shelf.current().release.endswith(":second")
    assert {label.split(":")[1] for label in seen} <= {"first", "second"}


def test_a_grey_wall_is_none_of_these(releases: ReleaseRepository, weights_dir: Path) -> None:
    write_tiny_run(weights_dir, "first")
    write_default(weights_dir, "first")
    answer = identify_photo(coloured_photo(GREY), ModelShelf(releases, weights_dir).current(), PLACES)
    assert answer.place is None
    assert answer.confidence > 0.5
