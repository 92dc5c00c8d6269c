"""What a training would learn from, counted; and what came since."""

from core.dataset.training_data import count_data, new_photos, newly_boxed
from core.domain.library import SnapshotBox, SnapshotPhoto
from core.domain.photo import Split

BOX = SnapshotBox(1, "tower", (0.1, 0.1, 0.5, 0.5))


def photo(
    name: str, place: str | None = "towers", split: Split | None = None, boxes: tuple[SnapshotBox, ...] | None = None
) -> SnapshotPhoto:
    return SnapshotPhoto(name, "jpg", place, f"group of {name}", split, boxes)


def test_photos_with_boxes_without_and_undecided_ones_are_told_apart() -> None:
    counts = count_data([photo("a", boxes=(BOX, BOX)), photo("b", boxes=()), photo("c"), photo("d", None)])
    assert (counts.photos, counts.places, counts.strangers) == (4, 1, 1)
    assert (counts.boxes, counts.boxed, counts.empty, counts.fixed) == (2, 1, 2, False)
    assert counts.learned_boxes(1.0) == 2


def test_a_group_on_both_sides_of_the_wall_is_a_leak() -> None:
    torn = [SnapshotPhoto("a", "jpg", "x", "g", Split.TEST), SnapshotPhoto("b", "jpg", "x", "g", None)]
    assert count_data(torn).leaks == 1
    assert count_data([photo("a", split=Split.TEST), photo("b", split=Split.TRAIN)]).leaks == 0


def test_splits_are_fixed_when_every_boxed_photo_has_one() -> None:
    assert count_data([photo("a", split=Split.TRAIN, boxes=(BOX,)), photo("b")]).fixed
    assert not count_data([photo("a", split=Split.TRAIN)]).fixed


def test_what_came_since_is_new_or_has_other_boxes() -> None:
    then = [photo("a", boxes=(BOX,)), photo("b")]
    now = [photo("a", boxes=(BOX, BOX)), photo("b"), photo("c"), photo("d", boxes=())]
    assert new_photos(now, ["a", "b"]) == ("c", "d")
    assert newly_boxed(now, then) == ("a", "d")
