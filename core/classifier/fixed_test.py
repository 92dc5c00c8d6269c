"""The last step: photos that nothing was fitted on are shown to the very network that ships. Called by `train`.

The exported graph answers, through the code that answers visitors; so these scores also cover the export. What is said
of each photo is kept in the run, for whoever counts again.
"""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from core.classifier.predict import OnnxClassifier
from core.classifier.progress import Steps
from core.classifier.training_set import FixedTestPhoto, TrainingSet
from core.dataset.ingest import read_photo_file
from core.domain.answer import ClassScores
from core.domain.score import Score
from core.errors import PhotoRefused, StorageUnavailable
from core.metrics.decisions import Decisions, score_decisions
from core.weights.folder import write_run
from core.weights.manifest import MODEL_FILE, Manifest
from core.weights.records import TEST_PREDICTIONS_FILE, UNKNOWN, PredictionTable, write_predictions

NO_FOLD = -1
PREFIX = "test_"


@dataclass(frozen=True, slots=True)
class FixedTest:
    """What came of it: scores by their names in the manifest, and the run's further files."""

    scores: dict[str, Score]
    contents: dict[str, bytes]


def judge_fixed_test(onnx_bytes: bytes, manifest: Manifest, photos: TrainingSet, steps: Steps) -> FixedTest:
    """Ask the exported network about the test photos; without any there are no scores and no file.

    A photo of a place that the network has no output for counts as one of no known place.

    Raises:
        ModelRefused: the graph cannot serve.
        StorageUnavailable: code "classifier.photo_gone"; a photo cannot be read any more.
        JobStopped: whoever listens asked to stop.
    """
    if not photos.tests:
        return FixedTest({}, {})
    said = [(photo, scores) for photo, scores in _answers(onnx_bytes, manifest, photos, steps)]
    class_ids = dict(zip(photos.slugs, photos.class_ids, strict=True))
    columns = {slug: column for column, slug in enumerate(photos.slugs)}
    probabilities = np.array([_row(scores, manifest.has_none_output) for _, scores in said])
    decisions = Decisions(
        slugs=photos.slugs,
        labels=np.array([columns.get(photo.slug or "", UNKNOWN) for photo, _ in said]),
        probabilities=probabilities,
        acceptance=np.array([scores.acceptance for _, scores in said]),
        threshold=manifest.calibration.threshold,
    )
    table = PredictionTable(
        class_ids=photos.class_ids,
        sha256s=tuple(photo.sha256 for photo, _ in said),
        groups=tuple(photo.group for photo, _ in said),
        folds=np.full(len(said), NO_FOLD),
        labels=np.array([class_ids.get(photo.slug or "", UNKNOWN) for photo, _ in said]),
        probabilities=probabilities,
        held_out=np.ones(len(said), bool),
    )
    scores = {PREFIX + name: score for name, score in score_decisions(decisions).items()}
    return FixedTest(scores, {TEST_PREDICTIONS_FILE: write_predictions(table)})


def _answers(
    onnx_bytes: bytes, manifest: Manifest, photos: TrainingSet, steps: Steps
) -> list[tuple[FixedTestPhoto, ClassScores]]:
    """Load the network as serving does, from a run of its own, and ask it about each photo."""
    with TemporaryDirectory(prefix="eodi-test-") as folder:
        classifier = OnnxClassifier(write_run(Path(folder), manifest, {MODEL_FILE: onnx_bytes}))
    answers = []
    for number, photo in enumerate(photos.tests, start=1):
        steps.advance(1, "train.testing", photo=number, photos=len(photos.tests))
        try:
            found = read_photo_file(photo.path, need_px=classifier.need_px)
        except PhotoRefused as error:
            raise StorageUnavailable("classifier.photo_gone", file=photo.path.name) from error
        answers.append((photo, classifier.predict(found)))
    return answers


def _row(scores: ClassScores, has_none: bool) -> list[float]:
    known = scores.probabilities.astype(float).tolist()
    return [*known, scores.none_probability] if has_none else known
