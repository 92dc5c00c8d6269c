from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from sqlalchemy import text

from core.db.engine import Database
from core.db.labels import LabelRepository
from core.db.places import PlaceRepository
from core.db.seed import seed_catalogue
from core.domain.place import LocalText
from core.errors import InvalidInput
from tests.db.conftest import CATALOGUE
from tests.support.places import make_place


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    for name in ("places.yaml", "labels.yaml"):
        (folder / name).write_bytes((CATALOGUE / name).read_bytes())
    return folder


def change(catalogue: Path, slug: str, **entries: object) -> None:
    """Change a label of the file, as a newer version of the project would."""
    labels = yaml.safe_load((catalogue / "labels.yaml").read_text(encoding="utf-8"))
    next(label for label in labels if label["slug"] == slug).update(entries)
    (catalogue / "labels.yaml").write_text(yaml.safe_dump(labels, allow_unicode=True), encoding="utf-8")


def by_slug(database: Database, slug: str) -> LocalText:
    return next(label for label in LabelRepository(database).list(include_retired=True) if label.slug == slug).name


def test_each_of_the_five_places_has_one_or_two_parts(database: Database, catalogue: Path) -> None:
    seed_catalogue(database, catalogue)
    labels = LabelRepository(database)
    counts = {place.slug: len(labels.list(place.slug)) for place in PlaceRepository(database).list()}
    assert len(counts) == 5
    assert set(counts.values()) <= {1, 2}
    assert all(label.name.ko and label.name.en for label in labels.list())


def test_a_newer_catalogue_updates_what_nobody_edited_and_nothing_else(database: Database, catalogue: Path) -> None:
    seed_catalogue(database, catalogue)
    labels = LabelRepository(database)
    mine = next(label for label in labels.list() if label.slug == "osulloc-sign")
    edited = labels.update(replace(mine, slug="museum", name=LocalText("내 박물관", "My museum")))
    labels.retire(next(label for label in labels.list() if label.slug == "manjanggul-turtle-rock").label_id)
    for slug in ("osulloc-sign", "osulloc-stone-tower", "manjanggul-turtle-rock"):
        change(catalogue, slug, name={"ko": "새", "en": "New"})
    before = len(labels.list(include_retired=True))
    assert seed_catalogue(database, catalogue)
    assert labels.get(mine.label_id) == edited
    renamed = [by_slug(database, slug) for slug in ("osulloc-stone-tower", "manjanggul-turtle-rock")]
    assert renamed == [LocalText("새", "New")] * 2
    assert "manjanggul-turtle-rock" not in {label.slug for label in labels.list()}
    assert len(labels.list(include_retired=True)) == before, "a renamed label does not come twice"


def test_labels_of_ones_own_and_places_of_ones_own_are_left_alone(database: Database, catalogue: Path) -> None:
    places, labels = PlaceRepository(database), LabelRepository(database)
    places.add(make_place(70, "osulloc"))
    mine = labels.add("osulloc", "jusangjeolli-cliff", LocalText("내 것", ""))
    seed_catalogue(database, catalogue)
    assert labels.list("osulloc") == (mine,)
    assert labels.list("jusangjeolli") == ()
    assert len(labels.list("manjanggul")) == 2


def test_a_place_that_was_taken_out_for_good_gets_no_labels(database: Database, catalogue: Path) -> None:
    (catalogue / "labels.yaml").rename(catalogue / "later")
    seed_catalogue(database, catalogue)
    with database.session() as session:
        session.execute(text("DELETE FROM places WHERE slug = 'osulloc'"))
    (catalogue / "later").rename(catalogue / "labels.yaml")
    assert seed_catalogue(database, catalogue), "a file that was added is a newer catalogue"
    assert {label.place_slug for label in LabelRepository(database).list()} == {
        *("manjanggul", "monsant-aewol", "jusangjeolli", "cheonjiyeon")
    }


def test_a_broken_label_is_named_and_nothing_is_stored(database: Database, catalogue: Path) -> None:
    change(catalogue, "osulloc-sign", colour="green")
    with pytest.raises(InvalidInput) as refused:
        seed_catalogue(database, catalogue)
    assert (refused.value.values["file"], refused.value.values["entry"]) == ("labels.yaml", 2)
    assert PlaceRepository(database).list() == ()
