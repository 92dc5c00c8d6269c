"""Words for the page of metrics: of scores, columns of a log, places and parts, and of a verdict's sentences."""

from collections.abc import Mapping, Sequence

from core.domain.score import Score
from core.errors import Value
from core.messages import Translator
from core.metrics.judged_photos import Part
from core.metrics.verdict import Finding, Tone
from core.weights.manifest_file import AnyManifest
from pages.ui import resources
from pages.ui.metrics_runs import main_score

SCORES = {
    "fused_right": "metrics_page.fused_right",
    "accuracy": "metrics.accuracy",
    "right": "metrics.right",
    "wrong": "metrics.wrong",
    "refused": "metrics.refused_known",
    "best_guess": "metrics.best_guess",
    "false_accepts": "metrics.false_accepts",
    "auroc": "metrics.auroc",
    "calibration_error": "metrics.calibration_error",
    "precision": "metrics.box_precision",
    "recall": "metrics.box_recall",
    "map50": "metrics.map50",
    "map50_95": "metrics.map50_95",
    "strangers_marked": "metrics.strangers_marked",
}
PREFIXES = {Part.TEST: "test_", Part.HELD_OUT: "held_out_", Part.TRAIN: "train_"}
PARTS = {
    Part.TEST: "metrics_page.part_test",
    Part.HELD_OUT: "metrics_page.part_held_out",
    Part.TRAIN: "metrics_page.part_train",
}
# Names that Keras, Ultralytics and YOLOv5 give to the same things.
COLUMNS = {
    "loss": "figure.loss",
    "val_loss": "figure.loss",
    "accuracy": "figure.accuracy",
    "val_accuracy": "figure.accuracy",
    "box_loss": "figure.box_loss",
    "cls_loss": "figure.cls_loss",
    "dfl_loss": "figure.dfl_loss",
    "obj_loss": "figure.obj_loss",
    "metrics/precision": "figure.precision",
    "metrics/recall": "figure.recall",
    "metrics/mAP50": "metrics.map50",
    "metrics/mAP_0.5": "metrics.map50",
    "metrics/mAP50-95": "metrics.map50_95",
    "metrics/mAP_0.5:0.95": "metrics.map50_95",
}
SHARES = frozenset({"value", "low", "high", "learned", "said", "right", "error"})
ICONS = {
    Tone.GOOD: ":material/check_circle:",
    Tone.WARNING: ":material/warning:",
    Tone.PLAIN: ":material/timeline:",
}


def column_in_words(t: Translator, column: str) -> str:
    """Return a column of a log in words, or its own name where it is none that is known."""
    bare = column.removesuffix("(B)").removeprefix("train/").removeprefix("val/")
    return t(COLUMNS[bare]) if bare in COLUMNS else column


def part_in_words(t: Translator, name: str) -> str:
    """Return the name of one training of a log."""
    if name.startswith("fold "):
        return t("figure.fold", fold=name.removeprefix("fold "))
    return t("figure.ships") if name in ("all", "ships") else name


def score_name(t: Translator, name: str, names: Mapping[str, str] | None = None) -> str:
    """Return a score in words; `right/<slug>` is of one place, whose name is in `names`."""
    bare = _bare(name)
    if bare.startswith("right/"):
        slug = bare.removeprefix("right/")
        return (names or {}).get(slug, slug)
    return t(SCORES[bare]) if bare in SCORES else bare


def _bare(name: str) -> str:
    prefix = next((prefix for prefix in PREFIXES.values() if name.startswith(prefix)), "")
    return name.removeprefix(prefix)


def score_value(t: Translator, score: Score) -> str:
    """Return a score's value with its count, such as "17 of 35 (49%)"."""
    if score.k is None:
        return t("metrics_page.of_n", value=t.number(score.value, 3), n=score.n)
    return t("metrics.k_of_n", k=score.k, of=score.n, share=t.percent(score.value))


def interval_in_words(t: Translator, score: Score) -> str:
    """Return a score's interval, such as "33% – 64%"."""
    if score.k is None:
        return f"{t.number(score.low, 3)} – {t.number(score.high, 3)}"
    return f"{t.percent(score.low)} – {t.percent(score.high)}"


def score_in_words(t: Translator, score: Score) -> str:
    """Return value, count and interval in one."""
    return t("metrics_page.with_interval", score=score_value(t, score), interval=interval_in_words(t, score))


def main_score_in_words(t: Translator, manifest: AnyManifest) -> str:
    """Return what a run is known for, with its interval and what kind of photos it is of."""
    found = main_score(manifest)
    if found is None:
        return t("metrics_page.unscored")
    name, score = found
    part = Part.TEST if name.startswith(PREFIXES[Part.TEST]) else Part.HELD_OUT
    return f"{t(PARTS[part])}: {score_name(t, name)} {score_in_words(t, score)}"


def place_names(t: Translator) -> dict[str, str]:
    """Return the names of places and of their parts by slug."""
    places = {place.slug: place.name.get(t.language) for place in resources.places().list()}
    parts = {label.slug: label.name.get(t.language) for label in resources.labels().list(include_retired=True)}
    return {**parts, **places}


def verdict_in_words(t: Translator, findings: Sequence[Finding]) -> tuple[tuple[Tone, str], ...]:
    """Return a verdict's sentences."""
    return tuple((finding.tone, t(finding.key, **_values(t, finding.values))) for finding in findings)


def _values(t: Translator, values: Mapping[str, Value]) -> dict[str, Value]:
    said = {**values}
    for name in SHARES & set(said):
        said[name] = t.percent(float(said[name]))
    if "column" in said:
        said["column"] = column_in_words(t, str(said["column"]))
    return said
