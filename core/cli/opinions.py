"""`photos opinions`, and the same as the job that follows an import and a promotion."""

from typing import Annotated

import typer

from core.cli import compose
from core.cli.job_commands import in_job, reporting
from core.cli.output import write_json
from core.dataset.store import PhotoStore
from core.db.jobs import JobRepository
from core.db.opinions import OpinionRepository
from core.db.places import PlaceRepository
from core.identify.opinions import LibraryPhotos, submit_opinions, write_opinions
from core.jobs.runner import ProcessRunner
from core.messages import translator


def opinions(as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False) -> None:
    """Let the model in service look at the photos that it has said nothing about."""
    written = form_opinions()
    if as_json:
        write_json({"written": written, "run_id": compose.run_in_service()})
    else:
        typer.echo(translator(compose.interface_language())("opinions.done", count=written), err=True)


def form_opinions() -> int:
    """Write the opinions that are missing, and return how many."""
    database, store = compose.database(), PhotoStore(compose.settings().resolved_storage_url)
    library = LibraryPhotos(OpinionRepository(database), store, PlaceRepository(database))
    with reporting() as report:
        written = write_opinions(compose.model_shelf().current(), library, report)
        report(written, written, "opinions.done", count=written)
    return written


def opinions_follow() -> None:
    """See to it that opinions are formed after what was just done: inside a job by another, else by saying how."""
    run_id = compose.run_in_service()
    if not run_id:
        return
    if not in_job():
        typer.echo(translator(compose.interface_language())("opinions.how"), err=True)
        return
    jobs = JobRepository(compose.database())
    submit_opinions(jobs, ProcessRunner(jobs, compose.settings().jobs_dir), run_id)
