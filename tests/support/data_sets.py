"""Data sets with boxes in a folder, and a desk with an empty library to bring them to."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from core.dataset.label_export import ExportOptions, LabelExportResult, export_labels
from core.dataset.label_import import LabelImportResult, import_labels
from core.dataset.label_plan import Catalogue, LabelImportPlan, ReadOptions, plan_labels
from core.dataset.label_reading import LabelFormat
from core.dataset.library import Library
from core.dataset.prepare import Provenance
from core.db.boxes import BoxRepository
from core.db.engine import Database, open_database
from core.db.labels import LabelRepository
from core.db.places import PlaceRepository
from core.domain.label import PhotoLabels
from tests.support.libraries import library_at, new_library, tell_nothing
from tests.support.scenes import draw_scene, scene_bytes

SIZE = (160, 120)


@dataclass(frozen=True)
class LabelDesk:
    """A library of its own with its catalogue, in a folder of its own."""

    folder: Path
    library: Library
    catalogue: Catalogue
    database: Database

    def plan(self, source: Path, form: LabelFormat = LabelFormat.YOLO, **options: object) -> LabelImportPlan:
        unpacked = self.folder / f"unpacked-{len(list(self.folder.iterdir()))}"
        return plan_labels(source, ReadOptions(form, **options), self.catalogue, unpacked, tell_nothing)  # type: ignore[arg-type]

    def apply(self, plan: LabelImportPlan) -> LabelImportResult:
        return import_labels(plan, self.catalogue, self.library, Provenance("set"), tell_nothing, "eunji")

    def bring(self, source: Path, form: LabelFormat = LabelFormat.YOLO, **options: object) -> LabelImportResult:
        return self.apply(self.plan(source, form, **options))

    def export(self, target: Path, form: LabelFormat = LabelFormat.YOLO, **options: object) -> LabelExportResult:
        return export_labels(ExportOptions(form, **options), self.catalogue, self.library, target)  # type: ignore[arg-type]

    def labelled(self) -> dict[str, PhotoLabels]:
        """Return what is labelled on each photo, by the photo's name."""
        found = {labels.photo_sha256: labels for labels in self.catalogue.boxes.walk()}
        return {one.original_name: found[one.sha256] for one in self.library.photos.get_many(tuple(found))}

    def trace(self) -> tuple[int, ...]:
        """Count all that an import could leave."""
        with_retired = self.catalogue.labels.list(include_retired=True)
        files = len(list((self.folder / "library").rglob("*.jpg"))) if (self.folder / "library").exists() else 0
        boxes = sum(len(one.boxes) for one in self.catalogue.boxes.walk())
        return len(self.catalogue.places.list()), len(with_retired), self.library.photos.count(), files, boxes


def new_desk(folder: Path) -> LabelDesk:
    """Make a desk whose library has the places cave, falls and tea, and no labels."""
    folder.mkdir(parents=True, exist_ok=True)
    new_library(folder)
    return desk_at(folder)


def desk_at(folder: Path) -> LabelDesk:
    """Open a desk that is there."""
    url = f"sqlite:///{folder / 'eodi.sqlite3'}"
    library, database = library_at(url, folder / "library"), open_database(url)
    catalogue = Catalogue(PlaceRepository(database), LabelRepository(database), BoxRepository(database), library.photos)
    return LabelDesk(folder, library, catalogue, database)


def write_yolo(root: Path, photos: dict[str, str | None], names: tuple[str, ...] = ("cave", "Ha_Long")) -> Path:
    """Write a YOLO data set: each photo, drawn after the length of its name, with the text of its label file."""
    for part in ("images", "labels"):
        (root / part).mkdir(parents=True, exist_ok=True)
    for seed, (name, text) in enumerate(photos.items()):
        (root / "images" / name).write_bytes(scene_bytes("falls", seed, size=SIZE))
        if text is not None:
            (root / "labels" / f"{Path(name).stem}.txt").write_text(text, encoding="utf-8")
    (root / "data.yaml").write_text(f"path: /etc\ntrain: ../../../etc\nnames: {list(names)}\n", encoding="utf-8")
    return root


def marked_photo(orientation: int, seed: int) -> tuple[bytes, tuple[float, float, float, float]]:
    """Return a JPEG with a magenta mark that is stored turned, and the mark's box on the upright photo."""
    left, top, right, bottom = 40 + seed, 30, 200, 150
    upright = np.asarray(draw_scene("cave", seed, (320, 240))).copy()
    upright[top:bottom, left:right] = (255, 0, 255)
    turns = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }
    exif = Image.Exif()
    exif[274] = orientation
    exif[271] = "A maker's name"
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(turns[orientation])).save(file, "JPEG", quality=95, exif=exif)
    return file.getvalue(), (left / 320, top / 240, right / 320, bottom / 240)


def find_mark(content: bytes) -> tuple[int, int, int, int]:
    """Return the edges of the magenta mark in pixels, as a reader sees it that knows nothing of EXIF."""
    pixels = np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)
    rows, columns = np.nonzero((pixels[..., 0] > 180) & (pixels[..., 1] < 90) & (pixels[..., 2] > 180))
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1
