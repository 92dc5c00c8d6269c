"""The report to send to someone, and the figures to take away."""

import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from core.classifier.import_log import import_log
from core.dataset.csv_cells import read_csv
from core.messages import translator
from core.metrics.box_table import read_boxes
from core.metrics.judged_photos import Part, judge_photos
from core.metrics.keras_log import read_keras_log
from core.metrics.opened_run import OpenedRun, open_for_metrics
from core.metrics.training_log import read_training_log
from core.metrics.verdict import Finding
from pages.ui.metrics_boxes import box_curves, f1_figure, precision_recall_figure
from pages.ui.metrics_classifier import confusion_figure, known_unknown_figure, reliability_figure
from pages.ui.metrics_epochs import Drawn, epoch_figures
from pages.ui.metrics_figure import COLOURS, Figure, figure_csv, figure_png, figure_svg
from pages.ui.metrics_report import run_report
from tests.support.boxed_run import COLUMN, EPOCHS, TOWER, boxes_csv
from tests.support.hand_worked import hand_manifest, hand_table
from tests.support.scored_tree import write_scored_tree

ROOT = Path(__file__).parents[3]
PAYLOAD = '<script>alert(1)</script>"&'
NAMES = {"osulloc": PAYLOAD, "cheonjiyeon": "=1+1"}
PHOTOS = judge_photos(hand_manifest(), hand_table(), hand_table().held_out)
LOG = read_training_log(EPOCHS, "epochs.csv")


def figures(language: str) -> list[Figure]:
    t = translator("ko" if language == "ko" else "en")
    curves = box_curves(read_boxes(boxes_csv(), (TOWER, COLUMN)))
    return [
        confusion_figure(t, PHOTOS, NAMES),
        reliability_figure(t, PHOTOS),
        known_unknown_figure(t, PHOTOS),
        *epoch_figures(t, LOG.parts[0], Drawn(0.5, log=True)),
        f1_figure(t, curves, {}, 0.5),
        precision_recall_figure(t, curves, {}),
    ]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_chart_can_be_taken_away_as_a_table_and_as_a_picture(language: str) -> None:
    for figure in figures(language):
        titles, rows = read_csv(figure_csv(figure.table))
        assert titles == tuple(figure.table.columns) and len(rows) == len(figure.table) > 0, figure.name
        assert figure.words
    assert figure_png(figures(language)[0].chart).startswith(b"\x89PNG")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_chart_names_its_axes_and_itself(language: str) -> None:
    for figure in figures(language):
        spec = figure.chart.to_dict()
        first = spec["layer"][0] if "layer" in spec else spec
        assert (first.get("title") or spec.get("title"))["text"], figure.name
        assert first["encoding"]["x"]["title"] and first["encoding"]["y"]["title"], figure.name


def test_a_cell_that_looks_like_a_formula_is_none_in_a_spreadsheet() -> None:
    content = figure_csv(pd.DataFrame({"place": ["=1+1"], "value": [0.5]})).decode("utf-8-sig")
    assert '"\'=1+1",0.5' in content


def test_the_report_stands_alone_and_holds_no_script_whatever_places_are_called() -> None:
    run = OpenedRun(hand_manifest(), LOG, {Part.HELD_OUT: PHOTOS})
    page = run_report(translator("en"), run, [Finding("verdict.unscored")], NAMES).decode()
    assert "<script" not in page.lower() and "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "default-src 'none'" in page and page.count("<svg") >= 5
    addresses = set(re.findall(r"https?://[^\s\"'<>]+", page))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "Held-out photos" in page and "Nothing scored it" in page


def test_a_chart_on_paper_refers_to_nothing_outside() -> None:
    svg = figure_svg(figures("en")[0].chart)
    assert "href=" not in svg.replace("xmlns:xlink", "") and "<image" not in svg


def test_the_colours_of_files_are_those_of_the_light_theme() -> None:
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]["light"]
    assert theme["chartCategoricalColors"] == COLOURS


def test_a_fusion_trees_run_and_one_of_curves_alone_can_be_sent_too(tmp_path: Path) -> None:
    tree = OpenedRun(write_scored_tree(tmp_path).manifest)
    table, _ = read_keras_log(
        b"epoch,acc,loss,val_acc,val_loss\n0,0.25,1.5,0.125,1.75\n1,0.5,1.25,0.5,1.5\n", "log.csv"
    )
    curves = open_for_metrics(tmp_path, tmp_path, import_log(table, tmp_path).manifest.run_id)
    for run, said in ((tree, "4 of 5 (80%)"), (curves, "<svg")):
        assert said in run_report(translator("en"), run, (), {}).decode()
