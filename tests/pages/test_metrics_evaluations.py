"""A run asked about another data set, on the page of metrics: offered, started by one click, shown and counted."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from core.cli.job_commands import KINDS
from core.domain.library import Snapshot, SnapshotPhoto
from core.metrics.evaluations import Evaluation, write_evaluation
from core.metrics.scores import proportion
from core.weights.folder import open_run, write_run
from core.weights.records import PREDICTIONS_FILE, write_predictions
from pages.ui import metrics_runs, resources
from tests.pages.test_metrics import open_metrics, press, write_hand_run
from tests.pages.visiting import words
from tests.support.batch_photos import Started
from tests.support.hand_worked import hand_manifest, hand_table


@pytest.fixture
def weights(home: Path) -> Path:
    return home / "weights"


@pytest.fixture(autouse=True)
def runner(home: Path, monkeypatch: pytest.MonkeyPatch) -> Started:
    """Let jobs be noted, and not started."""
    noted = Started()
    monkeypatch.setattr(resources, "job_runner", lambda: noted)
    return noted


def freeze(snapshot_id: str) -> None:
    """Store a data set with one photo."""
    photo = SnapshotPhoto("1" * 64, "PNG", None, "g", None)
    moment = datetime(2026, 11, 2, tzinfo=UTC)
    snapshot = Snapshot(snapshot_id, moment, snapshot_id.encode().hex().ljust(64, "0"), 1, 1, 0, {})
    resources.snapshots().add(snapshot, [photo])


def test_a_run_is_asked_about_the_data_set_of_another_by_one_click(weights: Path, runner: Started) -> None:
    for run_id in ("first", "second"):
        manifest = hand_manifest(run_id)
        data = replace(manifest.data, snapshot_id=f"snapshot-{run_id}", snapshot_fingerprint=run_id)
        table = write_predictions(hand_table())
        write_run(weights, replace(manifest, data=data), {PREDICTIONS_FILE: table, "model.onnx": b"a network"})
        freeze(f"snapshot-{run_id}")
    app = open_metrics(compare="first,second")
    assert "different data sets" in words(app) and not app.warning  # they share photos all the same
    app = press(app, "Ask A about the other's data set")
    (job,) = runner.jobs
    assert (job.kind, job.arguments) == ("evaluate-run", ("first", "--snapshot=snapshot-second"))
    assert not app.exception and app.query_params["job"] == job.job_id
    assert "evaluate-run" in KINDS
    app = press(open_metrics(run="second"), "Ask this run about it")
    assert not app.exception and runner.jobs[-1].arguments == ("second", "--snapshot=snapshot-first")


def test_what_a_run_was_asked_stands_on_its_page_and_counts_in_comparisons(weights: Path) -> None:
    write_hand_run(weights)
    run = open_run(weights, "hand")
    table = replace(hand_table(), sha256s=tuple(f"{n:064x}" for n in range(50, 61)), folds=np.full(11, -1))
    scores = {"right": proportion(3, 5), "right/osulloc": proportion(2, 4)}
    evaluation = Evaluation(
        *("hand", run.sha256, "snapshot-later", "f" * 64, datetime(2026, 11, 2, tzinfo=UTC), 11, 4, 2, 1),
        scores,
        write_predictions(table).decode(),
    )
    assert len(metrics_runs.opened_run("hand").judged.sha256s) == 8
    write_evaluation(resources.settings().data_dir, evaluation)
    assert len(metrics_runs.opened_run("hand").judged.sha256s) == 19
    app = open_metrics(run="hand")
    said = words(app)
    assert not app.exception and "photos that it learned from (4), that belong to such (2)" in said
    assert any("11 photos" in expander.label for expander in app.expander)
