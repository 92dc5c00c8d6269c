"""A library to review, in a home of the app's: small photos of one colour each, the first the newest."""

import hashlib
import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image

from core.dataset.library import Library
from core.dataset.store import PhotoStore
from core.dataset.thumbnails import ThumbnailStore
from core.db.feedback import FeedbackRepository
from core.db.opinions import OpinionRepository
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.ready import ready_database
from core.db.review import ReviewRepository
from core.domain.library import Opinion
from core.domain.photo import PhotoRecord, PhotoStatus
from core.domain.place import LocalText
from core.settings import REPOSITORY

NOW = datetime(2026, 11, 1, tzinfo=UTC)
RUN = "tiny"  # the run that `tests/pages/home.py` puts in service


@dataclass(frozen=True)
class Shelf:
    """The library, and what else stands in its database."""

    library: Library
    opinions: OpinionRepository
    feedback: FeedbackRepository
    places: PlaceRepository

    def add(self, number: int, place_slug: str | None, **more: object) -> str:
        """Add a photo; a higher number is an older photo. Return its hash."""
        content = _jpeg(number)
        sha256 = hashlib.sha256(content).hexdigest()
        self.library.store.put(content, sha256, "jpg")
        values = {
            "status": PhotoStatus.NEW,
            "original_name": f"IMG_{number:04}.jpg",
            "source": "import",
            "created_at": NOW - timedelta(minutes=number),
            **more,
        }
        facts = {"format": "JPEG", "width_px": 64, "height_px": 48, "size_bytes": len(content)}
        record = PhotoRecord(sha256=sha256, place_slug=place_slug, perceptual_hash="", **facts, **values)
        assert self.library.photos.add(record)
        return sha256

    def add_many(self, numbers: range, place_slug: str | None, **more: object) -> list[str]:
        """Add photos, and return their hashes in the order of the grid."""
        return [self.add(number, place_slug, **more) for number in numbers]

    def think(self, sha256: str, answer_slug: str | None, confidence: float = 0.83) -> None:
        """Let the model in service name a place."""
        scores = {answer_slug: confidence} if answer_slug else {}
        self.opinions.put([Opinion(sha256, RUN, answer_slug, confidence, 0.1, 0.9, scores, NOW)])

    def name(self, place_slug: str, text: str) -> None:
        """Call a place something else, in both languages."""
        self.places.update(replace(self.places.get(place_slug), name=LocalText(text, text)))

    def statuses(self, sha256s: list[str]) -> list[str]:
        """Return where photos stand, in the order given."""
        return [self.library.photos.get(sha256).status.value for sha256 in sha256s]


def open_shelf(home: Path) -> Shelf:
    """Open the library of a home, made where there is none."""
    data = home / "data"
    data.mkdir(exist_ok=True)
    database = ready_database(f"sqlite:///{data / 'eodi.sqlite3'}", REPOSITORY / "data" / "catalogue")
    storage = str(data / "library")
    library = Library(
        PhotoRepository(database), ReviewRepository(database), PhotoStore(storage), ThumbnailStore(storage)
    )
    return Shelf(library, OpinionRepository(database), FeedbackRepository(database), PlaceRepository(database))


def _jpeg(number: int) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (64, 48), (number * 37 % 256, number * 91 % 256, number % 256)).save(target, "JPEG", quality=95)
    return target.getvalue() + number.to_bytes(4)  # colours may repeat, bytes may not
