"""A real run without training: a network that tells photos apart by their mean colour.

Red is class 0, green 1, blue 2, yellow 3, magenta 4, grey none of these; `coloured_photo` makes them. Every number can
be worked out by hand: the feature map holds mean red, green, blue in -1..1 and a 1, for each cell of 32 pixels.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from core.domain.photo import Photo
from core.domain.score import Score
from core.weights.folder import Run, write_run
from core.weights.manifest import Calibration, ClassEntry, DataFacts, InputSpec, Manifest, TrainingFacts

SLUGS = ("osulloc", "manjanggul", "monsant-aewol", "jusangjeolli", "cheonjiyeon")
COLOURS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (255, 0, 255))
GREY = (128, 128, 128)
SIZE_PX, CELL_PX = 64, 32
SHARPNESS = 2.0


def coloured_photo(rgb: tuple[int, int, int], width_px: int = 80, height_px: int = 60) -> Photo:
    """Return a photo of one colour."""
    pixels = np.full((height_px, width_px, 3), rgb, np.uint8)
    return Photo(pixels, width_px, height_px, "PNG", bytes(rgb).hex().zfill(64), pixels.size)


def tiny_onnx(
    colours: tuple[tuple[int, int, int], ...] = (*COLOURS, GREY),
    size_px: int = SIZE_PX,
    rename: Mapping[str, str] | None = None,
    extra_output: bool = False,
    not_a_number: bool = False,
) -> bytes:
    """Return the model: logits are -SHARPNESS times the squared distance to each colour, up to a constant.

    The rest makes it wrong on purpose: `rename` its outputs, give one more, or answer NaN.
    """
    from onnx import helper, numpy_helper

    points = np.array(colours, np.float32) / 127.5 - 1
    if not_a_number:
        points = points * np.nan
    weights = {
        "cell": _averaging_filters(),
        "one": np.array([0, 0, 0, 1], np.float32),
        "towards": np.hstack([2 * SHARPNESS * points, np.zeros((len(points), 1), np.float32)]).astype(np.float32),
        "offset": (-SHARPNESS * (points**2).sum(axis=1)).astype(np.float32),
    }
    named = {"logits": "logits", "embedding": "embedding", "feature_map": "feature_map", **(rename or {})}
    nodes = [
        helper.make_node("Transpose", ["views"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", "cell", "one"], ["cells"], strides=[CELL_PX, CELL_PX]),
        helper.make_node("Transpose", ["cells"], [named["feature_map"]], perm=[0, 2, 3, 1]),
        helper.make_node("GlobalAveragePool", ["cells"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["means"]),
        helper.make_node("LpNormalization", ["means"], [named["embedding"]], axis=1, p=2),
        helper.make_node("Gemm", ["means", "towards", "offset"], [named["logits"]], transB=1),
    ]
    grid, many = size_px // CELL_PX, len(colours)
    shapes: dict[str, list[Any]] = {"logits": ["N", many], "embedding": ["N", 4], "feature_map": ["N", grid, grid, 4]}
    outputs = [helper.make_tensor_value_info(named[name], 1, shape) for name, shape in shapes.items()]
    if extra_output:
        outputs.append(helper.make_tensor_value_info("means", 1, ["N", 4]))
    graph = helper.make_graph(
        nodes,
        "colours",
        [helper.make_tensor_value_info("views", 1, ["N", size_px, size_px, 3])],
        outputs,
        [numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    content: bytes = model.SerializeToString()
    return content


def tiny_manifest(run_id: str = "tiny", **changes: Any) -> Manifest:
    """Return the manifest that fits `tiny_onnx()`, with `changes` to its fields."""
    fields: dict[str, Any] = {
        "run_id": run_id,
        "architecture": "mean-colour",
        "created_at": datetime(2026, 11, 1, tzinfo=UTC),
        "input": InputSpec(SIZE_PX, SIZE_PX, "minus_one_to_one", "whole"),
        "classes": tuple(ClassEntry(class_id, slug) for class_id, slug in enumerate(SLUGS)),
        "has_none_output": True,
        "calibration": Calibration(1.0, "known_mass", 0.5, 0.05, True),
        "data": DataFacts("0" * 64, 100, 90, dict.fromkeys(SLUGS, 16), 20),
        "training": TrainingFacts({"epochs": 0}, 0, "none"),
        "libraries": {"onnx": "1"},
        "scores": {"right": Score(0.95, 0.9, 0.98, 95, 100), "auroc": Score(0.99, 0.97, 1.0, None, 120)},
        "licence": "AGPL-3.0-only",
        "files": {},
    }
    return Manifest(**{**fields, **changes})


def write_tiny_run(weights_dir: Path, run_id: str = "tiny", model: bytes | None = None, **changes: Any) -> Run:
    """Write a complete run that answers; `model` and `changes` to the manifest replace what `tiny_onnx` fits."""
    contents = {
        "model.onnx": tiny_onnx() if model is None else model,
        "epochs.csv": b"epoch,loss\n0,1.0\n",
        "MODEL_CARD.md": b"# Mean colour\n",
    }
    return write_run(weights_dir, tiny_manifest(run_id, **changes), contents)


def _averaging_filters() -> Any:
    """Return (4, 3, CELL_PX, CELL_PX): the mean of each colour over a cell, and nothing."""
    filters = np.zeros((4, 3, CELL_PX, CELL_PX), np.float32)
    for channel in range(3):
        filters[channel, channel] = 1 / CELL_PX**2
    return filters
