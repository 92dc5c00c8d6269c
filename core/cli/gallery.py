"""`photos gallery`, the same as the job that follows a promotion, and what follows a decision about photos."""

from typing import Annotated

import typer

from core.classifier.predict import OnnxClassifier
from core.cli import compose
from core.cli.job_commands import in_job, reporting
from core.cli.output import write_json
from core.db.jobs import JobRepository
from core.db.releases import ReleaseRepository
from core.errors import EodiError
from core.gallery.shipped import open_run_gallery
from core.identify.gallery_keeper import AT_ONCE, submit_gallery, unheard, write_embeddings
from core.jobs.report import Report
from core.jobs.runner import ProcessRunner
from core.messages import describe, translator
from core.weights.records import EMBEDDINGS_FILE
from core.weights.release import current_release, open_release


def gallery(as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False) -> None:
    """Let the gallery know the accepted photos that it does not know yet, as the classifier in service sees them."""
    with reporting() as report:
        written = _write(report)
        report(written, written, "embeddings.done", count=written)
    if as_json:
        write_json({"written": written, "run_id": compose.run_in_service()})
    else:
        typer.echo(translator(compose.interface_language())("embeddings.done", count=written), err=True)


def gallery_follows() -> None:
    """See to it that the gallery knows what was just accepted: a few photos at once, more by a job or saying how.

    What was decided stands, whatever happens here.
    """
    run_id = compose.run_in_service()
    try:
        missing = compose.embedded_photos().embeddings.count_missing(run_id) if _has_gallery(run_id) else 0
        if 0 < missing <= AT_ONCE:
            _write(unheard)
        elif missing and in_job():
            jobs = JobRepository(compose.database())
            submit_gallery(jobs, ProcessRunner(jobs, compose.settings().jobs_dir), run_id)
        elif missing:
            typer.echo(translator(compose.interface_language())("embeddings.how", count=missing), err=True)
    except EodiError as error:
        language = compose.interface_language()
        typer.echo(translator(language)("embeddings.later", reason=describe(error, language)), err=True)


def _has_gallery(run_id: str) -> bool:
    """Whether a run answers that brought embeddings, in whose space photos are compared."""
    path = compose.settings().weights_dir / run_id / EMBEDDINGS_FILE
    return bool(run_id) and path.is_file()


def _write(report: Report) -> int:
    here = compose.settings()
    run = open_release(current_release(ReleaseRepository(compose.database()), here.weights_dir), here.weights_dir)
    classifier = OnnxClassifier(run, here.inference_threads)
    return write_embeddings(classifier, open_run_gallery(run), compose.embedded_photos(), report)
