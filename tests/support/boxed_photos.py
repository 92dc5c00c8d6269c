"""Photos with boxes drawn on them for trainings of detectors: coloured rectangles on noise, as files."""

import hashlib
from pathlib import Path

import numpy as np
from PIL import Image

from core.detector.training_set import BoxedPhoto
from core.domain.library import SnapshotBox
from core.domain.photo import Split

LABELS = {1: ("tower", "towers", (230, 40, 40)), 4: ("rock", "rocks", (40, 60, 230))}


def boxed_photos(folder: Path, count: int, backgrounds: int = 0, splits: bool = False) -> list[BoxedPhoto]:
    """Write photos and return them: each with one box, the two labels in turn; then some without.

    splits: every third one is for testing and every third but one for validation.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    photos = []
    for index in range(count + backgrounds):
        label_id = (1, 4)[index % 2]
        label, place, colour = LABELS[label_id]
        pixels = rng.integers(90, 130, (96, 128, 3), dtype=np.uint8)
        boxes: tuple[SnapshotBox, ...] = ()
        if index < count:
            left, top = (int(value) for value in rng.integers(8, 40, 2))
            pixels[top : top + 40, left : left + 50] = colour
            boxes = (SnapshotBox(label_id, label, (left / 128, top / 96, (left + 50) / 128, (top + 40) / 96)),)
        path = folder / f"{index}.png"
        Image.fromarray(pixels).save(path)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        split = (Split.TEST, Split.VALIDATION, Split.TRAIN)[index % 3] if splits else None
        photos.append(BoxedPhoto(path, sha256, sha256, place if boxes else None, split, boxes))
    return photos
