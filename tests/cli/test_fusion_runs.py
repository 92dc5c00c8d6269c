"""Which runs a fusion is fitted on when a data set is named instead of them."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from core.cli.fusion_runs import runs_of_folder, runs_of_snapshot
from core.errors import InvalidInput
from core.weights.folder import Run, open_run, write_run
from core.weights.records import PREDICTIONS_FILE, read_predictions, write_predictions
from tests.cli.conftest import call

SNAPSHOT = "snapshot-20261123-120000-abcdef"


def again(weights: Path, run_id: str, sha256s: tuple[str, ...] = (), snapshot_id: str = "") -> Run:
    """Write the witness's run once more, as one that learned from other photos or from a snapshot."""
    run = open_run(weights, "witness")
    table = read_predictions(run.read(PREDICTIONS_FILE))
    table = replace(table, sha256s=(*sha256s, *table.sha256s[len(sha256s) :]))
    manifest = replace(run.manifest, run_id=run_id, data=replace(run.manifest.data, snapshot_id=snapshot_id), files={})
    contents = {name: run.read(name) for name in run.manifest.files}
    return write_run(weights, manifest, contents | {PREDICTIONS_FILE: write_predictions(table)})


def photos(folder: Path, count: int) -> tuple[str, ...]:
    """Write files of a place, and return their hashes; nothing of them but the hash is looked at."""
    (folder / "tower").mkdir(parents=True)
    for number in range(count):
        (folder / "tower" / f"{number}.jpg").write_bytes(b"photo %d" % number)
    return tuple(hashlib.sha256(b"photo %d" % number).hexdigest() for number in range(count))


def test_a_folder_leads_to_the_classifier_that_learned_from_most_of_it(weights: Path, tmp_path: Path) -> None:
    hashes = photos(tmp_path / "mine", 5)
    again(weights, "few", hashes[:3])
    again(weights, "most", hashes[:4])
    classifier, detector = runs_of_folder(tmp_path / "mine")
    assert (classifier.manifest.run_id, detector) == ("most", None)


def test_a_folder_of_which_no_classifier_knows_half_is_refused(weights: Path, tmp_path: Path) -> None:
    again(weights, "few", photos(tmp_path / "mine", 5)[:2])
    with pytest.raises(InvalidInput, match=r"fusion\.no_run"):
        call("train", "fusion", "--data", str(tmp_path / "mine"))


def test_a_snapshot_leads_to_the_runs_made_from_it_and_to_no_others(weights: Path) -> None:
    again(weights, "frozen", snapshot_id=SNAPSHOT)
    classifier, detector = runs_of_snapshot(SNAPSHOT)
    assert (classifier.manifest.run_id, detector) == ("frozen", None)
    with pytest.raises(InvalidInput, match=r"fusion\.no_run"):
        runs_of_snapshot("snapshot-20261123-120001-abcdef")


def test_more_than_one_choice_is_refused(weights: Path) -> None:
    with pytest.raises(InvalidInput, match=r"fusion\.one_choice"):
        call("train", "fusion", "--snapshot", SNAPSHOT, "--classifier", "witness")
