"""A detector's training that is cancelled at any moment: it says so, ends, keeps whole weights, and goes on."""

import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from core.cli import compose
from core.cli.jobs import repository, runner
from core.detector.so_far import kept_weights, log_so_far
from core.domain.job import JobState
from core.jobs.spool import job_folder
from core.jobs.start import submit
from core.jobs.watch import cancel, resume
from core.metrics.live_log import work_of
from tests.cli.test_train_turns import wait
from tests.support.boxed_library import fill_boxed_library

EPOCHS = 500  # more than ever pass
TRAIN = ("detector", "--pretrained=none", "--imgsz=64", f"--epochs={EPOCHS}", "--folds=0", "--threads=1")
ASKED_WITHIN_S, ENDED_WITHIN_S = 2.0, 60.0


@pytest.mark.train
@pytest.mark.soak
def test_cancelled_at_a_random_moment_the_best_weights_are_whole_and_it_goes_on(
    data_dir: Path, soak_rounds: Any
) -> None:
    fill_boxed_library(boxed=8, strangers=2)
    rng = np.random.default_rng(7)
    job = submit(repository(), runner(), "train", TRAIN)
    epochs = 0
    for attempt in range(soak_rounds(1, 10)):
        if attempt:
            job = resume(repository(), runner(), job.job_id)
            wait(job, lambda row: row.state is JobState.RUNNING)
            time.sleep(float(rng.uniform(0, 10)))  # weights are there: no moment is too early
        else:
            wait(job, lambda row: row.message == "detector.epoch")
            time.sleep(float(rng.uniform(0, 3)))
        asked = time.monotonic()
        assert cancel(repository(), job.job_id).state is JobState.CANCELLING
        assert time.monotonic() - asked < ASKED_WITHIN_S
        assert wait(job, lambda row: row.state.ended, ENDED_WITHIN_S).state is JobState.CANCELLED
        print(f"attempt {attempt}: ended {time.monotonic() - asked:.1f} s after it was asked")
        work = work_of(job_folder(compose.settings().jobs_dir, job.job_id))
        assert work is not None
        assert not [child for child in psutil.process_iter() if str(work) in " ".join(child.cmdline())]
        weights = kept_weights(work)
        assert weights is not None
        with zipfile.ZipFile(weights) as archive:
            assert archive.testzip() is None
        (part,) = log_so_far(work).parts
        assert part.epochs >= max(epochs, 1)  # what was behind stays behind
        epochs = part.epochs
