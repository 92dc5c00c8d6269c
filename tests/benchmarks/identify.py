"""How long one answer takes, and how much memory many take: `python -m tests.benchmarks.identify [--rounds N]`.

A 12-megapixel photo goes from bytes to answer through the app's own path, and through what is usually written instead:
full decoding by Pillow and `model.predict` of Keras, with the same architecture. Both in one process, turn by turn, so
that whatever else the machine does falls on both. Memory is that of a process of its own without tensorflow. Prints a
table and asserts nothing: times belong to a machine.
"""

import argparse
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from core.classifier.predict import OnnxClassifier
from core.detector.predict import OnnxDetector
from core.errors import ModelRefused, NotFound
from core.gallery.shipped import open_run_gallery
from core.identify import Models, identify_bytes
from core.settings import REPOSITORY
from core.weights.folder import Run, open_run
from core.weights.release import current_release, open_detector, open_release
from tests.support.places import ListedPlaces, make_place
from tests.support.scenes import draw_scene
from tests.support.tiny_model import SLUGS, tiny_manifest, write_tiny_run

PHOTO_PX = (4032, 3024)
ORIENTATION = 0x0112
PLACES = ListedPlaces(tuple(make_place(class_id, slug) for class_id, slug in enumerate(SLUGS)))
NO_RUN_ARCHITECTURE = "MobileNetV2"
MEMORY_AT = (0, 1, 50, 200)


class NoReleases:
    """Nothing was ever promoted, so the shipped run counts."""

    def in_service(self) -> None:
        return None

    def promote(self, members: object, note: str = "") -> Any:
        raise NotImplementedError

    def previous(self, release_id: int) -> None:
        return None

    def rollback(self, expected_current: int) -> None:
        return None


def draw_photo() -> bytes:
    """Return a JPEG of 12 megapixels and about 5 MB that lies on its side, as a phone writes it."""
    pixels = np.asarray(draw_scene("falls", 0, PHOTO_PX), np.int16)
    noise = np.random.default_rng(0).normal(0, 6, pixels.shape)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    target = io.BytesIO()
    Image.fromarray((pixels + noise).clip(0, 255).astype(np.uint8)).save(target, "JPEG", quality=94, exif=exif)
    return target.getvalue()


def run_to_measure(folder: Path) -> Run:
    """Return the shipped run, or, before one is shipped, one of the default architecture with random weights."""
    weights_dir = REPOSITORY / "weights"
    try:
        return open_release(current_release(NoReleases(), weights_dir), weights_dir)
    except NotFound:
        return random_run(folder)


def random_run(folder: Path) -> Run:
    """Write a run of the default architecture that knows nothing and takes as long as one that does."""
    from core.classifier.backbones import load_backbone
    from core.classifier.export import to_onnx
    from core.classifier.head import Head
    from core.classifier.network import join

    backbone = load_backbone(NO_RUN_ARCHITECTURE, "none")
    depth = backbone.output["features"].shape[-1]
    weights = np.random.default_rng(0).normal(size=(depth, len(SLUGS) + 1)).astype(np.float32)
    network = join(backbone, Head(weights, np.zeros(len(SLUGS) + 1, np.float32)), 224)
    spec = tiny_manifest().input
    spec = type(spec)(224, 224, spec.scaling, "whole")
    return write_tiny_run(folder, "random", to_onnx(network), architecture=NO_RUN_ARCHITECTURE, input=spec)


def all_witnesses(run: Run) -> Models:
    """Return the models that serve beside a run: the shipped detector and the run's gallery, where it has one."""
    weights_dir = REPOSITORY / "weights"
    try:
        found = open_detector(current_release(NoReleases(), weights_dir), weights_dir)
        start = open_run_gallery(run)
    except (NotFound, ModelRefused):
        return Models("benchmark", OnnxClassifier(run))
    detector = OnnxDetector(found) if found else None
    return Models("benchmark", OnnxClassifier(run), detector, start.of(start.photos))


def usual_way(run: Run) -> Callable[[bytes], Any]:
    """Return the function that decodes every pixel and asks `model.predict`."""
    from core.classifier.backbones import load_backbone

    side = run.manifest.input.width_px
    network = load_backbone(run.manifest.architecture, "none")

    def answer(content: bytes) -> Any:
        with Image.open(io.BytesIO(content)) as image:
            upright = ImageOps.exif_transpose(image).convert("RGB").resize((side, side), Image.Resampling.BILINEAR)
        return network.predict(np.asarray(upright, np.float32)[None] / 127.5 - 1, verbose=0)

    return answer


def measure_times(run: Run, photo: bytes, rounds: int) -> None:
    """Time both ways turn by turn and print the table."""
    models = all_witnesses(run)
    usual = usual_way(run)
    identify_bytes(photo, models, PLACES)
    usual(photo)
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        answer = identify_bytes(photo, models, PLACES)
        for name, spent_ms in answer.timings_ms.items():
            times.setdefault(f"this app: {name}", []).append(spent_ms)
        started = perf_counter()
        usual(photo)
        times.setdefault("full decoding, model.predict", []).append((perf_counter() - started) * 1000)
    print(f"{'milliseconds':34}{'median':>9}{'least':>9}{'most':>9}")
    for name, spent in times.items():
        print(f"{name:34}{median(spent):9.1f}{min(spent):9.1f}{max(spent):9.1f}")
    ratio = median(times["full decoding, model.predict"]) / median(times["this app: total"])
    print(f"the app answers {ratio:.1f} times as fast")


def measure_memory(run: Run, photo: bytes) -> None:
    """Start a process as the app is one, let it answer, and print its resident memory."""
    command = [sys.executable, "-m", "tests.benchmarks.identify", "--answer-from", str(run.folder)]
    child = subprocess.run(command, input=photo, capture_output=True, check=True, cwd=REPOSITORY)
    found = json.loads(child.stdout)
    print(f"\nresident memory with streamlit, in MB; heavy libraries in the process: {found['heavy'] or 'none'}")
    for name, size_mb in found["rss_mb"].items():
        print(f"{name:34}{size_mb:9.0f}")


def answer_many(folder: Path) -> None:
    """Answer the photo on standard input again and again; print resident memory as JSON."""
    import psutil
    import streamlit  # noqa: F401 - the app's process holds it, so its memory counts

    process, content, found = psutil.Process(), sys.stdin.buffer.read(), {}
    models = all_witnesses(open_run(folder.parent, folder.name))
    for number in range(max(MEMORY_AT) + 1):
        if number in MEMORY_AT:
            found[f"after {number} answers"] = process.memory_info().rss / 1e6
        identify_bytes(content, models, PLACES)
    heavy = sorted({"tensorflow", "keras", "torch", "ultralytics"} & set(sys.modules))
    print(json.dumps({"rss_mb": found, "heavy": heavy}))


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--answer-from", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.answer_from:
        answer_many(arguments.answer_from)
        return
    with tempfile.TemporaryDirectory() as folder:
        run, photo = run_to_measure(Path(folder)), draw_photo()
        spec = run.manifest.input
        print(f"{run.manifest.architecture}, {spec.width_px} px, views {spec.views}; run {run.manifest.run_id}")
        print(f"photo: {PHOTO_PX[0]} x {PHOTO_PX[1]}, {len(photo) / 1e6:.1f} MB, EXIF orientation 6\n")
        measure_times(run, photo, arguments.rounds)
        measure_memory(run, photo)


if __name__ == "__main__":
    main()
