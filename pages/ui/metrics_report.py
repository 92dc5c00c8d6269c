"""One run as a page of HTML to send to someone: verdict, scores, figures and facts, in one file without a script.

Everything stands in the file, nothing is fetched; every text is escaped, for names and notes may come from outside.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

import pandas as pd

from core.messages import Translator
from core.metrics.box_report import box_curves, counts_at
from core.metrics.judged_photos import Part
from core.metrics.opened_run import OpenedRun, snapshot_of
from core.metrics.training_log import shown_part
from core.metrics.verdict import Finding
from pages.ui.metrics_boxes import f1_figure, label_table, precision_recall_figure
from pages.ui.metrics_classifier import confusion_figure, known_unknown_figure, place_table, reliability_figure
from pages.ui.metrics_epochs import Drawn, epoch_figures
from pages.ui.metrics_figure import Figure, figure_svg
from pages.ui.metrics_tables import facts_in_words, scores_table
from pages.ui.metrics_words import PARTS, verdict_in_words

STYLE = """
body{font:16px/1.5 "Noto Sans KR","Noto Sans CJK KR",sans-serif;color:#1d2527;background:#fff;max-width:860px;
margin:2rem auto;padding:0 1rem;word-break:keep-all;overflow-wrap:anywhere}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}svg{max-width:100%;height:auto}
table{border-collapse:collapse;font-size:.9rem}th,td{border:1px solid #dedad2;padding:.3rem .5rem;text-align:left}
.wide{overflow-x:auto}footer{margin-top:2rem;color:#5a6568;font-size:.85rem}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def run_report(t: Translator, run: OpenedRun, findings: Sequence[Finding], names: Mapping[str, str]) -> bytes:
    """Return the report as the bytes of an HTML file."""
    sections = [
        f"<h1>{escape(run.run_id)}</h1><p>{escape(facts_in_words(t, run.manifest))}</p>",
        _heading(t("metrics_page.verdict")) + _list(sentence for _, sentence in verdict_in_words(t, findings)),
        _heading(t("metrics.score")) + _table(scores_table(t, run, names)),
        *_photos(t, run, names),
        *_course(t, run),
        *_boxes(t, run, names),
        _heading(t("metrics_page.facts")) + _table(_facts(t, run)),
        f"<footer>{escape(t('metrics_page.made_at', moment=t.moment(datetime.now(UTC))))}</footer>",
    ]
    title = escape(f"{run.run_id} · {t('app.name')}")
    page = (
        f'<!doctype html><html lang="{t.language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body>{''.join(sections)}</body></html>"
    )
    return page.encode()


def _photos(t: Translator, run: OpenedRun, names: Mapping[str, str]) -> Iterable[str]:
    for part, photos in run.parts.items():
        if part is Part.TRAIN:
            continue
        yield _heading(t(PARTS[part])) + _table(place_table(t, photos, names))
        yield _figure(confusion_figure(t, photos, names)) + _figure(reliability_figure(t, photos))
        if photos.known.any():
            yield _figure(known_unknown_figure(t, photos))


def _course(t: Translator, run: OpenedRun) -> Iterable[str]:
    part = shown_part(run.log)
    if part is not None:
        yield _heading(t("metrics_page.course")) + "".join(_figure(one) for one in epoch_figures(t, part, Drawn()))


def _boxes(t: Translator, run: OpenedRun, names: Mapping[str, str]) -> Iterable[str]:
    if run.boxes is None or not run.boxes.photos:
        return
    curves = box_curves(run.boxes)
    _, *each = counts_at(run.boxes, run.threshold)
    yield _heading(t("metrics_page.boxes")) + _table(label_table(t, each, curves, names))
    yield _figure(f1_figure(t, curves, names, run.threshold)) + _figure(precision_recall_figure(t, curves, names))


def _facts(t: Translator, run: OpenedRun) -> pd.DataFrame:
    manifest = run.manifest
    rows = [
        (t("metrics_page.snapshot"), snapshot_of(manifest) or "–"),
        (t("metrics_page.fingerprint"), manifest.data.snapshot_fingerprint or manifest.data.fingerprint or "–"),
        (t("metrics_page.licence"), manifest.licence),
        *((name, str(value)) for name, value in sorted(manifest.training.config.items())),
        *sorted(manifest.libraries.items()),
    ]
    return pd.DataFrame(rows, columns=[t("metrics_page.fact"), t("figure.value")])


def _heading(words: str) -> str:
    return f"<h2>{escape(words)}</h2>"


def _list(sentences: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(sentence)}</li>' for sentence in sentences)}</ul>"


def _figure(figure: Figure) -> str:
    """Return a chart as SVG; its drawing library writes texts escaped."""
    return f'<figure role="img" aria-label="{escape(figure.words, quote=True)}">{figure_svg(figure.chart)}</figure>'


def _table(rows: pd.DataFrame) -> str:
    head = "".join(f"<th>{escape(str(title))}</th>" for title in rows.columns)
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows.itertuples(index=False))
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _cells(row: Iterable[Any]) -> str:
    return "".join(f"<td>{escape(str(cell))}</td>" for cell in row)
