"""Find the photo that a file of boxes is about: by its content, then by its name. Called by `label_plan`.

A name alone is believed where no photo comes with the boxes; where one does, and its bytes are not known, a photo of
that name counts as the same only when it looks the same: "IMG_001.jpg" is in every camera.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from core.dataset.boxes import upright
from core.dataset.duplicates import NEAR_DUPLICATE_BITS, hamming, perceptual_hash
from core.dataset.exif import stored_orientation
from core.dataset.formats.annotations import Annotation, BadLine
from core.dataset.ingest import read_content, read_photo
from core.dataset.label_reading import ExportedPhoto
from core.dataset.label_source import SourceFiles, without_ending
from core.dataset.read_ahead import read_ahead
from core.db.photos import PhotoRepository
from core.domain.photo import PhotoRecord
from core.errors import PhotoRefused, Value
from core.jobs.report import Report

NEED_PX = 64  # of the shorter side, enough for a perceptual hash and to see that a photo can be read at all
READERS, AHEAD = 2, 8
SAME_SHAPE = 0.02  # width to height may differ by rounding where a photo was reduced


@dataclass(frozen=True, slots=True)
class FoundPhoto:
    """A photo. sha256: the library's where it is known, else that of the file. path: None where no file came along.

    width_px, height_px: upright. orientation: as its bytes are stored, EXIF 1..8.
    """

    name: str
    sha256: str
    path: Path | None
    width_px: int
    height_px: int
    orientation: int = 1


class PhotoFinder:
    """Looks photos up in a source and in the library; `bad_lines` and `refused` gather what was not found."""

    def __init__(self, files: SourceFiles, photos: PhotoRepository, exported: Mapping[str, ExportedPhoto]) -> None:
        self.exported = exported
        self.bad_lines: list[BadLine] = []
        self.refused: list[tuple[str, str, dict[str, Value]]] = []
        self._files, self._photos = files, photos

    def find_all(self, annotations: Sequence[Annotation], report: Report) -> Iterator[tuple[Annotation, FoundPhoto]]:
        """Yield each annotation with its photo, its boxes turned upright; the others are noted."""
        wanted = [(annotation, self._files.find_photos(annotation.image)) for annotation in annotations]
        for done, ((annotation, names), reading) in enumerate(read_ahead(wanted, self._look_up, READERS, AHEAD), 1):
            report(done, len(wanted), "labels.reading", photos=done)
            try:
                photo = reading.result()
            except PhotoRefused as refusal:
                self.refused.append((names[0], refusal.code, dict(refusal.values)))
                continue
            turned = photo if isinstance(photo, BadLine) else _turned(annotation, photo)
            if isinstance(turned, BadLine):
                self.bad_lines.append(turned)
            elif isinstance(photo, FoundPhoto) and isinstance(turned, Annotation):
                yield turned, photo

    def find_rest(self, images: Iterable[str], report: Report) -> tuple[FoundPhoto, ...]:
        """Return the photos of the source that no file of boxes is about, and that the library does not have."""
        named = {name for image in images for name in self._files.find_photos(image)}
        rest = [name for name in self._files.photos if name not in named]
        found: list[FoundPhoto] = []
        for done, (name, reading) in enumerate(read_ahead(rest, self._read, READERS, AHEAD), 1):
            report(done, len(rest), "labels.reading", photos=done)
            try:
                photo, is_known = reading.result()
            except PhotoRefused as refusal:
                self.refused.append((name, refusal.code, dict(refusal.values)))
                continue
            if not is_known:
                found.append(photo)
        return tuple(found)

    def _look_up(self, wanted: tuple[Annotation, tuple[str, ...]]) -> FoundPhoto | BadLine:
        annotation, names = wanted
        if len(names) > 1:
            return BadLine(annotation.file, 1, "labels.bad.several_photos", {"photos": ", ".join(names[:3])})
        if names:
            return self._read(names[0])[0]
        records = list(self._photos.get_many([without_ending(annotation.image)]))  # boxes may be kept by photo hash
        records = records or self._by_name.get(_name_key(annotation.image), [])
        if len(records) != 1:
            reason = "labels.bad.several_photos" if records else "labels.bad.no_photo"
            shown = ", ".join(record.original_name for record in records[:3]) or annotation.image
            return BadLine(annotation.file, 1, reason, {"photos": shown[:200]})
        return _known(records[0], annotation.image, None)

    def _read(self, name: str) -> tuple[FoundPhoto, bool]:
        """Return a photo of the source, and whether the library has it."""
        path = self._files.paths[name]
        content = read_content(path)
        sha256 = hashlib.sha256(content).hexdigest()
        said = self.exported.get(name)
        for key in (sha256, said.sha256 if said else ""):
            for record in self._photos.get_many([key]):
                return replace(_known(record, name, path), orientation=stored_orientation(content)), True
        photo = read_photo(content, need_px=NEED_PX)
        for record in self._by_name.get(_name_key(name), []):
            if _looks_same(record, perceptual_hash(photo.pixels), (photo.width_px, photo.height_px)):
                return replace(_known(record, name, path), orientation=stored_orientation(content)), True
        orientation = stored_orientation(content)
        return FoundPhoto(name, sha256, path, photo.width_px, photo.height_px, orientation), False

    @cached_property
    def _by_name(self) -> dict[str, list[PhotoRecord]]:
        """Every photo of the library by the name that its file had, read once and only when a name is asked for."""
        found: dict[str, list[PhotoRecord]] = {}
        last = ""
        while page := self._photos.records(last):
            for record in page:
                if record.original_name:
                    found.setdefault(_name_key(record.original_name), []).append(record)
            last = page[-1].sha256
        return found


def _known(record: PhotoRecord, name: str, path: Path | None) -> FoundPhoto:
    return FoundPhoto(name, record.sha256, path, record.width_px, record.height_px)


def _turned(annotation: Annotation, photo: FoundPhoto) -> Annotation | BadLine:
    """Turn boxes that were drawn on pixels as they are stored; refuse those of a photo of another shape."""
    if annotation.width_px is None or annotation.height_px is None:
        return annotation
    wanted, own = annotation.width_px / annotation.height_px, photo.width_px / photo.height_px
    if abs(wanted / own - 1) <= SAME_SHAPE:
        return annotation
    if photo.orientation >= 5 and abs(wanted * own - 1) <= SAME_SHAPE:
        boxes = (replace(box, xyxyn=upright(box.xyxyn, photo.orientation)) for box in annotation.boxes)
        return replace(annotation, boxes=tuple(boxes))
    stated = f"{annotation.width_px} × {annotation.height_px}"
    found = f"{photo.width_px} × {photo.height_px}"
    return BadLine(annotation.file, 1, "labels.bad.other_shape", {"stated": stated, "found": found})


def _looks_same(record: PhotoRecord, looks: str, size: tuple[int, int]) -> bool:
    if not record.perceptual_hash or hamming(record.perceptual_hash, looks) > NEAR_DUPLICATE_BITS:
        return False
    return abs(record.width_px / record.height_px / (size[0] / size[1]) - 1) <= SAME_SHAPE


def _name_key(name: str) -> str:
    """Return the last part of a name without its ending; an export may have changed that."""
    return without_ending(unicodedata.normalize("NFC", name.replace("\\", "/")).rsplit("/", 1)[-1]).casefold()
