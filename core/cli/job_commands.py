"""One way for a command to be long work: in the foreground with a bar, or as a job whose row is told the same.

A job's `arguments` are the rest of the command line that `KINDS` begins: kind "import" with `DIR --place falls` is
`python -m core photos import DIR --place falls`. A command asks `reporting()` where its progress goes, and no more.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from pathlib import Path

import typer
from typer._click.exceptions import UsageError  # typer carries a click of its own and exports only its children

from core.cli import compose
from core.errors import InvalidInput
from core.jobs.console import ConsoleReporter
from core.jobs.execute import Command
from core.jobs.report import Reporter
from core.jobs.signals import catch_stop_signals

KINDS: dict[str, tuple[str, ...]] = {
    "train": ("train",),
    "import": ("photos", "import"),
    "crawl": ("crawl",),
    "export": ("photos", "export"),
    "evaluate": ("evaluate",),
    "opinions": ("photos", "opinions"),
    "gallery": ("photos", "gallery"),
    "evaluate-run": ("metrics",),
    "freeze": ("snapshots", "freeze"),
    "labels-import": ("labels", "import"),
    "labels-export": ("labels", "export"),
    "label import": ("labels", "import"),
    "label export": ("labels", "export"),
}
_JOB_REPORT: ContextVar[Reporter | None] = ContextVar("JOB_REPORT", default=None)
_JOB_FOLDER: ContextVar[Path | None] = ContextVar("JOB_FOLDER", default=None)


def job_commands(folder: Path | None = None) -> dict[str, Command]:
    """Return what runs the jobs of each kind that is a command line. folder: as `run_as_job` takes it."""
    return {kind: partial(run_as_job, beginning, folder=folder) for kind, beginning in KINDS.items()}


def run_as_job(
    beginning: tuple[str, ...], arguments: tuple[str, ...], report: Reporter, folder: Path | None = None
) -> None:
    """Run a command line of this program in this process, its progress going to the job's row.

    folder: the job's own, for what the command leaves there for whoever watches; None for none.

    Raises:
        InvalidInput: code "job.arguments"; the command line is not understood.
    """
    from core.cli.application import app  # which imports every command, and these this module

    token, folder_token = _JOB_REPORT.set(report), _JOB_FOLDER.set(folder)
    try:
        typer.main.get_command(app).main([*beginning, *arguments], standalone_mode=False)
    except UsageError as error:
        raise InvalidInput("job.arguments", arguments=" ".join(arguments)) from error
    finally:
        _JOB_REPORT.reset(token)
        _JOB_FOLDER.reset(folder_token)


def in_job() -> bool:
    """Whether this command runs as a job: nobody watches, and nobody can be asked."""
    return _JOB_REPORT.get() is not None


def job_folder() -> Path | None:
    """Return the folder of the job that this command runs in; None in the foreground."""
    return _JOB_FOLDER.get()


@contextmanager
def reporting() -> Iterator[Reporter]:
    """Report to the job that this command runs in, or to a bar on the terminal."""
    report = _JOB_REPORT.get()
    if report is not None:
        yield report
        return
    with catch_stop_signals() as stop, ConsoleReporter(compose.interface_language(), stop) as bar:
        yield bar
