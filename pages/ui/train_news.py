"""Photos that the models in service have not learned from yet, and the one click that trains on them too."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import streamlit as st

from core.classifier.backbones import IMAGENET, NONE
from core.classifier.config import OPTIONS as CLASSIFIER_OPTIONS
from core.classifier.config import TrainConfig
from core.dataset.training_data import new_photos, newly_boxed
from core.detector.config import OPTIONS as DETECTOR_OPTIONS
from core.detector.config import DetectorConfig
from core.domain.job import Job
from core.domain.library import SnapshotPhoto
from core.errors import EodiError, InvalidInput, NotFound
from core.messages import Translator
from core.weights.folder import open_run
from core.weights.manifest import Manifest
from core.weights.manifest_file import AnyManifest
from core.weights.records import PREDICTIONS_FILE, read_predictions
from pages.ui import resources, state
from pages.ui.text import plain
from pages.ui.train_choices import as_options, weights_in_service
from pages.ui.train_form import start
from pages.ui.train_resources import (
    CLASSIFIER,
    DETECTOR,
    contributions,
    library_now,
    manifest_of,
    serving,
    snapshot_photos,
    trainings,
)
from pages.ui.train_words import run_of, task_of

OF_THAT_JOB = ("--snapshot=", "--finish")  # options that say nothing about the next training


def show_news(t: Translator) -> None:
    """Say for each model in service how many photos wait, and offer to train it again with them."""
    for task in (CLASSIFIER, DETECTOR):
        manifest = manifest_of(serving(task))
        waiting = _waiting(manifest) if manifest is not None else ()
        if manifest is None or not waiting:
            continue
        with st.container(key=f"train-news-{task}", border=True):
            given = contributions(waiting)
            key = "train_page.waiting_boxes" if task == DETECTOR else "train_page.waiting"
            st.markdown(t(key, photos=len(waiting)))
            if given:
                st.caption(plain(t("train_page.given", photos=given)))
            learned = _learned_since(task, waiting)
            if learned is not None:
                st.caption(plain(t("train_page.learned_since", run_id=run_of(learned))))
                show_it, name = state.put_job_in_address, t("train_page.compare_it")
                st.button(name, type="primary", on_click=show_it, args=(learned.job_id,), key=f"train-made-{task}")
            kind: Literal["primary", "secondary"] = "primary" if learned is None else "secondary"
            label = t("train_page.train_again")
            if st.button(label, type=kind, icon=":material/autorenew:", key=f"train-again-{task}"):
                start(t, task, "", settings_of(manifest))
            st.caption(t("train_page.about_again"))


def settings_of(manifest: AnyManifest) -> tuple[str, ...]:
    """Return the options that a run was trained with: its job's own where there is one, else what its manifest says."""
    for job in trainings():
        if run_of(job) == manifest.run_id:
            return tuple(word for word in job.arguments[1:] if not word.startswith(OF_THAT_JOB))
    try:
        return _settings_in(manifest)
    except (InvalidInput, TypeError):
        return ()  # written by something else; the usual settings serve


def _settings_in(manifest: AnyManifest) -> tuple[str, ...]:
    settings = manifest.training.config
    if isinstance(manifest, Manifest):
        return as_options(TrainConfig(**_known(settings, CLASSIFIER_OPTIONS), pretrained=_start_of(manifest)))
    pretrained = NONE if settings.get("pretrained") == NONE else ""
    return as_options(DetectorConfig(**_known(settings, DETECTOR_OPTIONS), pretrained=pretrained))


def _known(settings: Mapping[str, Any], options: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings that can be chosen, but where it started, which a manifest names without its folder."""
    return {name: settings[name] for name in options.values() if name in settings and name != "pretrained"}


def _start_of(manifest: Manifest) -> str:
    """Return where a classifier starts again: where it did, or from the weights that it keeps.

    Weights that learned from the photos themselves would make held-out scores too good; those start from ImageNet.
    """
    began = str(manifest.training.config.get("pretrained", IMAGENET))
    if began in (IMAGENET, NONE) or manifest.training.config.get("fine_tune", NONE) != NONE:
        return NONE if began == NONE else IMAGENET
    return weights_in_service(manifest.architecture) or IMAGENET


def _learned_since(task: str, waiting: tuple[str, ...]) -> Job | None:
    """Return the newest training whose run learned from all that waits, and only waits to be put in service."""
    for job in trainings():
        made = manifest_of(run_of(job)) if run_of(job) and task_of(job) == task else None
        if made is not None and _learned(made) is not None and not set(_waiting(made)) & set(waiting):
            return job
    return None


def _waiting(manifest: AnyManifest) -> tuple[str, ...]:
    """Return the hashes of accepted photos that a run has not learned from; none where that is not known."""
    now = library_now()
    then = _learned(manifest)
    if then is None:
        return ()
    if manifest.task == DETECTOR:
        return newly_boxed(now, then)
    return new_photos(now, (photo.sha256 for photo in then))


def _learned(manifest: AnyManifest) -> Sequence[SnapshotPhoto] | None:
    is_classifier = isinstance(manifest, Manifest)
    snapshot_id = manifest.data.snapshot_id or str(manifest.training.config.get("snapshot_id", ""))
    try:
        if snapshot_id:
            return snapshot_photos(snapshot_id)
    except NotFound:
        pass  # of another database; the run's own table still names its photos
    return _in_table(manifest.run_id) if is_classifier else None


@st.cache_data(show_spinner=False, max_entries=4)
def _in_table(run_id: str) -> Sequence[SnapshotPhoto] | None:
    """Return the photos that a classifier's own table names."""
    try:
        content = open_run(resources.settings().weights_dir, run_id).read(PREDICTIONS_FILE)
        hashes = dict.fromkeys(read_predictions(content).sha256s)
    except EodiError:
        return None
    return tuple(SnapshotPhoto(sha256, "", None, "", None) for sha256 in hashes)
