"""Identify many photos: files and folders, one after another, into a file that can be taken up where it stopped.

The command line and the job "identify" call `identify_files`; `identify_each` is the same without a file. Memory does
not grow with the number of photos: one is computed while the next two are read and decoded by other threads.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from core.dataset.ingest import read_photo_file
from core.dataset.read_ahead import read_ahead
from core.domain.answer import Identification
from core.domain.photo import Photo
from core.domain.place import Language
from core.errors import PhotoRefused
from core.identify.answer_file import AnswerFile, PhotoKey, open_answers, plain_text
from core.identify.identify import PlaceDirectory, identify_photo
from core.identify.models import Models
from core.jobs.report import Report

# Measured with MobileNetV2 on two cores: photos of 12 megapixels, whose decoding takes six times as long as computing,
# go at 18.2 a second without reading ahead, 18.6 with one reader, 23.8 with two and 24.5 with three; photos of 2
# megapixels at 102 to 109 each way. A reader more is a decoded photo more in memory.
READERS = 2
NUMBER = re.compile(r"(\d+)")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNREADABLE = "photo.unreadable"
PROGRESS = "identify.photo"


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """A file to identify, and the name that the answer gives it."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A photo and its answer, or why it could not be read."""

    photo: PhotoFile
    outcome: Identification | PhotoRefused


@dataclass(frozen=True, slots=True)
class BatchResult:
    """Photos answered now; those whose answer stood in the file before; and of both together, how many failed."""

    answered: int
    standing: int
    failed: int


def list_photos(paths: Iterable[Path], leave_out: Path | None = None) -> tuple[PhotoFile, ...]:
    """Return files as they are given, and those in folders in natural order (2 before 10), a folder's own files first.

    In folders, hidden files and linked folders are passed over; everything else is to be answered, if only with the
    reason why it is no photo. leave_out: the file of answers, which may lie among the photos.
    """
    found = [file for path in paths for file in (_files_in(path) if path.is_dir() else (path,))]
    answers = leave_out.resolve() if leave_out is not None else None
    return tuple(PhotoFile(path, str(path)) for path in found if answers is None or path.resolve() != answers)


def identify_files(
    photos: Sequence[PhotoFile],
    models: Models,
    places: PlaceDirectory,
    report: Report,
    out: Path,
    language: Language,
) -> BatchResult:
    """Append an answer for each photo to `out` that has none there yet.

    out: .csv or .jsonl. A photo counts as answered by name, size and time of change; one that could not be opened is
    tried again. A photo that is named twice is answered once.

    Raises:
        InvalidInput, Conflict, StorageUnavailable: of `out`; see `open_answers`.
        JobStopped: asked to stop; what was answered is in `out`.
        DatabaseUnavailable, ModelRefused: as of `identify_photo`; a later call goes on.
    """
    with open_answers(out, language) as answers:
        named = {photo_key(photo): photo for photo in photos}
        standing = {key: answers.failed[key] for key in named if key in answers.failed}
        to_do = {photo: key for key, photo in named.items() if key not in standing}
        done, failed = len(standing), sum(standing.values())
        report(done, len(named))
        for given in identify_each(tuple(to_do), models, places):
            _note(given, to_do[given.photo], answers)
            failed += isinstance(given.outcome, PhotoRefused)
            done += 1
            report(done, len(named), PROGRESS, photo=given.photo.path.name)
    return BatchResult(len(to_do), len(standing), failed)


def identify_each(photos: Sequence[PhotoFile], models: Models, places: PlaceDirectory) -> Iterator[Answered]:
    """Yield the answer for each photo, in order; the next ones are read meanwhile.

    Raises:
        DatabaseUnavailable, ModelRefused: as of `identify_photo`.
    """
    for photo, reading in read_ahead(photos, lambda photo: _read(photo.path, models.need_px), READERS, READERS):
        try:
            pixels, read_ms = reading.result()
        except PhotoRefused as error:
            yield Answered(photo, error)
            continue
        started = perf_counter()
        answer = identify_photo(pixels, models, places)
        timings = {"read": read_ms, **answer.timings_ms, "total": read_ms + (perf_counter() - started) * 1000}
        yield Answered(photo, replace(answer, timings_ms=timings))


def photo_key(photo: PhotoFile) -> PhotoKey:
    """Return what tells this photo from others, without opening it."""
    name = plain_text(photo.name)
    try:
        facts = photo.path.stat()
    except OSError:
        return PhotoKey(name)
    changed_at = EPOCH + timedelta(microseconds=facts.st_mtime_ns // 1000)
    return PhotoKey(name, str(facts.st_size), changed_at.isoformat(timespec="microseconds"))


def _note(given: Answered, key: PhotoKey, answers: AnswerFile) -> None:
    """Write an answer; a file that could not be opened is noted once, without the facts that would settle it."""
    if isinstance(given.outcome, PhotoRefused) and given.outcome.code == UNREADABLE:
        key = PhotoKey(key.photo)
        if key in answers.failed:
            return
    answers.write(key, given.outcome)


def _read(path: Path, need_px: int) -> tuple[Photo, float]:
    """Read and decode a file; return the photo and the milliseconds it took."""
    started = perf_counter()
    photo = read_photo_file(path, need_px=need_px)
    return photo, (perf_counter() - started) * 1000


def _files_in(folder: Path) -> list[Path]:
    """List the files below `folder`; a folder that may not be listed stands for itself, to be answered with that."""
    try:
        children = sorted((path for path in folder.iterdir() if not path.name.startswith(".")), key=_natural_key)
    except OSError:
        return [folder]
    files = [path for path in children if path.is_file() or (path.is_symlink() and not path.exists())]
    # A linked folder could lead back up and never end.
    folders = [path for path in children if path.is_dir() and not path.is_symlink()]
    return files + [file for child in folders for file in _files_in(child)]


def _natural_key(path: Path) -> tuple[tuple[bool, int, str], ...]:
    """Sort numbers inside names by value, and before letters."""
    parts = NUMBER.split(path.name.casefold())
    return tuple((False, int(part), "") if part.isdecimal() else (True, 0, part) for part in parts if part)
