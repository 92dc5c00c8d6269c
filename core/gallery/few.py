"""A place that the classifier was not trained on, named from a few photos in the gallery.

It is named when its photos resemble the new one as hardly any photo of another place does (see `strangers`), and more
than those of every place that the classifier knows. One photo of no known place that resembles it far more speaks
against it, and where the classifier is sure of its own answer the evidence has to be clearer still: `docs/gallery.md`
has what that costs the old places and brings the new ones. Called by `core/fusion`; a pure function of what was said.
"""

from dataclasses import dataclass
from math import e, log

import numpy as np

from core.domain.answer import ClassScores, GalleryScores
from core.gallery.index import FEWEST_PHOTOS

FALSE_ACCEPTS = 0.02  # photos of other places that one new place may take, one in fifty
ALL_FALSE_ACCEPTS = 0.04  # that all new places together may take; from the third on each has to be surer
STRANGER_LEAD = 0.25  # of similarity by which one photo of no known place refutes a new place: nearly the same photo
SURE_FALSE_ACCEPTS = 0.002  # where the classifier names another place: ten times rarer
SURE_MARGIN = 0.1  # of similarity above the place that the classifier names, there
BETTER_WITH = 50  # photos from which a place is better trained than known from a few


@dataclass(frozen=True, slots=True)
class FewCandidate:
    """A place known from `photos` photos that the photo shows with `confidence`, a probability.

    similarity: to its most similar photos. other_similarity: to those of the most similar other place, -1 without one.
    stranger_share: of photos of other places that would be given some new place by evidence no better than this.
    """

    class_id: int
    confidence: float
    similarity: float
    other_similarity: float
    stranger_share: float
    photos: int


def decide_few(scores: ClassScores | None, gallery: GalleryScores | None) -> FewCandidate | None:
    """Return the place that is known from a few photos and takes the answer; None where the classifier's word stands.

    scores: None without a classifier's word on this photo; then every place counts as known from a few photos.
    """
    if gallery is None or gallery.stranger_shares is None:
        return None
    trained = frozenset(scores.class_ids) if scores else frozenset()
    new = [row for row, class_id in enumerate(gallery.class_ids) if class_id not in trained]
    if not new:
        return None
    rivals = sum(gallery.photos[row] >= FEWEST_PHOTOS for row in new)
    more = max(1.0, rivals * FALSE_ACCEPTS / ALL_FALSE_ACCEPTS)
    candidates = (_candidate(row, gallery, more) for row in new)
    candidate = min(candidates, key=lambda one: (one.stranger_share, -one.similarity))
    known = [float(gallery.similarities[row]) for row in range(len(gallery.class_ids)) if row not in new]
    beaten_by = max(*known, _to_stranger(gallery) - STRANGER_LEAD, -1.0)
    if candidate.stranger_share > FALSE_ACCEPTS or candidate.similarity < beaten_by:
        return None
    return candidate if scores is None or _takes_over(candidate, scores, gallery) else None


def posterior(stranger_share: float) -> float:
    """Return the probability that a photo shows a place when so small a share of strangers resembles it as much.

    The most cautious one for a tail probability when either is as likely beforehand; 0.82 at 0.02, 0.98 at 0.002.
    Source: Sellke, Bayarri and Berger 2001, "Calibration of p Values for Testing Precise Null Hypotheses".
    """
    share = min(max(stranger_share, 1e-12), 1 / e)
    return 1 / (1 - e * share * log(share))


def _candidate(row: int, gallery: GalleryScores, more: float) -> FewCandidate:
    """Return the place of a row. more: how many times its share of strangers counts, for the other new places."""
    shares = gallery.stranger_shares
    share = min(float(shares[row]) * more, 1.0) if shares is not None else 1.0
    others = np.delete(gallery.similarities, row)
    return FewCandidate(
        class_id=gallery.class_ids[row],
        confidence=posterior(share),
        similarity=float(gallery.similarities[row]),
        other_similarity=float(others.max(initial=-1.0)),
        stranger_share=share,
        photos=gallery.photos[row],
    )


def _to_stranger(gallery: GalleryScores) -> float:
    """Return the similarity to the most similar photo of no known place; -1 where none is among the nearest."""
    return max((near.similarity for near in gallery.neighbours if near.class_id is None), default=-1.0)


def _takes_over(candidate: FewCandidate, scores: ClassScores, gallery: GalleryScores) -> bool:
    """Whether the evidence is good enough beside what the classifier says."""
    if scores.acceptance < scores.threshold or not scores.class_ids:
        return True
    named = scores.class_ids[int(np.argmax(scores.probabilities))]
    similarity = dict(zip(gallery.class_ids, gallery.similarities.tolist(), strict=True)).get(named, -1.0)
    return candidate.stranger_share <= SURE_FALSE_ACCEPTS and candidate.similarity >= similarity + SURE_MARGIN
