"""What the train page calls things: trainings, their parts, durations, scores."""

from dataclasses import replace

from core.domain.job import Job, JobState
from core.domain.score import Score
from core.messages import Translator
from core.metrics.duration import Estimate
from pages.ui.job_panel import last_words
from pages.ui.train_resources import CLASSIFIER, DETECTOR, FUSION

MADE = "train.made"
FOLD = "fold "


def task_of(job: Job) -> str:
    """Return what a training makes: "classifier", "detector" or "fusion"."""
    return next((task for task in (DETECTOR, FUSION) if task in job.arguments[:1]), CLASSIFIER)


def task_name(t: Translator, task: str) -> str:
    """Return "Classifier", "Detector" or "Fusion tree"."""
    names = {DETECTOR: t("train_page.detector"), FUSION: t("metrics_page.fusion")}
    return names.get(task) or t("train_page.classifier")


def part_name(t: Translator, part: str) -> str:
    """Return a part of a training in words: one of the folds, or what will ship."""
    number = part.removeprefix(FOLD)
    if part.startswith(FOLD) and number.isdigit():
        return t("train_page.fold", fold=int(number) + 1)
    return t("train_page.ships")


def run_of(job: Job) -> str:
    """Return the run that a training made, "" while it has made none."""
    return str(job.message_values.get("run_id", "")) if job.message == MADE else ""


def in_words(t: Translator, job: Job) -> str:
    """Return how a training stands as one sentence."""
    if job.state is JobState.CANCELLING:
        return t("train_page.stopping")
    if job.state is JobState.CANCELLED:
        return t("train_page.stopped_detector") if task_of(job) == DETECTOR else t("train_job.cancelled")
    if job.state is JobState.INTERRUPTED:
        return t("train_page.interrupted_detector") if task_of(job) == DETECTOR else t("train_job.interrupted")
    if job.message == "job.waiting":
        return t("job.waiting")
    part = job.message_values.get("part")
    if part is not None:
        job = replace(job, message_values={**job.message_values, "part": part_name(t, str(part))})
    words = last_words(t, job)
    if job.state is JobState.RUNNING and words and job.total:
        return f"{words} ({t.percent(min(1.0, job.done / job.total))})"
    return words or t("job_panel.waiting")


def score_in_words(t: Translator, score: Score) -> str:
    """Return a share with its count and interval, such as "17 of 35, 49% (95% interval 34% to 64%)"."""
    shares = {"value": t.percent(score.value), "low": t.percent(score.low), "high": t.percent(score.high)}
    if score.k is None:
        return t("train_page.score", count=score.n, **shares)
    return t("train_job.score", k=score.k, count=score.n, **shares)


def duration_in_words(t: Translator, estimate: Estimate) -> str:
    """Return how long a training will probably take, and how that is known."""
    key = "train_page.takes_measured" if estimate.run_id else "train_page.takes"
    return t(key, duration=span(t, estimate.seconds), run_id=estimate.run_id)


def span(t: Translator, seconds: float) -> str:
    """Return a length of time, as coarse as an estimate of it is."""
    if seconds < 90:
        return t("train_page.minute")
    if seconds < 90 * 60:
        return t("train_page.minutes", minutes=round(seconds / 60))
    return t("train_page.hours", hours=t.number(seconds / 3600, 1))
