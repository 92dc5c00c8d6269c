"""A fusion tree in service: beside the very runs that it was fitted on, kept and taken back with them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.db.engine import open_database
from core.db.releases import ReleaseRepository
from core.db.upgrade import upgrade
from core.errors import Conflict, ModelRefused, NotFound
from core.fusion.tree import load_tree
from core.weights.folder import DetectorRun, FusionRun, Run
from core.weights.release import (
    current_release,
    open_fusion,
    promote_classifier,
    promote_detector,
    promote_fusion,
    roll_back,
    shipped_release,
    write_default,
)
from tests.support.fused_run import fitted_on, write_tree_run
from tests.support.tiny_detector import write_tiny_detector
from tests.support.tiny_model import write_tiny_run


@dataclass(frozen=True, slots=True)
class Service:
    releases: ReleaseRepository
    weights: Path
    classifier: Run
    detector: DetectorRun


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    weights = tmp_path / "weights"
    run, detector = write_tiny_run(weights, "first"), write_tiny_detector(weights, "boxer")
    write_tiny_run(weights, "second")
    write_default(weights, "first", "boxer")
    database = open_database(f"sqlite:///{tmp_path / 'eodi.sqlite3'}")
    upgrade(database)
    yield Service(ReleaseRepository(database), weights, run, detector)
    database.dispose()


def both(service: Service) -> FusionRun:
    return write_tree_run(service.weights, fitted_on(service.classifier), fitted_on(service.detector))


def test_a_tree_is_promoted_beside_the_runs_that_it_was_fitted_on(service: Service) -> None:
    both(service)
    release = promote_fusion(service.releases, service.weights, "fusion-hand", prepare=load_tree)
    assert release.label == "1:first+boxer+fusion-hand"
    found = open_fusion(current_release(service.releases, service.weights), service.weights)
    assert found is not None
    assert load_tree(found).run_id == "fusion-hand"


def test_a_tree_of_other_runs_is_not_promoted(service: Service) -> None:
    write_tree_run(service.weights, fitted_on(service.classifier), None)
    with pytest.raises(Conflict) as refusal:
        promote_fusion(service.releases, service.weights, "fusion-hand")
    assert refusal.value.code == "release.fusion_of_others"
    assert service.releases.in_service() is None


def test_beside_another_classifier_the_tree_stays_named_and_does_not_decide(service: Service) -> None:
    both(service)
    promote_fusion(service.releases, service.weights, "fusion-hand")
    release = promote_classifier(service.releases, service.weights, "second")
    assert release.fusion_run_id == "fusion-hand"
    assert open_fusion(release, service.weights) is None
    again = promote_classifier(service.releases, service.weights, "first")
    assert open_fusion(again, service.weights) is not None


def test_going_back_takes_the_tree_out_and_checks_it_first(service: Service) -> None:
    both(service)
    promote_detector(service.releases, service.weights, "boxer")
    promote_fusion(service.releases, service.weights, "fusion-hand")
    tried: list[FusionRun] = []
    assert roll_back(service.releases, service.weights).label == "1:first+boxer"
    promote_fusion(service.releases, service.weights, "fusion-hand")
    promote_detector(service.releases, service.weights, "boxer")
    assert roll_back(service.releases, service.weights, prepare_fusion=tried.append).fusion_run_id == "fusion-hand"
    assert [run.manifest.run_id for run in tried] == ["fusion-hand"]


def test_a_tree_whose_file_changed_is_not_promoted_and_an_unknown_one_is_named(service: Service) -> None:
    run = both(service)
    (run.folder / "tree.json").write_text("{}")
    with pytest.raises(ModelRefused):
        promote_fusion(service.releases, service.weights, "fusion-hand")
    with pytest.raises(NotFound):
        promote_fusion(service.releases, service.weights, "fusion-nowhere")


def test_a_default_may_name_a_tree(service: Service) -> None:
    both(service)
    write_default(service.weights, "first", "boxer", "fusion-hand")
    release = shipped_release(service.weights)
    assert release.label == "shipped:first+boxer+fusion-hand"
    assert open_fusion(release, service.weights) is not None
