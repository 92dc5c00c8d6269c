"""Small pictures of the library's photos, as grids show them: WebP without metadata, beside the originals.

A thumbnail may be lost at any time: `thumbnail` makes a missing one. Photos that are imported get theirs from the
pixels that were decoded for their hash.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.dataset.ingest import read_photo
from core.dataset.sniff import EXTENSIONS
from core.dataset.whole_files import WholeFiles
from core.domain.photo import PhotoRecord
from core.errors import InvalidInput, StorageUnavailable

if TYPE_CHECKING:
    from core.dataset.library import Library

FOLDER = "thumbnails"
LONGEST_PX = 320
QUALITY = 78
EFFORT = 0  # of 0..6. Measured on 181 photos: 2.7 ms and 14.4 kB each, 2: 3.5 ms and 11.7 kB, 4: 6.4 ms and 11.3 kB
NAME = re.compile(r"([0-9a-f]{2})/(\1[0-9a-f]{62})\.webp")


class ThumbnailStore:
    """The thumbnails under the photos' root; raises what `WholeFiles` raises."""

    def __init__(self, storage_url: str) -> None:
        self._files = WholeFiles(storage_url, FOLDER)

    def get(self, sha256: str) -> bytes | None:
        """Return a thumbnail; None when there is none that is whole."""
        content = self._files.get(name_of(sha256))
        return content if content and _is_whole(content) else None

    def exists(self, sha256: str) -> bool:
        """Return whether there is a thumbnail."""
        return self._files.exists(name_of(sha256))

    def put(self, sha256: str, content: bytes) -> None:
        """Keep a thumbnail; not flushed to the disk, as a lost one is made anew."""
        self._files.put(name_of(sha256), content, durable=False, replace=True)

    def delete(self, sha256: str) -> bool:
        """Delete a thumbnail; return False when it was not there."""
        return self._files.delete(name_of(sha256))

    def hashes(self) -> Iterator[str]:
        """Yield the hash of every photo that has a thumbnail, in order."""
        return (found[2] for name in self._files.names() if (found := NAME.fullmatch(name)))

    def leftovers(self) -> tuple[str, ...]:
        """Return what writers left that were killed."""
        return self._files.leftovers()

    def remove_leftovers(self, names: Iterable[str]) -> int:
        """Remove those of the named that are leftovers; return how many."""
        return self._files.remove_leftovers(names)

    def sweep(self) -> int:
        """Remove the leftovers; return how many files."""
        return self._files.sweep()


def thumbnail(record: PhotoRecord, library: "Library") -> bytes:
    """Return a photo's thumbnail as WebP; one that is missing is made, and kept where there is room.

    Raises:
        NotFound: the photo's file is gone.
        PhotoRefused: the file is damaged.
        StorageUnavailable: it cannot be read.
    """
    kept = library.thumbnails.get(record.sha256)
    if kept is not None:
        return kept
    content = library.store.get(record.sha256, EXTENSIONS[record.format])
    made = encode_thumbnail(read_photo(content, need_px=LONGEST_PX // 2).pixels)
    with suppress(StorageUnavailable):  # a full or read-only disk shows its photos all the same
        library.thumbnails.put(record.sha256, made)
    return made


def encode_thumbnail(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Encode a thumbnail. pixels: (H, W, 3) uint8, upright; a photo smaller than `LONGEST_PX` keeps its size."""
    picture = Image.fromarray(pixels)
    picture.thumbnail((LONGEST_PX, LONGEST_PX), Image.Resampling.BICUBIC, reducing_gap=2.0)
    target = BytesIO()
    picture.save(target, "WEBP", quality=QUALITY, method=EFFORT)
    return target.getvalue()


def name_of(sha256: str) -> str:
    """Return the path below the thumbnails' folder; no user's text ever enters it.

    Raises:
        InvalidInput: code "photo.hash"; not a hexadecimal SHA-256.
    """
    name = f"{sha256[:2]}/{sha256}.webp"
    if not NAME.fullmatch(name):
        raise InvalidInput("photo.hash")
    return name


def _is_whole(content: bytes) -> bool:
    """Whether the file is as long as it says; after a power cut it may not be.

    Source: WebP container specification: "RIFF", the size of what follows as 4 bytes, "WEBP".
    """
    return content[:4] == b"RIFF" and len(content) == int.from_bytes(content[4:8], "little") + 8
