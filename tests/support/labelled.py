"""Photos to label, in a home of the app's: a red rectangle on grey where the landmark is, in any EXIF orientation."""

import hashlib
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image

from core.dataset.boxes import Edges
from core.dataset.store import PhotoStore
from core.db.boxes import BoxRepository
from core.db.labels import LabelRepository
from core.db.photos import PhotoRepository
from core.db.ready import ready_database
from core.domain.photo import PhotoRecord, PhotoStatus
from core.settings import REPOSITORY

WIDTH, HEIGHT = 640, 480
LANDMARK: Edges = (0.25, 0.25, 0.625, 0.75)  # 160, 120, 400, 360 in pixels
RED, GREY = (220, 30, 30), (120, 120, 120)
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
FIRST = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class LabelShelf:
    """What stands in a home's database."""

    photos: PhotoRepository
    labels: LabelRepository
    boxes: BoxRepository
    store: PhotoStore

    def add(self, number: int, place_slug: str | None, orientation: int = 1, **more: object) -> str:
        """Add an accepted photo; a higher number comes later. Return its hash."""
        content = photo(number, orientation)
        sha256 = hashlib.sha256(content).hexdigest()
        self.store.put(content, sha256, "jpg")
        facts = {"format": "JPEG", "width_px": WIDTH, "height_px": HEIGHT, "size_bytes": len(content)}
        values = {
            "status": PhotoStatus.ACCEPTED,
            "original_name": f"IMG_{number:04}.jpg",
            "author": "Hong",
            "licence": "CC-BY-4.0",
            "created_at": FIRST + timedelta(minutes=number),
            **more,
        }
        assert self.photos.add(PhotoRecord(sha256=sha256, place_slug=place_slug, perceptual_hash="", **facts, **values))
        return sha256


def photo(number: int, orientation: int = 1) -> bytes:
    """Return a JPEG that shows the rectangle upright once its EXIF orientation is followed."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), GREY)
    left, top, right, bottom = LANDMARK
    picture.paste(RED, (int(left * WIDTH), int(top * HEIGHT), int(right * WIDTH), int(bottom * HEIGHT)))
    picture.putpixel((0, 0), (number % 256, number // 256, 7))  # no two photos alike
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = f"photo {number}"
    content = io.BytesIO()
    stored = picture.transpose(TURNS[orientation]) if orientation in TURNS else picture
    stored.save(content, "JPEG", quality=95, exif=exif.tobytes())
    return content.getvalue()


def open_label_shelf(home: Path) -> LabelShelf:
    """Open the database and the library of a home, with the places and labels of the catalogue."""
    data = home / "data"
    data.mkdir(exist_ok=True)
    database = ready_database(f"sqlite:///{data / 'eodi.sqlite3'}", REPOSITORY / "data" / "catalogue")
    return LabelShelf(
        PhotoRepository(database), LabelRepository(database), BoxRepository(database), PhotoStore(str(data / "library"))
    )
