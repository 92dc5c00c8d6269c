"""When a place that is known from a few photos takes an answer, and when the classifier's word stands."""

import numpy as np
import pytest

from core.domain.answer import ClassScores, GalleryScores, Neighbour
from core.gallery.few import (
    ALL_FALSE_ACCEPTS,
    FALSE_ACCEPTS,
    STRANGER_LEAD,
    SURE_FALSE_ACCEPTS,
    SURE_MARGIN,
    decide_few,
    posterior,
)

OLD, NEW, NEWER = 0, 7, 8


def cnn(acceptance: float = 0.1) -> ClassScores:
    """Return the word of a classifier that knows the old place alone and accepts from 0.7 on."""
    shares = np.array([acceptance], np.float32)
    return ClassScores((OLD,), shares, 1 - acceptance, acceptance, 0.7, np.zeros(4, np.float32))


def seen(
    share: float = 0.001, new: float = 0.5, old: float = 0.1, stranger: float = 0.0, photos: int = 5
) -> GalleryScores:
    """Return what a gallery says of an old place and a new one."""
    near = (Neighbour("0" * 64, None, stranger),) if stranger else ()
    shares = np.array([1, share], np.float32)
    return GalleryScores((OLD, NEW), np.array([old, new], np.float32), (9, photos), near, shares)


def test_a_likeness_that_strangers_hardly_reach_names_the_place() -> None:
    found = decide_few(cnn(), seen())
    assert found is not None and (found.class_id, found.photos) == (NEW, 5)
    assert found.similarity == pytest.approx(0.5) and found.other_similarity == pytest.approx(0.1)
    assert found.confidence == posterior(found.stranger_share) > 0.95


@pytest.mark.parametrize(
    "gallery",
    [
        None,
        seen(share=FALSE_ACCEPTS * 1.01),
        seen(new=0.3, old=0.31),
        seen(new=0.3, stranger=0.31 + STRANGER_LEAD),
        GalleryScores((OLD, NEW), np.array([0.1, 0.9], np.float32), (9, 5), ()),
        GalleryScores((OLD,), np.array([0.9], np.float32), (9,), (), np.array([1], np.float32)),
    ],
    ids=["no gallery", "strangers reach it", "an old place is nearer", "a stranger is it", "nothing fitted", "no new"],
)
def test_otherwise_the_word_of_the_classifier_stands(gallery: GalleryScores | None) -> None:
    assert decide_few(cnn(), gallery) is None


def test_a_sure_classifier_is_overruled_by_clear_evidence_only() -> None:
    sure = cnn(0.9)
    clear = seen(share=SURE_FALSE_ACCEPTS / 2, new=0.5, old=0.4 - SURE_MARGIN)
    assert decide_few(sure, clear) is not None
    assert decide_few(sure, seen(share=SURE_FALSE_ACCEPTS * 2, old=0.1)) is None
    assert decide_few(sure, seen(share=SURE_FALSE_ACCEPTS / 2, new=0.5, old=0.5 - SURE_MARGIN / 2)) is None


def test_the_classifiers_own_places_are_never_answered_from_here() -> None:
    gallery = GalleryScores((OLD,), np.array([0.9], np.float32), (9,), (), np.array([1e-9], np.float32))
    assert decide_few(cnn(), gallery) is None
    found = decide_few(None, gallery)  # without a classifier every place is known from photos alone
    assert found is not None and found.class_id == OLD and found.other_similarity == -1


def test_many_new_places_share_what_strangers_they_may_take() -> None:
    def together(count: int, share: float) -> GalleryScores:
        ids = tuple(range(NEW, NEW + count))
        shares = np.array([share, *[1] * (count - 1)], np.float32)
        return GalleryScores(ids, np.array([0.5, *[0.1] * (count - 1)], np.float32), (5,) * count, (), shares)

    each = ALL_FALSE_ACCEPTS / 10
    assert decide_few(cnn(), together(2, FALSE_ACCEPTS * 0.99)) is not None
    assert decide_few(cnn(), together(10, each * 1.01)) is None
    assert decide_few(cnn(), together(10, each * 0.99)) is not None


def test_of_two_new_places_the_rarer_likeness_wins() -> None:
    shares = np.array([0.004, 0.0001], np.float32)
    gallery = GalleryScores((NEW, NEWER), np.array([0.6, 0.5], np.float32), (5, 5), (), shares)
    found = decide_few(cnn(), gallery)
    assert found is not None and found.class_id == NEWER


def test_confidence_rises_as_likeness_gets_rarer() -> None:
    """Worked by hand: 1 / (1 - e * 0.02 * ln 0.02) = 1 / 1.2127."""
    assert posterior(0.02) == pytest.approx(0.8246, abs=1e-4)
    assert posterior(1) == posterior(0.5) == pytest.approx(0.5)
    assert 0.5 < posterior(0.02) < posterior(0.002) < posterior(0) < 1
