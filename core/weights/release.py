"""What is in service: a release names each model by run and hash; one database row, else the committed default.

Promotion prepares first (every file checked, the model loaded once by `prepare`) and then switches one row; so does
going back. Called by `core/identify` (what answers now) and `core/cli` (promote, roll back, list).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, replace
from pathlib import Path
from typing import Protocol, TypeVar

from core.db.releases import ReleaseMember, ReleaseRow
from core.errors import Conflict, ModelRefused, NotFound
from core.weights.folder import (
    DetectorRun,
    FusionRun,
    Run,
    list_runs,
    open_detector_run,
    open_fusion_run,
    open_run,
)
from core.weights.release_members import CLASSIFIER, DETECTOR, FUSION, Release, as_release, of_members

__all__ = [
    "CLASSIFIER",
    "DETECTOR",
    "FUSION",
    "Release",
    "ReleaseSource",
    "current_release",
    "list_runs",
    "open_detector",
    "open_fusion",
    "open_release",
    "promote_classifier",
    "promote_detector",
    "promote_fusion",
    "roll_back",
    "write_default",
]

DEFAULT_FILE = "default.json"
Opened = TypeVar("Opened", Run, DetectorRun, FusionRun)
Try = Callable[[Run], object]
TryDetector = Callable[[DetectorRun], object]
TryFusion = Callable[[FusionRun], object]


class ReleaseSource(Protocol):
    """Where releases are kept: the database, or a list in tests."""

    def in_service(self) -> ReleaseRow | None:
        """Return the release in service, or None when nothing was ever promoted."""
        ...

    def promote(self, members: Mapping[str, ReleaseMember], note: str = "") -> ReleaseRow:
        """Put these models in service."""
        ...

    def previous(self, release_id: int) -> ReleaseRow | None:
        """Return what was in service before a release; None when that was the default."""
        ...

    def rollback(self, expected_current: int) -> ReleaseRow | None:
        """Put the release before the current one back; None when the default counts again.

        Raises:
            Conflict: something else than `expected_current` is in service, and stays.
        """
        ...


def current_release(releases: ReleaseSource, weights_dir: Path) -> Release:
    """Return what is in service: the database's row, else `default.json` beside the runs.

    Raises:
        NotFound: code "model.none"; neither is there.
        ModelRefused: code "model.default_broken" or "model.manifest"; `default.json` or the row cannot be used.
        DatabaseUnavailable: the row cannot be read.
    """
    row = releases.in_service()
    return as_release(row) if row is not None else shipped_release(weights_dir)


def open_release(release: Release, weights_dir: Path) -> Run:
    """Open the classifier's run of a release, with the manifest that the release was made with.

    Raises:
        ModelRefused: see `open_run`.
    """
    return open_run(weights_dir, release.classifier_run_id, release.classifier_sha256)


def open_detector(release: Release, weights_dir: Path) -> DetectorRun | None:
    """Open the detector's run of a release; None when it has none.

    Raises:
        ModelRefused: see `open_run`.
    """
    if not release.detector_run_id:
        return None
    return open_detector_run(weights_dir, release.detector_run_id, release.detector_sha256)


def open_fusion(release: Release, weights_dir: Path) -> FusionRun | None:
    """Open the fusion tree's run of a release; None when it has none, or one that was fitted on other runs.

    Raises:
        ModelRefused: see `open_run`.
    """
    if not release.fusion_run_id:
        return None
    run = open_fusion_run(weights_dir, release.fusion_run_id, release.fusion_sha256)
    return run if run.manifest.fits(release.classifier_sha256, release.detector_sha256) else None


def promote_classifier(
    releases: ReleaseSource,
    weights_dir: Path,
    run_id: str,
    note: str = "",
    prepare: Try | None = None,
    allow_drop: bool = False,
) -> Release:
    """Put a classifier's run in service after its files were checked; the detector stays.

    Args:
        releases: where the row is switched.
        weights_dir: where the runs lie.
        run_id: the run to put in service.
        note: why, for whoever reads the history.
        prepare: called with the checked run before the row is switched; what it raises stops the promotion.
        allow_drop: promote even when places now in service are no classes of the run.

    Raises:
        NotFound: code "release.run_not_found"; there is no folder of that name.
        ModelRefused: the run's files are not those of its manifest; what is in service stays.
        Conflict: code "release.drops_places"; see `allow_drop`.
    """
    run = _open_known(weights_dir, run_id, open_run)
    if not allow_drop:
        _refuse_dropping(run, releases, weights_dir)
    if prepare is not None:
        prepare(run)
    try:
        others = current_release(releases, weights_dir).members
    except (NotFound, ModelRefused):
        others = {}  # nothing that works is in service
    return as_release(releases.promote({**others, CLASSIFIER: ReleaseMember(run_id=run_id, sha256=run.sha256)}, note))


def promote_detector(
    releases: ReleaseSource, weights_dir: Path, run_id: str, note: str = "", prepare: TryDetector | None = None
) -> Release:
    """Put a detector's run in service beside the classifier that is; see `promote_classifier`.

    Raises:
        NotFound: code "release.run_not_found"; or "model.none", there is no classifier that it could serve beside.
        ModelRefused: the run's files are not those of its manifest; what is in service stays.
    """
    run = _open_known(weights_dir, run_id, open_detector_run)
    if prepare is not None:
        prepare(run)
    now = replace(current_release(releases, weights_dir), detector_run_id=run_id, detector_sha256=run.sha256)
    return as_release(releases.promote(now.members, note))


def promote_fusion(
    releases: ReleaseSource, weights_dir: Path, run_id: str, note: str = "", prepare: TryFusion | None = None
) -> Release:
    """Put a fusion tree in service beside the runs that it was fitted on; see `promote_classifier`.

    Raises:
        NotFound: code "release.run_not_found"; or "model.none", nothing is in service.
        ModelRefused: the run's files are not those of its manifest; what is in service stays.
        Conflict: code "release.fusion_of_others"; it was fitted on other runs than those in service.
    """
    run = _open_known(weights_dir, run_id, open_fusion_run)
    if prepare is not None:
        prepare(run)
    current = current_release(releases, weights_dir)
    if not run.manifest.fits(current.classifier_sha256, current.detector_sha256):
        raise Conflict("release.fusion_of_others", run_id=run_id, runs=_fitted_on(run))
    now = replace(current, fusion_run_id=run_id, fusion_sha256=run.sha256)
    return as_release(releases.promote(now.members, note))


def _fitted_on(run: FusionRun) -> str:
    return ", ".join(one.run_id for one in (run.manifest.classifier, run.manifest.detector) if one)


def roll_back(
    releases: ReleaseSource,
    weights_dir: Path,
    prepare: Try | None = None,
    prepare_detector: TryDetector | None = None,
    prepare_fusion: TryFusion | None = None,
) -> Release:
    """Put the release before the current one back in service; before the first one, the default counts.

    Everything is checked before the row is switched, so whatever is raised leaves in service what was.

    Raises:
        NotFound: code "release.nothing_before", the default counts already; "model.none", there is no default.
        ModelRefused: the files of that release are gone or changed, or `prepare` refused them.
        Conflict: code "release.switched_meanwhile"; somebody else promoted or went back at the same time.
    """
    current = releases.in_service()
    if current is None:
        raise NotFound("release.nothing_before")
    row = releases.previous(current.release_id)
    release = as_release(row) if row is not None else shipped_release(weights_dir)
    run, detector = open_release(release, weights_dir), open_detector(release, weights_dir)
    tree = open_fusion(release, weights_dir)
    if prepare is not None:
        prepare(run)
    if prepare_detector is not None and detector is not None:
        prepare_detector(detector)
    if prepare_fusion is not None and tree is not None:
        prepare_fusion(tree)
    releases.rollback(current.release_id)
    return release


def write_default(weights_dir: Path, run_id: str, detector_run_id: str = "", fusion_run_id: str = "") -> Release:
    """Make runs the default that counts while the database names none; for those who ship models.

    Raises:
        ModelRefused: a run's files are not those of its manifest.
    """
    release = Release(None, run_id, open_run(weights_dir, run_id).sha256)
    if detector_run_id:
        detector = open_detector_run(weights_dir, detector_run_id)
        release = replace(release, detector_run_id=detector_run_id, detector_sha256=detector.sha256)
    if fusion_run_id:
        tree = open_fusion_run(weights_dir, fusion_run_id)
        release = replace(release, fusion_run_id=fusion_run_id, fusion_sha256=tree.sha256)
    content = json.dumps(release.members, indent=2) + "\n"
    unfinished = weights_dir / f".{DEFAULT_FILE}"
    unfinished.write_text(content, encoding="utf-8")
    unfinished.replace(weights_dir / DEFAULT_FILE)
    return release


def _open_known(weights_dir: Path, run_id: str, opener: Callable[[Path, str], Opened]) -> Opened:
    try:
        return opener(weights_dir, run_id)
    except ModelRefused as error:
        if error.code == "model.missing" and run_id not in {path.name for path in weights_dir.glob("*")}:
            raise NotFound("release.run_not_found", run_id=run_id) from error
        raise


def _refuse_dropping(run: Run, releases: ReleaseSource, weights_dir: Path) -> None:
    try:
        serving = open_release(current_release(releases, weights_dir), weights_dir).manifest.classes
    except (NotFound, ModelRefused):
        return  # nothing answers now, so nothing is lost
    kept = set(run.manifest.class_ids)
    dropped: Sequence[str] = [entry.slug for entry in serving if entry.class_id not in kept]
    if dropped:
        raise Conflict("release.drops_places", run_id=run.manifest.run_id, places=", ".join(dropped))


def shipped_release(weights_dir: Path) -> Release:
    """Return the default that counts while the database names none.

    Raises:
        NotFound: code "model.none"; there is no `default.json`.
        ModelRefused: code "model.default_broken"; it says something else than it should.
    """
    try:
        members = json.loads((weights_dir / DEFAULT_FILE).read_text(encoding="utf-8"))
        release = of_members(None, members)
    except OSError as error:
        raise NotFound("model.none", file=DEFAULT_FILE) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelRefused("model.default_broken", file=str(weights_dir / DEFAULT_FILE)) from error
    if not all(isinstance(text, str) for text in astuple(release)[1:]):
        raise ModelRefused("model.default_broken", file=str(weights_dir / DEFAULT_FILE))
    return release
