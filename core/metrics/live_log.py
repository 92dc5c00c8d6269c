"""What a training's job leaves in its own folder for whoever watches it: where it works, and its epochs so far.

Written by `core/cli` while the training runs; read by the page that shows it. A detector keeps its epochs where it
works, so its job says only where that is; a classifier's epochs are noted one by one as they are reported.
"""

import csv
from pathlib import Path

from core.errors import Value
from core.jobs.report import Reporter
from core.metrics.training_log import TrainingLog, read_training_log

WORK_FILE = "work.txt"
LOG_FILE = "epochs.csv"
EPOCH = "train.epoch"  # the message that ends each epoch of a classifier; its values are the row


def note_work(job_folder: Path, work: Path) -> None:
    """Say in a job's folder where its training works."""
    job_folder.mkdir(parents=True, exist_ok=True)
    unfinished = job_folder / f".{WORK_FILE}"
    unfinished.write_text(str(work), encoding="utf-8")
    unfinished.replace(job_folder / WORK_FILE)


def work_of(job_folder: Path) -> Path | None:
    """Return where the training of a job works; None when it has not said so."""
    try:
        return Path((job_folder / WORK_FILE).read_text(encoding="utf-8"))
    except OSError:
        return None


class EpochNotes:
    """A `Reporter` that hands everything on, and appends each epoch that is told to `epochs.csv` of a job's folder."""

    def __init__(self, report: Reporter, job_folder: Path) -> None:
        self._report = report
        job_folder.mkdir(parents=True, exist_ok=True)
        self._file = job_folder / LOG_FILE
        self._file.unlink(missing_ok=True)  # a training that is taken up again begins anew

    @property
    def done(self) -> int:
        """Steps behind."""
        return self._report.done

    @property
    def total(self) -> int | None:
        """Steps in all."""
        return self._report.total

    def __call__(self, done: int, total: int | None, message_key: str = "", **values: Value) -> None:
        """Note an epoch, and hand on what is told.

        Raises:
            JobStopped: whoever listens asked to stop.
        """
        if message_key == EPOCH:
            self._note(values)
        self._report(done, total, message_key, **values)

    def _note(self, values: dict[str, Value]) -> None:
        begins = not self._file.exists()
        with self._file.open("a", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(values), lineterminator="\n")
            if begins:
                writer.writeheader()
            writer.writerow(values)


def read_live_log(job_folder: Path) -> TrainingLog:
    """Return the epochs that a classifier's job noted so far, none where it noted none.

    Raises:
        ModelRefused: see `read_training_log`.
    """
    try:
        content = (job_folder / LOG_FILE).read_bytes()
    except OSError:
        return TrainingLog("")
    return read_training_log(content, LOG_FILE)
