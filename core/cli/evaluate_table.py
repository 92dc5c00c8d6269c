"""An evaluation in words and tables on the terminal."""

from collections.abc import Mapping

import typer

from core.cli.output import write_table
from core.identify.evaluate_records import Evaluation
from core.identify.evaluate_tables import counts_in_words, place_in_words, tables
from core.messages.translate import Translator

ERRORS_SHOWN = 20  # a screenful; --json holds all


def write_tables(evaluation: Evaluation, names: Mapping[str, str], words: Translator) -> None:
    """Write everything to stdout. names: of places by slug."""
    typer.echo(words("evaluate.heading", source=evaluation.source, release=evaluation.release))
    for sentence in counts_in_words(evaluation, words):
        typer.echo(sentence)
    for table in tables(evaluation, names, words):
        typer.echo(f"\n{table.title}")
        write_table(table.columns, table.rows)
        for note in table.notes:
            typer.echo(note)
    _write_errors(evaluation, names, words)
    for refused in evaluation.unreadable:
        typer.echo(words("evaluate.unreadable", photo=refused.photo), err=True)


def _write_errors(evaluation: Evaluation, names: Mapping[str, str], words: Translator) -> None:
    if not evaluation.errors:
        typer.echo(words("evaluate.no_errors"))
        return
    shown = evaluation.errors[:ERRORS_SHOWN]
    typer.echo(words("evaluate.mistakes", shown=len(shown), total=len(evaluation.errors)))
    rows = [
        (
            miss.photo,
            place_in_words(miss.true, names, words),
            place_in_words(miss.answered, names, words, answered=True),
            words.probability(miss.confidence),
            words("evaluate.was_seen") if miss.seen else "",
        )
        for miss in shown
    ]
    titles = ("evaluate.photo_name", "metrics.place", "metrics.said", "metrics.probability", "evaluate.learned")
    write_table([words(title) for title in titles], rows)
