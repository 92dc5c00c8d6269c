"""How soon a new place is recognised: `python -m tests.benchmarks.few_path --photos DIR`.

DIR holds `vietnam5/<place>/*`. For each place a new catalogue and library begin with the shipped release, as in the
app: five photos are imported one after another, each is accepted, and from then on photos of the place are asked about
until one is answered rightly. When all five are known, each of the photos that are left is asked about once. Prints one
JSON document; times belong to a machine.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from core.dataset.import_photos import ImportItem, Provenance, import_photos
from core.dataset.library import Library
from core.dataset.store import PhotoStore
from core.dataset.thumbnails import ThumbnailStore
from core.db.engine import Database
from core.db.gallery import EmbeddingRepository
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.ready import ready_database
from core.db.releases import ReleaseRepository
from core.db.review import ReviewRepository
from core.domain.photo import PhotoStatus
from core.identify import ModelShelf, identify_bytes
from core.identify.gallery_keeper import EmbeddedPhotos, GalleryKeeper
from core.settings import REPOSITORY
from tests.support.libraries import tell_nothing
from tests.support.places import make_place

GIVEN, PATIENCE_S, SLUG = 5, 60.0, "new-place"


def open_library(database: Database, folder: Path) -> Library:
    storage = str(folder / "library")
    return Library(PhotoRepository(database), ReviewRepository(database), PhotoStore(storage), ThumbnailStore(storage))


def add_photos(paths: list[Path], library: Library, shelf: ModelShelf) -> float:
    """Import and accept photos one after the other, as a curator would, and return when the last one was begun."""
    for path in paths:
        begun = time.perf_counter()
        item = ImportItem(path, path.name, SLUG)
        import_photos([item], library, Provenance("benchmark"), PhotoStatus.NEW, tell_nothing, "benchmark")
        new = [record.sha256 for record in library.photos.records("", 100) if record.status is PhotoStatus.NEW]
        library.review.accept(new, "benchmark")
        shelf.library_changed()
    return begun


def measure(paths: list[Path], folder: Path, weights_dir: Path) -> dict[str, object]:
    """Return the seconds from the beginning of the last import to the first right answer, and how many are right."""
    database = ready_database(f"sqlite:///{folder / 'eodi.sqlite3'}", REPOSITORY / "data" / "catalogue")
    places, library = PlaceRepository(database), open_library(database, folder)
    places.add(make_place(100, SLUG))
    keeper = GalleryKeeper(EmbeddedPhotos(EmbeddingRepository(database), lambda: library.store), lambda run_id: None)
    shelf = ModelShelf(ReleaseRepository(database), weights_dir, 2, keeper)
    asked, given = paths[GIVEN:], paths[:GIVEN]
    identify_bytes(asked[0].read_bytes(), shelf.current(), places)
    begun, answers, first_s = add_photos(given, library, shelf), 0, None
    known_from = 0
    while first_s is None and time.perf_counter() - begun < PATIENCE_S:
        answer = identify_bytes(asked[answers % len(asked)].read_bytes(), shelf.current(), places)
        answers += 1
        if answer.place is not None and answer.place.slug == SLUG:
            first_s = round(time.perf_counter() - begun, 2)
            known_from = answer.known_from
    while (models := shelf.current()).gallery is None or models.gallery.known_from(100) < GIVEN:
        time.sleep(0.1)
    said = [identify_bytes(path.read_bytes(), models, places).place for path in asked]
    right = sum(place is not None and place.slug == SLUG for place in said)
    database.dispose()
    return {
        "first_right_s": first_s,
        "answers_till_then": answers,
        "known_from_then": known_from,
        "right_from_five": f"{right} of {len(asked)}",
    }


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--weights", type=Path, default=REPOSITORY / "weights")
    wish = parser.parse_args()
    found = {}
    for place in sorted(path for path in (wish.photos / "vietnam5").iterdir() if path.is_dir()):
        with tempfile.TemporaryDirectory() as folder:
            found[place.name] = measure(sorted(place.iterdir()), Path(folder), wish.weights)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
