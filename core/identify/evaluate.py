"""Evaluate what serves: ask for every photo whose truth is known, and keep what each witness and all together said.

Called by `python -m core evaluate`. Each answer is a line of a file before the next photo is asked about, so that a
stopped evaluation goes on where it was. `evaluate_scores` counts the answers, `evaluate_store` keeps the result.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.dataset.duplicates import group_near_duplicates, perceptual_hash
from core.dataset.read_ahead import read_ahead
from core.domain.photo import Photo
from core.errors import NotFound, PhotoRefused
from core.identify.batch import READERS
from core.identify.evaluate_photos import AskedPhoto
from core.identify.evaluate_records import JudgedPhoto
from core.identify.evaluate_store import AnswerLog
from core.identify.evaluate_witnesses import Listening
from core.jobs.report import Report

PROGRESS = "evaluate.photo"


def evaluate_photos(
    photos: Sequence[AskedPhoto], listening: Listening, log: AnswerLog, report: Report
) -> tuple[JudgedPhoto, ...]:
    """Ask about each photo that has no line in the log yet; return all of them, in order.

    Raises:
        JobStopped: asked to stop; what was answered is in the log.
        DatabaseUnavailable, ModelRefused, StorageUnavailable: a later call goes on.
    """
    to_do = [photo for photo in photos if photo.key not in log.judged]
    done = len(photos) - len(to_do)
    report(done, len(photos))
    for photo, judged in _judge_each(to_do, listening):
        log.write(photo.key, judged)
        done += 1
        report(done, len(photos), PROGRESS, photo=photo.name.rpartition("/")[2])
    return _with_twins([log.judged[photo.key] for photo in photos])


def _judge_each(photos: Sequence[AskedPhoto], listening: Listening) -> Iterator[tuple[AskedPhoto, JudgedPhoto]]:
    def read(photo: AskedPhoto) -> tuple[Photo, str]:
        decoded = photo.read(listening.need_px)
        return decoded, perceptual_hash(decoded.pixels)

    for photo, reading in read_ahead(photos, read, READERS, READERS):
        try:
            decoded, look = reading.result()
        except (PhotoRefused, NotFound) as error:
            yield photo, JudgedPhoto(photo.name, photo.slug, photo.kind, refused=error.code)
            continue
        words = listening.ask(decoded, look)
        seen = listening.has_seen()
        yield photo, JudgedPhoto(photo.name, photo.slug, photo.kind, decoded.sha256, look, seen, words)


def _with_twins(photos: Sequence[JudgedPhoto]) -> tuple[JudgedPhoto, ...]:
    """Mark what looks nearly like a photo of this very set that was learned from: it was as good as seen."""
    read = [photo for photo in photos if not photo.refused]
    groups = group_near_duplicates([photo.look for photo in read])
    seen = {group for photo, group in zip(read, groups, strict=True) if photo.seen}
    twins = {photo.name for photo, group in zip(read, groups, strict=True) if group in seen}
    return tuple(replace(photo, seen=photo.seen or photo.name in twins) for photo in photos)
