"""Who learns, who watches and who judges, when a detector is trained."""

from pathlib import Path

import numpy as np
import pytest

from core.detector.config import DetectorConfig
from core.detector.training_folder import label_lines, write_data, write_photos
from core.detector.training_set import SHIPS, arrange
from core.domain.photo import Split
from core.errors import InvalidInput
from tests.support.boxed_photos import boxed_photos

CONFIG = DetectorConfig(folds=3)


def test_with_folds_every_photo_is_judged_once_by_a_training_that_did_not_see_it(tmp_path: Path) -> None:
    boxes = arrange(boxed_photos(tmp_path, 9, backgrounds=3), CONFIG)

    folds = boxes.parts[:-1]
    assert sorted(int(index) for part in folds for index in part.judged) == list(range(len(boxes.photos)))
    assert not any(set(part.learned) & set(part.judged) for part in folds)
    assert not any(part.keeps_best for part in boxes.parts)  # nothing is chosen by the photos that judge


def test_a_group_is_never_torn_apart(tmp_path: Path) -> None:
    from dataclasses import replace

    photos = [replace(photo, group=str(index // 3)) for index, photo in enumerate(boxed_photos(tmp_path, 12))]

    boxes = arrange(photos, CONFIG)

    for part in boxes.parts[:-1]:
        assert not {boxes.photos[i].group for i in part.learned} & {boxes.photos[i].group for i in part.judged}


def test_with_fixed_splits_the_test_photos_are_never_learned_nor_watched(tmp_path: Path) -> None:
    boxes = arrange(boxed_photos(tmp_path, 12, backgrounds=3, splits=True), DetectorConfig())

    (ships,) = boxes.parts
    assert {boxes.photos[i].split for i in ships.judged} == {Split.TEST}
    assert {boxes.photos[i].split for i in ships.watched} == {Split.VALIDATION}
    assert {boxes.photos[i].split for i in ships.learned} == {Split.TRAIN}
    assert ships.keeps_best


def test_photos_of_the_test_split_stay_out_of_folds_too(tmp_path: Path) -> None:
    boxes = arrange(boxed_photos(tmp_path, 12, splits=True), CONFIG)

    tested = {index for index, photo in enumerate(boxes.photos) if photo.split is Split.TEST}
    assert not any(tested & set(part.learned.tolist()) for part in boxes.parts)
    assert set(boxes.parts[-1].judged.tolist()) == tested


def test_labels_are_ordered_by_their_number_and_strangers_beyond_the_room_only_judge(tmp_path: Path) -> None:
    boxes = arrange(boxed_photos(tmp_path, 4, backgrounds=6), DetectorConfig(folds=2, backgrounds=0.5))

    assert (boxes.label_ids, boxes.labels) == ((1, 4), ("tower", "rock"))
    assert (len(boxes.photos), len(boxes.strangers)) == (6, 4)
    assert boxes.parts[-1].name == SHIPS


def test_without_any_box_there_is_nothing_to_train(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"detector\.no_boxes"):
        arrange(boxed_photos(tmp_path, 0, backgrounds=3), CONFIG)


def test_fewer_groups_than_folds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"detector\.few_groups"):
        arrange(boxed_photos(tmp_path, 2), CONFIG)


def test_equal_photos_have_an_equal_fingerprint_whatever_their_order(tmp_path: Path) -> None:
    photos = boxed_photos(tmp_path, 6)

    assert arrange(photos, CONFIG).fingerprint == arrange(photos[::-1], CONFIG).fingerprint
    assert arrange(photos, CONFIG).fingerprint != arrange(photos[1:], CONFIG).fingerprint


def test_label_files_hold_the_boxes_to_a_millionth(tmp_path: Path) -> None:
    boxes = arrange(boxed_photos(tmp_path / "photos", 4, backgrounds=1), DetectorConfig(folds=2))

    for photo in boxes.photos:
        lines = label_lines(photo, boxes).splitlines()
        assert len(lines) == len(photo.boxes)
        for line, box in zip(lines, photo.boxes, strict=True):
            column, *sides = map(float, line.split())
            x, y, width, height = sides
            assert boxes.label_ids[int(column)] == box.label_id
            assert (x - width / 2, y - height / 2, x + width / 2, y + height / 2) == pytest.approx(box.xyxyn, abs=1e-6)


def test_the_folder_is_what_ultralytics_reads(tmp_path: Path) -> None:
    import yaml

    boxes = arrange(boxed_photos(tmp_path / "photos", 4, backgrounds=1), DetectorConfig(folds=2))
    told: list[int] = []
    write_photos(boxes, tmp_path / "work", 64, lambda: told.append(1))

    data = yaml.safe_load(write_data(boxes, boxes.parts[0], tmp_path / "work", tmp_path / "work" / "fold").read_text())

    listed = (tmp_path / "work" / "fold" / data["train"]).read_text().split()
    assert len(told) == len(boxes.photos)
    assert len(listed) == len(boxes.parts[0].learned)
    assert all(
        Path(image).exists() and Path(image.replace("/images/", "/labels/")).with_suffix(".txt").exists()
        for image in listed
    )
    assert {int(column): slug for column, slug in data["names"].items()} == {0: "tower", 1: "rock"}


@pytest.mark.parametrize("change", [{"size_px": 100}, {"folds": 1}, {"epochs": 0}, {"backgrounds": -1.0}])
def test_settings_that_mean_nothing_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(InvalidInput, match="detector"):
        DetectorConfig(**change)  # type: ignore[arg-type]


def test_indices_are_of_the_photos_that_take_part(tmp_path: Path) -> None:
    boxes = arrange(boxed_photos(tmp_path, 6, backgrounds=1), CONFIG)

    for part in boxes.parts:
        assert np.concatenate([part.learned, part.watched]).max() < len(boxes.photos)
