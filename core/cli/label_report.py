"""What `labels import` and `labels export` say: tables and sentences for people, documents for programs."""

from dataclasses import asdict
from typing import Any

import typer

from core.cli import compose
from core.cli.output import printable, write_table
from core.dataset.formats.annotations import BadLine
from core.dataset.label_classes import ClassMatch
from core.dataset.label_export import ExportOptions, LabelExportResult
from core.dataset.label_import import LabelImportResult
from core.dataset.label_plan import LabelImportPlan, PhotoFate
from core.errors import PhotoRefused, Value
from core.messages import describe, translator

SHOWN = 50  # bad lines on a terminal; `--json` has all
COLUMNS = ("labels.column.class", "labels.column.label", "labels.column.place", "labels.column.boxes")
FATES = {
    PhotoFate.NEW: "labels.fate.new",
    PhotoFate.LABELLED: "labels.fate.labelled",
    PhotoFate.SAME: "labels.fate.same",
    PhotoFate.KEPT: "labels.fate.kept",
    PhotoFate.UNLABELLED: "labels.fate.unlabelled",
}


def say_plan(plan: LabelImportPlan) -> None:
    """Show what an import would do; bad lines go to stderr."""
    words = translator(compose.interface_language())
    write_table([words(key) for key in COLUMNS], [_row(one, words("labels.new")) for one in plan.classes])
    for fate, key in FATES.items():
        if plan.count(fate):
            typer.echo(words(key, photos=plan.count(fate)))
    for line in plan.bad_lines[:SHOWN]:
        typer.echo(_bad_line(line), err=True)
    if len(plan.bad_lines) > SHOWN:
        typer.echo(words("labels.more_bad_lines", count=len(plan.bad_lines) - SHOWN), err=True)
    _say_refused(plan.refused)


def say_result(result: LabelImportResult) -> None:
    """Show what an import did."""
    words = translator(compose.interface_language())
    new, labelled = result.photos_new, result.photos_labelled
    typer.echo(words("labels.imported", boxes=result.boxes, photos=new + labelled, new=new, done=result.done))
    if result.nothing:
        typer.echo(words("labels.imported_nothing", photos=result.nothing))
    if result.faulty:
        typer.echo(words("labels.imported_faulty", photos=result.faulty))
    _say_refused(result.refused)


def say_export(result: LabelExportResult, target: str, options: ExportOptions) -> None:
    """Show what left, and what stayed and why."""
    words = translator(compose.interface_language())
    counts = {"photos": result.photos, "boxes": result.boxes, "classes": len(result.classes)}
    typer.echo(words("labels.exported", target=printable(target), **counts))
    if result.unfinished:
        key = "labels.unfinished_stayed" if options.only_done else "labels.unfinished"
        typer.echo(words(key, photos=result.unfinished))
    if result.not_free:
        key = "labels.not_free_stayed" if options.only_free else "labels.not_free"
        typer.echo(words(key, photos=result.not_free))
    if result.broken:
        typer.echo(words("labels.broken", photos=result.broken))


def plan_document(plan: LabelImportPlan) -> dict[str, Any]:
    """Return a plan as plain values."""
    words = translator(compose.interface_language())
    return {
        "photos": {fate.value: plan.count(fate) for fate in PhotoFate},
        "boxes": plan.boxes,
        "classes": [_class_document(one) for one in plan.classes],
        "bad_lines": [
            {"file": one.file, "line": one.line, "reason": one.reason, "sentence": words(one.reason, **one.values)}
            for one in plan.bad_lines
        ],
        "refused": _refused_document(plan.refused),
    }


def result_document(result: LabelImportResult | None) -> dict[str, Any]:
    """Return a result as plain values; nothing of a dry run."""
    return {} if result is None else {"result": {**asdict(result), "refused": _refused_document(result.refused)}}


def _row(one: ClassMatch, new: str) -> tuple[str, str, str, str]:
    label = f"{one.slug} ({new})" if one.label_id is None else one.slug
    place = f"{one.place_slug} ({new})" if one.place_is_new else one.place_slug
    return one.name, label, place, str(one.boxes)


def _class_document(one: ClassMatch) -> dict[str, Any]:
    is_new = one.label_id is None
    own = {"class": one.name, "label": one.slug, "label_is_new": is_new, "place": one.place_slug}
    return {**own, "place_is_new": one.place_is_new, "boxes": one.boxes}


def _bad_line(line: BadLine) -> str:
    words = translator(compose.interface_language())
    return printable(f"{line.file}:{line.line} {words(line.reason, **line.values)}")


def _say_refused(refused: tuple[tuple[str, str, dict[str, Value]], ...]) -> None:
    for one in _refused_document(refused):
        typer.echo(printable(f"{one['photo']}: {one['sentence']}"), err=True)


def _refused_document(refused: tuple[tuple[str, str, dict[str, Value]], ...]) -> list[dict[str, str]]:
    language = compose.interface_language()
    return [
        {"photo": name, "code": code, "sentence": describe(PhotoRefused(code, **values), language)}
        for name, code, values in refused
    ]
