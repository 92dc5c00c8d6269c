"""What is in service: a release names each model by run and hash; one database row, else the committed default.

Promotion prepares first (every file checked, the model loaded once by `prepare`) and then switches one row; so does
going back. Called by `core/identify` (what answers now) and `core/cli` (promote, roll back, list).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar

from core.db.releases import ReleaseMember, ReleaseRow
from core.errors import Conflict, ModelRefused, NotFound
from core.weights.folder import DetectorRun, Run, list_runs, open_detector_run, open_run

__all__ = [
    "Release",
    "ReleaseSource",
    "current_release",
    "list_runs",
    "open_detector",
    "open_release",
    "promote_classifier",
    "promote_detector",
    "roll_back",
    "write_default",
]

DEFAULT_FILE = "default.json"
CLASSIFIER, DETECTOR = "classifier", "detector"
Opened = TypeVar("Opened", Run, DetectorRun)
Try = Callable[[Run], object]
TryDetector = Callable[[DetectorRun], object]


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


@dataclass(frozen=True, slots=True)
class Release:
    """The models that answer now. release_id: None for the default that came with the program.

    classifier_sha256: hash of the manifest of the classifier's run, which names the hashes of all its files.
    detector_run_id, detector_sha256: the same of the detector; "" when none is in service.
    """

    release_id: int | None
    classifier_run_id: str
    classifier_sha256: str
    detector_run_id: str = ""
    detector_sha256: str = ""

    @property
    def label(self) -> str:
        """What answers show: "<number>:<run>" or "shipped:<run>", with "+<run>" for a detector."""
        detector = f"+{self.detector_run_id}" if self.detector_run_id else ""
        return f"{'shipped' if self.release_id is None else self.release_id}:{self.classifier_run_id}{detector}"

    @property
    def members(self) -> dict[str, ReleaseMember]:
        """The runs by task, as the database keeps them."""
        members = {CLASSIFIER: ReleaseMember(run_id=self.classifier_run_id, sha256=self.classifier_sha256)}
        if self.detector_run_id:
            members[DETECTOR] = ReleaseMember(run_id=self.detector_run_id, sha256=self.detector_sha256)
        return members


def current_release(releases: ReleaseSource, weights_dir: Path) -> Release:
    """Return what is in service: the database's row, else `default.json` beside the runs.

    Raises:
        NotFound: code "model.none"; neither is there.
        ModelRefused: code "model.default_broken" or "model.manifest"; `default.json` or the row cannot be used.
        DatabaseUnavailable: the row cannot be read.
    """
    row = releases.in_service()
    return _as_release(row) if row is not None else shipped_release(weights_dir)


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
    return _as_release(releases.promote({**others, CLASSIFIER: ReleaseMember(run_id=run_id, sha256=run.sha256)}, note))


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
    return _as_release(releases.promote(now.members, note))


def roll_back(
    releases: ReleaseSource,
    weights_dir: Path,
    prepare: Try | None = None,
    prepare_detector: TryDetector | None = None,
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
    release = _as_release(row) if row is not None else shipped_release(weights_dir)
    run, detector = open_release(release, weights_dir), open_detector(release, weights_dir)
    if prepare is not None:
        prepare(run)
    if prepare_detector is not None and detector is not None:
        prepare_detector(detector)
    releases.rollback(current.release_id)
    return release


def write_default(weights_dir: Path, run_id: str, detector_run_id: str = "") -> Release:
    """Make runs the default that counts while the database names none; for those who ship models.

    Raises:
        ModelRefused: a run's files are not those of its manifest.
    """
    release = Release(None, run_id, open_run(weights_dir, run_id).sha256)
    if detector_run_id:
        detector = open_detector_run(weights_dir, detector_run_id)
        release = replace(release, detector_run_id=detector_run_id, detector_sha256=detector.sha256)
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


def _as_release(row: ReleaseRow) -> Release:
    if CLASSIFIER not in row.members:
        raise ModelRefused("model.manifest", run_id=str(row.release_id), file="releases", field=CLASSIFIER)
    return _of_members(row.release_id, row.members)


def _of_members(release_id: int | None, members: Mapping[str, ReleaseMember]) -> Release:
    classifier, detector = members[CLASSIFIER], members.get(DETECTOR, ReleaseMember(run_id="", sha256=""))
    return Release(release_id, classifier["run_id"], classifier["sha256"], detector["run_id"], detector["sha256"])


def shipped_release(weights_dir: Path) -> Release:
    """Return the default that counts while the database names none.

    Raises:
        NotFound: code "model.none"; there is no `default.json`.
        ModelRefused: code "model.default_broken"; it says something else than it should.
    """
    try:
        members = json.loads((weights_dir / DEFAULT_FILE).read_text(encoding="utf-8"))
        release = _of_members(None, members)
    except OSError as error:
        raise NotFound("model.none", file=DEFAULT_FILE) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelRefused("model.default_broken", file=str(weights_dir / DEFAULT_FILE)) from error
    named = (release.classifier_run_id, release.classifier_sha256, release.detector_run_id, release.detector_sha256)
    if not all(isinstance(text, str) for text in named):
        raise ModelRefused("model.default_broken", file=str(weights_dir / DEFAULT_FILE))
    return release
