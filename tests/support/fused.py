"""Evidence made by hand for fusion, a tree of three questions, and two runs whose records a tree can be fitted on.

In the records the classifier is sure of two known photos in three and the detector of another two in three, and each is
fooled by strangers of its own; so together they do better than either.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.domain.answer import ClassScores, Detection, GalleryScores, Neighbour
from core.fusion.features import BOX_CONFIDENCE, CNN_PROBABILITY, FEATURES, GALLERY_SIMILARITY, Frame
from core.fusion.tree import FusionTree, Node, Weight
from core.metrics.box_table import BOX_COLUMNS, BOXES_FILE, STRANGER_BOXES_FILE
from core.weights.folder import DetectorRun, Run, write_run
from core.weights.records import EmbeddingTable, PredictionTable, write_embeddings, write_predictions
from tests.support.tiny_detector import LABELS, tiny_detector_manifest, tiny_detector_onnx
from tests.support.tiny_model import tiny_manifest, tiny_onnx

FRAME = Frame((100.0, 100.0), box_threshold=0.5)
PLACES = (0, 1)
KNOWN, STRANGERS = 60, 60


def said(*shares: float, class_ids: Sequence[int] = PLACES, threshold: float = 0.5) -> ClassScores:
    """Return what a classifier says; the last share is none of these, and they sum to 1."""
    none = shares[-1]
    best = max(shares[:-1])
    return ClassScores(
        tuple(class_ids),
        np.array(shares[:-1], np.float32),
        none,
        best / (best + none),
        threshold,
        np.ones(1, np.float32),
    )


def box(class_id: int, confidence: float, side: float = 50.0) -> Detection:
    """Return a square box from the upper left corner."""
    return Detection(class_id, "part", confidence, (0.0, 0.0, side, side))


def alike(similarities: dict[int, float], shown: Sequence[int | None] = ()) -> GalleryScores:
    """Return what a gallery says. shown: the places of the most similar photos."""
    neighbours = tuple(Neighbour(f"{at:064x}", class_id, 0.5) for at, class_id in enumerate(shown))
    values = np.array(list(similarities.values()), np.float32)
    return GalleryScores(tuple(similarities), values, (9,) * len(values), neighbours)


def hand_tree(run_id: str = "fusion-hand", **changes: object) -> FusionTree:
    """Return a tree: the CNN above 0.5, else boxes above 0.6, else nothing; similarity counts a little."""
    nodes = (
        Node(CNN_PROBABILITY, 0.5, 1, 4, 0.5, 40),
        Node(BOX_CONFIDENCE, 0.6, 2, 3, 0.25, 30),
        Node("", 0.0, 0, 0, 0.1, 20),
        Node("", 0.0, 0, 0, 0.7, 10),
        Node("", 0.0, 0, 0, 0.9, 10),
    )
    tree = FusionTree(
        run_id=run_id,
        features=FEATURES,
        nodes=nodes,
        end_weight=1.0,
        weights=(Weight(GALLERY_SIMILARITY, 1.0, 0.0),),
        bias=0.0,
        acceptance=0.6,
        calibration=((0.0, 0.05), (1.0, 0.95)),
        none_calibration=((0.0, 0.9), (1.0, 0.1)),
        box_class_ids=PLACES,
    )
    return replace(tree, **changes)  # type: ignore[arg-type]


def write_witnesses(weights_dir: Path, **facts: object) -> tuple[Run, DetectorRun]:
    """Write a classifier's and a detector's run with records of the same photos. facts: how the former was trained."""
    rng = np.random.default_rng(0)
    labels = np.array([at % 2 for at in range(KNOWN)] + [-1] * STRANGERS)
    sha256s = tuple(f"{at:064x}" for at in range(len(labels)))
    shares = np.array([_classifier_said(at, int(label), rng) for at, label in enumerate(labels)])
    table = PredictionTable(
        PLACES,
        sha256s,
        tuple(str(at) for at in range(len(labels))),
        np.arange(len(labels)) % 5,
        labels,
        shares,
        np.ones(len(labels), bool),
    )
    vectors = np.eye(3)[labels] + rng.normal(0, 1.0, (len(labels), 3))
    vectors = np.hstack([vectors, np.ones((len(labels), 1))]).astype(np.float16)
    embeddings = EmbeddingTable(vectors, labels, np.array(table.groups), np.array(sha256s))
    manifest = tiny_manifest("witness")
    training = replace(manifest.training, config={**manifest.training.config, **facts})
    run = write_run(
        weights_dir,
        replace(manifest, training=training, classes=manifest.classes[: len(PLACES)]),
        {
            "model.onnx": tiny_onnx(),
            "predictions.csv": write_predictions(table),
            "embeddings.npz": write_embeddings(embeddings),
        },
    )
    boxes = [_detector_said(at, int(label), rng) for at, label in enumerate(labels)]
    lines = [row for sha256, found in zip(sha256s, boxes, strict=True) for row in _lines(sha256, found)]
    own = KNOWN + 20  # a box each; the rest are strangers that no training saw
    detector = write_run(
        weights_dir,
        tiny_detector_manifest("boxer"),
        {
            "model.onnx": tiny_detector_onnx(),
            BOXES_FILE: _csv(lines[:own]),
            STRANGER_BOXES_FILE: _csv(lines[own:]),
        },
    )
    return run, detector


def _classifier_said(at: int, label: int, rng: np.random.Generator) -> tuple[float, float, float]:
    """Be sure of two known photos in three; of the strangers fool it with every thirtieth."""
    sure = at % 3 != 0 if label >= 0 else at % 30 == 0
    share = float(rng.uniform(0.7, 0.98) if sure else rng.uniform(0.05, 0.3))
    place = label if label >= 0 else at % 2
    rest = 1 - share
    return (share, rest * 0.2, rest * 0.8) if place == 0 else (rest * 0.2, share, rest * 0.8)


def _detector_said(at: int, label: int, rng: np.random.Generator) -> list[tuple[int, float]]:
    """Be sure of other two known photos in three; of the strangers fool it with every thirtieth, but not the same."""
    sure = at % 3 != 1 if label >= 0 else at % 30 == 5
    return [(label if label >= 0 else at % 2, float(rng.uniform(0.7, 0.98) if sure else rng.uniform(0.05, 0.3)))]


def _lines(sha256: str, found: Sequence[tuple[int, float]]) -> list[tuple[str, ...]]:
    return [
        (sha256, sha256, "fold 0", "found", LABELS[label].slug, f"{share:.5f}", "0.1", "0.1", "0.5", "0.5")
        for label, share in found
    ]


def _csv(rows: Sequence[tuple[str, ...]]) -> bytes:
    return "".join(",".join(row) + "\n" for row in (BOX_COLUMNS, *rows)).encode()
