"""How fast, how large and how exact the gallery is with 100,000 photos: `python -m tests.benchmarks.gallery`.

The photos are made from the shipped run's own embeddings: each is a real one, moved by half the difference of two
others and by noise of each number's own spread. Queries are made the same way. "Exact" is the cosine in the gallery's
space before anything is rounded to bytes; the cosine of the unreduced embeddings, which is another measure of what is
alike, is given beside it. `--library` also writes the photos into a database and times what the app does when one more
is accepted. Prints one JSON document.
"""

import argparse
import json
import tempfile
import time
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import numpy as np
from sqlalchemy import insert

from core.db.engine import open_database
from core.db.gallery import EmbeddingRepository
from core.db.places import PlaceRepository
from core.db.ready import upgrade
from core.db.tables import PhotoRow
from core.domain.photo import PhotoStatus
from core.gallery.index import Gallery, KnownPhotos
from core.gallery.shipped import RunGallery, open_run_gallery
from core.gallery.space import encode
from core.gallery.store import GalleryStore
from core.settings import REPOSITORY
from core.weights.folder import Run, open_run
from core.weights.records import EMBEDDINGS_FILE, read_embeddings
from core.weights.release import shipped_release
from tests.support.places import make_place

PLACES, QUERIES, TIMED, AT_ONCE, NEAREST = 300, 200, 60, 2000, 5


def make_embeddings(real: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return (count, D) embeddings of length 1 that nobody photographed."""
    one, two, three = (rng.integers(0, len(real), count) for _ in range(3))
    noise = rng.standard_normal((count, real.shape[1]), np.float32) * (0.3 * real.std(axis=0))
    made = real[one] + 0.5 * (real[two] - real[three]) + noise
    made = np.maximum(made, 0)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def fill(
    start: RunGallery, real: np.ndarray, count: int, queries: np.ndarray
) -> tuple[KnownPhotos, np.ndarray, np.ndarray]:
    """Return `count` photos, and (Q, count) exact similarities in the space and of unreduced embeddings."""
    rng = np.random.default_rng(0)
    reduced = start.space.reduce(queries)
    codes = np.empty((count, start.space.directions.shape[1]), np.int8)
    exact, unreduced = np.empty((len(queries), count), np.float32), np.empty((len(queries), count), np.float32)
    for begin in range(0, count, AT_ONCE):
        some = make_embeddings(real, min(AT_ONCE, count - begin), rng)
        rows, here = start.space.reduce(some), slice(begin, begin + len(some))
        codes[here] = encode(rows)
        exact[:, here], unreduced[:, here] = reduced @ rows.T, queries @ some.T
    names = np.array([f"{number:064x}".encode() for number in range(count)])
    places = rng.integers(-1, PLACES, count)
    places[-1] = 0
    return KnownPhotos(codes, places, names, names), exact, unreduced


def recall(gallery: Gallery, queries: np.ndarray, exact: np.ndarray) -> float:
    """Return the share of the exact nearest that the gallery finds, too."""
    found = 0
    for query, similarities in zip(queries, exact, strict=True):
        best = set(np.argsort(-similarities)[:NEAREST].tolist())
        found += len(best & {int(neighbour.sha256, 16) for neighbour in gallery.nearest(query, NEAREST)})
    return found / (NEAREST * len(queries))


def milliseconds(call: object, queries: np.ndarray) -> dict[str, float]:
    """Return the median and the quickest time of a call with one query."""
    times = []
    for query in queries[:TIMED]:
        started = time.perf_counter()
        call(query)  # type: ignore[operator]
        times.append((time.perf_counter() - started) * 1000)
    return {"median": round(median(times), 2), "quickest": round(min(times), 2)}


def measure(run: Run, count: int) -> dict[str, object]:
    """Return the figures."""
    real = read_embeddings(run.read(EMBEDDINGS_FILE)).vectors.astype(np.float32)
    start = open_run_gallery(run)
    queries = make_embeddings(real, QUERIES, np.random.default_rng(1))
    photos, exact, unreduced = fill(start, real, count, queries)
    tracemalloc.start()
    started = time.perf_counter()
    gallery = start.of(photos)
    built_s, (held, peak) = time.perf_counter() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {
        "photos": len(gallery),
        "memory_mb": round(held / 1e6, 1),
        "memory_while_built_mb": round(peak / 1e6, 1),
        "built_s": round(built_s, 2),
        "nearest_ms": milliseconds(gallery.nearest, queries),
        "scores_ms": milliseconds(gallery.scores, queries),
        "recall_at_5": round(recall(gallery, queries, exact), 4),
        "recall_at_5_of_unreduced_cosine": round(recall(gallery, queries, unreduced), 4),
    }


def measure_library(run: Run, photos: KnownPhotos, folder: Path) -> dict[str, float]:
    """Return the seconds that the gallery takes to be read from a library of photos, and again after one more."""
    database = open_database(f"sqlite:///{folder / 'eodi.sqlite3'}")
    upgrade(database)
    for place in range(PLACES):
        PlaceRepository(database).add(make_place(place, f"place-{place}"))
    rows = [_photo_row(sha256.decode(), place) for sha256, place in zip(photos.sha256s, photos.class_ids, strict=True)]
    with database.session() as session:
        session.execute(insert(PhotoRow), rows)
    embeddings = EmbeddingRepository(database)
    codes = {row["sha256"]: code.tobytes() for row, code in zip(rows, photos.codes, strict=True)}
    last = rows[-1]["sha256"]
    embeddings.put(run.manifest.run_id, {sha256: code for sha256, code in codes.items() if sha256 != last})
    store, spent = GalleryStore(embeddings), {}
    for name in ("first_s", "after_one_more_s", "unchanged_s"):
        started = time.perf_counter()
        store.current(run)
        spent[name] = round(time.perf_counter() - started, 3)
        embeddings.put(run.manifest.run_id, {last: codes[last]} if name == "first_s" else {})
    return spent


def _photo_row(sha256: str, place: int) -> dict[str, object]:
    empty = dict.fromkeys(
        ("perceptual_hash", "original_name", "source", "page_url", "author", "licence", "reject_reason", "look_id"), ""
    )
    sizes = {"width_px": 640, "height_px": 480, "size_bytes": 1}
    return {
        **empty,
        **sizes,
        "sha256": sha256,
        "place_slug": None if place < 0 else f"place-{place}",
        "is_unknown": bool(place < 0),
        "status": PhotoStatus.ACCEPTED.value,
        "format": "JPEG",
        "group_id": sha256,
        "created_at": datetime.now(UTC),
    }


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--weights", type=Path, default=REPOSITORY / "weights")
    parser.add_argument("--run", default="")
    parser.add_argument("--library", action="store_true")
    wish = parser.parse_args()
    run_id = wish.run or shipped_release(wish.weights).classifier_run_id
    run = open_run(wish.weights, run_id)
    figures = measure(run, wish.photos)
    if wish.library:
        start = open_run_gallery(run)
        real = read_embeddings(run.read(EMBEDDINGS_FILE)).vectors.astype(np.float32)
        photos = fill(start, real, wish.photos, real[:1])[0]
        with tempfile.TemporaryDirectory() as folder:
            figures["library"] = measure_library(run, photos, Path(folder))
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
