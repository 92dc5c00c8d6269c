"""What is in service: a release names each model by run and hash; one database row, else the committed default.

Promotion prepares first (every file checked, the model loaded once by `prepare`) and then switches one row; so does
going back. Called by `core/identify` (what answers now) and `core/cli` (promote, roll back, list).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.db.releases import ReleaseMember, ReleaseRow
from core.errors import Conflict, ModelRefused, NotFound
from core.weights.folder import Run, list_runs, open_run

__all__ = [
    "Release",
    "ReleaseSource",
    "current_release",
    "list_runs",
    "open_release",
    "promote_classifier",
    "roll_back",
    "write_default",
]

DEFAULT_FILE = "default.json"
CLASSIFIER = "classifier"


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
    """

    release_id: int | None
    classifier_run_id: str
    classifier_sha256: str

    @property
    def label(self) -> str:
        """What answers show: "<number>:<run>" or "shipped:<run>"."""
        return f"{'shipped' if self.release_id is None else self.release_id}:{self.classifier_run_id}"


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


def promote_classifier(
    releases: ReleaseSource,
    weights_dir: Path,
    run_id: str,
    note: str = "",
    prepare: Callable[[Run], object] | None = None,
    allow_drop: bool = False,
) -> Release:
    """Put a run in service after its files were checked.

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
    run = _open_known(weights_dir, run_id)
    if not allow_drop:
        _refuse_dropping(run, releases, weights_dir)
    if prepare is not None:
        prepare(run)
    return _as_release(releases.promote({CLASSIFIER: ReleaseMember(run_id=run_id, sha256=run.sha256)}, note))


def roll_back(releases: ReleaseSource, weights_dir: Path, prepare: Callable[[Run], object] | None = None) -> Release:
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
    run = open_release(release, weights_dir)
    if prepare is not None:
        prepare(run)
    releases.rollback(current.release_id)
    return release


def write_default(weights_dir: Path, run_id: str) -> Release:
    """Make a run the default that counts while the database names none; for those who ship a model.

    Raises:
        ModelRefused: the run's files are not those of its manifest.
    """
    run = open_run(weights_dir, run_id)
    content = json.dumps({CLASSIFIER: {"run_id": run_id, "sha256": run.sha256}}, indent=2) + "\n"
    unfinished = weights_dir / f".{DEFAULT_FILE}"
    unfinished.write_text(content, encoding="utf-8")
    unfinished.replace(weights_dir / DEFAULT_FILE)
    return Release(None, run_id, run.sha256)


def _open_known(weights_dir: Path, run_id: str) -> Run:
    try:
        return open_run(weights_dir, run_id)
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
    try:
        member = row.members[CLASSIFIER]
    except KeyError as error:
        raise ModelRefused("model.manifest", run_id=str(row.release_id), file="releases", field=CLASSIFIER) from error
    return Release(row.release_id, member["run_id"], member["sha256"])


def shipped_release(weights_dir: Path) -> Release:
    """Return the default that counts while the database names none.

    Raises:
        NotFound: code "model.none"; there is no `default.json`.
        ModelRefused: code "model.default_broken"; it says something else than it should.
    """
    try:
        member = json.loads((weights_dir / DEFAULT_FILE).read_text(encoding="utf-8"))[CLASSIFIER]
        run_id, sha256 = member["run_id"], member["sha256"]
    except OSError as error:
        raise NotFound("model.none", file=DEFAULT_FILE) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelRefused("model.default_broken", file=str(weights_dir / DEFAULT_FILE)) from error
    if not isinstance(run_id, str) or not isinstance(sha256, str):
        raise ModelRefused("model.default_broken", file=str(weights_dir / DEFAULT_FILE))
    return Release(None, run_id, sha256)
