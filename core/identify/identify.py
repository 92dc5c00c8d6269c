"""Identify one photo: gather the witnesses, decide, and say it with the catalogue's facts.

Nothing here is kept between calls, so any number of sessions may call it at once.
"""

from collections.abc import Mapping
from dataclasses import replace
from time import perf_counter
from typing import Protocol

from core.dataset.ingest import read_photo
from core.detector.predict import FAINTEST_BOX, OnnxDetector
from core.domain.answer import (
    ClassScores,
    Detection,
    FusionDecision,
    GalleryScores,
    Identification,
    PlaceScore,
    PositionEvidence,
    Witness,
)
from core.domain.photo import Photo
from core.domain.place import Place, Position
from core.fusion import Frame, decide
from core.identify.models import Models

Boxes = tuple[Detection, ...]


class PlaceDirectory(Protocol):
    """Where the known places come from: the catalogue, or a list in tests."""

    def list(self, include_retired: bool = False) -> tuple[Place, ...]:
        """Return the places by class number."""
        ...


def identify_bytes(
    content: bytes, models: Models, places: PlaceDirectory, need_px: int | None = None
) -> Identification:
    """Read a photo and identify it; `need_px` asks for a larger decoding than the models need.

    Raises:
        PhotoRefused: the bytes are no photo that is taken in.
        DatabaseUnavailable: the catalogue does not answer.
    """
    started = perf_counter()
    photo = read_photo(content, need_px=max(models.need_px, need_px or 0))
    read_ms = _since(started)
    answer = identify_photo(photo, models, places)
    timings = {"read": read_ms, **answer.timings_ms, "total": _since(started)}
    return replace(answer, timings_ms=timings)


def identify_photo(photo: Photo, models: Models, places: PlaceDirectory) -> Identification:
    """Identify a photo that is already read.

    Raises:
        DatabaseUnavailable: the catalogue does not answer.
    """
    started = perf_counter()
    known = {place.class_id: place for place in places.list()}
    catalogue_ms, started = _since(started), perf_counter()
    scores = models.classifier.predict(photo)
    timings = {"catalogue": catalogue_ms, "classifier": _since(started)}
    started = perf_counter()
    found = _boxes(photo, models.detector, known)
    if models.detector:
        timings["detector"] = _since(started)
    started = perf_counter()
    alike = _alike(scores, models, known)
    if alike:
        timings["gallery"] = _since(started)
    box_threshold = models.detector.threshold if models.detector else 0.0
    size_px = (photo.width_px, photo.height_px)
    started = perf_counter()
    decision = decide(scores, found, alike, models.tree, Frame(size_px, box_threshold))
    decision = _within_catalogue(decision, known, scores)
    timings["fusion"] = _since(started)
    place = known[decision.class_id] if decision.class_id is not None else None
    return Identification(
        place=place,
        confidence=decision.confidence,
        decided_by=decision.decided_by,
        witnesses=_witnesses(models, alike),
        reason=decision.reason,
        reason_values=decision.reason_values,
        scores=_ranked(scores, known, decision.reason_values.get("class_id")),
        boxes=tuple(box for box in found or () if box.confidence >= box_threshold),
        position=_position_evidence(photo.position, known),
        release=models.release,
        timings_ms=timings,
        notes=photo.notes,
        faint_boxes=tuple(box for box in found or () if box.confidence < box_threshold),
        box_threshold=box_threshold,
        size_px=size_px,
        neighbours=alike.neighbours if alike else (),
        known_from=_known_from(place, models),
        decision=decision,
    )


def _witnesses(models: Models, alike: GalleryScores | None) -> tuple[Witness, ...]:
    there = {Witness.DETECTOR: models.detector is not None, Witness.GALLERY: alike is not None}
    return (Witness.CLASSIFIER, *(witness for witness, is_there in there.items() if is_there))


def _boxes(photo: Photo, detector: OnnxDetector | None, known: Mapping[int, Place]) -> Boxes | None:
    """Return the boxes of known places, those too that are too faint to count; None without a detector."""
    if detector is None:
        return None
    faintest = min(FAINTEST_BOX, detector.threshold)
    return tuple(box for box in detector.predict(photo, faintest) if box.class_id in known)


def _alike(scores: ClassScores, models: Models, known: Mapping[int, Place]) -> GalleryScores | None:
    """Return what known photos of known places say; None without a gallery, or with an empty one."""
    if models.gallery is None:
        return None
    said = models.gallery.scores(scores.embedding)
    kept = [at for at, class_id in enumerate(said.class_ids) if class_id in known]
    return GalleryScores(
        class_ids=tuple(said.class_ids[at] for at in kept),
        similarities=said.similarities[kept],
        photos=tuple(said.photos[at] for at in kept),
        neighbours=said.neighbours,
        stranger_shares=None if said.stranger_shares is None else said.stranger_shares[kept],
    )


def _known_from(place: Place | None, models: Models) -> int:
    """Return of how many photos the gallery knows a place that the classifier was not trained on; else 0."""
    if place is None or models.gallery is None or place.class_id in models.classifier.class_ids:
        return 0
    return models.gallery.known_from(place.class_id)


def _within_catalogue(decision: FusionDecision, known: Mapping[int, Place], scores: ClassScores) -> FusionDecision:
    """Turn the decision for a place that was retired, or never entered, into none of these."""
    if decision.class_id is None or decision.class_id in known:
        return decision
    none_probability = 1.0 - sum(score.probability for score in _ranked(scores, known))
    return FusionDecision(None, none_probability, Witness.NONE, "reason.not_in_catalogue", decision.reason_values)


def _ranked(scores: ClassScores, known: Mapping[int, Place], about: object = None) -> tuple[PlaceScore, ...]:
    """Return the places that the classifier knows, and the one that the answer is about, most probable first."""
    pairs = zip(scores.class_ids, scores.probabilities, strict=True)
    ranked = [PlaceScore(known[class_id], float(share)) for class_id, share in pairs if class_id in known]
    ranked += [PlaceScore(known[class_id], 0.0) for class_id in known if class_id == about not in scores.class_ids]
    return tuple(sorted(ranked, key=lambda score: -score.probability))


def _position_evidence(position: Position | None, known: Mapping[int, Place]) -> PositionEvidence | None:
    if position is None:
        return None
    distances = [(position.distance_m(p.position), p) for p in known.values() if p.position is not None]
    if not distances:
        return PositionEvidence(position, None, None)
    distance_m, nearest = min(distances, key=lambda pair: pair[0])
    return PositionEvidence(position, nearest, distance_m)


def _since(started: float) -> float:
    return (perf_counter() - started) * 1000
