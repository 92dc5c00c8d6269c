from dataclasses import replace

import pytest

from core.db.engine import Database
from core.db.labels import COLOURS, LabelRepository
from core.db.places import PlaceRepository
from core.domain.place import LocalText
from core.errors import Conflict, InvalidInput, NotFound

NAME = LocalText("용암 기둥", "Lava column")


@pytest.fixture
def labels(database: Database, places: PlaceRepository) -> LabelRepository:
    return LabelRepository(database)


def test_a_label_is_read_back_as_it_was_added(labels: LabelRepository) -> None:
    added = labels.add("cave", "lava-column", NAME, "#d55e00")
    assert (added.place_slug, added.slug, added.name, added.colour, added.position) == (
        *("cave", "lava-column", NAME, "#d55e00"),
        0,
    )
    assert labels.get(added.label_id) == added
    assert labels.list("cave") == (added,) == labels.list()
    assert labels.list("falls") == labels.list("Ünknown'--") == ()


def test_a_number_survives_renaming_reordering_and_retiring(labels: LabelRepository) -> None:
    first, second, third = (labels.add("cave", f"part-{n}", LocalText("", f"Part {n}")) for n in range(3))
    renamed = labels.update(replace(second, slug="roof", name=LocalText("천장", "Roof"), colour="#000000"))
    assert labels.get(second.label_id) == renamed
    assert labels.reorder("cave", [third.label_id, first.label_id])[0].label_id == third.label_id
    assert [label.label_id for label in labels.list("cave")] == [third.label_id, first.label_id, second.label_id]
    labels.retire(third.label_id)
    assert [label.label_id for label in labels.list("cave")] == [first.label_id, second.label_id]
    assert third.label_id in {label.label_id for label in labels.list("cave", include_retired=True)}
    assert labels.add("cave", "new", NAME).label_id not in {first.label_id, second.label_id, third.label_id}
    back = labels.update(replace(labels.get(third.label_id), retired=False))
    assert back in labels.list("cave")


def test_a_label_without_a_colour_gets_the_next_one(labels: LabelRepository) -> None:
    drawn = [labels.add("cave", f"part-{number}", NAME).colour for number in range(len(COLOURS) + 1)]
    assert drawn == [*COLOURS, COLOURS[0]]


def test_names_are_stored_composed_and_come_back_so(labels: LabelRepository) -> None:
    added = labels.add("cave", "column", LocalText("용암", ""))  # decomposed, as macOS types file names
    assert added.name.ko == "용암" == labels.get(added.label_id).name.ko


def test_a_slug_belongs_to_one_label_of_the_whole_catalogue(labels: LabelRepository) -> None:
    first = labels.add("cave", "wall", NAME)
    second = labels.add("falls", "water", NAME)
    for clash in (lambda: labels.add("falls", "wall", NAME), lambda: labels.update(replace(second, slug="wall"))):
        with pytest.raises(Conflict) as refused:
            clash()
        assert refused.value.code == "label.exists"
    assert labels.list() == (first, second)


def test_a_label_stays_with_its_place(labels: LabelRepository) -> None:
    added = labels.add("cave", "wall", NAME)
    with pytest.raises(Conflict) as refused:
        labels.update(replace(added, place_slug="falls"))
    assert refused.value.code == "label.place_fixed"


@pytest.mark.parametrize(
    ("slug", "name", "colour", "code"),
    [
        ("Wall", NAME, "", "label.slug"),
        ("벽", NAME, "", "text.key"),
        ("a" * 65, NAME, "", "text.key"),
        ("wall", LocalText(" ", ""), "", "label.name"),
        ("wall", LocalText("", "x" * 201), "", "label.name"),
        ("wall", NAME, "red", "label.colour"),
        ("wall", NAME, "#fff;background:url(//x)", "label.colour"),
    ],
)
def test_a_label_that_makes_no_sense_is_refused(
    labels: LabelRepository, slug: str, name: LocalText, colour: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        labels.add("cave", slug, name, colour)
    assert refused.value.code == code
    assert labels.list() == ()


def test_what_is_not_there_is_said_to_be_so(labels: LabelRepository) -> None:
    mine = labels.add("cave", "wall", NAME)
    for missing in (
        lambda: labels.add("none-such", "x", NAME),
        lambda: labels.get(mine.label_id + 1),
        lambda: labels.get(2**70),
        lambda: labels.retire(0),
        lambda: labels.reorder("falls", [mine.label_id]),
    ):
        with pytest.raises(NotFound):
            missing()
