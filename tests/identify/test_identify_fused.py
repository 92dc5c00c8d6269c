"""A tree in service decides what is answered; beside other runs than its own, stated rules do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.db.engine import open_database
from core.db.releases import ReleaseRepository
from core.db.upgrade import upgrade
from core.domain.answer import Witness
from core.identify import ModelShelf, identify_photo
from core.weights.release import promote_classifier, promote_fusion, write_default
from tests.support.fused_run import fitted_on, write_tree_run
from tests.support.places import ListedPlaces, make_place
from tests.support.tiny_detector import write_tiny_detector
from tests.support.tiny_model import COLOURS, SLUGS, coloured_photo, write_tiny_run

PLACES = ListedPlaces(tuple(make_place(class_id, slug) for class_id, slug in enumerate(SLUGS)))
RED = coloured_photo(COLOURS[0], 128, 96)


@pytest.fixture
def releases(tmp_path: Path) -> Iterator[ReleaseRepository]:
    database = open_database(f"sqlite:///{tmp_path / 'eodi.sqlite3'}")
    upgrade(database)
    yield ReleaseRepository(database)
    database.dispose()


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    folder = tmp_path / "weights"
    run, detector = write_tiny_run(folder, "first"), write_tiny_detector(folder, "boxer")
    write_tiny_run(folder, "second")
    write_default(folder, "first", "boxer")
    write_tree_run(folder, fitted_on(run), fitted_on(detector))
    return folder


def test_the_tree_in_service_decides_and_tells_its_path(releases: ReleaseRepository, weights: Path) -> None:
    promote_fusion(releases, weights, "fusion-hand")
    models = ModelShelf(releases, weights, threads=1).current()
    assert models.tree is not None
    answer = identify_photo(RED, models, PLACES)
    assert answer.place is not None
    assert answer.place.class_id == 0
    assert answer.decision is not None
    assert answer.decision.tree_run_id == "fusion-hand"
    assert [step.feature for step in answer.decision.path] == ["cnn_probability"]
    assert answer.witnesses == (Witness.CLASSIFIER, Witness.DETECTOR)
    assert answer.release == "1:first+boxer+fusion-hand"


def test_beside_another_classifier_stated_rules_decide(releases: ReleaseRepository, weights: Path) -> None:
    promote_fusion(releases, weights, "fusion-hand")
    promote_classifier(releases, weights, "second")
    models = ModelShelf(releases, weights, threads=1).current()
    assert models.tree is None
    answer = identify_photo(RED, models, PLACES)
    assert answer.decision is not None
    assert answer.decision.tree_run_id == ""
    assert answer.decided_by is Witness.CLASSIFIER
