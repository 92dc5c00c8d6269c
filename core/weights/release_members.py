"""The runs that answer together, as the database's row and `default.json` keep them. Called by `release`."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.db.releases import ReleaseMember, ReleaseRow
from core.errors import ModelRefused

CLASSIFIER, DETECTOR, FUSION = "classifier", "detector", "fusion"
NO_RUN = ReleaseMember(run_id="", sha256="")


@dataclass(frozen=True, slots=True)
class Release:
    """The models that answer now. release_id: None for the default that came with the program.

    classifier_sha256: hash of the manifest of the classifier's run, which names the hashes of all its files.
    detector_run_id, detector_sha256: the same of the detector; "" when none is in service. fusion_…: of the tree.
    """

    release_id: int | None
    classifier_run_id: str
    classifier_sha256: str
    detector_run_id: str = ""
    detector_sha256: str = ""
    fusion_run_id: str = ""
    fusion_sha256: str = ""

    @property
    def label(self) -> str:
        """What answers show: "<number>:<run>" or "shipped:<run>", with "+<run>" for a detector and for a tree."""
        runs = "+".join(run for run in (self.classifier_run_id, self.detector_run_id, self.fusion_run_id) if run)
        return f"{'shipped' if self.release_id is None else self.release_id}:{runs}"

    @property
    def members(self) -> dict[str, ReleaseMember]:
        """The runs by task, as the database keeps them."""
        members = {CLASSIFIER: ReleaseMember(run_id=self.classifier_run_id, sha256=self.classifier_sha256)}
        if self.detector_run_id:
            members[DETECTOR] = ReleaseMember(run_id=self.detector_run_id, sha256=self.detector_sha256)
        if self.fusion_run_id:
            members[FUSION] = ReleaseMember(run_id=self.fusion_run_id, sha256=self.fusion_sha256)
        return members


def as_release(row: ReleaseRow) -> Release:
    """Return the release that a row of the database names.

    Raises:
        ModelRefused: code "model.manifest"; it names no classifier.
    """
    if CLASSIFIER not in row.members:
        raise ModelRefused("model.manifest", run_id=str(row.release_id), file="releases", field=CLASSIFIER)
    return of_members(row.release_id, row.members)


def of_members(release_id: int | None, members: Mapping[str, ReleaseMember]) -> Release:
    """Return the release that consists of these runs; the classifier's must be among them."""
    runs = [members[CLASSIFIER], members.get(DETECTOR, NO_RUN), members.get(FUSION, NO_RUN)]
    return Release(release_id, *(named for run in runs for named in (run["run_id"], run["sha256"])))
