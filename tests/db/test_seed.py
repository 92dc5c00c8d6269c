import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select, text

from core.db.engine import Database
from core.db.places import PlaceRepository
from core.db.seed import seed_catalogue
from core.db.tables import PointRow
from core.domain.place import LocalText
from core.errors import InvalidInput
from tests.db.conftest import CATALOGUE
from tests.support.places import make_place

ChangeFile = Callable[[str, Callable[[list[dict[str, Any]]], None]], None]


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    for name in ("places.yaml", "nearby.yaml"):
        (folder / name).write_bytes((CATALOGUE / name).read_bytes())
    return folder


@pytest.fixture
def change(catalogue: Path) -> ChangeFile:
    """Change a file of the catalogue, as a newer version of the project would."""

    def apply(name: str, edit: Callable[[list[dict[str, Any]]], None]) -> None:
        entries = yaml.safe_load((catalogue / name).read_text(encoding="utf-8"))
        edit(entries)
        (catalogue / name).write_text(yaml.safe_dump(entries, allow_unicode=True), encoding="utf-8")

    return apply


def snapshot(database: Database) -> str:
    with database.reading() as session:
        points = [(row.source_id, row.name_ko, row.seed_sha256) for row in session.scalars(select(PointRow))]
    return json.dumps([str(PlaceRepository(database).list(include_retired=True)), sorted(points)])


def rename(slug: str, english: str) -> Callable[[list[dict[str, Any]]], None]:
    def edit(entries: list[dict[str, Any]]) -> None:
        next(entry for entry in entries if entry["slug"] == slug)["name"]["en"] = english

    return edit


def test_seeding_twice_changes_nothing(database: Database, catalogue: Path) -> None:
    assert seed_catalogue(database, catalogue)
    seeded = snapshot(database)
    assert not seed_catalogue(database, catalogue)
    with database.session() as session:  # as if another version had been seeded in between
        session.execute(text("UPDATE service SET catalogue_sha256 = ''"))
    assert seed_catalogue(database, catalogue)
    assert snapshot(database) == seeded


def test_a_newer_catalogue_updates_what_nobody_edited(database: Database, catalogue: Path, change: ChangeFile) -> None:
    seed_catalogue(database, catalogue)
    change("places.yaml", rename("osulloc", "Osulloc"))
    change("nearby.yaml", lambda entries: entries[0]["name"].update(en="Sunrise Peak"))
    seed_catalogue(database, catalogue)
    assert PlaceRepository(database).get("osulloc").name.en == "Osulloc"
    with database.reading() as session:
        assert "Sunrise Peak" in session.scalars(select(PointRow.name_en)).all()
    change("places.yaml", rename("osulloc", "Osulloc again"))
    seed_catalogue(database, catalogue)
    assert PlaceRepository(database).get("osulloc").name.en == "Osulloc again"


def test_a_persons_edit_is_never_overwritten(database: Database, catalogue: Path, change: ChangeFile) -> None:
    seed_catalogue(database, catalogue)
    places = PlaceRepository(database)
    edited = places.update(replace(places.get("osulloc"), name=LocalText("오설록", "Mine")))
    change("places.yaml", rename("osulloc", "Theirs"))
    change("places.yaml", rename("manjanggul", "Manjang Cave"))
    seed_catalogue(database, catalogue)
    assert places.get("osulloc") == edited
    assert places.get("manjanggul").name.en == "Manjang Cave"


def test_a_persons_edit_of_a_point_is_never_overwritten(
    database: Database, catalogue: Path, change: ChangeFile
) -> None:
    seed_catalogue(database, catalogue)
    with database.session() as session:
        session.execute(text("UPDATE points_of_interest SET name_en = 'Mine' WHERE source_id = 'CONT_000000000500349'"))
    change("nearby.yaml", lambda entries: entries[0]["name"].update(en="Theirs"))
    seed_catalogue(database, catalogue)
    with database.reading() as session:
        names = set(session.scalars(select(PointRow.name_en)))
    assert "Mine" in names
    assert "Theirs" not in names


def test_a_place_retired_by_a_person_stays_retired_and_is_updated_all_the_same(
    database: Database, catalogue: Path, change: ChangeFile
) -> None:
    seed_catalogue(database, catalogue)
    places = PlaceRepository(database)
    places.retire("osulloc")
    change("places.yaml", rename("osulloc", "Osulloc"))
    seed_catalogue(database, catalogue)
    assert places.get("osulloc").retired
    assert places.get("osulloc").name.en == "Osulloc"


def test_a_place_of_ones_own_under_a_seeds_slug_or_number_is_left_alone(database: Database, catalogue: Path) -> None:
    places = PlaceRepository(database)
    mine = (places.add(make_place(70, "osulloc")), places.add(make_place(1, "my-cave")))
    seed_catalogue(database, catalogue)
    assert (places.get("osulloc"), places.get("my-cave")) == mine
    assert {place.slug for place in places.list()} == {
        "osulloc",
        "my-cave",
        "monsant-aewol",
        "jusangjeolli",
        "cheonjiyeon",
    }


def test_a_seed_that_was_taken_out_for_good_does_not_come_back(
    database: Database, catalogue: Path, change: ChangeFile
) -> None:
    seed_catalogue(database, catalogue)
    with database.session() as session:
        session.execute(text("DELETE FROM places WHERE slug = 'monsant-aewol'"))
    change("places.yaml", rename("osulloc", "Osulloc"))
    seed_catalogue(database, catalogue)
    assert len(PlaceRepository(database).list()) == 4


def test_a_broken_catalogue_is_named_and_nothing_of_it_is_stored(database: Database, catalogue: Path) -> None:
    content = (catalogue / "nearby.yaml").read_text(encoding="utf-8").replace("kind: food", "kind: casino", 1)
    (catalogue / "nearby.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(InvalidInput) as refused:
        seed_catalogue(database, catalogue)
    assert refused.value.values["file"] == "nearby.yaml"
    assert PlaceRepository(database).list() == ()
