"""Embeddings of photos that nobody took: places are directions, photos lie near them, strangers anywhere."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.gallery.shipped import RunGallery, run_gallery
from core.weights.folder import Run, write_run
from core.weights.records import EMBEDDINGS_FILE, EmbeddingTable, write_embeddings
from tests.support.tiny_model import tiny_manifest, tiny_onnx

SIZE = 48
Floats = npt.NDArray[np.float32]


def near(direction: int, count: int, seed: int, spread: float = 0.35) -> Floats:
    """Return `count` embeddings of a place; the same seed gives the same ones."""
    centre = np.random.default_rng(1000 + direction).standard_normal(SIZE)
    rows = centre + spread * np.random.default_rng(seed).standard_normal((count, SIZE))
    return _units(rows)


def anywhere(count: int, seed: int) -> Floats:
    """Return embeddings of photos that show nothing in common."""
    return _units(np.random.default_rng(seed).standard_normal((count, SIZE)))


def name(number: int) -> str:
    """Return a photo's hash."""
    return f"{number:064x}"


def make_table(places: int = 3, photos: int = 8, strangers: int = 240) -> EmbeddingTable:
    """Return a run's embeddings: `photos` of each place 0, 1, … and strangers; each photo is a group of its own."""
    vectors = [near(place, photos, place) for place in range(places)] + [anywhere(strangers, 99)]
    labels = [place for place in range(places) for _ in range(photos)] + [-1] * strangers
    count = len(labels)
    return EmbeddingTable(
        np.concatenate(vectors).astype(np.float16),
        np.array(labels, np.int64),
        np.array([f"group {number}" for number in range(count)]),
        np.array([name(number) for number in range(count)]),
    )


def make_start(places: int = 3, **counts: int) -> RunGallery:
    """Return what the gallery of such a run starts from; the classifier knows its places."""
    return run_gallery("made", make_table(places, **counts), frozenset(range(places)))


def write_tiny_run_with_embeddings(weights_dir: Path, run_id: str = "tiny", seed: int = 0) -> Run:
    """Write the run that tells colours apart, with embeddings of 200 photos of random colours, none of them a place."""
    colours = np.random.default_rng(seed).uniform(-1, 1, (200, 4))
    colours[:, 3] = 1
    table = EmbeddingTable(
        _units(colours).astype(np.float16),
        np.full(200, -1, np.int64),
        np.array([f"colour {number}" for number in range(200)]),
        np.array([name(number) for number in range(200)]),
    )
    contents = {"model.onnx": tiny_onnx(), EMBEDDINGS_FILE: write_embeddings(table)}
    return write_run(weights_dir, tiny_manifest(run_id), contents)


def _units(rows: npt.NDArray[np.float64]) -> Floats:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)
