"""A batch in a process of its own, to be killed; and many answers in one, whose memory is looked at.

`python -m tests.support.batch_child identify <weights folder> <folder of photos> <file of answers> <seconds a photo>`
`python -m tests.support.batch_child memory <weights folder> <folder of photos> <answers>`
"""

import json
import sys
import time
from pathlib import Path

import psutil

from core.classifier.predict import OnnxClassifier
from core.identify import Models, identify_bytes
from core.identify.batch import identify_files, list_photos
from core.weights.folder import open_run
from tests.support.places import ListedPlaces, make_place
from tests.support.tiny_model import SLUGS

PLACES = ListedPlaces(tuple(make_place(class_id, slug) for class_id, slug in enumerate(SLUGS)))
SETTLED = 50  # answers after which memory should no longer grow


def tiny_models(weights_dir: Path) -> Models:
    """Load the run that `write_tiny_run` wrote there."""
    return Models("shipped:tiny", OnnxClassifier(open_run(weights_dir, "tiny"), threads=1))


def identify(weights_dir: Path, photos: Path, out: Path, pause_s: float) -> None:
    """Answer a folder slowly enough to be killed anywhere."""

    def report(done: int, total: int | None, message_key: str = "", **values: str | int | float) -> None:
        time.sleep(pause_s)

    identify_files(list_photos([photos], leave_out=out), tiny_models(weights_dir), PLACES, report, out, "ko")


def memory(weights_dir: Path, photos: Path, answers: int) -> None:
    """Answer photo after photo; print resident memory in MB when it should have settled, and at the end."""
    models, contents = tiny_models(weights_dir), [path.read_bytes() for path in sorted(photos.iterdir())]
    process, found = psutil.Process(), {}
    for number in range(1, answers + 1):
        identify_bytes(contents[number % len(contents)], models, PLACES)
        if number in (SETTLED, answers):
            found[number] = process.memory_info().rss / 1e6
    print(json.dumps({"settled_mb": found[SETTLED], "end_mb": found[answers]}))


if __name__ == "__main__":
    action, weights, folder, *rest = sys.argv[1:]
    if action == "identify":
        identify(Path(weights), Path(folder), Path(rest[0]), float(rest[1]))
    else:
        memory(Path(weights), Path(folder), int(rest[0]))
