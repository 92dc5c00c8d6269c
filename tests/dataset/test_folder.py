"""A folder of photos by place is listed in natural order, nothing outside it, and what is wrong is said."""

from pathlib import Path

import pytest

from core.dataset.folder import read_folder
from core.errors import InvalidInput
from tests.support.scenes import SLUG_OF_KIND, write_scene_folder


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def listed(folder: Path) -> list[str]:
    return [photo.path.relative_to(folder).as_posix() for photo in read_folder(folder)]


def test_places_and_strangers_are_listed_with_their_slugs(tmp_path: Path) -> None:
    photos = read_folder(write_scene_folder(tmp_path, per_class=2, unknown=3))
    assert len(photos) == 13
    assert {photo.slug for photo in photos} == {*SLUG_OF_KIND.values(), None}
    assert all(photo.slug == photo.path.parent.name for photo in photos if photo.slug)
    assert sum(photo.slug is None for photo in photos) == 3


def test_files_come_in_natural_order_and_folders_inside_belong_to_the_place(tmp_path: Path) -> None:
    touch(tmp_path, "cave/10.jpg", "cave/2.jpg", "cave/b1.jpg", "cave/B10.jpg", "cave/B2.jpg", "cave/summer/1.jpg")
    assert listed(tmp_path) == [f"cave/{name}.jpg" for name in ("2", "10", "b1", "B2", "B10", "summer/1")]


def test_hidden_files_and_loose_files_are_skipped(tmp_path: Path) -> None:
    touch(tmp_path, "cave/1.jpg", "cave/.DS_Store", ".git/config", "readme.txt", "cave/.thumbs/1.jpg")
    assert listed(tmp_path) == ["cave/1.jpg"]


def test_links_that_leave_the_folder_or_turn_in_circles_are_not_followed(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "data"
    touch(outside, "secret.jpg")
    touch(inside, "cave/1.jpg")
    (inside / "cave" / "secret.jpg").symlink_to(outside / "secret.jpg")
    (inside / "cave" / "all").symlink_to(outside)
    (inside / "cave" / "circle").symlink_to(inside / "cave")
    (inside / "falls").symlink_to(outside)
    (inside / "cave" / "gone.jpg").symlink_to(inside / "nowhere.jpg")
    assert listed(inside) == ["cave/1.jpg"]


def test_a_folder_given_through_a_link_is_read(tmp_path: Path) -> None:
    touch(tmp_path / "data", "cave/1.jpg")
    (tmp_path / "link").symlink_to(tmp_path / "data")
    assert listed(tmp_path / "link") == ["cave/1.jpg"]


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ((), "folder.missing"),
        (("data/readme.txt",), "folder.no_classes"),
        (("data/unknown/1.jpg",), "folder.no_classes"),
        (("data/cave/.hidden",), "folder.no_photos"),
        (("data/cave/.hidden", "data/unknown/1.jpg"), "folder.no_photos"),
        (("data/cave/1.jpg", "data/만장굴/1.jpg"), "folder.bad_slug"),
        (("data/-/1.jpg",), "folder.bad_slug"),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused_by_what_is_wrong(
    files: tuple[str, ...], code: str, tmp_path: Path
) -> None:
    touch(tmp_path, *files)
    with pytest.raises(InvalidInput) as refusal:
        read_folder(tmp_path / "data")
    assert refusal.value.code == code
    assert str(tmp_path / "data") in str(refusal.value.values["folder"])


def test_names_of_folders_are_read_as_slugs(tmp_path: Path) -> None:
    touch(tmp_path, "data/Halong_Bay/1.jpg", "data/hoi an/1.jpg")
    assert [photo.slug for photo in read_folder(tmp_path / "data")] == ["halong-bay", "hoi-an"]
