"""The records of two runs, joined by the photo: what was said unseen, and nothing else."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelRefused
from core.fusion.records import held_out
from core.weights.folder import write_run
from core.weights.records import (
    PredictionTable,
    read_embeddings,
    read_predictions,
    write_embeddings,
    write_predictions,
)
from tests.support.fused import KNOWN, STRANGERS, write_witnesses


def test_each_photo_is_there_once_with_what_both_said_of_it(tmp_path: Path) -> None:
    found = held_out(*write_witnesses(tmp_path))
    assert len(found.photos) == KNOWN + STRANGERS
    assert found.left_out == 0
    first = found.photos[0]
    assert (first.label, first.boxes[0].class_id if first.boxes else None) == (0, 0)
    assert first.gallery is not None
    assert found.frame.box_class_ids == {0, 1}


def test_without_a_detector_its_word_is_missing_on_every_photo(tmp_path: Path) -> None:
    run, _ = write_witnesses(tmp_path)
    assert {photo.boxes for photo in held_out(run, None).photos} == {None}


def test_a_photo_that_the_detector_was_never_shown_takes_no_part(tmp_path: Path) -> None:
    """Else a missing detector would tell strangers, of which it saw all, from known photos, of which it did not."""
    run, detector = write_witnesses(tmp_path)
    contents = {name: detector.read(name) for name in detector.manifest.files if name != "stranger_boxes.csv"}
    bare = write_run(tmp_path / "bare", detector.manifest, contents)
    found = held_out(run, bare)
    assert (len(found.photos), found.left_out) == (KNOWN + 20, STRANGERS - 20)


def test_what_was_said_of_photos_it_learned_from_is_no_evidence(tmp_path: Path) -> None:
    run, _ = write_witnesses(tmp_path)
    table = read_predictions(run.read("predictions.csv"))
    learned = replace(table, held_out=np.arange(len(table.sha256s)) % 2 == 0)
    contents = {name: run.read(name) for name in run.manifest.files}
    half = write_run(tmp_path / "half", run.manifest, {**contents, "predictions.csv": write_predictions(learned)})
    assert len(held_out(half, None).photos) == (KNOWN + STRANGERS) // 2


def test_photos_that_either_run_holds_together_share_a_group(tmp_path: Path) -> None:
    run, detector = write_witnesses(tmp_path)
    table = read_predictions(run.read("predictions.csv"))
    joined = PredictionTable(**{**_fields(table), "groups": ("0", "0", *table.groups[2:])})
    contents = {name: run.read(name) for name in run.manifest.files}
    grouped = write_run(tmp_path / "grouped", run.manifest, {**contents, "predictions.csv": write_predictions(joined)})
    boxes = detector.read("boxes.csv").decode().replace(f"{2:064x},{2:064x}", f"{2:064x},{1:064x}")
    theirs = {name: detector.read(name) for name in detector.manifest.files}
    boxed = write_run(tmp_path / "boxed", detector.manifest, {**theirs, "boxes.csv": boxes.encode()})
    groups = [photo.group for photo in held_out(grouped, boxed).photos]
    assert groups[0] == groups[1] == groups[2] != groups[3]


def test_a_photos_own_group_is_no_neighbour_of_it(tmp_path: Path) -> None:
    run, _ = write_witnesses(tmp_path)
    table = read_embeddings(run.read("embeddings.npz"))
    paired = replace(table, groups=np.array([str(at // 2) for at in range(len(table.groups))]))
    contents = {name: run.read(name) for name in run.manifest.files}
    grouped = write_run(tmp_path / "grouped", run.manifest, {**contents, "embeddings.npz": write_embeddings(paired)})
    group_of = dict(zip(paired.sha256s.tolist(), paired.groups.tolist(), strict=True))
    for photo in held_out(grouped, None).photos:
        assert photo.gallery is not None
        assert group_of[photo.sha256] not in {neighbour.group_id for neighbour in photo.gallery.neighbours}


def test_a_network_that_was_tuned_on_the_photos_gives_no_gallery(tmp_path: Path) -> None:
    run, _ = write_witnesses(tmp_path, fine_tune="last")
    assert {photo.gallery for photo in held_out(run, None).photos} == {None}


def test_photos_kept_apart_for_good_are_marked(tmp_path: Path) -> None:
    run, _ = write_witnesses(tmp_path)
    table = read_predictions(run.read("predictions.csv"))
    tests = replace(table, sha256s=tuple(f"{at + 500:064x}" for at in range(len(table.sha256s))))
    contents = {name: run.read(name) for name in run.manifest.files}
    with_tests = write_run(
        tmp_path / "tests", run.manifest, {**contents, "test_predictions.csv": write_predictions(tests)}
    )
    found = held_out(with_tests, None)
    assert sum(photo.is_test for photo in found.photos) == KNOWN + STRANGERS
    assert not any(photo.is_test for photo in found.photos[: KNOWN + STRANGERS])


def test_a_run_without_records_is_refused(tmp_path: Path) -> None:
    run, _ = write_witnesses(tmp_path)
    bare = write_run(tmp_path / "bare", run.manifest, {"model.onnx": run.read("model.onnx")})
    with pytest.raises(ModelRefused) as refusal:
        held_out(bare, None)
    assert refusal.value.code == "model.missing"


def _fields(table: PredictionTable) -> dict[str, object]:
    return {name: getattr(table, name) for name in PredictionTable.__slots__}
