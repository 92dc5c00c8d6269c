"""How many photos a second a batch answers: `python -m tests.benchmarks.batch [--photos N] [--rounds N]`.

Drawn photos of 12 and of 2 megapixels go from files to lines of a CSV through the app's own batch, with none, one or
two photos read ahead, and through what is usually written instead: full decoding by Pillow and `model.predict` of
Keras with the same architecture, one by one. All ways in one process, turn by turn, so that whatever else the machine
does falls on all of them. Prints a table and asserts nothing: times belong to a machine.
"""

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

from core.classifier.predict import OnnxClassifier
from core.identify import Models, batch, identify_bytes
from core.jobs.report import Report
from core.weights.folder import Run, open_run
from tests.benchmarks.identify import PHOTO_PX, PLACES, draw_photo, run_to_measure, usual_way
from tests.support.scenes import scene_bytes

SMALL_PX = (1632, 1224)


def tell_nothing(done: int, total: int | None, message_key: str = "", **values: str | int | float) -> None:
    """Stand in for a bar."""


def write_photos(folder: Path, count: int) -> dict[str, tuple[batch.PhotoFile, ...]]:
    """Write `count` files of each size; drawn once, as what they show does not matter."""
    drawn = {"12 megapixels": draw_photo(), "2 megapixels": scene_bytes("falls", 0, size=SMALL_PX)}
    listed = {}
    for name, content in drawn.items():
        for number in range(count):
            path = folder / name / f"{number}.jpg"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        print(f"{name}: {len(content) / 1e6:.1f} MB a photo")
        listed[name] = batch.list_photos([folder / name])
    return listed


def ways(run: Run, folder: Path, threads: int) -> dict[str, Callable[[tuple[batch.PhotoFile, ...]], None]]:
    """Return the ways to answer files, by name."""
    models = Models("benchmark", OnnxClassifier(run, threads))
    usual, report, out = usual_way(run), tell_nothing, folder / "answers.csv"

    def one_by_one(photos: tuple[batch.PhotoFile, ...]) -> None:
        for photo in photos:
            identify_bytes(photo.path.read_bytes(), models, PLACES)

    def keras(photos: tuple[batch.PhotoFile, ...]) -> None:
        for photo in photos:
            usual(photo.path.read_bytes())

    named = {f"batch, {n} read ahead": batch_way(models, report, out, n) for n in (1, 2)}
    return {"Keras: full decoding, model.predict": keras, "the app, one by one": one_by_one, **named}


def batch_way(models: Models, report: Report, out: Path, readers: int) -> Callable[[tuple[batch.PhotoFile, ...]], None]:
    """Return the batch with so many readers."""

    def answer(photos: tuple[batch.PhotoFile, ...]) -> None:
        batch.READERS = readers
        out.unlink(missing_ok=True)
        batch.identify_files(photos, models, PLACES, report, out, "en")

    return answer


def measure(run: Run, folder: Path, count: int, rounds: int, threads: int) -> None:
    """Time every way turn by turn, and print photos per second."""
    photos = write_photos(folder, count)
    named = ways(run, folder, threads)
    for way in named.values():
        way(photos["2 megapixels"][:2])
    print(f"\n{'photos per second, median':38}" + "".join(f"{size:>16}" for size in photos))
    rates: dict[str, dict[str, list[float]]] = {name: {size: [] for size in photos} for name in named}
    for _ in range(rounds):
        for size, files in photos.items():
            for name, way in named.items():
                started = perf_counter()
                way(files)
                rates[name][size].append(len(files) / (perf_counter() - started))
    for name, found in rates.items():
        print(f"{name:38}" + "".join(f"{median(found[size]):16.1f}" for size in photos))


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--run", type=Path, help="the folder of a run; default: the one that is shipped")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "weights").mkdir()
        given = arguments.run
        run = open_run(given.parent, given.name) if given else run_to_measure(folder / "weights")
        print(
            f"{run.manifest.architecture}, views {run.manifest.input.views}, {os.cpu_count()} cores, large: {PHOTO_PX}"
        )
        measure(run, folder, arguments.photos, arguments.rounds, arguments.threads)


if __name__ == "__main__":
    main()
