"""What tests of imports share: photos to bring, and a look whether all of them are there whole."""

import hashlib
import io
from pathlib import Path

from core.dataset.import_photos import (
    ImportItem,
    ImportResult,
    Provenance,
    import_photos,
)
from core.dataset.library import Library
from core.dataset.verify import verify_library
from core.domain.library import PhotoAction
from core.domain.photo import PhotoStatus
from tests.support.libraries import tell_nothing
from tests.support.scenes import PLACE_KINDS, draw_scene

ROOT = Path(__file__).parents[2]
FROM = Provenance("archive of Kim", "https://example.org/1", "Kim", "CC-BY-4.0")


def small_jpeg(number: int, quality: int = 80) -> bytes:
    target = io.BytesIO()
    draw_scene(PLACE_KINDS[number % 5], number, (160, 120)).save(target, "JPEG", quality=quality)
    return target.getvalue()


def write_photos(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number}.jpg").write_bytes(small_jpeg(number))
    return folder


def items_in(folder: Path, place_slug: str | None = "cave") -> list[ImportItem]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [ImportItem(path, path.name, place_slug) for path in paths]


def bring(library: Library, items: list[ImportItem], provenance: Provenance = FROM) -> ImportResult:
    return import_photos(items, library, provenance, PhotoStatus.NEW, tell_nothing, "Lee")


def assert_whole(library: Library, folder: Path, count: int) -> None:
    """Assert that the library holds exactly the folder's photos, each whole and once, and nothing else."""
    report = verify_library(library)
    assert report.is_clean, report
    assert report.missing_thumbnails == ()
    contents = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    hashes = {hashlib.sha256(content).hexdigest() for content in contents}
    assert {record.sha256 for record in library.photos.records()} == hashes
    assert len(hashes) == count
    for sha256 in hashes:
        assert [event.action for event in library.review.history(sha256)] == [PhotoAction.IMPORTED]
