"""The scores of a run in words and tables for people: held out first, training photos beside. Used by `metrics`."""

from collections.abc import Sequence

import typer

from core.cli.output import write_table
from core.domain.score import Score
from core.messages.translate import Translator
from core.metrics.run_report import ConfusionRow, Mistake, PlaceReport, RunReport
from core.metrics.training_log import Cell, LogPart, TrainingLog
from core.weights.manifest import Manifest
from core.weights.records import PREDICTIONS_FILE

ERRORS_SHOWN = 20  # a screenful; --json holds all
CONFUSION_PLACES = 20  # more columns than this fit no terminal
ABSENT = "-"

SCORE_WORDS = {
    "accuracy": "metrics.accuracy",
    "right": "metrics.right",
    "wrong": "metrics.wrong",
    "refused": "metrics.refused_known",
    "best_guess": "metrics.best_guess",
    "false_accepts": "metrics.false_accepts",
    "auroc": "metrics.auroc",
    "calibration_error": "metrics.calibration_error",
}


def write_tables(manifest: Manifest, report: RunReport | None, log: TrainingLog, words: Translator) -> None:
    """Write everything to stdout."""
    data = manifest.data
    typer.echo(
        words(
            "metrics.heading",
            run_id=manifest.run_id,
            architecture=manifest.architecture,
            photos=data.photos,
            groups=data.groups,
        )
    )
    _write_scores(manifest, report, words)
    _write_fixed_test(manifest, words)
    if report is not None:
        _write_places(report.places, words)
        _write_confusion(manifest, report.held_out.confusion, words)
        _write_mistakes(report.held_out.mistakes, words)
    if log.parts:
        write_epochs(log, log.parts[-1], words)
    for note in notes(manifest, report, log, words):
        typer.echo(note)


def notes(manifest: Manifest, report: RunReport | None, log: TrainingLog, words: Translator) -> list[str]:
    """Return what a reader has to know before quoting a number."""
    said = [words("metrics.training_says_nothing")]
    if not manifest.calibration.refusal_tested:
        said.append(words("metrics.refusal_untested"))
    if report is None:
        said.append(words("metrics.no_predictions", file=PREDICTIONS_FILE))
    else:
        said.append(words("metrics.thresholds", threshold=words.number(report.threshold, 3)))
    if not log.file:
        said.append(words("metrics.no_log"))
    elif not log.parts:
        said.append(words("metrics.no_epochs", file=log.file))
    if log.dropped_lines:
        said.append(words("metrics.dropped", file=log.file, lines=", ".join(map(str, log.dropped_lines))))
    return said


def _write_scores(manifest: Manifest, report: RunReport | None, words: Translator) -> None:
    """Write the manifest's scores; what it does not keep of training photos is taken from the report."""
    rows = []
    for name, key in SCORE_WORDS.items():
        held_out = manifest.scores.get(f"held_out_{name}")
        train = manifest.scores.get(f"train_{name}")
        if train is None and report is not None:
            train = getattr(report.train, name, None)
        if held_out is not None or train is not None:
            rows.append(
                (words(key), photo_score(held_out, words), interval(held_out, words), photo_score(train, words))
            )
    titles = (words("metrics.score"), words("metrics.held_out"), words("metrics.interval"), words("metrics.train"))
    write_table(titles, rows)


def _write_fixed_test(manifest: Manifest, words: Translator) -> None:
    """Write the scores on photos that are kept apart for good, where there are any."""
    keys = {name: words(key) for name, key in SCORE_WORDS.items()}
    keys |= {f"right/{entry.slug}": f"{entry.class_id} {entry.slug}" for entry in manifest.classes}
    scores = [(said, manifest.scores.get(f"test_{name}")) for name, said in keys.items()]
    rows = [(said, photo_score(score, words), interval(score, words)) for said, score in scores if score is not None]
    if rows:
        typer.echo(words("metrics.kept_apart", photos=manifest.data.test))
        write_table((words("metrics.score"), words("metrics.test"), words("metrics.interval")), rows)


def _write_places(places: Sequence[PlaceReport], words: Translator) -> None:
    titles = (
        words("metrics.place"),
        words("metrics.held_out_right"),
        words("metrics.interval"),
        words("metrics.held_out_best_guess"),
        words("metrics.train_right"),
    )
    rows = [
        (
            f"{place.class_id} {place.slug}",
            photo_score(place.quoted, words),
            interval(place.quoted, words),
            photo_score(place.held_out.best_guess, words),
            photo_score(place.train.right, words),
        )
        for place in places
    ]
    write_table(titles, rows)


def _write_confusion(manifest: Manifest, confusion: Sequence[ConfusionRow], words: Translator) -> None:
    if len(manifest.classes) > CONFUSION_PLACES:
        return
    typer.echo(words("metrics.confusion"))
    names = [f"{entry.class_id} {entry.slug}" for entry in manifest.classes] + [words("metrics.no_known_place")]
    said = [str(entry.class_id) for entry in manifest.classes]
    rows = [(name, *map(str, (*row.said, row.refused, row.none))) for name, row in zip(names, confusion, strict=True)]
    write_table((words("metrics.place"), *said, words("metrics.refused"), words("metrics.none")), rows)


def _write_mistakes(mistakes: Sequence[Mistake], words: Translator) -> None:
    if not mistakes:
        typer.echo(words("metrics.no_mistakes"))
        return
    shown = mistakes[:ERRORS_SHOWN]
    typer.echo(words("metrics.mistakes", shown=len(shown), total=len(mistakes)))
    titles = (
        "sha256",
        words("metrics.group"),
        words("metrics.place"),
        words("metrics.said"),
        words("metrics.probability"),
    )
    rows = [
        (
            mistake.sha256[:12],
            f"{mistake.group} / {mistake.fold}",
            mistake.true or words("metrics.no_known_place"),
            _said(mistake, words),
            words.probability(mistake.probability),
        )
        for mistake in shown
    ]
    write_table(titles, rows)


def _said(mistake: Mistake, words: Translator) -> str:
    if mistake.said is not None:
        return mistake.said
    return words("metrics.none_guess" if mistake.outcome == "none" else "metrics.refused_guess", slug=mistake.best)


def write_epochs(log: TrainingLog, shown: LogPart, words: Translator) -> None:
    """Write all trainings of a log in a line each, and the epochs of one: its best and its last."""
    typer.echo(words("metrics.epochs", file=log.file))
    if len(log.parts) > 1:
        trainings = (words("metrics.part"), words("metrics.epoch_count"), words("metrics.best"), words("metrics.last"))
        write_table(trainings, [_part_row(part) for part in log.parts])
    best = shown.best or {}
    titles = (log.file, words("metrics.best"), words("metrics.last"))
    write_table(titles, [(name, _cell(best.get(name)), _cell(value)) for name, value in shown.last.items()])
    typer.echo(_rule(shown, words))


def _part_row(part: LogPart) -> tuple[str, ...]:
    """Write one part as the value that its best epoch was chosen by, and the same of its last epoch."""
    best, column = part.best, part.best_by.column if part.best_by else ""
    at_best = f"{column} {_cell(best[column])}" if best else ABSENT
    return part.name, str(part.epochs), at_best, _cell(part.last.get(column))


def _rule(part: LogPart, words: Translator) -> str:
    rule = part.best_by
    if rule is None:
        return words("metrics.best_unknown")
    return words("metrics.best_lowest" if rule.wanted == "lowest" else "metrics.best_highest", column=rule.column)


def _cell(cell: Cell) -> str:
    if cell is None:
        return ABSENT
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def photo_score(score: Score | None, words: Translator) -> str:
    """Write a score with its count of photos."""
    if score is None:
        return ABSENT
    if score.k is None:
        return words("metrics.value", value=f"{score.value:.3f}", photos=score.n)
    return words("metrics.k_of_n", k=score.k, of=score.n, share=words.percent(score.value, 1))


def interval(score: Score | None, words: Translator) -> str:
    """Write the interval of a score, in percent where it counts photos."""
    if score is None:
        return ABSENT
    if score.k is None:
        return f"{score.low:.3f} – {score.high:.3f}"
    return f"{words.percent(score.low, 1)} – {words.percent(score.high, 1)}"
