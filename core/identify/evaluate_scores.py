"""Count what was said: scores of each witness on new photos, photos that were learned from apart. Pure functions.

All scores are those of `core/metrics`, so that a folder is judged as held-out photos are.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from core.domain.answer import Witness
from core.domain.score import Score
from core.identify.evaluate_records import (
    Evaluation,
    Gain,
    JudgedPhoto,
    LookAlike,
    Miss,
    Refused,
    Tally,
    WitnessReport,
    Word,
)
from core.identify.evaluate_witnesses import FUSED
from core.metrics.compare import paired_difference
from core.metrics.fitting import known_and_none_weights
from core.metrics.scores import auroc, confusion, expected_calibration_error, proportion

ORDER = (Witness.CLASSIFIER.value, Witness.DETECTOR.value, Witness.GALLERY.value, FUSED)
# A box's confidence and a similarity are no probabilities: how far they are off one says nothing.
CALIBRATED = (Witness.CLASSIFIER.value, FUSED)


@dataclass(frozen=True, slots=True)
class Source:
    """What was evaluated. knows: by witness, the slugs of the places that it can name."""

    evaluation_id: str
    created_at: datetime
    kind: str
    name: str
    release: str
    slugs: tuple[str, ...]
    knows: Mapping[str, tuple[str, ...]]


def summarise(source: Source, photos: Sequence[JudgedPhoto]) -> Evaluation:
    """Count the answers to all photos of a source."""
    read = [photo for photo in photos if not photo.refused]
    new, seen = [p for p in read if not p.seen], [p for p in read if p.seen]
    labels = _labels(source.slugs, read)
    names = [name for name in ORDER if name in source.knows]
    return Evaluation(
        evaluation_id=source.evaluation_id,
        created_at=source.created_at,
        kind=source.kind,
        source=source.name,
        release=source.release,
        photos=len(photos),
        new_known=sum(photo.slug is not None for photo in new),
        new_unknown=sum(photo.slug is None for photo in new),
        seen=len(seen),
        labels=labels,
        witnesses={name: _report(name, source.knows[name], new, seen, labels) for name in names},
        fused_against={name: _gain(name, new) for name in names if name != FUSED},
        look_alikes=_look_alikes(new, names),
        errors=tuple(_miss(photo) for photo in _surest_first(read) if photo.words[FUSED].slug != photo.slug),
        unreadable=tuple(Refused(photo.name, photo.refused) for photo in photos if photo.refused),
    )


def _labels(slugs: Sequence[str], photos: Sequence[JudgedPhoto]) -> tuple[str | None, ...]:
    met = {photo.slug for photo in photos} | {word.slug for photo in photos for word in photo.words.values()}
    return (*(slug for slug in slugs if slug in met), None)


def _report(
    name: str,
    knows: tuple[str, ...],
    new: Sequence[JudgedPhoto],
    seen: Sequence[JudgedPhoto],
    labels: tuple[str | None, ...],
) -> WitnessReport:
    known = [photo for photo in new if photo.slug is not None]
    strangers = [photo for photo in new if photo.slug is None]
    at = {label: column for column, label in enumerate(labels)}
    said = [_word(photo, name) for photo in new]
    counts = confusion([at[photo.slug] for photo in new], [at[word.slug] for word in said], len(labels))
    learned = [photo for photo in seen if photo.slug is not None]
    return WitnessReport(
        knows=knows,
        accuracy=_share([_word(p, name).slug == p.slug for p in known]),
        wrong=_share([_word(p, name).slug not in (p.slug, None) for p in known]),
        refused=_share([_word(p, name).slug is None for p in known]),
        false_accept_rate=_share([_word(p, name).slug is not None for p in strangers]),
        auroc=auroc([word.known for word in said], [p.slug is not None for p in new]) if known and strangers else None,
        ece=_calibration_error(new, said) if name in CALIBRATED and new else None,
        places=_by_place(known, name),
        confusion=tuple(tuple(row) for row in counts.tolist()),
        seen_in_training=Tally(sum(_word(p, name).slug == p.slug for p in learned), len(learned)),
        seen_false_accepts=Tally(
            sum(_word(p, name).slug is not None for p in seen if p.slug is None), len(seen) - len(learned)
        ),
    )


def _word(photo: JudgedPhoto, name: str) -> Word:
    """Return what a witness said; one that came into service after this photo was asked about said nothing."""
    return photo.words.get(name, Word(None, 1.0, 0.0))


def _share(hits: Sequence[bool]) -> Score | None:
    return proportion(sum(hits), len(hits)) if hits else None


def _calibration_error(photos: Sequence[JudgedPhoto], said: Sequence[Word]) -> Score:
    """Score the confidence of the answers that were given; known places and none of these count half each."""
    right = [word.slug == photo.slug for photo, word in zip(photos, said, strict=True)]
    weights = known_and_none_weights(np.array([photo.slug is None for photo in photos]))
    confidences = np.clip([word.confidence for word in said], 0.0, 1.0)
    return expected_calibration_error(confidences, right, weights=weights)


def _by_place(known: Sequence[JudgedPhoto], name: str) -> dict[str, Score]:
    hits: dict[str, list[bool]] = {}
    for photo in known:
        hits.setdefault(str(photo.slug), []).append(_word(photo, name).slug == photo.slug)
    return {slug: proportion(sum(of_place), len(of_place)) for slug, of_place in hits.items()}


def _gain(name: str, new: Sequence[JudgedPhoto]) -> Gain:
    known = [photo for photo in new if photo.slug is not None]
    strangers = [photo for photo in new if photo.slug is None]
    alone, together = ([_word(p, who).slug == p.slug for p in known] for who in (name, FUSED))
    named_alone, named_together = ([_word(p, who).slug is not None for p in strangers] for who in (name, FUSED))
    return Gain(
        paired_difference(alone, together) if known else None,
        paired_difference(named_alone, named_together) if strangers else None,
    )


def _look_alikes(new: Sequence[JudgedPhoto], names: Sequence[str]) -> tuple[LookAlike, ...]:
    """Return photos of no known place kind by kind, those that were named most often first."""
    kinds: dict[str, list[JudgedPhoto]] = {}
    for photo in new:
        if photo.slug is None:
            kinds.setdefault(photo.kind, []).append(photo)
    found = [_look_alike(kind, photos, names) for kind, photos in kinds.items()]
    return tuple(sorted(found, key=lambda one: (-one.named.get(FUSED, 0), -one.photos, one.kind)))


def _look_alike(kind: str, photos: Sequence[JudgedPhoto], names: Sequence[str]) -> LookAlike:
    named = {name: sum(_word(photo, name).slug is not None for photo in photos) for name in names}
    taken = Counter(photo.words[FUSED].slug for photo in photos)
    return LookAlike(kind, len(photos), named, {slug: n for slug, n in taken.most_common() if slug is not None})


def _surest_first(photos: Sequence[JudgedPhoto]) -> list[JudgedPhoto]:
    return sorted(photos, key=lambda photo: (photo.seen, -photo.words[FUSED].confidence, photo.name))


def _miss(photo: JudgedPhoto) -> Miss:
    fused = photo.words[FUSED]
    said = {name: word.slug for name, word in photo.words.items() if name != FUSED}
    return Miss(photo.name, photo.sha256, photo.slug, fused.slug, fused.confidence, photo.seen, photo.kind, said)
