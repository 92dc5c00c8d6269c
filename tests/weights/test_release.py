"""What is in service: the row, else the default; switched only after the run was checked."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from core.db.engine import Database, open_database
from core.db.releases import ReleaseMember, ReleaseRepository, ReleaseRow
from core.db.upgrade import upgrade
from core.errors import Conflict, ModelRefused, NotFound
from core.weights.folder import DetectorRun, Run
from core.weights.release import (
    Release,
    ReleaseSource,
    current_release,
    open_detector,
    open_release,
    promote_classifier,
    promote_detector,
    roll_back,
    write_default,
)
from tests.support.tiny_detector import write_tiny_detector
from tests.support.tiny_model import tiny_manifest, write_tiny_run

NO_NAME = '{"classifier": {"run_id": 7, "sha256": "ab"}}'


class ListedReleases:
    """Releases in a list; the last one is in service."""

    def __init__(self) -> None:
        self.rows: list[ReleaseRow] = []
        self.promotions = 0

    def in_service(self) -> ReleaseRow | None:
        return self.rows[-1] if self.rows else None

    def previous(self, release_id: int) -> ReleaseRow | None:
        return next(
            (below for below, row in pairwise([None, *self.rows]) if row and row.release_id == release_id), None
        )

    def promote(self, members: Mapping[str, ReleaseMember], note: str = "") -> ReleaseRow:
        self.promotions += 1
        self.rows.append(ReleaseRow(self.promotions, dict(members), datetime.now(UTC), note))
        return self.rows[-1]

    def rollback(self, expected_current: int) -> ReleaseRow | None:
        if not self.rows or self.rows[-1].release_id != expected_current:
            raise Conflict("release.switched_meanwhile")
        self.rows = self.rows[:-1]
        return self.in_service()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path / 'eodi.sqlite3'}")
    upgrade(database)
    yield database
    database.dispose()


@pytest.fixture(params=["list", "database"])
def releases(request: pytest.FixtureRequest) -> ReleaseSource:
    return ListedReleases() if request.param == "list" else ReleaseRepository(request.getfixturevalue("database"))


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Two runs, of which the first is the default."""
    folder = tmp_path / "weights"
    for run_id in ("first", "second"):
        write_tiny_run(folder, run_id)
    write_default(folder, "first")
    return folder


def refuse(run: Run | DetectorRun) -> None:
    raise ModelRefused("model.broken", run_id=run.manifest.run_id, file="model.onnx")


def test_without_a_row_the_default_counts(releases: ReleaseSource, weights: Path) -> None:
    release = current_release(releases, weights)
    assert (release.release_id, release.label) == (None, "shipped:first")
    assert open_release(release, weights).manifest.run_id == "first"


def test_without_row_and_default_nothing_is_in_service(releases: ReleaseSource, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"model\.none"):
        current_release(releases, tmp_path)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"classifier": 3}', '{"classifier": {"run_id": "first"}}', "\0", NO_NAME]
)
def test_a_default_that_says_nothing_is_refused(releases: ReleaseSource, weights: Path, content: str) -> None:
    (weights / "default.json").write_text(content)
    with pytest.raises(ModelRefused, match=r"model\.default_broken.*default\.json"):
        current_release(releases, weights)


def test_a_promoted_run_is_in_service_by_number_and_hash(releases: ReleaseSource, weights: Path) -> None:
    release = promote_classifier(releases, weights, "second", "better")
    assert release == current_release(releases, weights)
    assert release.label == f"{release.release_id}:second"
    assert open_release(release, weights).sha256 == release.classifier_sha256


def test_going_back_ends_at_the_default(releases: ReleaseSource, weights: Path) -> None:
    promote_classifier(releases, weights, "second")
    promote_classifier(releases, weights, "first")
    assert roll_back(releases, weights).classifier_run_id == "second"
    assert roll_back(releases, weights).label == "shipped:first"
    assert current_release(releases, weights).label == "shipped:first"
    with pytest.raises(NotFound, match=r"release\.nothing_before"):
        roll_back(releases, weights)


def test_while_going_back_is_prepared_the_present_one_stays_and_a_failure_changes_nothing(
    database: Database, weights: Path
) -> None:
    releases = ReleaseRepository(database)
    for run_id in ("second", "first"):
        promote_classifier(releases, weights, run_id)
    standing, written = releases.in_service(), releases.history()
    seen: list[ReleaseRow | None] = []

    def look_and_refuse(run: Run) -> None:
        seen.append(releases.in_service())
        refuse(run)

    with pytest.raises(ModelRefused, match=r"model\.broken.*second"):
        roll_back(releases, weights, prepare=look_and_refuse)
    assert seen == [standing] == [releases.in_service()]
    assert releases.history() == written


def test_going_back_does_not_undo_what_somebody_else_promoted_meanwhile(releases: ReleaseSource, weights: Path) -> None:
    promote_classifier(releases, weights, "second")
    with pytest.raises(Conflict, match=r"release\.switched_meanwhile"):
        roll_back(releases, weights, prepare=lambda _: promote_classifier(releases, weights, "first", "other"))
    standing = releases.in_service()
    assert standing is not None and standing.note == "other"


def test_without_a_default_the_only_release_stays(releases: ReleaseSource, weights: Path) -> None:
    promote_classifier(releases, weights, "second")
    (weights / "default.json").unlink()
    with pytest.raises(NotFound, match=r"model\.none"):
        roll_back(releases, weights)
    assert current_release(releases, weights).classifier_run_id == "second"


@pytest.mark.parametrize("run_id", ["nope", "../weights", "x" * 999, "한라산", "\0"])
def test_a_run_that_is_not_there_is_not_found(releases: ReleaseSource, weights: Path, run_id: str) -> None:
    with pytest.raises(NotFound, match=r"release\.run_not_found"):
        promote_classifier(releases, weights, run_id)


def test_a_run_whose_files_changed_is_not_promoted(releases: ReleaseSource, weights: Path) -> None:
    (weights / "second" / "model.onnx").write_bytes(b"changed")
    with pytest.raises(ModelRefused, match=r"model\.mismatch"):
        promote_classifier(releases, weights, "second")
    assert current_release(releases, weights).label == "shipped:first"


def test_a_run_that_does_not_load_is_not_promoted(releases: ReleaseSource, weights: Path) -> None:
    with pytest.raises(ModelRefused, match=r"model\.broken"):
        promote_classifier(releases, weights, "second", prepare=refuse)
    assert current_release(releases, weights).label == "shipped:first"


def test_a_run_that_changed_after_its_release_is_not_opened(releases: ReleaseSource, weights: Path) -> None:
    release = promote_classifier(releases, weights, "second")
    changed = (weights / "second" / "manifest.json").read_text().replace("AGPL-3.0-only", "AGPL-3.0-later")
    (weights / "second" / "manifest.json").write_text(changed)
    with pytest.raises(ModelRefused, match=r"model\.mismatch"):
        open_release(release, weights)


def test_going_back_to_a_run_that_is_gone_leaves_the_present_one(releases: ReleaseSource, weights: Path) -> None:
    promote_classifier(releases, weights, "second")
    promote_classifier(releases, weights, "first")
    (weights / "second" / "model.onnx").unlink()
    with pytest.raises(ModelRefused, match=r"model\.missing"):
        roll_back(releases, weights)
    assert current_release(releases, weights).classifier_run_id == "first"


def test_places_in_service_are_not_lost_unless_that_is_allowed(releases: ReleaseSource, weights: Path) -> None:
    write_tiny_run(weights, "fewer", classes=tiny_manifest().classes[1:])
    with pytest.raises(Conflict, match=r"release\.drops_places.*osulloc"):
        promote_classifier(releases, weights, "fewer")
    assert promote_classifier(releases, weights, "fewer", allow_drop=True).classifier_run_id == "fewer"


def test_a_release_without_classifier_cannot_answer(releases: ReleaseSource, weights: Path) -> None:
    releases.promote({"detector": ReleaseMember(run_id="d", sha256="0" * 64)}, "")
    with pytest.raises(ModelRefused, match=r"model\.manifest"):
        current_release(releases, weights)


def test_a_label_says_where_the_release_comes_from() -> None:
    assert Release(7, "run", "").label == "7:run"
    assert Release(None, "run", "").label == "shipped:run"


@pytest.fixture
def boxes(weights: Path) -> Path:
    """Two detectors beside the two classifiers."""
    for run_id in ("eyes", "sharper-eyes"):
        write_tiny_detector(weights, run_id)
    return weights


def test_a_promoted_detector_serves_beside_the_classifier_that_does(releases: ReleaseSource, boxes: Path) -> None:
    promote_classifier(releases, boxes, "second")
    release = promote_detector(releases, boxes, "eyes", "first boxes")
    assert release == current_release(releases, boxes)
    assert release.label == f"{release.release_id}:second+eyes"
    opened = open_detector(release, boxes)
    assert opened is not None and opened.sha256 == release.detector_sha256
    assert open_release(release, boxes).manifest.run_id == "second"


def test_a_promoted_classifier_leaves_the_detector_in_service(releases: ReleaseSource, boxes: Path) -> None:
    promote_detector(releases, boxes, "eyes")
    release = promote_classifier(releases, boxes, "second")
    assert (release.classifier_run_id, release.detector_run_id) == ("second", "eyes")


def test_going_back_brings_back_the_whole_release_before(releases: ReleaseSource, boxes: Path) -> None:
    promote_detector(releases, boxes, "eyes")
    promote_classifier(releases, boxes, "second")
    promote_detector(releases, boxes, "sharper-eyes")
    labels = [roll_back(releases, boxes).label.split(":")[1] for _ in range(3)]
    assert labels == ["second+eyes", "first+eyes", "first"]
    assert open_detector(current_release(releases, boxes), boxes) is None


def test_going_back_tries_the_detector_of_the_release_before(releases: ReleaseSource, boxes: Path) -> None:
    promote_detector(releases, boxes, "eyes")
    standing = promote_detector(releases, boxes, "sharper-eyes")
    with pytest.raises(ModelRefused, match=r"model\.broken.*'eyes'"):
        roll_back(releases, boxes, prepare_detector=refuse)
    assert current_release(releases, boxes) == standing


def test_the_default_may_name_a_detector(releases: ReleaseSource, boxes: Path) -> None:
    write_default(boxes, "first", "eyes")
    release = current_release(releases, boxes)
    assert release.label == "shipped:first+eyes"
    opened = open_detector(release, boxes)
    assert opened is not None and opened.manifest.run_id == "eyes"
    assert promote_detector(releases, boxes, "sharper-eyes").classifier_run_id == "first"
    assert promote_classifier(releases, boxes, "second").detector_run_id == "sharper-eyes"


def test_a_default_with_half_a_detector_is_refused(releases: ReleaseSource, boxes: Path) -> None:
    default = write_default(boxes, "first", "eyes").members
    for broken in ({"run_id": "eyes"}, {"run_id": 7, "sha256": "ab"}, "eyes"):
        (boxes / "default.json").write_text(json.dumps({**default, "detector": broken}))
        with pytest.raises(ModelRefused, match=r"model\.default_broken"):
            current_release(releases, boxes)


def test_a_detector_that_is_broken_is_not_promoted_and_what_serves_stays(releases: ReleaseSource, boxes: Path) -> None:
    standing = promote_detector(releases, boxes, "eyes")
    with pytest.raises(ModelRefused, match=r"model\.broken"):
        promote_detector(releases, boxes, "sharper-eyes", prepare=refuse)
    (boxes / "sharper-eyes" / "model.onnx").write_bytes(b"changed")
    with pytest.raises(ModelRefused, match=r"model\.mismatch"):
        promote_detector(releases, boxes, "sharper-eyes")
    with pytest.raises(NotFound, match=r"release\.run_not_found"):
        promote_detector(releases, boxes, "no-eyes")
    with pytest.raises(ModelRefused, match=r"model\.task"):
        promote_detector(releases, boxes, "second")
    with pytest.raises(ModelRefused, match=r"model\.task"):
        promote_classifier(releases, boxes, "eyes")
    assert current_release(releases, boxes) == standing


def test_without_a_classifier_no_detector_serves(releases: ReleaseSource, boxes: Path) -> None:
    (boxes / "default.json").unlink()
    with pytest.raises(NotFound, match=r"model\.none"):
        promote_detector(releases, boxes, "eyes")


def test_a_detector_changed_after_its_release_is_not_opened(releases: ReleaseSource, boxes: Path) -> None:
    release = promote_detector(releases, boxes, "eyes")
    changed = (boxes / "eyes" / "manifest.json").read_text().replace("AGPL-3.0-only", "AGPL-3.0-later")
    (boxes / "eyes" / "manifest.json").write_text(changed)
    with pytest.raises(ModelRefused, match=r"model\.mismatch"):
        open_detector(release, boxes)
