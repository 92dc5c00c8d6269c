"""`metrics RUN --snapshot ID` and `metrics RUN --against RUN`: another data set, and another run on the same photos."""

from dataclasses import asdict
from typing import Any

import typer

from core.cli import compose
from core.cli.job_commands import reporting
from core.cli.metrics_detector import SCORE_WORDS as BOX_WORDS
from core.cli.metrics_detector import box_score
from core.cli.metrics_table import SCORE_WORDS, interval, photo_score
from core.cli.output import write_json, write_table
from core.db.snapshots import SnapshotRepository
from core.errors import Value
from core.identify.reevaluate import DataSet, learned_photos, reevaluate
from core.messages.translate import Translator
from core.metrics.compare import Difference, changed_photos, compare_shares
from core.metrics.compare_boxes import BoxDifference, changed_boxes, compare_boxes, same_boxes
from core.metrics.evaluations import Evaluation, write_evaluation
from core.metrics.opened_run import OpenedRun, open_for_metrics
from core.weights.folder import DetectorRun, Run
from core.weights.manifest import Manifest

WORDS = {**SCORE_WORDS, **BOX_WORDS}


def evaluate_on(run: Run | DetectorRun, snapshot_id: str, as_json: bool, words: Translator) -> None:
    """Ask a run about a frozen data set, keep what it said, and write what came of it.

    Raises:
        NotFound: no such snapshot.
        InvalidInput: see `reevaluate` and `learned_photos`.
    """
    here, snapshots = compose.settings(), SnapshotRepository(compose.database())
    frozen = snapshots.get(snapshot_id)
    data = DataSet(frozen, snapshots.photos(snapshot_id), compose.library().store)
    with reporting() as report:
        found = reevaluate(run, data, learned_photos(run, snapshots), report, here.inference_threads)
        write_evaluation(here.data_dir, found)
        facts: dict[str, Value] = {"run_id": found.run_id, "snapshot": found.snapshot_id, "photos": found.photos}
        report(report.done, report.total, "evaluate_run.done", **facts)
    if as_json:
        write_json(_evaluation(found))
        return
    typer.echo(words("evaluate_run.done", **facts))
    typer.echo(words("evaluate_run.left_out", seen=found.seen, beside=found.beside, unreadable=found.unreadable))
    cell = photo_score if isinstance(run.manifest, Manifest) else box_score
    rows = [(_name(name, words), cell(score, words), interval(score, words)) for name, score in found.scores.items()]
    write_table((words("metrics.score"), words("evaluate_run.unseen"), words("metrics.interval")), rows)


def _evaluation(found: Evaluation) -> dict[str, Any]:
    """Return an evaluation as plain JSON, without its table."""
    document = {name: value for name, value in asdict(found).items() if name not in {"table", "format"}}
    return {**document, "created_at": found.created_at.isoformat()}


def write_comparison(first_id: str, second_id: str, as_json: bool, words: Translator) -> None:
    """Write how two runs differ on the photos that both were judged on without having learned from them."""
    first, second = (_open(run_id) for run_id in (first_id, second_id))
    differences, lost, gained = _compared(first, second)
    photos = _photos(differences, first, second)
    if as_json:
        write_json(
            {
                "first": first_id,
                "second": second_id,
                "comparable": bool(differences),
                "photos": photos,
                "differences": {name: asdict(one) for name, one in differences.items()},
                "lost": lost,
                "gained": gained,
            }
        )
        return
    if not differences:
        typer.echo(words("compare.not_comparable"))
        typer.echo(words("evaluate_run.hint"))
        return
    typer.echo(words("evaluate_run.compared", first=first_id, second=second_id, photos=photos))
    rows = [(_name(name, words), *_cells(one, words)) for name, one in differences.items()]
    titles = (words("metrics.score"), first_id, second_id, words("compare.difference"), words("metrics.interval"))
    write_table(titles, rows)
    typer.echo(words("evaluate_run.changed", lost=len(lost), gained=len(gained)))


def _open(run_id: str) -> OpenedRun:
    here = compose.settings()
    return open_for_metrics(here.weights_dir, here.data_dir, run_id)


def _compared(
    first: OpenedRun, second: OpenedRun
) -> tuple[dict[str, Difference] | dict[str, BoxDifference], list[str], list[str]]:
    """Return the differences, and the photos that only the first and that only the second decides rightly."""
    if first.judged is not None and second.judged is not None:
        shares = compare_shares(first.judged, second.judged)
        changed = [(one.sha256, one.now_right) for one in changed_photos(first.judged, second.judged)]
        return shares, *_sides(changed)
    if first.judged_boxes is not None and second.judged_boxes is not None:
        pair, thresholds = same_boxes(first.judged_boxes, second.judged_boxes), (first.threshold, second.threshold)
        boxes = compare_boxes(*pair, thresholds)
        return boxes, *_sides([(one.sha256, one.now_right) for one in changed_boxes(*pair, thresholds)])
    return {}, [], []


def _sides(changed: list[tuple[str, bool]]) -> tuple[list[str], list[str]]:
    return [sha256 for sha256, right in changed if not right], [sha256 for sha256, right in changed if right]


def _photos(differences: dict[str, Difference] | dict[str, BoxDifference], first: OpenedRun, second: OpenedRun) -> int:
    whole = differences.get("accuracy")
    if isinstance(whole, Difference):
        return whole.n
    if first.judged_boxes is None or second.judged_boxes is None:
        return 0
    return len(same_boxes(first.judged_boxes, second.judged_boxes)[0].photos)


def _name(name: str, words: Translator) -> str:
    return words(WORDS[name]) if name in WORDS else name


def _cells(one: Difference | BoxDifference, words: Translator) -> tuple[str, ...]:
    ends = f"{100 * one.low:+.1f} – {100 * one.high:+.1f}"
    moved = words("compare.points", value=f"{100 * one.value:+.1f}")
    if isinstance(one, BoxDifference):
        return f"{one.first:.3f}", f"{one.second:.3f}", moved, ends
    shares = [
        words("metrics.k_of_n", k=k, of=one.n, share=words.percent(k / one.n, 1)) for k in (one.first, one.second)
    ]
    return *shares, moved, ends
