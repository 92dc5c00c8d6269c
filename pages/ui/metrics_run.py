"""One run: its verdict in words, its scores, what people wrote about it, its figures, and whether it should serve."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from core.db.run_notes import RunNote
from core.errors import EodiError
from core.identify.promotion import promote_run, take_back
from core.messages import Translator
from core.metrics.box_report import photo_counts
from core.metrics.figures import calibration_error, mean_confidence, quality_per_place
from core.metrics.judged_photos import Part
from core.metrics.opened_run import OpenedRun
from core.metrics.training_log import shown_part
from core.metrics.verdict import Finding, calibration_finding, epoch_findings, score_findings, weakest_finding
from core.weights.bring import zipped_run
from core.weights.folder import open_any_run, open_fusion_run
from core.weights.fusion_manifest import FusionManifest
from pages.ui import curate_state, resources, review_state
from pages.ui.frame import show_error
from pages.ui.metrics_boxes import show_boxes
from pages.ui.metrics_classifier import show_classifier
from pages.ui.metrics_epochs import show_epochs
from pages.ui.metrics_explain import explain_scores
from pages.ui.metrics_fusion import show_fusion
from pages.ui.metrics_kinds import show_kinds
from pages.ui.metrics_list import save_note, show_badges
from pages.ui.metrics_reevaluate import show_evaluation_job, show_evaluations
from pages.ui.metrics_report import run_report
from pages.ui.metrics_runs import has_model, main_score, opened_run, release_before, runs_in_service
from pages.ui.metrics_tables import facts_in_words, scores_table
from pages.ui.metrics_tree import show_tree
from pages.ui.metrics_words import ICONS, PARTS, place_names, verdict_in_words
from pages.ui.text import plain


def show_run(t: Translator, run_id: str) -> None:
    """Draw one run."""
    st.button(t("metrics_page.all_runs"), icon=":material/arrow_back:", type="tertiary", on_click=_back, key="back")
    run = opened_run(run_id)
    names, note = place_names(t), resources.run_notes().get(run.run_id)
    serves = run.run_id in runs_in_service()
    notice = curate_state.take_notice()
    if notice:
        st.success(plain(notice), icon=":material/check:")
    st.title(plain(run.run_id), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(plain(facts_in_words(t, run.manifest)), width="content")
        show_badges(t, note, serves)
    show_evaluation_job(t)
    findings = verdict(run, serves, names)
    show_verdict(t, findings)
    with st.container(horizontal=True, key="run-deeds"):
        _offer_service(t, run, serves)
        _offer_note(t, run.run_id)
        st.download_button(
            t("metrics_page.report"),
            lambda: run_report(t, run, findings, names),
            f"{run.run_id}.html",
            "text/html",
            icon=":material/description:",
            on_click="ignore",
        )
        _offer_files(t, run)
    st.subheader(t("metrics.score"), anchor=False)
    explain_scores(t)
    if not isinstance(run.manifest, FusionManifest):
        st.table(scores_table(t, run, names).map(plain), hide_index=True, border="horizontal")
    _figures(t, run, names)
    show_evaluations(t, run, names)


def _back() -> None:
    review_state.leave_all(but=("lang",))


# ---- the verdict ----


def verdict(run: OpenedRun, serves: bool, names: Mapping[str, str]) -> tuple[Finding, ...]:
    """Return what a run amounts to."""
    part = shown_part(run.log)
    said = [] if part is None else list(epoch_findings(part, serves and part is run.log.parts[-1]))
    judged = (main_score(run.manifest) or ("held_out_right",))[0]
    said += score_findings(
        run.manifest.scores, judged, f"train_{judged.removeprefix('test_').removeprefix('held_out_')}"
    )
    photos = run.parts.get(Part.TEST) or run.parts.get(Part.HELD_OUT)
    if photos is not None:
        recalls = [(photos.slugs[one.label], one.recall) for one in quality_per_place(photos) if one.recall]
        weakest = weakest_finding([(names.get(slug, slug), score) for slug, score in recalls])
        said += [weakest] if weakest else []
        error = calibration_error(photos)
        if error is not None:
            said.append(calibration_finding(*mean_confidence(photos), error))
    return tuple(said)


def show_verdict(t: Translator, findings: Sequence[Finding]) -> None:
    """Draw a verdict's sentences, each with a sign of what it is; nothing where there is nothing to say."""
    said = verdict_in_words(t, findings)
    if not said:
        return
    with st.container(key="verdict", border=True):
        st.markdown(f"**{t('metrics_page.verdict')}**")
        st.markdown("  \n".join(f"{ICONS[tone]} {plain(sentence)}" for tone, sentence in said))


# ---- figures ----


def _figures(t: Translator, run: OpenedRun, names: Mapping[str, str]) -> None:
    if isinstance(run.manifest, FusionManifest):
        show_fusion(t, run.manifest)
        show_tree(t, open_fusion_run(resources.settings().weights_dir, run.run_id))
        return
    if run.parts:
        words = {part: t(key) for part, key in PARTS.items()}
        part = st.segmented_control(
            t("metrics_page.which_photos"),
            list(run.parts),
            default=next(iter(run.parts)),
            format_func=lambda part: words[part],
            required=True,
            key=f"part-{run.run_id}",
        )
        if part is Part.TRAIN:
            st.warning(plain(t("metrics.training_says_nothing")), icon=":material/warning:")
        photos = run.parts[Part(part)]
        show_kinds(t, photos.sha256s, photos.right)
        show_classifier(t, photos, names, run.run_id)
    st.subheader(t("metrics_page.course"), anchor=False)
    show_epochs(t, run.log, run.run_id)
    if run.boxes is not None and run.boxes.photos:
        counts = photo_counts(run.boxes, run.threshold)
        right = np.array([not (one.wrong or one.missed) for one in counts])
        show_kinds(t, [one.sha256 for one in counts], right)
        show_boxes(t, run.boxes, run.threshold, names, run.run_id)
    elif run.is_detector:
        st.caption(plain(t("metrics.box_unscored")))


# ---- what is done with a run ----


def _offer_service(t: Translator, run: OpenedRun, serves: bool) -> None:
    if serves:
        before = release_before()
        if before is None:
            return
        with st.popover(t("metrics_page.roll_back"), icon=":material/undo:"):
            st.markdown(plain(t("metrics_page.roll_back_what", run=before)))
            if st.button(t("metrics_page.roll_back_now"), type="primary", key="roll-back"):
                _attempt(t, lambda: t("metrics_page.rolled_back", run=take_back(resources.service()).label))
        return
    if not has_model(run.manifest):
        return
    with st.popover(t("train_job.promote"), icon=":material/rocket_launch:"):
        st.markdown(plain(t("metrics_page.promote_what")))
        drop = run.manifest.task == "classifier" and st.checkbox(t("train_job.allow_drop"), key="allow-drop")
        if st.button(t("metrics_page.promote_now"), type="primary", key="promote"):
            _attempt(t, lambda: _promoted(t, run, drop))


def _offer_files(t: Translator, run: OpenedRun) -> None:
    """Offer the run's files in a zip, which is made when it is asked for and held for no longer than its download."""
    weights_dir = resources.settings().weights_dir
    st.download_button(
        t("metrics_page.take_files"),
        lambda: zipped_run(open_any_run(weights_dir, run.run_id)),
        f"{run.run_id}.zip",
        "application/zip",
        icon=":material/folder_zip:",
        on_click="ignore",
        help=t("metrics_page.take_files_help"),
    )


def _promoted(t: Translator, run: OpenedRun, drop: bool) -> str:
    promote_run(run.run_id, resources.service(), allow_drop=drop)
    return t("metrics_page.promoted", run=run.run_id)


def _attempt(t: Translator, deed: Callable[[], str]) -> None:
    try:
        curate_state.leave_notice(deed())
    except EodiError as error:
        show_error(error, t.language)
        return
    st.rerun()


def _offer_note(t: Translator, run_id: str) -> None:
    note = resources.run_notes().get(run_id)
    with st.popover(t("metrics_page.note"), icon=":material/edit_note:"), st.form(f"note-{run_id}", border=False):
        text = st.text_area(t("metrics_page.note_text"), note.note, max_chars=2000)
        tags = st.text_input(t("metrics_page.tags"), ", ".join(note.tags), help=t("metrics_page.tags_help"))
        favourite = st.checkbox(t("metrics_page.star"), note.favourite)
        archived = st.checkbox(t("metrics_page.archive"), note.archived)
        if st.form_submit_button(t("metrics_page.save"), type="primary"):
            wanted = replace(
                note, note=text.strip(), tags=tuple(tags.split(",")), favourite=favourite, archived=archived
            )
            _attempt(t, lambda: _saved(t, wanted))


def _saved(t: Translator, note: RunNote) -> str:
    save_note(note)
    return t("metrics_page.saved")
