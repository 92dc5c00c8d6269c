"""`jobs …`: long work. `jobs run` is what a runner starts in a child process."""

from functools import partial
from typing import Annotated, Any

import typer

from core.cli import compose
from core.cli.output import write_json, write_table
from core.db.jobs import JobRepository
from core.domain.job import Job
from core.identify.spool import sweep
from core.jobs.execute import Command, run_job
from core.jobs.runner import ProcessRunner
from core.jobs.spool import job_folder
from core.jobs.watch import cancel, refresh, resume

app = typer.Typer(help="Long work: list, show, cancel, resume.", no_args_is_help=True)


def repository() -> JobRepository:
    """Return the job rows."""
    return JobRepository(compose.database())


def runner() -> ProcessRunner:
    """Return the runner that starts child processes on this machine."""
    return ProcessRunner(repository(), compose.settings().jobs_dir)


@app.command("list")
def list_jobs(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List the newest jobs."""
    refresh(repository())
    found = [_row(job) for job in repository().list()]
    if as_json:
        write_json(found)
        return
    titles = ("job_id", "kind", "state", "done", "total")
    write_table(titles, [tuple(str(row[title]) for title in titles) for row in found])


@app.command()
def show(job_id: str) -> None:
    """Show one job as JSON."""
    refresh(repository())
    write_json(_row(repository().get(job_id)))


@app.command("cancel")
def cancel_command(job_id: str) -> None:
    """Ask a job to stop; it keeps what it has."""
    write_json(_row(cancel(repository(), job_id)))


@app.command("resume")
def resume_command(job_id: str) -> None:
    """Start a job again where it stopped."""
    write_json(_row(resume(repository(), runner(), job_id)))


@app.command("run", hidden=True)
def run(job_id: str) -> None:
    """Run a job in this process, and leave no photos behind that were handed over to a job that is over."""
    from core.cli.identify import identify_job
    from core.cli.job_commands import job_commands

    jobs_dir = compose.settings().jobs_dir
    identify_here = partial(identify_job, jobs_dir=jobs_dir, job_id=job_id)
    commands: dict[str, Command] = {**job_commands(job_folder(jobs_dir, job_id)), "identify": identify_here}
    try:
        run_job(job_id, repository(), commands)
    finally:
        sweep(repository(), jobs_dir)


def _row(job: Job) -> dict[str, Any]:
    return {
        "job_id": job.job_id,
        "kind": job.kind,
        "state": job.state.value,
        "done": job.done,
        "total": job.total,
        "message": job.message,
        "attempt": job.attempt,
        "created_at": job.created_at.isoformat(),
        "ended_at": job.ended_at.isoformat() if job.ended_at else None,
    }
