"""Non-maximum suppression in numpy: of boxes that overlap, the most confident stays.

Per class: boxes of different labels never suppress each other. The rules are ultralytics' (best class of each
candidate, strictly above the confidence, suppressed strictly above the IoU), so that served boxes equal trained ones.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MOST_CANDIDATES = 30_000  # Source: ultralytics, non_max_suppression(max_nms=30000)
MOST_BOXES = 300  # Source: ultralytics, max_det=300

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """N boxes, most confident first. xyxy: (N, 4) float32; confidences: (N,) float32; labels: (N,) int64 columns."""

    xyxy: Floats
    confidences: Floats
    labels: npt.NDArray[np.int64]


def suppress(output: Floats, confidence: float, iou: float, several_labels: bool = False) -> Found:
    """Return what a network found.

    Args:
        output: (4 + C, N): centre x, centre y, width, height in pixels of the input, and C class scores of 0..1.
        confidence: a candidate must lie above this.
        iou: a box that overlaps a more confident one of its class by more than this goes.
        several_labels: a candidate counts once for every class above the confidence, as evaluation wants it.
    """
    xywh, scores = output[:4].T, output[4:].T
    if several_labels:
        rows, labels = np.nonzero(scores > confidence)
        confidences = scores[rows, labels]
    else:
        best = scores.argmax(axis=1)
        top = scores[np.arange(len(scores)), best]
        rows = np.flatnonzero(top > confidence)
        labels, confidences = best[rows], top[rows]
    order = np.argsort(-confidences, kind="stable")[:MOST_CANDIDATES]
    rows, labels, confidences = rows[order], labels[order], confidences[order]
    centre, half = xywh[rows, :2], xywh[rows, 2:] / 2
    xyxy = np.concatenate([centre - half, centre + half], axis=1)
    kept = _keep(xyxy, labels, iou)
    return Found(xyxy[kept], confidences[kept], labels[kept].astype(np.int64))


def _keep(xyxy: Floats, labels: npt.NDArray[np.int64], iou: float) -> npt.NDArray[np.int64]:
    """Return the indices that stay, of boxes in order of confidence."""
    area = (xyxy[:, 2] - xyxy[:, 0]) * (xyxy[:, 3] - xyxy[:, 1])
    kept: list[int] = []
    waiting = np.arange(len(xyxy))
    while len(waiting) and len(kept) < MOST_BOXES:
        first, rest = waiting[0], waiting[1:]
        kept.append(int(first))
        low = np.maximum(xyxy[first, :2], xyxy[rest, :2])
        high = np.minimum(xyxy[first, 2:], xyxy[rest, 2:])
        shared = np.clip(high - low, 0, None).prod(axis=1)
        union = area[first] + area[rest] - shared
        overlap = shared / np.maximum(union, np.finfo(np.float32).tiny)
        waiting = rest[(overlap <= iou) | (labels[rest] != labels[first])]
    return np.array(kept, np.int64)
