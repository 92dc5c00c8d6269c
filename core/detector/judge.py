"""Score a training's models on photos that they did not learn from, by the code that serves. Called by `train`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.dataset.ingest import read_photo
from core.detector.nms import Found
from core.detector.predict import FAINTEST_BOX, Network
from core.detector.training_set import BoxedPhoto, BoxSet
from core.domain.score import Score
from core.metrics.detection import (
    AtThreshold,
    BoxesOnPhoto,
    Matches,
    average_precision,
    best_threshold,
    match_boxes,
    precision_recall_at,
)
from core.metrics.scores import proportion

LOWEST_CONFIDENCE = 0.005  # below it a box moves no average precision by a thousandth, and tables grow long
RESAMPLES = 200
INTERVAL = (2.5, 97.5)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class JudgedPhoto:
    """A held-out photo, the training that judged it, and its boxes as fractions of the photo."""

    photo: BoxedPhoto
    part: str
    boxes: BoxesOnPhoto


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a training scores. confidence: the threshold that ships; scores: by name, on held-out photos.

    strangers: photos of no known place that no training saw, as what ships sees them.
    """

    confidence: float
    scores: dict[str, Score]
    photos: tuple[JudgedPhoto, ...]
    strangers: tuple[JudgedPhoto, ...] = ()


def find_on(photo: BoxedPhoto, boxes: BoxSet, network: Network, need_px: int, iou: float) -> BoxesOnPhoto:
    """Look for parts on one photo, and set the truth beside them; all corners as fractions of the photo."""
    read = read_photo(photo.path.read_bytes(), need_px=need_px)
    truth = [(boxes.column(box), box.xyxyn) for box in photo.boxes]
    return beside_truth(network.find(read.pixels, (1, 1), LOWEST_CONFIDENCE, iou), truth)


def beside_truth(found: Found, truth: Sequence[tuple[int, Sequence[float]]]) -> BoxesOnPhoto:
    """Set what is there beside what was found. truth: column and corners of each box; corners as fractions."""
    return BoxesOnPhoto(
        np.array([corners for _, corners in truth], np.float64).reshape(-1, 4),
        np.array([column for column, _ in truth], np.int64),
        found.xyxy.astype(np.float64),
        found.labels,
        found.confidences.astype(np.float64),
    )


def clear_ones(one: BoxesOnPhoto) -> BoxesOnPhoto:
    """Return a stranger's boxes that an answer would weigh; no average precision is made of the others."""
    kept = one.confidences >= FAINTEST_BOX
    return replace(one, found=one.found[kept], found_labels=one.found_labels[kept], confidences=one.confidences[kept])


def judge(
    boxes: BoxSet, photos: Sequence[JudgedPhoto], strangers: Sequence[BoxesOnPhoto], watched: Sequence[BoxesOnPhoto]
) -> Judgement:
    """Choose the threshold, and score.

    Args:
        boxes: what the training was made from.
        photos: held-out photos, each judged once.
        strangers: photos of no known place that no training saw, found on by what ships.
        watched: validation photos of what ships; the threshold is chosen on them. Empty with folds: then it is chosen,
            for the photos of a fold, on those of the others.
    """
    if not photos:
        return Judgement(0.25, {}, ())  # ultralytics' own default, for a run that nothing scores
    columns = range(len(boxes.labels))
    groups = [one.photo.group for one in photos]
    ships = best_threshold(_matches(watched or [one.boxes for one in photos], columns)).confidence
    if watched:
        scores = score_boxes([one.boxes for one in photos], groups, columns, ships)
    else:
        scores = _shares([_of_fold(photos, part, columns) for part in sorted({one.part for one in photos})])
        scores |= _average_precisions([one.boxes for one in photos], groups, columns)
    if strangers:
        marked = sum(bool((one.confidences >= ships).any()) for one in strangers)
        scores["strangers_marked"] = proportion(marked, len(strangers))
    return Judgement(ships, scores, tuple(photos))


def score_boxes(
    photos: Sequence[BoxesOnPhoto], groups: Sequence[str], columns: range, confidence: float
) -> dict[str, Score]:
    """Score photos with a threshold that was chosen elsewhere; those of a group are drawn together for intervals."""
    shares = _shares([precision_recall_at(_matches(photos, columns), confidence)])
    return {**shares, **_average_precisions(photos, groups, columns)}


def _of_fold(photos: Sequence[JudgedPhoto], part: str, columns: range) -> AtThreshold:
    """Count one fold with the threshold that the other folds choose."""
    others = [one.boxes for one in photos if one.part != part] or [one.boxes for one in photos]
    chosen = best_threshold(_matches(others, columns)).confidence
    return precision_recall_at(_matches([one.boxes for one in photos if one.part == part], columns), chosen)


def _matches(photos: Sequence[BoxesOnPhoto], columns: range) -> list[Matches]:
    return [match_boxes(photos, column) for column in columns]


def _shares(counted: Sequence[AtThreshold]) -> dict[str, Score]:
    found = {
        "precision": [one.precision for one in counted if one.precision],
        "recall": [one.recall for one in counted if one.recall],
    }
    return {
        name: proportion(sum(score.k or 0 for score in scores), sum(score.n for score in scores))
        for name, scores in found.items()
        if scores
    }


def _average_precisions(photos: Sequence[BoxesOnPhoto], groups: Sequence[str], columns: range) -> dict[str, Score]:
    """Return mAP50 and mAP50-95, with intervals from drawing groups of photos anew."""
    at_50, over_all = _mean_ap(photos, columns)
    members: dict[str, list[BoxesOnPhoto]] = {}
    for group, photo in zip(groups, photos, strict=True):
        members.setdefault(group, []).append(photo)
    drawn = np.array(list(_resampled(list(members.values()), lambda some: _mean_ap(some, columns))))
    truth = sum(len(photo.truth) for photo in photos)
    low, high = np.percentile(drawn, INTERVAL, axis=0)
    return {
        "map50": Score(at_50, float(low[0]), float(high[0]), None, truth),
        "map50_95": Score(over_all, float(low[1]), float(high[1]), None, truth),
    }


def _mean_ap(photos: Sequence[BoxesOnPhoto], columns: range) -> tuple[float, float]:
    per_label = np.array([average_precision(match_boxes(photos, column)) for column in columns])
    if np.isnan(per_label).all():
        return 0.0, 0.0
    return float(np.nanmean(per_label[:, 0])), float(np.nanmean(per_label))


def _resampled(
    groups: Sequence[Sequence[BoxesOnPhoto]], measure: Callable[[Sequence[BoxesOnPhoto]], tuple[float, float]]
) -> list[tuple[float, float]]:
    rng = np.random.default_rng(0)
    draws = (rng.integers(0, len(groups), len(groups)) for _ in range(RESAMPLES))
    return [measure([photo for index in draw for photo in groups[index]]) for draw in draws]
