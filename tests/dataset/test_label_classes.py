import pytest

from core.dataset.formats.annotations import NamedBox
from core.dataset.label_classes import ClassMatch, match_classes, place_of
from core.domain.label import Label
from core.domain.place import LocalText
from tests.support.places import make_place

EDGES = (0.1, 0.1, 0.5, 0.5)
PLACES = [make_place(0, "cave"), make_place(1, "osulloc")]
LABELS = [
    Label(5, "cave", "lava-column", LocalText("용암 기둥", "Lava column"), "#000000", 0),
    Label(6, "cave", "roof", LocalText("천장", ""), "#000000", 1, retired=True),
]


def match(*names: str) -> dict[str, ClassMatch]:
    boxes = [NamedBox(names[0], EDGES)]
    return {one.name: one for one in match_classes(names, boxes, LABELS, PLACES)}


@pytest.mark.parametrize("name", ["lava-column", "Lava_Column", "lava column", "용암 기둥", "용암_기둥"])
def test_a_class_is_known_by_the_slug_or_either_name_of_a_label(name: str) -> None:
    found = match(name)[name]
    assert (found.label_id, found.place_slug, found.place_is_new, found.boxes) == (5, "cave", False, 1)


def test_a_retired_label_is_known_too() -> None:
    assert match("roof")["roof"].label_id == 6


def test_a_class_that_is_called_like_a_place_is_a_new_part_of_it() -> None:
    found = match("Osulloc", "cave 한국어")
    assert [(one.label_id, one.place_slug, one.place_is_new) for one in found.values()] == [
        (None, "osulloc", False),
        (None, "cave", False),
    ]
    assert found["Osulloc"].slug == "osulloc"


def test_an_unknown_class_is_a_new_place_with_a_label_of_its_own() -> None:
    found = match("Eiffel_Tower", "성산 일출봉", "한라산", "eiffel tower")
    eiffel, sunrise, hallasan, again = found.values()
    assert (eiffel.slug, eiffel.place_slug, eiffel.place_is_new) == ("eiffel-tower", "eiffel-tower", True)
    assert eiffel.text == LocalText("", "Eiffel Tower")
    assert sunrise.text == LocalText("성산 일출봉", "")
    assert len({one.slug for one in found.values()}) == 4
    assert len({sunrise.place_slug, hallasan.place_slug}) == 2
    assert again.place_slug == "eiffel-tower", "one place, however it is spelt"


def test_the_class_unknown_is_no_place() -> None:
    assert match("unknown")["unknown"].place_slug != "unknown"


def test_a_photos_place_is_that_of_most_boxes_then_of_the_larger_ones() -> None:
    matches = match("lava-column", "osulloc")
    small, large = NamedBox("osulloc", (0.0, 0.0, 0.1, 0.1)), NamedBox("lava-column", (0.0, 0.0, 0.9, 0.9))
    assert place_of([small, small, large], matches) == "osulloc"
    assert place_of([small, large], matches) == "cave"
    assert place_of([], matches) is None
