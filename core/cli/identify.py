"""`identify PATH…`: the answer for each photo, in order; many go into a file that can be taken up where it stopped."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli import compose
from core.cli.output import write_json
from core.db.places import PlaceRepository
from core.domain.answer import Identification
from core.domain.place import Language
from core.errors import EodiError, InvalidInput, Value
from core.identify import as_document, as_error
from core.identify.answer_file import check_format
from core.identify.batch import Answered, BatchResult, PhotoFile, identify_each, identify_files, list_photos
from core.identify.spool import SPOOLED, answers_path, remove, spooled_photos
from core.jobs.console import ConsoleReporter
from core.jobs.report import Report
from core.jobs.signals import catch_stop_signals
from core.messages import describe, explain, pick_language, translator


def identify(
    paths: Annotated[
        list[Path], typer.Argument(help="Photos, and folders of photos.", show_default=False, readable=False)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write to FILE.csv or FILE.jsonl; again goes on.")] = None,
) -> None:
    """Say where each photo was taken; exit status 1 if any could not be read."""
    if as_json and out is not None:
        raise InvalidInput("identify.json_or_out")
    if out is not None:
        check_format(out)
    photos = list_photos(paths, leave_out=out)
    draws = out is not None or any(path.is_dir() for path in paths)
    failed = _answer_on_stdout(photos, draws, as_json) if out is None else _answer_in_file_with_bar(photos, out)
    raise typer.Exit(1 if failed else 0)


def identify_job(arguments: tuple[str, ...], report: Report, *, jobs_dir: Path, job_id: str) -> None:
    """Run `identify …` as the job's own command line, or answer the photos that a page handed over.

    Without `--out` the answers go into the job's folder, where the page finds them.

    Raises:
        InvalidInput: the arguments are not understood, or the photos are gone.
    """
    own_file = answers_path(jobs_dir, job_id)
    if arguments[:1] == (SPOOLED,):
        try:
            photos = spooled_photos(jobs_dir, job_id)
            _answer_in_file(photos, report, own_file, pick_language(arguments[1:]))
        finally:
            remove(jobs_dir, job_id)
        return
    paths, out = _understand(arguments)
    _answer_in_file(list_photos(paths, leave_out=out), report, out or own_file, compose.interface_language())


def _understand(arguments: tuple[str, ...]) -> tuple[list[Path], Path | None]:
    words, out = list(arguments), None
    if "--out" in words[:-1]:
        at = words.index("--out")
        out = Path(words[at + 1])
        del words[at : at + 2]
    if not words or any(word.startswith("--") for word in words):
        raise InvalidInput("job.arguments", arguments=" ".join(arguments))
    return [Path(word) for word in words], out


@contextmanager
def _reporter(draws: bool) -> Iterator[Report]:
    if not draws:
        yield _tell_nothing
        return
    with catch_stop_signals() as stop, ConsoleReporter(compose.interface_language(), stop) as report:
        yield report


def _tell_nothing(done: int, total: int | None, message_key: str = "", **values: Value) -> None:
    """Stand in for a bar where a few photos are answered at once."""


def _answer_in_file(photos: Sequence[PhotoFile], report: Report, out: Path, language: Language) -> BatchResult:
    """Answer into a file; the counts are the work's last word."""
    models, places = compose.model_shelf().current(), PlaceRepository(compose.database())
    result = identify_files(photos, models, places, report, out, language)
    done = result.answered + result.standing
    report(done, done, "identify.done", answered=result.answered, standing=result.standing, failed=result.failed)
    return result


def _answer_in_file_with_bar(photos: Sequence[PhotoFile], out: Path) -> int:
    language = compose.interface_language()
    with _reporter(draws=True) as report:
        result = _answer_in_file(photos, report, out, language)
    words = translator(language)
    typer.echo(
        words("identify.done", answered=result.answered, standing=result.standing, failed=result.failed), err=True
    )
    return result.failed


def _answer_on_stdout(photos: Sequence[PhotoFile], draws: bool, as_json: bool) -> int:
    """Write each answer as it comes; with a bar all of them behind it, for on a terminal the bar catches stdout."""
    models, places = compose.model_shelf().current(), PlaceRepository(compose.database())
    given: list[Answered] = []
    waiting: list[Answered] = []
    try:
        with _reporter(draws) as report:
            for answered in identify_each(photos, models, places):
                given.append(answered)
                waiting.append(answered)
                report(len(given), len(photos), "identify.photo", photo=answered.photo.path.name)
                if not draws and not as_json:
                    _say(waiting.pop())
    finally:
        if not as_json:
            for answered in waiting:
                _say(answered)
    if as_json:
        write_json([_document(answered) for answered in given])
    return sum(isinstance(answered.outcome, EodiError) for answered in given)


def _document(answered: Answered) -> dict[str, Any]:
    language = compose.interface_language()
    if isinstance(answered.outcome, EodiError):
        return as_error(answered.photo.name, answered.outcome, language)
    return as_document(answered.photo.name, answered.outcome, language)


def _say(answered: Answered) -> None:
    language = compose.interface_language()
    if isinstance(answered.outcome, EodiError):
        typer.echo(f"{answered.photo.name}: {describe(answered.outcome, language)}", err=True)
    else:
        typer.echo(f"{answered.photo.name}: {_line(answered.outcome, language)}")


def _line(answer: Identification, language: Language) -> str:
    words = translator(language)
    name = answer.place.name.get(language) if answer.place else words("answer.none")
    return f"{name} ({words.probability(answer.confidence)}). {explain(answer, language)}"
