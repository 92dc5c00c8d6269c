"""A promotion that is killed half-way leaves one whole model in service: the one before, or the one after."""

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from core.classifier.predict import OnnxClassifier
from core.db.engine import open_database
from core.db.ready import upgrade
from core.db.releases import ReleaseRepository
from core.weights.release import current_release, open_release
from tests.support.tiny_model import write_tiny_run

ROOT = Path(__file__).parents[2]


@pytest.mark.soak
def test_a_promotion_killed_at_any_moment_leaves_one_whole_model(tmp_path: Path, soak_rounds: Any) -> None:
    url, weights = f"sqlite:///{tmp_path / 'eodi.sqlite3'}", tmp_path / "weights"
    weights.mkdir()
    for run_id in ("first", "second"):
        write_tiny_run(weights, run_id)
    database = open_database(url)
    upgrade(database)
    moments = random.Random(7)
    for _ in range(soak_rounds(2, 20)):
        told = _promote_until_killed(url, weights, moments.uniform(0.0, 0.4))

        release = current_release(ReleaseRepository(database), weights)

        OnnxClassifier(open_release(release, weights), threads=1)
        # The last promotion that was told of counts, or the one after it, which was not told of any more.
        assert release.classifier_run_id in {told[-1], "first" if told[-1] == "second" else "second"}
        assert release.release_id is not None and release.release_id >= len(told)


def _promote_until_killed(url: str, weights: Path, seconds: float) -> list[str]:
    command = [sys.executable, "-m", "tests.weights.promote_child", url, str(weights)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    told = [child.stdout.readline().strip()]
    time.sleep(seconds)
    child.kill()
    told += [line.strip() for line in child.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    child.wait()
    return told
