"""Photos into classes, groups and folds; what is left out, and why."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.classifier.config import TrainConfig
from core.classifier.progress import Steps
from core.classifier.training_set import PixelSource, TrainingSet, read_training_set
from core.dataset.folder import read_folder
from core.errors import InvalidInput, StorageUnavailable
from tests.support.scenes import PLACE_KINDS, SLUG_OF_KIND, draw_scene, scene_bytes, write_scene_folder

CLASS_IDS = {"cheonjiyeon": 4, "osulloc": 0, "manjanggul": 1, "monsant-aewol": 2, "jusangjeolli": 3, "closed": 7}
CONFIG = TrainConfig(size_px=96, folds=3, seed=3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_scene_folder(tmp_path / "photos", per_class=3, unknown=6)


@pytest.fixture
def read() -> Callable[..., TrainingSet]:
    def run(folder: Path, series: dict[Path, str] | None = None, config: TrainConfig = CONFIG) -> TrainingSet:
        photos = read_folder(folder)
        named = [replace(photo, series=(series or {}).get(photo.path, "")) for photo in photos]
        return read_training_set(named, CLASS_IDS, config, Steps(lambda *_, **__: None, len(photos)))

    return run


def test_classes_stand_in_the_order_of_their_numbers_and_places_without_photos_are_none(
    folder: Path, read: Callable[..., TrainingSet]
) -> None:
    found = read(folder)
    assert found.slugs == ("osulloc", "manjanggul", "monsant-aewol", "jusangjeolli", "cheonjiyeon")
    assert found.class_ids == (0, 1, 2, 3, 4)
    assert found.has_none_output
    assert found.output_count == 6
    assert np.bincount(found.columns).tolist() == [3, 3, 3, 3, 3, 6]
    assert (found.labels == -1).sum() == 6


def test_groups_lie_in_one_fold_each(folder: Path, read: Callable[..., TrainingSet]) -> None:
    found = read(folder)
    assert set(found.folds.tolist()) == {0, 1, 2}
    for group in set(found.groups):
        assert (
            len({fold for fold, other in zip(found.folds.tolist(), found.groups, strict=True) if other == group}) == 1
        )


def test_photos_of_one_series_share_a_group(folder: Path, read: Callable[..., TrainingSet]) -> None:
    series = {path: "album" for path in (folder / "osulloc").iterdir()}
    found = read(folder, series)
    groups = {group for path, group in zip(found.paths, found.groups, strict=True) if path in series}
    assert len(groups) == 1


def test_the_same_photo_smaller_and_encoded_again_joins_the_group_of_the_first(
    folder: Path, read: Callable[..., TrainingSet]
) -> None:
    draw_scene("falls", 0).resize((320, 240)).save(folder / "cheonjiyeon" / "small.webp")
    found = read(folder)
    by_name = dict(zip((path.name for path in found.paths), found.groups, strict=True))
    assert by_name["small.webp"] == by_name["falls_000.jpg"]


def test_a_file_that_is_no_photo_is_left_out_with_its_name(folder: Path, read: Callable[..., TrainingSet]) -> None:
    (folder / "osulloc" / "notes.jpg").write_text("no photo")
    found = read(folder)
    assert [(photo.path.name, photo.reason) for photo in found.left_out] == [("notes.jpg", "unreadable")]
    assert len(found.paths) == 21


def test_a_copy_counts_once(folder: Path, read: Callable[..., TrainingSet]) -> None:
    shutil.copy(folder / "osulloc" / "tea_field_000.jpg", folder / "osulloc" / "copy.jpg")
    assert [photo.reason for photo in read(folder).left_out] == ["copy"]


def test_a_photo_in_two_places_folders_is_left_out_of_both(folder: Path, read: Callable[..., TrainingSet]) -> None:
    shutil.copy(folder / "osulloc" / "tea_field_000.jpg", folder / "manjanggul" / "copy.jpg")
    found = read(folder)
    assert sorted(photo.path.name for photo in found.left_out) == ["copy.jpg", "tea_field_000.jpg"]
    assert {photo.reason for photo in found.left_out} == {"two_places"}


def test_a_stranger_that_looks_nearly_like_a_known_place_is_set_aside(
    folder: Path, read: Callable[..., TrainingSet]
) -> None:
    (folder / "unknown" / "suspect.jpg").write_bytes(scene_bytes("falls", 0, size=(512, 384)))
    found = read(folder)
    assert [(photo.path.name, photo.reason) for photo in found.left_out] == [("suspect.jpg", "like_a_known_place")]
    assert np.bincount(found.columns)[4] == 3


def test_strangers_of_the_same_series_as_a_known_place_stay(folder: Path, read: Callable[..., TrainingSet]) -> None:
    series = {path: "trip" for path in (*(folder / "osulloc").iterdir(), *(folder / "unknown").iterdir())}
    found = read(folder, series)
    assert found.left_out == ()
    assert len({group for path, group in zip(found.paths, found.groups, strict=True) if path in series}) == 1


def test_one_class_alone_is_too_little(tmp_path: Path, read: Callable[..., TrainingSet]) -> None:
    for seed in range(3):
        path = tmp_path / "osulloc" / f"{seed}.jpg"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(scene_bytes("tea_field", seed))
    with pytest.raises(InvalidInput) as refused:
        read(tmp_path).require_outputs()
    assert refused.value.code == "classifier.too_few"


def test_photos_that_are_all_alike_are_too_little(tmp_path: Path, read: Callable[..., TrainingSet]) -> None:
    for number, kind in enumerate(PLACE_KINDS[:2]):
        folder = tmp_path / SLUG_OF_KIND[kind]
        folder.mkdir()
        draw_scene("falls", 0, (400 + number, 300)).save(folder / "one.png")
    with pytest.raises(InvalidInput) as refused:
        read(tmp_path)
    assert refused.value.values == {"classes": 2, "groups": 1}


def test_the_fingerprint_follows_photos_classes_and_folds(folder: Path, read: Callable[..., TrainingSet]) -> None:
    first = read(folder).fingerprint
    assert read(folder).fingerprint == first
    assert read(folder, config=replace(CONFIG, seed=4)).fingerprint != first
    next((folder / "unknown").iterdir()).unlink()
    assert read(folder).fingerprint != first


def test_pixels_are_kept_while_they_fit_and_read_again_beyond(tmp_path: Path) -> None:
    paths = []
    for number in range(2):
        content = BytesIO()
        Image.new("RGB", (100, 100), (number, 0, 0)).save(content, "PNG")
        paths.append(tmp_path / f"{number}.png")
        paths[-1].write_bytes(content.getvalue())
    source = PixelSource(paths, need_px=100, kept_bytes=30_000)
    assert source[0] is source[0]
    assert source[1] is not source[1]
    assert len(source) == 2
    paths[1].unlink()
    assert source[0].shape == (100, 100, 3)
    with pytest.raises(StorageUnavailable) as refused:
        source[1]
    assert refused.value.code == "classifier.photo_gone"
