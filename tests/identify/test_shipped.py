"""The model that comes with the program: whole, and on real photos it says what its run wrote down."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from core.classifier.predict import OnnxClassifier
from core.dataset.folder import read_folder
from core.dataset.ingest import read_photo_file
from core.db.catalogue import read_places
from core.weights.folder import Run
from core.weights.records import PREDICTIONS_FILE, read_predictions
from core.weights.release import open_release, shipped_release

ROOT = Path(__file__).parents[2]
# The same pixels through the same network in another program, the training's in float32 too.
ALIKE = 2e-3


@pytest.fixture(scope="module")
def shipped() -> Run:
    weights_dir = ROOT / "weights"
    return open_release(shipped_release(weights_dir), weights_dir)


def test_it_knows_the_places_of_the_catalogue_by_their_numbers(shipped: Run) -> None:
    numbers = {place.slug: place.class_id for place in read_places(ROOT / "data" / "catalogue")}
    assert {entry.slug: entry.class_id for entry in shipped.manifest.classes} == numbers
    assert shipped.manifest.calibration.refusal_tested


def test_the_app_says_of_its_photos_what_the_run_wrote_down(shipped: Run, real_photos: Path) -> None:
    table = read_predictions(shipped.read(PREDICTIONS_FILE))
    written = {
        sha: row for sha, row in zip(table.sha256s, range(len(table.sha256s)), strict=True) if not table.held_out[row]
    }
    model = OnnxClassifier(shipped)
    photos = [photo for photo in read_folder(real_photos / "jeju") if photo.slug is not None]
    photos += [photo for photo in read_folder(real_photos / "jeju") if photo.slug is None][::20]
    compared = 0
    for photo in photos:
        row = written.get(sha256(photo.path.read_bytes()).hexdigest())
        if row is None:
            continue  # set aside when it was trained
        scores = model.predict(read_photo_file(photo.path, need_px=model.need_px))
        said = [*scores.probabilities, scores.none_probability]
        assert np.abs(np.array(said) - table.probabilities[row]).max() < ALIKE, photo.path.name
        compared += 1
    assert compared >= 55
