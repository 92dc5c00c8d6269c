"""A real detector's run without training: it marks the cells of 32 pixels that are red (label 0) or green (label 1).

A cell's box is the cell itself, so every corner can be worked out by hand; cells of other colours score near 0.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from core.domain.score import Score
from core.weights.detector_manifest import BoxThresholds, DetectorInput, DetectorManifest, LabelEntry
from core.weights.folder import DetectorRun, write_run
from core.weights.manifest import DataFacts, TrainingFacts

SIZE_PX, CELL_PX = 128, 32
LABELS = (
    LabelEntry(1, "osulloc-stone-tower", 0, "osulloc"),
    LabelEntry(4, "manjanggul-lava-column", 1, "manjanggul"),
)
SHARPNESS = 40.0


def tiny_detector_onnx(labels: int = len(LABELS), not_a_number: bool = False, output: str = "output0") -> bytes:
    """Return the model; the arguments make it wrong on purpose."""
    from onnx import TensorProto, helper, numpy_helper

    colours = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)[:labels]
    weights = {
        # sigmoid(SHARPNESS * (own channel - the two others - 1/2)): 1 for the pure colour, 0 without it
        "kernel": (SHARPNESS * (2 * colours - 1)).reshape(labels, 3, 1, 1),
        "bias": np.full(labels, np.nan if not_a_number else -SHARPNESS / 2, np.float32),
        "half": np.float32(0.5),
        "cell": np.float32(CELL_PX),
        "across": np.array(3, np.int64),
        "down": np.array(2, np.int64),
        "first": np.array([0], np.int64),
        "one": np.array([1], np.int64),
        "axis": np.array([1], np.int64),
        "flat_one": np.array([1, 1, -1], np.int64),
        "flat_labels": np.array([1, labels, -1], np.int64),
    }
    nodes = [
        helper.make_node("AveragePool", ["images"], ["mean"], kernel_shape=[CELL_PX] * 2, strides=[CELL_PX] * 2),
        helper.make_node("Conv", ["mean", "kernel", "bias"], ["logits"]),
        helper.make_node("Sigmoid", ["logits"], ["scores"]),
        helper.make_node("Reshape", ["scores", "flat_labels"], ["flat_scores"]),
        helper.make_node("Slice", ["mean", "first", "one", "axis"], ["channel"]),
        helper.make_node("Sub", ["channel", "channel"], ["zeros"]),
        helper.make_node("Exp", ["zeros"], ["ones"]),
        *_centre(helper, "across", "x"),
        *_centre(helper, "down", "y"),
        helper.make_node("Mul", ["ones", "cell"], ["sides"]),
        helper.make_node("Reshape", ["sides", "flat_one"], ["flat_sides"]),
        helper.make_node("Concat", ["flat_x", "flat_y", "flat_sides", "flat_sides", "flat_scores"], [output], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, "height", "width"])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, 4 + labels, "boxes"])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()],
    )
    model: bytes = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9
    ).SerializeToString()
    return model


def tiny_detector_manifest(run_id: str = "tiny-detector", **changes: Any) -> DetectorManifest:
    """Return the manifest, without the hashes of files."""
    values: dict[str, Any] = {
        "run_id": run_id,
        "architecture": "tiny",
        "created_at": datetime(2026, 11, 1, tzinfo=UTC),
        "input": DetectorInput(SIZE_PX, CELL_PX, rectangular=True),
        "labels": LABELS,
        "thresholds": BoxThresholds(0.5, 0.7),
        "data": DataFacts("f" * 64, 2, 2, {"osulloc": 1, "manjanggul": 1}, 0),
        "training": TrainingFacts({}, 0, "none"),
        "libraries": {},
        "scores": {"held_out_recall": Score(0.5, 0.1, 0.9, 1, 2)},
        "licence": "AGPL-3.0-only",
        "files": {},
    }
    return DetectorManifest(**{**values, **changes})


def write_tiny_detector(weights_dir: Path, run_id: str = "tiny-detector", model: bytes | None = None) -> DetectorRun:
    """Write the run under `weights_dir`."""
    return write_run(weights_dir, tiny_detector_manifest(run_id), {"model.onnx": model or tiny_detector_onnx()})


def _centre(helper: Any, axis: str, name: str) -> list[Any]:
    """Return the nodes that count cells along an axis and make `flat_<name>` of their centres in pixels."""
    return [
        helper.make_node("CumSum", ["ones", axis], [f"{name}_count"]),
        helper.make_node("Sub", [f"{name}_count", "half"], [f"{name}_middle"]),
        helper.make_node("Mul", [f"{name}_middle", "cell"], [name]),
        helper.make_node("Reshape", [name, "flat_one"], [f"flat_{name}"]),
    ]
