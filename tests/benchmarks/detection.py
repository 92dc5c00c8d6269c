"""How long a detector takes for a photo, and what it finds: our serving against ultralytics' own, in one run.

`python -m tests.benchmarks.detection WEIGHTS.pt DATA.yaml [photo.jpg]`: the weights of a training, and its data in
ultralytics' form, whose validation photos are looked at. Rounds are interleaved, so that a busy machine slows all
alike. OpenVINO takes part where it is installed. Prints one table: milliseconds (median), mAP50, mAP50-95.
"""

import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import yaml

from core.dataset.ingest import read_photo
from core.detector.letterbox import fit, letterbox
from core.detector.nms import Found, suppress
from core.detector.predict import Network
from core.detector.ultralytics_setup import SWITCHES, prepare_ultralytics
from core.metrics.detection import BoxesOnPhoto, average_precision, match_boxes
from core.weights.detector_manifest import DetectorInput

SIZES = (320, 416, 640)
ROUNDS = 3
CONFIDENCE, IOU = 0.005, 0.7
Find = Callable[[np.ndarray], Found]


def main() -> None:
    os.environ.update(SWITCHES, YOLO_CONFIG_DIR=tempfile.mkdtemp())
    weights, data = sys.argv[1:3]
    ultralytics = prepare_ultralytics(2)
    onnx = export(ultralytics, Path(weights))
    finders: dict[str, Find] = {}
    for size in SIZES:
        finders[f"ultralytics, torch, {size}, rectangular"] = of_torch(ultralytics, weights, size)
        for rectangular in (True, False):
            shape = "rectangular" if rectangular else "square"
            for threads in (1, 2):
                spec = DetectorInput(size, 32, rectangular)
                network = Network(onnx, spec, "benchmark", threads)
                finders[f"ours, ONNX Runtime, {size}, {shape}, {threads} thread(s)"] = of_network(network)
        openvino = of_openvino(onnx, size)
        if openvino:
            finders[f"ours, OpenVINO, {size}, rectangular"] = openvino
    photos = read_photos(Path(data))
    print(f"{len(photos)} photos, {sum(len(labels) for _, _, labels in photos)} boxes, {ROUNDS} rounds")
    times, scores = measure(finders, photos)
    for name, ms in times.items():
        print(
            f"{name:48} {statistics.median(ms):7.1f} ms   mAP50 {scores[name][0]:.3f}   mAP50-95 {scores[name][1]:.3f}"
        )
    theirs, ours = "ultralytics, torch, 320, rectangular", "ours, ONNX Runtime, 320, rectangular, 2 thread(s)"
    print(how_equal(finders[theirs], finders[ours], [pixels for pixels, _, _ in photos]))


def how_equal(theirs: Find, ours: Find, photos: list[np.ndarray]) -> str:
    """Say how far our boxes lie from ultralytics' on the same pixels, box by box."""
    pairs = [(theirs(pixels), ours(pixels)) for pixels in photos]
    if any(len(one.labels) != len(other.labels) for one, other in pairs):
        return "boxes are missing or too many"
    moved = max(float(np.abs(one.xyxy - other.xyxy).max()) for one, other in pairs if len(one.labels))
    sure = max(float(np.abs(one.confidences - other.confidences).max()) for one, other in pairs if len(one.labels))
    boxes = sum(len(one.labels) for one, _ in pairs)
    return f"{boxes} boxes on {len(pairs)} photos: at most {moved:.5f} px and {sure:.6f} in confidence apart"


def measure(
    finders: dict[str, Find], photos: list[tuple[np.ndarray, np.ndarray, np.ndarray]]
) -> tuple[dict[str, list[float]], dict[str, tuple[float, float]]]:
    times: dict[str, list[float]] = {name: [] for name in finders}
    found: dict[str, list[BoxesOnPhoto]] = {name: [] for name in finders}
    for round_number in range(ROUNDS):
        for pixels, truth, labels in photos:
            for name, find in finders.items():
                started = perf_counter()
                boxes = find(pixels)
                times[name].append((perf_counter() - started) * 1000)
                if round_number == 0:
                    scale = np.array([pixels.shape[1], pixels.shape[0]] * 2)
                    found[name].append(
                        BoxesOnPhoto(truth, labels, boxes.xyxy / scale, boxes.labels, boxes.confidences.astype(float))
                    )
    columns = range(max(int(labels.max()) for _, _, labels in photos if len(labels)) + 1)
    scores = {}
    for name, seen in found.items():
        per_label = np.array([average_precision(match_boxes(seen, column)) for column in columns])
        scores[name] = (float(np.nanmean(per_label[:, 0])), float(np.nanmean(per_label)))
    return times, scores


def export(ultralytics: Any, weights: Path) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "weights.pt"
        copy.write_bytes(weights.read_bytes())
        made = ultralytics.YOLO(str(copy)).export(format="onnx", dynamic=True, simplify=False, opset=17, verbose=False)
        return Path(made).read_bytes()


def of_torch(ultralytics: Any, weights: str, size: int) -> Find:
    model = ultralytics.YOLO(weights)

    def find(pixels: np.ndarray) -> Found:
        boxes = model.predict(pixels[:, :, ::-1], imgsz=size, conf=CONFIDENCE, iou=IOU, verbose=False)[0].boxes
        return Found(boxes.xyxy.numpy(), boxes.conf.numpy(), boxes.cls.numpy().astype(np.int64))

    return find


def of_network(network: Network) -> Find:
    return lambda pixels: network.find(pixels, (pixels.shape[1], pixels.shape[0]), CONFIDENCE, IOU)


def of_openvino(onnx: bytes, size: int) -> Find | None:
    try:
        import openvino
    except ImportError:
        return None
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(onnx), "CPU", {"INFERENCE_NUM_THREADS": 2})

    def find(pixels: np.ndarray) -> Found:
        where = fit(pixels.shape[1], pixels.shape[0], size, 32, True)
        found = suppress(compiled(letterbox(pixels, where))[0][0], CONFIDENCE, IOU)
        return Found(where.to_photo(found.xyxy), found.confidences, found.labels)

    return find


def read_photos(data: Path) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    described = yaml.safe_load(data.read_text(encoding="utf-8"))
    listed = Path(described["path"]) / described["val"]
    images = sorted(listed.iterdir()) if listed.is_dir() else [Path(line) for line in listed.read_text().split()]
    photos = []
    for image in images:
        lines = Path(str(image).replace("/images/", "/labels/")).with_suffix(".txt").read_text().split("\n")
        rows = np.array([line.split() for line in lines if line.strip()], float).reshape(-1, 5)
        half = rows[:, 3:] / 2
        truth = np.concatenate([rows[:, 1:3] - half, rows[:, 1:3] + half], axis=1)
        photos.append((read_photo(image.read_bytes()).pixels, truth, rows[:, 0].astype(np.int64)))
    return photos


if __name__ == "__main__":
    main()
