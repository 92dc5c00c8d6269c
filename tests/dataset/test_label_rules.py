from pathlib import Path

import pytest

from core.dataset.label_rules import find_faults, finish_photo, repair
from core.db.boxes import BoxRepository
from core.db.engine import open_database
from core.db.labels import LabelRepository
from core.domain.label import Box, FaultKind, Label, LabelDecision, PhotoLabels
from core.domain.photo import PhotoRecord, PhotoStatus
from core.domain.place import LocalText
from core.errors import Conflict, InvalidInput
from tests.support.libraries import new_library

NAME = LocalText("", "Part")
LABELS = {
    1: Label(1, "cave", "column", NAME, "#000000", 0),
    2: Label(2, "cave", "roof", NAME, "#000000", 1, retired=True),
    3: Label(3, "falls", "water", NAME, "#000000", 0),
}
RECORD = PhotoRecord("a" * 64, "cave", PhotoStatus.ACCEPTED, "JPEG", 800, 400, 1, "0" * 16)
GOOD = (0.1, 0.1, 0.5, 0.5)


def box(number: int, xyxyn: tuple[float, float, float, float] = GOOD, label_id: int = 1) -> Box:
    return Box(f"{number:032x}", label_id, xyxyn)


def faults(*boxes: Box, record: PhotoRecord = RECORD) -> list[tuple[FaultKind, str]]:
    found = find_faults(PhotoLabels(record.sha256, 1, boxes), record, LABELS)
    return [(fault.kind, fault.box_id) for fault in found]


def test_sound_boxes_have_no_faults() -> None:
    assert faults(box(1), box(2, (0.5, 0.1, 0.51, 0.12), label_id=2), box(3, (0.0, 0.0, 1.0, 1.0))) == []
    assert faults() == []


@pytest.mark.parametrize(
    ("wrong", "kind", "repaired"),
    [
        (box(1, (-0.1, 0.1, 0.5, 1.1)), FaultKind.OUTSIDE, box(1, (0.0, 0.1, 0.5, 1.0))),
        (box(1, (0.995, 0.1, 1.2, 0.5)), FaultKind.OUTSIDE, None),
        (box(1, (0.1, 0.1, 0.1 + 7.9 / 800, 0.5)), FaultKind.TOO_SMALL, None),
        (box(1, (0.1, 0.1, 0.5, 0.1 + 7.9 / 400)), FaultKind.TOO_SMALL, None),
        (box(1, label_id=3), FaultKind.OTHER_PLACE, None),
        (box(1, label_id=99), FaultKind.OTHER_PLACE, None),
    ],
)
def test_each_fault_is_found_and_repaired(wrong: Box, kind: FaultKind, repaired: Box | None) -> None:
    other = box(2, (0.6, 0.6, 0.9, 0.9))
    found = find_faults(PhotoLabels(RECORD.sha256, 1, (wrong, other)), RECORD, LABELS)
    assert [(fault.kind, fault.repaired) for fault in found] == [(kind, repaired)]
    after = repair((wrong, other), found)
    assert after == ((repaired, other) if repaired else (other,))
    assert faults(*after) == []


def test_a_box_of_exactly_eight_pixels_is_large_enough() -> None:
    assert faults(box(1, (0.3, 0.3, 0.3 + 8 / 800, 0.3 + 8 / 400))) == []


def test_of_two_boxes_that_are_one_the_later_goes() -> None:
    near, far = (0.1, 0.1, 0.5, 0.499), (0.1, 0.1, 0.5, 0.47)  # IoU 0.9975 and 0.925
    assert faults(box(1), box(2, near), box(3, far)) == [(FaultKind.DOUBLED, box(2).box_id)]
    assert faults(box(1), box(2, near, label_id=2)) == [(FaultKind.DOUBLED, box(2).box_id)]
    three = find_faults(PhotoLabels("", 1, (box(1), box(2), box(3))), RECORD, LABELS)
    assert repair((box(1), box(2), box(3)), three) == (box(1),)


def test_repairs_end_in_boxes_without_faults() -> None:
    boxes = (box(1, (-0.2, 0.1, 0.5, 0.5)), box(2, (0.0, 0.1, 0.5, 0.5)), box(3, (-0.3, 0.1, 0.5, 0.5)))
    rounds = 0
    while found := find_faults(PhotoLabels("", 1, boxes), RECORD, LABELS):
        boxes, rounds = repair(boxes, found), rounds + 1
    assert len(boxes) == 1
    assert rounds <= 2


def test_a_photo_with_faults_does_not_count_as_done(tmp_path: Path) -> None:
    library = new_library(tmp_path)
    database = open_database(f"sqlite:///{tmp_path / 'eodi.sqlite3'}")
    boxes, labels = BoxRepository(database), LabelRepository(database)
    library.photos.add(RECORD)
    column = labels.add("cave", "column", NAME)
    water = labels.add("falls", "water", NAME)
    wrong = boxes.save(RECORD.sha256, (box(1, label_id=column.label_id), box(2, label_id=water.label_id)), 0, "a")
    with pytest.raises(Conflict) as refused:
        finish_photo(wrong, library.photos, boxes, labels, "a")
    assert (refused.value.code, refused.value.values["count"]) == ("labels.faults", 1)
    right = boxes.save(RECORD.sha256, wrong.boxes[:1], 1, "a")
    assert finish_photo(right, library.photos, boxes, labels, "a").decision is LabelDecision.DONE
    empty = boxes.save(RECORD.sha256, (), 3, "a")
    with pytest.raises(InvalidInput):
        finish_photo(empty, library.photos, boxes, labels, "a")
