"""What a run is, and its scores as a table: for the page and for the report."""

from collections.abc import Mapping

import pandas as pd

from core.domain.score import Score
from core.messages import Translator
from core.metrics.judged_photos import Part
from core.metrics.opened_run import OpenedRun, snapshot_of
from core.weights.manifest_file import AnyManifest
from pages.ui.metrics_words import PARTS, PREFIXES, interval_in_words, score_name, score_value


def task_names(t: Translator) -> dict[str, str]:
    """Return what runs are for, in words."""
    return {
        "classifier": t("metrics_page.classifier"),
        "detector": t("metrics_page.detector"),
        "fusion": t("metrics_page.fusion"),
    }


def facts_in_words(t: Translator, manifest: AnyManifest) -> str:
    """Return what a run is, when it was made, and from what."""
    data = t("metrics_page.photos", n=manifest.data.photos) if manifest.data.photos else ""
    snapshot = snapshot_of(manifest)
    parts = (task_names(t)[manifest.task], manifest.architecture, t.moment(manifest.created_at), data, snapshot)
    return " · ".join(part for part in parts if part)


def scores_table(t: Translator, run: OpenedRun, names: Mapping[str, str]) -> pd.DataFrame:
    """Return a row for each score; test and held-out photos first, those that were learned from beside them."""
    scores = run.manifest.scores
    prefixes = {part: prefix for part, prefix in PREFIXES.items() if any(name.startswith(prefix) for name in scores)}
    rows = [
        [
            score_name(t, name, names),
            *(_cell(t, scores.get(f"{prefix}{name}"), part) for part, prefix in prefixes.items()),
        ]
        for name in _whole_scores(run, list(prefixes.values()))
    ]
    return pd.DataFrame(rows, columns=[t("metrics.score"), *(t(PARTS[part]) for part in prefixes)])


def _cell(t: Translator, score: Score | None, part: Part) -> str:
    """Return a score with its interval; photos that were learned from have none, for they are no sample of new ones."""
    if score is None:
        return "–"
    return score_value(t, score) if part is Part.TRAIN else f"{score_value(t, score)}, {interval_in_words(t, score)}"


def _whole_scores(run: OpenedRun, prefixes: list[str]) -> list[str]:
    """Return the scores that are not of one place, without their prefixes, each once."""
    bare = (name.removeprefix(prefix) for prefix in prefixes for name in run.manifest.scores if name.startswith(prefix))
    return [name for name in dict.fromkeys(bare) if "/" not in name]
