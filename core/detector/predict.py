"""Answer with an exported detector through ONNX Runtime: photo in, boxes in the photo's own pixels out. No torch.

Built once per run by whoever answers; called by `core/identify` and by training, which scores held-out photos with the
very code that serves.
"""

import threading

import numpy as np
import numpy.typing as npt

from core.detector.letterbox import fit, letterbox
from core.detector.nms import Found, suppress
from core.domain.answer import Detection
from core.domain.photo import Photo
from core.errors import ModelRefused
from core.weights.detector_manifest import DetectorInput, DetectorManifest
from core.weights.folder import DetectorRun
from core.weights.manifest import MODEL_FILE
from core.weights.onnx_session import open_session

INPUT, OUTPUT = "images", "output0"
FLOAT = "tensor(float)"
BOX_ROWS = 4
FAINTEST_BOX = 0.05  # below it nearly every box is noise; asked for where faint boxes are of interest

Floats = npt.NDArray[np.float32]


class OnnxDetector:
    """A loaded detector; ready to answer, and safe for many threads, once it is constructed."""

    def __init__(self, run: DetectorRun, threads: int = 2) -> None:
        """Load the network from the bytes that were checked against the manifest, and try it once.

        Raises:
            ModelRefused: code "model.missing" or "model.mismatch" for the file; "model.broken" when it is no network or
                computes no numbers; "model.outputs" when its input or output is another than agreed; "model.classes"
                when its labels are not as many as the manifest's.
        """
        self._manifest = run.manifest
        self.network = Network(run.read(MODEL_FILE), run.manifest.input, run.manifest.run_id, threads)
        expected, found = len(run.manifest.labels), self.network.label_count()
        if expected != found:
            raise ModelRefused(
                "model.classes", run_id=run.manifest.run_id, file=MODEL_FILE, expected=expected, found=found
            )

    @property
    def manifest(self) -> DetectorManifest:
        """What is known about the run."""
        return self._manifest

    @property
    def need_px(self) -> int:
        """The shorter side, in pixels, that a photo should keep when it is decoded."""
        return self._manifest.input.size_px

    @property
    def run_id(self) -> str:
        """The run's name."""
        return self._manifest.run_id

    @property
    def threshold(self) -> float:
        """The confidence from which a box counts."""
        return self._manifest.thresholds.confidence

    @property
    def class_ids(self) -> tuple[int, ...]:
        """The class numbers of the places that it knows parts of."""
        return self._manifest.class_ids

    def predict(self, photo: Photo, confidence: float | None = None) -> tuple[Detection, ...]:
        """Find the parts on one photo, most confident first.

        confidence: the lowest that is told; None for the one that the manifest says.

        Raises:
            ModelRefused: code "model.broken"; the network computed something that is no number.
        """
        thresholds = self._manifest.thresholds
        found = self.network.find(
            photo.pixels,
            (photo.width_px, photo.height_px),
            self.threshold if confidence is None else confidence,
            thresholds.iou,
        )
        entries = [self._manifest.labels[index] for index in found.labels]
        return tuple(
            Detection(entry.class_id, entry.slug, float(share), tuple(float(side) for side in corners))  # type: ignore[arg-type]  # four sides
            for entry, share, corners in zip(entries, found.confidences, found.xyxy, strict=True)
        )


class Network:
    """An exported graph and what it is shown; knows boxes and columns, no labels."""

    def __init__(self, model: bytes, spec: DetectorInput, run_id: str, threads: int) -> None:
        """Load a graph that may name no other file.

        Raises:
            ModelRefused: code "model.broken" or "model.outputs".
        """
        self._spec, self._run_id, self._turn = spec, run_id, threading.Lock()
        self._session = open_session(model, run_id, threads)
        inputs = [(node.name, node.type, len(node.shape)) for node in self._session.get_inputs()]
        outputs = [(node.name, node.type) for node in self._session.get_outputs()]
        if inputs != [(INPUT, FLOAT, 4)] or outputs != [(OUTPUT, FLOAT)]:
            raise self._refused("model.outputs")

    def label_count(self) -> int:
        """Return how many labels it tells apart, by trying it on noise.

        Raises:
            ModelRefused: code "model.broken" or "model.outputs".
        """
        side = self._spec.stride_px * 2
        noise = np.random.default_rng(0).random((1, 3, side, side), dtype=np.float32)
        return len(self._run(noise)) - BOX_ROWS

    def find(
        self,
        pixels: npt.NDArray[np.uint8],
        size_px: tuple[int, int],
        confidence: float,
        iou: float,
    ) -> Found:
        """Return what is on a photo, corners in pixels of `size_px`, its own width and height.

        pixels: (h, w, 3) uint8, perhaps a smaller decoding of it.
        """
        spec = self._spec
        height, width = pixels.shape[:2]
        where = fit(width, height, spec.size_px, spec.stride_px, spec.rectangular)
        found = suppress(self._run(letterbox(pixels, where)), confidence, iou)
        scale = np.array([size_px[0] / width, size_px[1] / height] * 2, np.float32)
        return Found(where.to_photo(found.xyxy) * scale, found.confidences, found.labels)

    def _run(self, images: Floats) -> Floats:
        """Compute (4 + C, N) for (1, 3, H, W), and refuse what is no number."""
        try:
            with self._turn:
                (output,) = self._session.run([OUTPUT], {INPUT: images})
        except Exception as error:
            raise self._refused("model.broken") from error
        if output.ndim != 3 or len(output) != 1 or output.shape[1] <= BOX_ROWS:
            raise self._refused("model.outputs")
        if not np.isfinite(output).all():
            raise self._refused("model.broken")
        found: Floats = output[0]
        return found

    def _refused(self, code: str) -> ModelRefused:
        return ModelRefused(code, run_id=self._run_id, file=MODEL_FILE)
