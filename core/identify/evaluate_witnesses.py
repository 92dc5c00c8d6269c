"""Each witness alone, heard while the whole answer is made: what is measured is what serves, computed once.

`Listening` stands between `identify_photo` and the models: it notes what each witness said, and keeps from the gallery
what is no neighbour of a photo in question: its own copies and the photos of their groups.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.domain.answer import ClassScores, Detection, GalleryScores, Identification, Neighbour, Witness
from core.domain.photo import Photo
from core.identify.evaluate_gallery import GalleryAlone
from core.identify.evaluate_records import Word
from core.identify.evaluate_seen import LearnedPhotos
from core.identify.identify import PlaceDirectory, identify_photo
from core.identify.models import Models

FUSED = "fused"


@dataclass(slots=True)
class _Heard:
    learned: LearnedPhotos
    sha256: str = ""
    look: str = ""
    scores: ClassScores | None = None
    boxes: tuple[Detection, ...] | None = None
    gallery: GalleryScores | None = None


class _Passing:
    """Hands everything on to a model, but for what a subclass notes."""

    def __init__(self, inner: Any, heard: _Heard) -> None:
        self._inner, self._heard = inner, heard

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Classifier(_Passing):
    def predict(self, photo: Photo) -> ClassScores:
        said: ClassScores = self._inner.predict(photo)
        self._heard.scores = said
        return said


class _Detector(_Passing):
    def predict(self, photo: Photo, confidence: float | None = None) -> tuple[Detection, ...]:
        said: tuple[Detection, ...] = self._inner.predict(photo, confidence)
        self._heard.boxes = said
        return said


class _Gallery(_Passing):
    def scores(self, embedding: Any, leave_out: frozenset[str] = frozenset(), **options: Any) -> GalleryScores:
        said: GalleryScores = self._inner.scores(embedding, leave_out=leave_out | self._own(embedding), **options)
        self._heard.gallery = said
        return said

    def nearest(self, embedding: Any, count: int = 8, leave_out: frozenset[str] = frozenset()) -> tuple[Neighbour, ...]:
        found: tuple[Neighbour, ...] = self._inner.nearest(embedding, count, leave_out | self._own(embedding))
        return found

    def _own(self, embedding: Any) -> frozenset[str]:
        learned = self._heard.learned
        return learned.own_groups(self._heard.sha256, self._heard.look, embedding)


class Listening:
    """Answers photos one after another, and tells what each witness said of the last one."""

    def __init__(
        self,
        models: Models,
        places: PlaceDirectory,
        learned: LearnedPhotos,
        gallery: GalleryAlone | None = None,
    ) -> None:
        """gallery: how the gallery alone answers; None where none serves."""
        self._heard = _Heard(learned)
        self._gallery = gallery
        self._places = places
        self._box_threshold = models.detector.threshold if models.detector is not None else 1.0
        heard: dict[str, Any] = {"classifier": _Classifier(models.classifier, self._heard)}
        if models.detector is not None:
            heard["detector"] = _Detector(models.detector, self._heard)
        if models.gallery is not None:
            heard["gallery"] = _Gallery(models.gallery, self._heard)
        # They are what the models are to their caller, and no more than that is asked of them.
        self._models = replace(models, **heard)

    def ask(self, photo: Photo, look: str) -> dict[str, Word]:
        """Answer a photo; return the word of each witness that serves, and that of all together.

        look: its perceptual hash.

        Raises:
            DatabaseUnavailable, ModelRefused: as of `identify_photo`.
        """
        self._heard.scores = self._heard.boxes = self._heard.gallery = None
        self._heard.sha256, self._heard.look = photo.sha256, look
        answer = identify_photo(photo, self._models, self._places)
        slugs = {place.class_id: place.slug for place in self._places.list()}
        said = {FUSED: _fused(answer)}
        if self._heard.scores is not None:
            said[Witness.CLASSIFIER.value] = _by_classifier(self._heard.scores, slugs)
        if self._heard.boxes is not None:
            said[Witness.DETECTOR.value] = _by_boxes(self._heard.boxes, self._box_threshold, slugs)
        if self._heard.gallery is not None and self._gallery is not None:
            said[Witness.GALLERY.value] = _by_gallery(self._heard.gallery, self._gallery.threshold, slugs)
        return said

    @property
    def need_px(self) -> int:
        """The shorter side, in pixels, that photos should keep when they are decoded."""
        return self._models.need_px

    def knows(self) -> dict[str, tuple[str, ...]]:
        """Return which places each witness that serves can name, by slug."""
        slugs = {place.class_id: place.slug for place in self._places.list()}
        models = self._models
        numbers: dict[str, tuple[int, ...]] = {Witness.CLASSIFIER.value: models.classifier.class_ids}
        if models.detector is not None:
            numbers[Witness.DETECTOR.value] = models.detector.class_ids
        if self._gallery is not None:
            numbers[Witness.GALLERY.value] = self._gallery.class_ids
        numbers[FUSED] = tuple(sorted({class_id for some in numbers.values() for class_id in some}))
        return {name: tuple(slugs[one] for one in known if one in slugs) for name, known in numbers.items()}

    def has_seen(self) -> bool:
        """Whether the models learned from the photo that was asked about last."""
        heard = self._heard
        embedding = np.zeros(0, np.float32) if heard.scores is None else heard.scores.embedding
        return heard.learned.has_seen(heard.sha256, heard.look, embedding)


def _fused(answer: Identification) -> Word:
    if answer.place is None:
        return Word(None, answer.confidence, 1.0 - answer.confidence)
    return Word(answer.place.slug, answer.confidence, answer.confidence)


def _by_classifier(scores: ClassScores, slugs: Mapping[int, str]) -> Word:
    """Return the classifier's own answer, by the threshold of its manifest, whatever the rules of fusion are."""
    best = int(np.argmax(scores.probabilities))
    if scores.acceptance >= scores.threshold and scores.class_ids[best] in slugs:
        return Word(slugs[scores.class_ids[best]], float(scores.probabilities[best]), scores.acceptance)
    return Word(None, scores.none_probability or 1.0 - scores.acceptance, scores.acceptance)


def _by_boxes(boxes: tuple[Detection, ...], threshold: float, slugs: Mapping[int, str]) -> Word:
    """Return the place of the surest box, where it counts."""
    surest = max((box for box in boxes if box.class_id in slugs), key=lambda box: box.confidence, default=None)
    if surest is None:
        return Word(None, 1.0, 0.0)
    if surest.confidence < threshold:
        return Word(None, 1.0 - surest.confidence, surest.confidence)
    return Word(slugs[surest.class_id], surest.confidence, surest.confidence)


def _by_gallery(gallery: GalleryScores, threshold: float, slugs: Mapping[int, str]) -> Word:
    """Return the place whose photos look most alike, where they do enough; a similarity is no probability."""
    known = [(float(share), i) for i, share in zip(gallery.class_ids, gallery.similarities, strict=True) if i in slugs]
    similarity, class_id = max(known, default=(0.0, -1))
    share = min(1.0, max(0.0, similarity))
    return Word(slugs[class_id], share, share) if known and similarity >= threshold else Word(None, 1 - share, share)
