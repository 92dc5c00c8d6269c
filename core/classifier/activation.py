"""Which parts of a photo speak for a place: its class activation map, from the exported network's own tensors.

Logits are a linear map of averages over feature maps, so the same weights at each cell of the maps say how much that
cell adds; over the whole photo the map averages to the logit without its bias. It is exact, not an estimate.
Source: Zhou et al. 2016, "Learning Deep Features for Discriminative Localization", formula (2), for several maps that
are each brought to a length before they are put together.

A session of its own is opened and let go for each map: an answer that nobody asks about costs nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.classifier.graph_file import LastStep, last_step, with_outputs
from core.classifier.predict import INPUT
from core.classifier.preprocess import ViewPolicy, make_views
from core.domain.photo import Photo
from core.errors import ModelRefused
from core.weights.folder import Run
from core.weights.manifest import MODEL_FILE
from core.weights.onnx_session import open_session

LOGITS = "logits"
CLOSE = 1e-3  # of the features' length: what averages and features may differ by in 32 bits

Floats32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Activation:
    """What speaks for one place where.

    class_id: the place. values: (h, w) what each cell adds to the place's logit, over the whole photo, top row first;
    their mean and `bias` sum to `logit`, which is before any temperature. A cell above -bias alone would be the place.
    """

    class_id: int
    values: Floats32
    bias: float
    logit: float

    def heat(self) -> Floats32:
        """Return (h, w) 0..1: how much a cell speaks for the place, 1 for the one that does most, 0 for none."""
        support = np.maximum(self.values + self.bias, 0)
        most = float(support.max())
        return np.asarray(support / most if most > 0 else support, np.float32)


def class_activation(run: Run, photo: Photo, class_id: int, threads: int = 2) -> Activation:
    """Return what speaks for a place in the view of the whole photo.

    Raises:
        ModelRefused: code "model.no_map"; the network is not of a kind that has such a map, or has no such class;
            "model.missing", "model.mismatch" or "model.broken" as of loading.
    """
    manifest = run.manifest
    if class_id not in manifest.class_ids:
        raise _no_map(run)
    model = run.read(MODEL_FILE)
    step = _step(run, model)
    session = open_session(with_outputs(model, _extra(step)), manifest.run_id, threads)
    policy = ViewPolicy.parse(manifest.input.views, manifest.input.width_px, manifest.input.scaling)
    view = make_views(photo.pixels, policy)[:1]
    try:
        logits, features, weights, *maps = session.run([LOGITS, step.features, step.weights, *step.maps], {INPUT: view})
    except Exception as error:
        raise _no_map(run) from error
    column = manifest.class_ids.index(class_id)
    values = _contributions(run, features[0], _towards(run, weights, features, column), maps)
    logit = float(logits[0, column])
    return Activation(class_id, values, logit - float(values.mean()), logit)


def _step(run: Run, model: bytes) -> LastStep:
    try:
        step = last_step(model, LOGITS)
    except ValueError as error:
        raise _no_map(run) from error
    if step is None:
        raise _no_map(run)
    return step


def _extra(step: LastStep) -> tuple[str, ...]:
    """Return the tensors that are no outputs yet; a graph that lists one twice is refused."""
    return tuple(dict.fromkeys(name for name in (step.features, step.weights, *step.maps) if name != "embedding"))


def _towards(run: Run, weights: npt.NDArray[Any], features: npt.NDArray[Any], column: int) -> Floats32:
    """Return (D,) the weights of one logit, whichever way round the graph keeps them."""
    size = features.shape[-1]
    if weights.ndim != 2 or size not in weights.shape:
        raise _no_map(run)
    return np.asarray(weights[:, column] if weights.shape[0] == size else weights[column], np.float32)


def _contributions(run: Run, features: Floats32, towards: Floats32, maps: Sequence[Floats32]) -> Floats32:
    """Return (h, w) of the finest map: what each cell adds to the product of features and weights."""
    parts = [_part(run, cells[0], features, towards, start) for cells, start in _starts(run, maps, len(features))]
    height, width = (max(part.shape[axis] for part in parts) for axis in (0, 1))
    if any(height % part.shape[0] or width % part.shape[1] for part in parts):
        raise _no_map(run)
    grown = [np.kron(part, np.ones((height // part.shape[0], width // part.shape[1]), np.float32)) for part in parts]
    return np.asarray(np.sum(grown, axis=0), np.float32)


def _starts(run: Run, maps: Sequence[Floats32], size: int) -> list[tuple[Floats32, int]]:
    """Return each map, channels first, with where its averages begin among the features."""
    if any(cells.ndim != 4 for cells in maps):
        raise _no_map(run)
    counts = [cells.shape[1] for cells in maps]
    if sum(counts) != size:  # pooled by a mean over height and width, where channels are last
        maps = [cells.transpose(0, 3, 1, 2) for cells in maps]
        counts = [cells.shape[1] for cells in maps]
    if sum(counts) != size:
        raise _no_map(run)
    return list(zip(maps, np.cumsum([0, *counts[:-1]]).tolist(), strict=True))


def _part(run: Run, cells: Floats32, features: Floats32, towards: Floats32, start: int) -> Floats32:
    """Return (h, w) what the cells (K, h, w) of one map add, whose averages are scaled to the features' length."""
    mine = slice(start, start + len(cells))
    averages = cells.mean(axis=(1, 2))
    scale = float(np.linalg.norm(features[mine])) / max(float(np.linalg.norm(averages)), 1e-12)
    if np.abs(averages * scale - features[mine]).max() > CLOSE * max(1.0, float(np.linalg.norm(features))):
        raise _no_map(run)
    return np.asarray(np.tensordot(towards[mine] * scale, cells, axes=1), np.float32)


def _no_map(run: Run) -> ModelRefused:
    return ModelRefused("model.no_map", run_id=run.manifest.run_id)
