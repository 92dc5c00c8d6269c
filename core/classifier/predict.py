"""Answer with a trained classifier: views of a photo through the exported network, to calibrated class scores.

onnxruntime, numpy and Pillow only. Called by `core/identify` for each photo, by any number of threads at once.
"""

import threading
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.classifier.preprocess import ViewPolicy, Views, make_views
from core.domain.answer import ClassScores
from core.domain.photo import Photo
from core.errors import ModelRefused
from core.metrics.probabilities import acceptance, softmax
from core.weights.folder import Run
from core.weights.manifest import MODEL_FILE
from core.weights.onnx_session import open_session

INPUT = "views"
OUTPUTS = ("logits", "embedding", "feature_map")
FLOAT = "tensor(float)"
NORM_TOLERANCE = 1e-3  # of the embedding's length; float32 over 1,280 numbers stays below 1e-6

Floats32 = npt.NDArray[np.float32]
Outputs = tuple[Floats32, Floats32, Floats32]


class OnnxClassifier:
    """A loaded classifier; ready to answer, and safe for many threads, once it is constructed.

    One photo is computed at a time, by all threads of the session. On two cores with MobileNetV2 at 224 px, 25 callers
    get 400 answers a second that way and the session holds 56 MB; side by side they get 360 at 175 MB, and without
    onnxruntime's arena 300 at 250 to 600 MB.
    """

    def __init__(self, run: Run, threads: int = 2) -> None:
        """Load the network from the bytes that were checked against the manifest, and try it once.

        Raises:
            ModelRefused: code "model.missing" or "model.mismatch" for the file; "model.broken" when it is no network or
                computes no numbers; "model.outputs" when its input or outputs are others than agreed; "model.classes"
                when its classes are not as many as the manifest's; "model.input" for unknown views or scaling.
        """
        self._manifest = run.manifest
        spec = run.manifest.input
        self._policy = ViewPolicy.parse(spec.views, spec.width_px, spec.scaling)
        self._turn = threading.Lock()
        self._session = open_session(run.read(MODEL_FILE), run.manifest.run_id, threads)
        self._check_signature()
        self._check_answer(self._run(_trial_views(self._policy)))

    @property
    def run_id(self) -> str:
        """The run that answers."""
        return self._manifest.run_id

    @property
    def need_px(self) -> int:
        """The shorter side, in pixels, that a photo should keep when it is decoded."""
        return self._policy.need_px

    @property
    def class_ids(self) -> tuple[int, ...]:
        """The class numbers, in the order of `ClassScores.probabilities`."""
        return self._manifest.class_ids

    def predict(self, photo: Photo) -> ClassScores:
        """Score one photo: logits and embeddings are averaged over its views, the feature map is the whole photo's.

        Raises:
            ModelRefused: code "model.broken"; the network computed something that is no number.
        """
        logits, embeddings, feature_maps = self._run(make_views(photo.pixels, self._policy))
        calibration, has_none = self._manifest.calibration, self._manifest.has_none_output
        probabilities = softmax(logits.mean(axis=0, dtype=np.float64), calibration.temperature)
        embedding = embeddings.mean(axis=0)
        return ClassScores(
            class_ids=self.class_ids,
            probabilities=probabilities[: len(self.class_ids)].astype(np.float32),
            none_probability=float(probabilities[-1]) if has_none else 0.0,
            acceptance=float(acceptance(probabilities, calibration.acceptance, has_none)),
            threshold=calibration.threshold,
            embedding=embedding / max(float(np.linalg.norm(embedding)), np.finfo(np.float32).tiny),
            feature_map=feature_maps[0].copy(),
        )

    def predict_batch(self, photos: Sequence[Photo]) -> tuple[ClassScores, ...]:
        """Score photos in order, one at a time: on a processor a larger batch is no faster and holds more memory."""
        return tuple(self.predict(photo) for photo in photos)

    def _run(self, views: Views) -> Outputs:
        """Compute the outputs for (V, H, W, 3) views, and refuse what is no number."""
        try:
            with self._turn:
                logits, embedding, feature_map = self._session.run(OUTPUTS, {INPUT: views})
        except Exception as error:
            raise self._refused("model.broken") from error
        if not (np.isfinite(logits).all() and np.isfinite(embedding).all()):
            raise self._refused("model.broken")
        return logits, embedding, feature_map

    def _check_signature(self) -> None:
        """Refuse another input or other outputs than agreed, extra ones too, before anything is computed."""
        inputs = [(node.name, node.type, node.shape[1:]) for node in self._session.get_inputs()]
        side = self._policy.size_px
        outputs = sorted((node.name, node.type) for node in self._session.get_outputs())
        if inputs != [(INPUT, FLOAT, [side, side, 3])] or outputs != sorted((name, FLOAT) for name in OUTPUTS):
            raise self._refused("model.outputs")

    def _check_answer(self, outputs: Outputs) -> None:
        """Refuse shapes that the manifest does not promise."""
        logits, embedding, feature_map = outputs
        views, expected = self._policy.view_count, self._manifest.output_count
        if logits.ndim == 2 and logits.shape[1] != expected:
            raise self._refused("model.classes", expected=expected, found=logits.shape[1])
        shapes = logits.shape == (views, expected) and embedding.ndim == 2 and feature_map.ndim == 4
        if not shapes or {len(embedding), len(feature_map)} != {views}:
            raise self._refused("model.outputs")
        if np.abs(np.linalg.norm(embedding, axis=1) - 1).max() > NORM_TOLERANCE:
            raise self._refused("model.outputs")

    def _refused(self, code: str, **values: int) -> ModelRefused:
        return ModelRefused(code, run_id=self._manifest.run_id, file=MODEL_FILE, **values)


def _trial_views(policy: ViewPolicy) -> Views:
    """Make the views of noise: a network that divides by the spread of its input finds one."""
    noise = np.random.default_rng(0).integers(0, 256, (policy.size_px, policy.size_px, 3), dtype=np.uint8)
    return make_views(noise, policy)
