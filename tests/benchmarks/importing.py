"""How many photos a second come into the library: `python -m tests.benchmarks.importing FOLDER… [--rounds N]`.

Imports the photos of the folders into a library that is empty and gone afterwards, then once more, when all are known,
and then does each step by itself in one thread, so that its share of the work shows. Prints tables and asserts
nothing: times belong to a machine. Without a folder, drawn photos of 0.3 and 12 megapixels stand in.
"""

import argparse
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from core.dataset.duplicates import perceptual_hash
from core.dataset.folder import files_below
from core.dataset.import_photos import ImportItem, Provenance, import_photos
from core.dataset.ingest import read_photo
from core.dataset.library import Library
from core.dataset.prepare import NEED_PX, prepare_photo
from core.dataset.quality import LONGEST_PX, measure_quality, reduce_pixels
from core.dataset.sniff import EXTENSIONS
from core.dataset.thumbnails import encode_thumbnail
from core.domain.library import PhotoAction
from core.domain.photo import PhotoStatus
from core.errors import PhotoRefused
from tests.support.libraries import new_library, tell_nothing
from tests.support.scenes import scene_bytes

SIZES = {"small": (640, 480), "large": (4000, 3000)}
ROWS_AT_ONCE = 16


def draw_folder(folder: Path) -> Path:
    """Write drawn photos that stand in for real ones."""
    for name, size in SIZES.items():
        for number in range(40 if name == "small" else 8):
            (folder / f"{name}{number}.jpg").write_bytes(scene_bytes("falls", number, size=size))
    return folder


def time_import(paths: list[Path], rounds: int) -> None:
    """Print the photos a second of whole imports, of new photos and of known ones."""
    items = [ImportItem(path, path.name, None) for path in paths]
    new, known = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            library = new_library(Path(folder))
            for rates in (new, known):
                started = perf_counter()
                result = import_photos(items, library, Provenance("bench"), PhotoStatus.NEW, tell_nothing, "bench")
                rates.append(len(items) / (perf_counter() - started))
                print(
                    f"  {result.stored} stored, {result.known} known, {result.alike} alike, "
                    f"{len(result.refused)} refused, {rates[-1]:.0f} a second"
                )
    print(f"import: {median(new):.0f} new photos a second, {median(known):.0f} known ones")


def time_steps(paths: list[Path]) -> None:
    """Print what each step costs a photo, in one thread."""
    spent: dict[str, float] = {}

    def timed(step: str, work: Callable[[], Any]) -> Any:
        started = perf_counter()
        try:
            return work()
        finally:
            spent[step] = spent.get(step, 0.0) + perf_counter() - started

    with tempfile.TemporaryDirectory() as folder:
        library = new_library(Path(folder))
        stored = sum(one_by_one(path, library, timed) for path in paths)
        time_rows(paths, library, timed)
    print(f"\n{'one thread, ms a photo':34}{'ms':>8}{'share':>8}")
    for step, seconds in spent.items():
        print(f"{step:34}{seconds / stored * 1000:8.2f}{seconds / sum(spent.values()):8.0%}")


def one_by_one(path: Path, library: Library, timed: Callable[[str, Callable[[], Any]], Any]) -> bool:
    """Do all steps but the rows for one file; False when it is no photo."""
    content = timed("read the file", path.read_bytes)
    sha256 = timed("hash the bytes", lambda: hashlib.sha256(content).hexdigest())
    try:
        photo = timed("decode", lambda: read_photo(content, need_px=NEED_PX))
    except PhotoRefused:
        return False
    timed("perceptual hash", lambda: perceptual_hash(photo.pixels))
    small = timed("reduce", lambda: reduce_pixels(photo.pixels, LONGEST_PX))
    timed("sharpness and brightness", lambda: measure_quality(small))
    picture = timed("thumbnail", lambda: encode_thumbnail(small))
    timed("write the file, flushed", lambda: library.store.put(content, sha256, EXTENSIONS[photo.format]))
    timed("write the thumbnail", lambda: library.thumbnails.put(sha256, picture))
    return True


def time_rows(paths: list[Path], library: Library, timed: Callable[[str, Callable[[], Any]], Any]) -> None:
    """Write the rows and their history, a few to a transaction."""
    records = []
    for path in paths:
        try:
            records.append(
                prepare_photo(path.read_bytes(), path.name, None, Provenance("bench"), PhotoStatus.NEW).record
            )
        except PhotoRefused:
            continue
    for start in range(0, len(records), ROWS_AT_ONCE):
        some = records[start : start + ROWS_AT_ONCE]
        timed(f"rows, {ROWS_AT_ONCE} at once", lambda: library.photos.add_all(some, PhotoAction.IMPORTED, "bench"))  # noqa: B023 - called at once


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folders = arguments.folders or [draw_folder(Path(name))]
        for folder in folders:
            paths = list(files_below(folder))
            size_mb = sum(path.stat().st_size for path in paths) / 1e6
            print(f"\n{folder}: {len(paths)} files, {size_mb:.1f} MB, {os.cpu_count()} cores")
            time_import(paths, arguments.rounds)
            time_steps(paths)


if __name__ == "__main__":
    main()
