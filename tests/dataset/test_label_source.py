import zipfile
from pathlib import Path

import pytest

from core.dataset.label_source import SourceFiles, list_files
from core.errors import InvalidInput


def files(*names: str) -> SourceFiles:
    return SourceFiles({name: Path(name) for name in names})


def test_links_in_ones_own_folder_are_followed_wherever_they_lead(tmp_path: Path) -> None:
    elsewhere, root = tmp_path / "elsewhere", tmp_path / "set"
    (elsewhere / "deep").mkdir(parents=True)
    (elsewhere / "deep" / "a.jpg").write_bytes(b"a")
    (elsewhere / "b.jpg").write_bytes(b"b")
    (root / "labels").mkdir(parents=True)
    (root / "images").symlink_to(elsewhere)
    (root / "c.jpg").symlink_to(elsewhere / "b.jpg")
    (root / "gone.jpg").symlink_to(tmp_path / "nowhere")
    found = list_files(root, tmp_path / "unused")
    assert list(found.paths) == ["c.jpg", "images/b.jpg", "images/deep/a.jpg"]
    assert found.paths["images/deep/a.jpg"].read_bytes() == b"a"


def test_links_that_lead_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "up").symlink_to(tmp_path / "a")
    (tmp_path / "a" / "x.jpg").write_bytes(b"x")
    assert list(list_files(tmp_path / "a", tmp_path / "unused").paths) == ["x.jpg"]


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("images/passwd.jpg")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(InvalidInput) as refused:
        list_files(tmp_path / "set.zip", tmp_path / "unpacked")
    assert refused.value.code == "archive.link"
    assert not (tmp_path / "unpacked").exists()


def test_hidden_files_are_left_out_and_names_are_composed(tmp_path: Path) -> None:
    for name in (".hidden.jpg", "만장굴.jpg"):
        (tmp_path / name).write_bytes(b"")
    assert list(list_files(tmp_path, tmp_path / "unused").paths) == ["만장굴.jpg"]


def test_a_source_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        list_files(tmp_path / "none", tmp_path / "unused")
    assert refused.value.code == "import.missing"


@pytest.mark.parametrize(
    ("image", "found"),
    [
        ("train/labels/a", ("train/images/a.jpg",)),
        ("labels/val/a", ("images/val/a.JPG",)),
        ("images/val/a.JPG", ("images/val/a.JPG",)),
        ("./images\\val\\a.JPG", ("images/val/a.JPG",)),
        ("somewhere/else/b.png", ("deep/down/b.png",)),
        ("B", ("deep/down/b.png",)),
        ("a", ("images/val/a.JPG", "train/images/a.jpg")),
        ("labels/c.v2", ("images/c.v2.webp",)),
        ("labels/c", ()),
        ("notes", ()),
    ],
)
def test_a_photo_is_found_by_its_folder_then_by_its_name_alone(image: str, found: tuple[str, ...]) -> None:
    source = files("train/images/a.jpg", "images/val/a.JPG", "deep/down/b.png", "images/c.v2.webp", "notes.txt")
    assert sorted(source.find_photos(image)) == sorted(found)
