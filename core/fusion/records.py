"""What the runs said of photos that they had not seen, joined by the photo: all that a fusion tree may be fitted on.

From a classifier's run: `predictions.csv`, held-out lines only, `test_predictions.csv`, and `embeddings.npz` as a
gallery in which a photo's own group is no neighbour of it and whose space was fitted on others. From a detector's:
`boxes.csv` and `stranger_boxes.csv`. Called by `train fusion`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.dataset.duplicates import merge_groups
from core.domain.answer import ClassScores, Detection, GalleryScores
from core.fusion.features import Frame
from core.gallery.index import Gallery
from core.gallery.shipped import run_gallery
from core.gallery.space import MOST_FITTED_ON, Flags, encode, fit_space, fitted_on
from core.metrics.box_table import BOXES_FILE, STRANGER_BOXES_FILE, PhotoBoxes, read_boxes
from core.metrics.probabilities import acceptance
from core.weights.folder import DetectorRun, Run
from core.weights.manifest import Manifest
from core.weights.records import (
    EMBEDDINGS_FILE,
    PREDICTIONS_FILE,
    TEST_PREDICTIONS_FILE,
    EmbeddingTable,
    PredictionTable,
    read_embeddings,
    read_predictions,
)

FRACTIONS = (1.0, 1.0)  # the boxes of records are fractions of their photo
NO_EMBEDDING = np.zeros(0, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutPhoto:
    """One photo and what was said of it unseen. label: its class number, -1 for no known place.

    group: photos that look alike to any of the runs share one. boxes: None without a detector. is_test: kept apart for
    good; such a photo is judged, and nothing is fitted on it.
    """

    sha256: str
    group: str
    label: int
    scores: ClassScores
    boxes: tuple[Detection, ...] | None
    gallery: GalleryScores | None
    is_test: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """All photos, in the order of the classifier's records. frame: what their boxes are measured by.

    left_out: photos of the classifier's records of which the detector's say nothing; they take no part, for that a
    witness is missing would otherwise tell what kind of photo it is.
    """

    photos: tuple[HeldOutPhoto, ...]
    frame: Frame
    left_out: int


def held_out(run: Run, detector: DetectorRun | None) -> HeldOut:
    """Join the records of a classifier's run and a detector's.

    Raises:
        ModelRefused: code "model.missing" when a run has no such records, "model.table" when they cannot be read.
    """
    boxes = _boxes_by_photo(detector) if detector else {}
    said = [*_predictions(run)]
    there = [one for one in said if detector is None or one.sha256 in boxes]
    groups = _joined_groups(there, boxes)
    alike = _gallery_by_photo(run)
    photos = tuple(
        HeldOutPhoto(
            one.sha256,
            groups[one.sha256],
            one.label,
            one.scores,
            _detections(boxes[one.sha256], detector) if detector else None,
            alike.get(one.sha256),
            one.is_test,
        )
        for one in there
    )
    class_ids = frozenset(detector.manifest.class_ids) if detector else None
    threshold = detector.manifest.thresholds.confidence if detector else 1.0
    return HeldOut(photos, Frame(FRACTIONS, threshold, class_ids), len(said) - len(there))


def _predictions(run: Run) -> Iterable[HeldOutPhoto]:
    """Yield what the classifier said of photos that it had not seen; each photo once, and nothing else of it yet."""
    for file, is_test in ((PREDICTIONS_FILE, False), (TEST_PREDICTIONS_FILE, True)):
        if is_test and file not in run.manifest.files:
            return
        table = read_predictions(run.read(file))
        for row in np.flatnonzero(table.held_out).tolist():
            scores = _scores(run.manifest, table, row)
            yield HeldOutPhoto(
                table.sha256s[row], table.groups[row], int(table.labels[row]), scores, None, None, is_test
            )


def _scores(manifest: Manifest, table: PredictionTable, row: int) -> ClassScores:
    shares = table.probabilities[row]
    calibration = manifest.calibration
    return ClassScores(
        class_ids=table.class_ids,
        probabilities=shares[: len(table.class_ids)].astype(np.float32),
        none_probability=float(shares[-1]) if manifest.has_none_output else 0.0,
        acceptance=float(acceptance(shares, calibration.acceptance, manifest.has_none_output)),
        threshold=calibration.threshold,
        embedding=NO_EMBEDDING,
    )


def _boxes_by_photo(detector: DetectorRun) -> dict[str, PhotoBoxes]:
    labels = [entry.slug for entry in detector.manifest.labels]
    files = [name for name in (STRANGER_BOXES_FILE,) if name in detector.manifest.files]
    tables = [read_boxes(detector.read(name), labels) for name in (BOXES_FILE, *files)]
    return {photo.sha256: photo for table in tables for photo in table.photos}


def _detections(photo: PhotoBoxes, detector: DetectorRun) -> tuple[Detection, ...]:
    found = zip(photo.boxes.found_labels.tolist(), photo.boxes.confidences.tolist(), photo.boxes.found, strict=True)
    entries = detector.manifest.labels
    return tuple(
        Detection(entries[label].class_id, entries[label].slug, share, (corners[0], corners[1], corners[2], corners[3]))
        for label, share, corners in ((label, share, corners.tolist()) for label, share, corners in found)
    )


def _joined_groups(photos: Sequence[HeldOutPhoto], boxes: Mapping[str, PhotoBoxes]) -> dict[str, str]:
    """Return a group for each photo, such that photos that either run holds together are together."""
    theirs = [boxes[photo.sha256].group if photo.sha256 in boxes else "" for photo in photos]
    joined = merge_groups([photo.group for photo in photos], theirs)
    return {photo.sha256: str(group) for photo, group in zip(photos, joined, strict=True)}


def _gallery_by_photo(run: Run) -> dict[str, GalleryScores]:
    """Return what the gallery says of each photo in it, its own group left out.

    Nothing where the network itself was tuned on these photos: it would recognise them by having learned them.
    """
    if EMBEDDINGS_FILE not in run.manifest.files or run.manifest.training.config.get("fine_tune", "none") != "none":
        return {}
    table = read_embeddings(run.read(EMBEDDINGS_FILE))
    trained = frozenset(run.manifest.class_ids)
    served = run_gallery(run.manifest.run_id, table, trained)
    mine = fitted_on(table)
    halves = ((~mine, served.of(served.photos)), (mine, _in_the_other_space(table, mine, run.manifest.run_id, trained)))
    return {
        sha256: gallery.scores(vector, frozenset({group}))
        for rows, gallery in halves
        for sha256, group, vector in zip(
            table.sha256s[rows].tolist(), table.groups[rows].tolist(), table.vectors[rows], strict=True
        )
    }


def _in_the_other_space(table: EmbeddingTable, mine: Flags, run_id: str, trained: frozenset[int]) -> Gallery:
    """Return the same photos in a space that was fitted without the groups of `mine`.

    In a space that was fitted on a photo it resembles others less than a new photo does: measured, 0.43 instead of
    0.49 to its own place.
    """
    others = np.flatnonzero(~np.isin(table.groups, table.groups[mine]))[:MOST_FITTED_ON]
    fitted = EmbeddingTable(table.vectors[others], table.class_ids[others], table.groups[others], table.sha256s[others])
    space = fit_space(run_id, fitted)
    photos = run_gallery(run_id, table, trained).photos
    return Gallery(space, replace(photos, codes=encode(space.reduce(table.vectors))), photos.some(~mine), trained)
