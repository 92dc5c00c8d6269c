"""Zip archives from outside, unpacked whole or not at all, into files whose names are ours.

Nothing that an archive says is believed: names are never made into paths, sizes are counted while unpacking, and
whatever ends the work, the folder is there with everything or not at all. Called by imports of photos and of data sets.
"""

import errno
import io
import shutil
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO
from uuid import uuid4

from core.dataset.sniff import kind_of
from core.dataset.whole_files import translated
from core.errors import InvalidInput

MEBI = 1 << 20
LOCAL_HEADER_BYTES = 30  # of an entry, before its name. Source: PKWARE APPNOTE 4.3.7
DIRECTORY_BYTES_PER_ENTRY = 512  # 46 and a name; bounds what the directory may take in memory before it is counted
ENCRYPTED = 0x1 | 0x40 | 0x2000  # Source: PKWARE APPNOTE 4.4.4, bits 0, 6 and 13
UTF8_NAME = 0x800
COMPRESSIONS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # the others take memory as the archive says
ARCHIVES = frozenset({"ZIP", "RAR", "7-Zip"})
BY_MACHINES = frozenset({"thumbs.db", "desktop.ini", "__macosx"})  # what file managers leave beside photos
CHUNK_BYTES = 1 << 18
SMALL_BYTES = 1 << 20  # a bomb is large: what unpacks to less may be as repetitive as it likes


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What is unpacked. total_bytes: of all files together. ratio: unpacked to packed size, of each and of all.

    nested: files that are archives themselves are kept as they are, which nobody unpacks; weights of networks are such.
    """

    entries: int = 10_000
    total_bytes: int = 500 * MEBI
    file_bytes: int = 20 * MEBI
    ratio: int = 100
    nested: bool = False


@dataclass(frozen=True, slots=True)
class UnpackedFile:
    """path: a generated name. name: what the archive called it, composed (NFC), with "/" between its parts."""

    path: Path
    name: str


def unpack_archive(zip_path: Path, folder: Path, limits: ArchiveLimits = ArchiveLimits()) -> tuple[UnpackedFile, ...]:
    """Unpack a zip into `folder`, which is not there yet or empty; hidden files are left out.

    Raises:
        InvalidInput: "archive.…": damaged, locked, beyond the limits, or built to do harm; nothing is left.
        StorageUnavailable: no room, or no right to write; nothing is left.
    """
    # Begins as the folder does, so that whoever sweeps those sweeps what a killed process left too.
    unfinished = folder.parent / f"{folder.name}.tmp-{uuid4().hex}"
    with translated(str(folder.parent)), _opened(zip_path, limits) as (archive, entries):
        try:
            unfinished.mkdir(parents=True)
            names = _unpack_all(archive, entries, unfinished, limits)
            if folder.is_dir():
                folder.rmdir()
            unfinished.rename(folder)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    return tuple(UnpackedFile(folder / _file_name(number), name) for number, name in enumerate(names))


def list_archive(zip_path: Path, limits: ArchiveLimits = ArchiveLimits()) -> tuple[str, ...]:
    """Return the names of the files in a zip without unpacking it; refuses what its directory gives away.

    Raises:
        InvalidInput: as `unpack_archive`.
    """
    with translated(str(zip_path.parent)), _opened(zip_path, limits) as (_, entries):
        return tuple(name for _, name in entries)


class _BoundedFile(io.BufferedReader):
    """A file that hands out no more at once than a directory of the largest size takes."""

    def __init__(self, path: Path, most_bytes: int) -> None:
        super().__init__(io.FileIO(path))
        self._most_bytes = most_bytes

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, unless a directory is asked for that would fill the memory."""
        if size is not None and size > self._most_bytes:
            raise InvalidInput("archive.directory")
        return super().read(size)


@contextmanager
def _opened(
    zip_path: Path, limits: ArchiveLimits
) -> Iterator[tuple[zipfile.ZipFile, Sequence[tuple[zipfile.ZipInfo, str]]]]:
    """Open a zip whose directory passes, with its files in the order of their names."""
    with (
        _words_for_damage(zip_path.name),
        _BoundedFile(zip_path, limits.entries * DIRECTORY_BYTES_PER_ENTRY) as file,
        zipfile.ZipFile(file) as archive,
    ):
        yield archive, _checked_entries(archive, limits)


@contextmanager
def _words_for_damage(name: str) -> Iterator[None]:
    """Turn what broken archives raise into InvalidInput."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, ValueError, NotImplementedError) as error:
        raise InvalidInput("archive.broken", name=name) from error
    except OSError as error:
        if error.errno == errno.EINVAL:  # an offset that lies before the file's beginning
            raise InvalidInput("archive.broken", name=name) from error
        raise


def _checked_entries(archive: zipfile.ZipFile, limits: ArchiveLimits) -> list[tuple[zipfile.ZipInfo, str]]:
    """Return the files of an archive with their names; refuse all of it for one bad entry."""
    every = archive.infolist()
    if len(every) > limits.entries:
        raise InvalidInput("archive.too_many", count=len(every), limit=limits.entries)
    _refuse_overlaps(every, archive.start_dir)
    named = [(info, _name_of(info)) for info in every]
    for info, name in named:
        _check_entry(info, name, limits)
    if len({name for _, name in named}) < len(named):
        doubled = next(name for at, (_, name) in enumerate(named) if name in {other for _, other in named[:at]})
        raise InvalidInput("archive.same_name", name=doubled)
    _check_sizes([info for info, _ in named], limits)
    return [(info, name) for info, name in named if not (info.is_dir() or _is_hidden(name))]


def _check_entry(info: zipfile.ZipInfo, name: str, limits: ArchiveLimits) -> None:
    """Refuse an entry that is locked, a link, aims outside the folder, or unpacks to too much."""
    parts = name.rstrip("/").split("/")
    if "\x00" in info.orig_filename or name.startswith("/") or ".." in parts or ":" in parts[0][:2]:
        raise InvalidInput("archive.path", name=name.replace("\x00", "?"))
    if info.flag_bits & ENCRYPTED:
        raise InvalidInput("archive.encrypted", name=name)
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise InvalidInput("archive.link", name=name)
    if info.compress_type not in COMPRESSIONS:
        raise InvalidInput("archive.compression", name=name)
    if info.file_size > limits.file_bytes:
        raise InvalidInput(
            "archive.file_too_large", name=name, size_mb=_mb(info.file_size), limit_mb=limits.file_bytes // MEBI
        )
    if info.file_size > SMALL_BYTES and info.file_size > limits.ratio * info.compress_size:
        raise InvalidInput("archive.bomb", name=name, limit=limits.ratio)


def _check_sizes(entries: Sequence[zipfile.ZipInfo], limits: ArchiveLimits) -> None:
    """Refuse an archive that is too large as a whole."""
    total = sum(info.file_size for info in entries)
    if total > limits.total_bytes:
        raise InvalidInput("archive.too_large", size_mb=_mb(total), limit_mb=limits.total_bytes // MEBI)
    if total > SMALL_BYTES and total > limits.ratio * sum(info.compress_size for info in entries):
        raise InvalidInput("archive.bomb", name=entries[0].filename, limit=limits.ratio)


def _refuse_overlaps(entries: Sequence[zipfile.ZipInfo], directory_at: int) -> None:
    """Refuse entries that share bytes: a bomb of few bytes is made so. Source: Fifield, "A better zip bomb", 2019."""
    starts = sorted((info.header_offset, info.compress_size, info.orig_filename) for info in entries)
    ends = [start for start, _, _ in starts[1:]] + [directory_at]
    for (start, size, name), end in zip(starts, ends, strict=True):
        if start + LOCAL_HEADER_BYTES + size > end:
            raise InvalidInput("archive.overlap", name=name)


def _unpack_all(
    archive: zipfile.ZipFile, entries: Sequence[tuple[zipfile.ZipInfo, str]], folder: Path, limits: ArchiveLimits
) -> list[str]:
    """Write every file under its number, and return their names."""
    left = limits.total_bytes
    for number, (info, name) in enumerate(entries):
        with _words_for_damage(name), archive.open(info) as source:
            left -= _copy(
                source, folder / _file_name(number), name, replace(limits, file_bytes=min(left, limits.file_bytes))
            )
    return [name for _, name in entries]


def _copy(source: IO[bytes], target: Path, name: str, limits: ArchiveLimits) -> int:
    """Copy one file and return its size; what its header claimed does not count."""
    written, most_bytes = 0, limits.file_bytes
    with target.open("xb") as file:
        while chunk := source.read(CHUNK_BYTES):
            if not written and not limits.nested and kind_of(chunk) in ARCHIVES:
                raise InvalidInput("archive.nested", name=name)
            written += len(chunk)
            if written > most_bytes:
                raise InvalidInput("archive.file_too_large", name=name, size_mb=_mb(written), limit_mb=_mb(most_bytes))
            file.write(chunk)
    return written


def _name_of(info: zipfile.ZipInfo) -> str:
    """Return an entry's name: UTF-8 where it says so or is so, else Korean Windows' cp949, else cp437.

    A backslash separates folders too: Windows programs have written it.
    """
    name = info.orig_filename
    if not info.flag_bits & UTF8_NAME:
        raw = name.encode("cp437")  # the reverse of what zipfile made of it
        for encoding in ("utf-8", "cp949"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") or part.casefold() in BY_MACHINES for part in name.split("/"))


def _file_name(number: int) -> str:
    return f"{number:05d}"


def _mb(size_bytes: int) -> float:
    return round(size_bytes / MEBI + 0.05, 1)  # upwards: never "20.0 MB, limit 20.0 MB"
