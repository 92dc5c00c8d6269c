"""Where photos' original bytes lie: content-addressed files under one fsspec root (a folder, `s3://…`, `memory://`).

A photo is there whole or not at all, whatever ends the writer; see `whole_files`. Nothing here is ever served; see
`derivative`.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.dataset.sniff import EXTENSIONS
from core.dataset.whole_files import WholeFiles
from core.errors import InvalidInput, NotFound

KEY = re.compile(rf"([0-9a-f]{{2}})/(\1[0-9a-f]{{62}})\.({'|'.join(EXTENSIONS.values())})")


def key_of(sha256: str, extension: str) -> str:
    """Return the path below the root, `ab/<64 hex>.<extension>`; no user's text ever enters it.

    Raises:
        InvalidInput: code "photo.hash"; not a hexadecimal SHA-256, or not an extension of a photo.
    """
    key = f"{sha256[:2]}/{sha256}.{extension}"
    if not KEY.fullmatch(key):
        raise InvalidInput("photo.hash")
    return key


class PhotoStore:
    """The photos under one root. Safe for several processes and threads at once.

    Every method raises StorageUnavailable when the storage is full ("storage.full"), may not be written
    ("storage.read_only") or does not answer ("storage.unavailable"); making one raises it where the address is none
    that is understood ("storage.url").
    """

    def __init__(self, storage_url: str) -> None:
        self._files = WholeFiles(storage_url)

    def put(self, content: bytes, sha256: str, extension: str) -> str:
        """Keep `content`, and return its key. What stands there already is left as it is.

        Raises:
            InvalidInput: code "photo.hash"; `sha256` is not the hash of `content`.
        """
        key = key_of(sha256, extension)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise InvalidInput("photo.hash")
        self._files.put(key, content)
        return key

    def get(self, sha256: str, extension: str) -> bytes:
        """Return a photo's original bytes.

        Raises:
            NotFound: code "photo.not_found".
        """
        content = self._files.get(key_of(sha256, extension))
        if content is None:
            raise NotFound("photo.not_found", sha256=sha256)
        return content

    def exists(self, sha256: str, extension: str) -> bool:
        """Return whether the photo is there."""
        return self._files.exists(key_of(sha256, extension))

    def local_path(self, sha256: str, extension: str) -> Path | None:
        """Return the file of a photo, there or not, for reading only; None where the root is no folder here."""
        return self._files.local_path(key_of(sha256, extension))

    def delete(self, sha256: str, extension: str) -> bool:
        """Delete a photo for good; return False when it was not there."""
        return self._files.delete(key_of(sha256, extension))

    def keys(self) -> Iterator[str]:
        """Yield the key of every photo, in order; other files under the root are passed over."""
        return (name for name in self._files.names() if KEY.fullmatch(name))

    def leftovers(self) -> tuple[str, ...]:
        """Return what writers left that were killed; writers at work are not among them."""
        return self._files.leftovers()

    def remove_leftovers(self, names: Iterable[str]) -> int:
        """Remove those of the named that are leftovers; return how many."""
        return self._files.remove_leftovers(names)

    def sweep(self) -> int:
        """Remove the leftovers; return how many files."""
        return self._files.sweep()
