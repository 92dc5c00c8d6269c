"""Put in service and taken back, by one function for every task: loaded before the switch, and told afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.db.engine import Database, open_database
from core.db.jobs import JobRepository
from core.db.releases import ReleaseRepository
from core.db.upgrade import upgrade
from core.domain.job import Job
from core.errors import Conflict, EodiError, ModelRefused, NotFound
from core.identify.promotion import WAYS, Service, opinions_of, promote_run, take_back
from core.weights.manifest_file import AnyManifest
from core.weights.release import Release, current_release, write_default
from tests.support.tiny_detector import write_tiny_detector
from tests.support.tiny_model import tiny_manifest, tiny_onnx, write_tiny_run


@dataclass
class Told:
    """Remembers what was put in service."""

    labels: list[str] = field(default_factory=list)

    def __call__(self, release: Release) -> None:
        self.labels.append(release.label)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path / 'eodi.sqlite3'}")
    upgrade(database)
    yield database
    database.dispose()


@pytest.fixture
def service(database: Database, tmp_path: Path) -> Service:
    """Two classifiers, of which the first serves, and a detector."""
    weights = tmp_path / "weights"
    for run_id in ("first", "second"):
        write_tiny_run(weights, run_id)
    write_tiny_detector(weights)
    write_default(weights, "first")
    return Service(ReleaseRepository(database), weights, Told())


def serving(service: Service) -> str:
    return current_release(service.releases, service.weights_dir).label


def test_a_run_of_either_task_is_put_in_service_and_whoever_follows_is_told(service: Service) -> None:
    first = promote_run("second", service, "better")
    second = promote_run("tiny-detector", service)
    assert (first.label, second.label) == ("1:second", "2:second+tiny-detector")
    assert serving(service) == second.label
    assert service.follow == Told([first.label, second.label])


def test_what_served_before_is_taken_back_and_told(service: Service) -> None:
    promote_run("second", service)
    assert take_back(service).label == serving(service) == "shipped:first"
    assert service.follow == Told(["1:second", "shipped:first"])
    with pytest.raises(NotFound, match=r"release\.nothing_before"):
        take_back(service)


@pytest.mark.parametrize("task", ["classifier", "detector"])
def test_a_run_that_cannot_answer_never_serves_and_nobody_is_told(service: Service, task: str) -> None:
    if task == "classifier":
        write_tiny_run(service.weights_dir, "broken", model=b"no network")
    else:
        write_tiny_detector(service.weights_dir, "broken", model=b"no network")
    with pytest.raises(ModelRefused):
        promote_run("broken", service)
    assert serving(service) == "shipped:first" and service.follow == Told()


def test_a_release_that_cannot_answer_any_more_is_not_gone_back_to(service: Service) -> None:
    promote_run("second", service)
    (service.weights_dir / "first" / "model.onnx").write_bytes(b"no network")
    with pytest.raises(ModelRefused):
        take_back(service)
    assert serving(service) == "1:second"


def test_places_are_only_lost_on_purpose(service: Service) -> None:
    few = tiny_onnx(((255, 0, 0), (0, 255, 0), (128, 128, 128)))
    write_tiny_run(service.weights_dir, "fewer", model=few, classes=tiny_manifest().classes[:2])
    with pytest.raises(Conflict, match=r"release\.drops_places"):
        promote_run("fewer", service)
    assert promote_run("fewer", service, allow_drop=True).classifier_run_id == "fewer"


def test_a_run_that_is_not_there_is_named(service: Service) -> None:
    with pytest.raises(NotFound, match=r"release\.run_not_found"):
        promote_run("nope", service)


class Runner:
    """Starts nothing, or nothing can be started."""

    def __init__(self, works: bool) -> None:
        self._works, self.kinds = works, list[str]()

    def start(self, job: Job) -> None:
        if not self._works:
            raise EodiError("job.not_started")
        self.kinds.append(job.kind)


@pytest.mark.parametrize("works", [True, False])
def test_the_library_is_looked_at_again_and_the_switch_stands_even_where_it_cannot(
    database: Database, service: Service, works: bool
) -> None:
    runner = Runner(works)
    promote_run("second", Service(service.releases, service.weights_dir, opinions_of(JobRepository(database), runner)))
    assert serving(service) == "1:second" and runner.kinds == (["opinions"] if works else [])


def test_each_task_of_a_manifest_has_its_way_into_service() -> None:
    tasks = {kind.__dataclass_fields__["task"].default for kind in AnyManifest.__args__}
    assert tasks <= set(WAYS)
