"""What an import would do is said before it does it: which files, under which places, and which places are new."""

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from core.dataset.import_plan import FolderMatch, ImportPlan, items_of, plan_import
from core.domain.place import LocalText, Place
from core.errors import InvalidInput
from tests.support.archives import HOSTILE, honest
from tests.support.places import make_place

PLACES = (
    make_place(0, "osulloc"),
    replace(make_place(1, "manjanggul"), name=LocalText("만장굴", "Manjanggul Cave")),
    make_place(2, "old-mill", retired=True),
)


def folder_of(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())
    return root


def plan(source: Path, place_slug: str | None = None, places: tuple[Place, ...] = PLACES) -> ImportPlan:
    return plan_import(source, place_slug, places)


def test_one_place_takes_everything_in_natural_order_without_hidden_files(tmp_path: Path) -> None:
    folder_of(tmp_path, "10.jpg", "2.jpg", "deeper/1.jpg", ".hidden.jpg", ".thumbs/3.jpg")
    found = plan(tmp_path, "osulloc")
    assert [entry.name for entry in found.entries] == ["2.jpg", "10.jpg", "deeper/1.jpg"]
    assert found.matches == ()
    assert {item.place_slug for item in items_of(found)} == {"osulloc"}


def test_one_file_is_a_source_too(tmp_path: Path) -> None:
    folder_of(tmp_path, "a.jpg")
    (item,) = items_of(plan(tmp_path / "a.jpg", "unknown"))
    assert (item.path, item.original_name, item.place_slug) == (tmp_path / "a.jpg", "a.jpg", "unknown")


@pytest.mark.parametrize(
    ("folder", "slug"),
    [
        ("osulloc", "osulloc"),
        ("OSULLOC", "osulloc"),
        ("0_osulloc", "osulloc"),
        ("03. osulloc", "osulloc"),
        ("만장굴", "manjanggul"),
        (unicodedata.normalize("NFD", "만장굴"), "manjanggul"),
        ("Manjanggul Cave", "manjanggul"),
        ("manjanggul_cave", "manjanggul"),
        ("old mill", "old-mill"),
        ("Unknown", "unknown"),
    ],
)
def test_a_class_folder_is_known_by_slug_number_or_name(folder: str, slug: str, tmp_path: Path) -> None:
    folder_of(tmp_path, f"{folder}/a.jpg", f"{folder}/b/c.jpg")
    (match,) = plan(tmp_path).matches
    assert (match.slug, match.is_new, match.photos) == (slug, False, 2)
    assert {item.place_slug for item in items_of(plan(tmp_path))} == {slug}


@pytest.mark.parametrize(
    ("folder", "slug"),
    [
        ("Hoi An", "hoi-an"),
        ("hoian_town", "hoian-town"),
        ("Huế (cố đô)", "hue-co-do"),
        ("경복궁", "place"),
        ("7", "7"),
        ("2024 trip", "trip"),
        ("---", "place"),
    ],
)
def test_a_folder_of_no_known_place_is_proposed_as_a_new_one(folder: str, slug: str, tmp_path: Path) -> None:
    folder_of(tmp_path, f"{folder}/a.jpg")
    assert plan(tmp_path).matches == (FolderMatch(folder, slug, True, 1),)


def test_new_slugs_are_told_apart_and_two_spellings_of_one_name_are_one_place(tmp_path: Path) -> None:
    folder_of(tmp_path, "경복궁/a.jpg", "남산/a.jpg", "Hoi An/a.jpg", "hoi_an/b.jpg")
    found = plan(tmp_path)
    assert {match.folder: match.slug for match in found.matches} == {
        "경복궁": "place", "남산": "place-2", "Hoi An": "hoi-an", "hoi_an": "hoi-an"
    }  # fmt: skip
    assert sorted(match.slug for match in found.new_places) == ["hoi-an", "place", "place-2"]


@pytest.mark.parametrize("outer", ["", "vietnam5/", "data/images/", "train/"])
def test_folders_around_the_classes_do_not_matter(outer: str, tmp_path: Path) -> None:
    folder_of(tmp_path, f"{outer}osulloc/a.jpg", f"{outer}hue/b.jpg", f"{outer}hue/c.jpg")
    assert {match.folder: match.photos for match in plan(tmp_path).matches} == {"osulloc": 1, "hue": 2}


def test_a_data_set_with_splits_above_its_classes_is_one_data_set(tmp_path: Path) -> None:
    folder_of(tmp_path, "set/train/osulloc/a.jpg", "set/val/osulloc/b.jpg", "set/test/hue/c.jpg")
    assert {match.folder: match.photos for match in plan(tmp_path).matches} == {"osulloc": 2, "hue": 1}


def test_photos_outside_of_class_folders_are_unsorted(tmp_path: Path) -> None:
    folder_of(tmp_path, "loose.jpg", "osulloc/a.jpg")
    assert {item.original_name: item.place_slug for item in items_of(plan(tmp_path))} == {
        "loose.jpg": None, "osulloc/a.jpg": "osulloc"
    }  # fmt: skip


def test_a_person_may_choose_otherwise(tmp_path: Path) -> None:
    folder_of(tmp_path, "osulloc/a.jpg", "hue/b.jpg", "junk/c.jpg")
    chosen = {"hue": "unknown", "junk": None}
    assert [item.place_slug for item in items_of(plan(tmp_path), chosen)] == ["unknown", None, "osulloc"]


def test_a_zip_is_looked_at_without_being_unpacked_and_imported_only_when_it_is(tmp_path: Path) -> None:
    source = tmp_path / "photos.zip"
    source.write_bytes(honest("osulloc/a.jpg", "만장굴/b.jpg"))
    looked = plan(source)
    assert [match.slug for match in looked.matches] == ["osulloc", "manjanggul"]
    assert list(tmp_path.iterdir()) == [source]
    with pytest.raises(InvalidInput) as refusal:
        items_of(looked)
    assert refusal.value.code == "import.not_unpacked"
    unpacked = items_of(plan_import(source, None, PLACES, tmp_path / "unpacked"))
    assert [(item.original_name, item.place_slug) for item in unpacked] == [
        ("osulloc/a.jpg", "osulloc"), ("만장굴/b.jpg", "manjanggul")
    ]  # fmt: skip
    assert all(item.path.is_file() for item in unpacked)


@pytest.mark.parametrize("name", [name for name, (_, code) in HOSTILE.items() if code])
def test_a_hostile_zip_is_refused_before_anything_is_planned(name: str, tmp_path: Path) -> None:
    source = tmp_path / "photos.zip"
    source.write_bytes(HOSTILE[name][0])
    with pytest.raises(InvalidInput, match="archive"):
        plan_import(source, None, PLACES, tmp_path / "unpacked")
    assert list(tmp_path.iterdir()) == [source]


def test_what_is_not_there_or_empty_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refusal:
        plan(tmp_path / "nowhere")
    assert refusal.value.code == "import.missing"
    with pytest.raises(InvalidInput) as refusal:
        plan(tmp_path)
    assert refusal.value.code == "import.nothing"


def test_a_link_that_leaves_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder_of(tmp_path / "outside", "secret.jpg")
    folder_of(tmp_path / "in", "a.jpg")
    (tmp_path / "in" / "link.jpg").symlink_to(tmp_path / "outside" / "secret.jpg")
    (tmp_path / "in" / "folder").symlink_to(tmp_path / "outside")
    assert [entry.name for entry in plan(tmp_path / "in", "osulloc").entries] == ["a.jpg"]
