import pytest

from core.db.engine import Database
from core.db.labels import LabelRepository
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.domain.photo import PhotoStatus
from core.domain.place import LocalText, PlaceUses
from core.errors import Conflict, NotFound
from tests.db.conftest import MakeRecord
from tests.support.places import make_place


def test_a_place_says_what_hangs_on_it(places: PlaceRepository, database: Database, make_record: MakeRecord) -> None:
    assert places.uses("cave") == PlaceUses(0, 0, 0)
    photos = PhotoRepository(database)
    photos.add(make_record(1, place_slug="cave"))
    photos.add(make_record(2, place_slug="cave", status=PhotoStatus.REJECTED))
    photos.add(make_record(3, place_slug="falls"))
    LabelRepository(database).add("cave", "cave-entrance", LocalText("입구", "entrance"), "#112233")
    assert places.uses("cave") == PlaceUses(photos=2, labels=1, boxes=0)
    with pytest.raises(NotFound):
        places.uses("none-such")


def test_a_place_that_nothing_hangs_on_is_deleted_and_its_number_stays_given(places: PlaceRepository) -> None:
    places.remove("falls")
    with pytest.raises(NotFound):
        places.get("falls")
    with pytest.raises(Conflict):
        places.add(make_place(1, "other"))
    assert places.next_class_id() == 2
    assert places.add(make_place(1, "falls")).class_id == 1
    with pytest.raises(NotFound):
        places.remove("none-such")


def test_a_place_with_photos_with_labels_or_in_a_model_is_kept(
    places: PlaceRepository, database: Database, make_record: MakeRecord
) -> None:
    places.add(make_place(2, "known"))
    PhotoRepository(database).add(make_record(1, place_slug="cave", status=PhotoStatus.REJECTED))
    labels = LabelRepository(database)
    labels.retire(labels.add("falls", "water", LocalText("물", "water"), "#112233").label_id)
    for slug, in_models in (("cave", False), ("falls", False), ("known", True)):
        with pytest.raises(Conflict, match=r"place\.in_use"):
            places.remove(slug, in_models=in_models)
    assert len(places.list()) == 3


def test_a_retired_place_is_taken_back(places: PlaceRepository) -> None:
    places.retire("cave")
    assert not places.restore("cave").retired
    assert [place.slug for place in places.list()] == ["cave", "falls"]
    with pytest.raises(NotFound):
        places.restore("none-such")
