import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text

from core.db.columns import TEXT_LIMIT_BYTES, require_key, without_surrogates
from core.db.engine import Database, open_database
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.ready import upgrade
from core.domain.place import LocalText
from core.errors import InvalidInput
from tests.db.conftest import MakeRecord
from tests.support.places import make_place


@pytest.mark.parametrize("value", ["만장굴", "x" * 65, "a\nb", "a\0", "🗼"])
def test_a_key_is_short_plain_ascii(value: str) -> None:
    with pytest.raises(InvalidInput, match=r"text\.key"):
        require_key(value, "group_id", 64)


def test_names_are_stored_composed(places: PlaceRepository, database: Database) -> None:
    decomposed = unicodedata.normalize("NFD", "만장굴")
    stored = places.add(
        replace(make_place(5, "tube"), name=LocalText(decomposed, "Café"), summary=LocalText(decomposed, ""))
    )
    assert stored.name.ko == "만장굴" != decomposed
    assert stored.summary.ko == decomposed, "other texts stay as they are"


def test_text_up_to_the_limit_is_kept_and_beyond_it_refused(places: PlaceRepository) -> None:
    fits = "가" * (TEXT_LIMIT_BYTES // 3)
    place = places.get("falls")
    assert places.update(replace(place, description=LocalText(fits, ""))).description.ko == fits
    with pytest.raises(InvalidInput, match=r"text\.too_long"):
        places.update(replace(place, description=LocalText(fits + "가", "")))
    assert places.get("falls").description.ko == fits


def test_keys_are_told_apart_by_case(database: Database, places: PlaceRepository) -> None:
    insert = text("INSERT INTO class_numbers (class_id, slug) VALUES (:class_id, :slug)")
    with database.session() as session:
        for class_id, slug in ((20, "aa"), (21, "AA")):
            session.execute(insert, {"class_id": class_id, "slug": slug})
        assert session.execute(text("SELECT COUNT(*) FROM class_numbers WHERE slug = 'AA'")).scalar() == 1


def test_moments_come_back_as_utc_to_the_microsecond(database: Database, make_record: MakeRecord) -> None:
    photos = PhotoRepository(database)
    korean = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=timezone(timedelta(hours=9)))
    photos.add(make_record(1, consent_at=korean, created_at=korean))
    stored = photos.get(make_record(1).sha256)
    assert stored.consent_at == stored.created_at == korean
    assert stored.consent_at is not None
    assert stored.consent_at.tzinfo is UTC


@pytest.mark.parametrize(
    "shown", [datetime(2026, 1, 2, 3, 4, 5), datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=9)))]
)
def test_a_cameras_clock_is_kept_as_it_was(database: Database, make_record: MakeRecord, shown: datetime) -> None:
    photos = PhotoRepository(database)
    photos.add(make_record(1, taken_at=shown))
    stored = photos.get(make_record(1).sha256).taken_at
    assert stored == shown
    assert stored is not None
    assert stored.utcoffset() == shown.utcoffset()


def test_names_of_files_that_are_no_text_are_stored_all_the_same(database: Database, make_record: MakeRecord) -> None:
    photos = PhotoRepository(database)
    photos.add(make_record(1, original_name="a\udcff.jpg"))
    assert photos.get(make_record(1).sha256).original_name == without_surrogates("a\udcff.jpg") == "a\ufffd.jpg"


@pytest.mark.mysql
def test_on_mysql_keys_are_ascii_bin_and_texts_utf8mb4_bin(mysql_url: str) -> None:
    database = open_database(mysql_url)
    upgrade(database)
    query = text(
        "SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME), DATA_TYPE, COLLATION_NAME FROM information_schema.COLUMNS "
        "WHERE TABLE_SCHEMA = DATABASE() AND COLLATION_NAME IS NOT NULL AND TABLE_NAME <> 'alembic_version'"
    )
    with database.reading() as session:
        columns = {name: (kind, collation) for name, kind, collation in session.execute(query)}
    database.dispose()
    assert columns.pop("photos.taken_at") == ("varchar", "utf8mb4_bin")
    assert columns["photos.sha256"] == columns["places.slug"] == ("varchar", "ascii_bin")
    assert set(columns.values()) == {
        ("varchar", "ascii_bin"),
        ("text", "utf8mb4_bin"),
        ("mediumtext", "utf8mb4_bin"),
    }
