"""All runs: what each is, how good, what people wrote about it; and the way to one, or to several side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from core.db.run_notes import RunNote
from core.messages import Translator
from core.weights.manifest_file import AnyManifest
from core.weights.release import list_runs
from pages.ui import curate_state, resources, review_state
from pages.ui.access import current_actor
from pages.ui.links import link_to_run
from pages.ui.metrics_explain import explain_scores
from pages.ui.metrics_runs import runs_in_service
from pages.ui.metrics_tables import facts_in_words, task_names
from pages.ui.metrics_words import main_score_in_words
from pages.ui.text import plain

ON_A_PAGE = 25
MOST_COMPARED = 20
TASKS = ("classifier", "detector", "fusion")
PICK = "pick-run-"


def show_runs(t: Translator) -> None:
    """Draw the filters, then a row for each run."""
    st.title(t("metrics_page.title"), anchor=False)
    manifests = list_runs(resources.settings().weights_dir)
    if not manifests:
        st.info(plain(t("metrics_page.no_runs")), icon=":material/monitoring:")
        return
    notes, serving = resources.run_notes().list(), runs_in_service()
    shown = _filtered(t, manifests, notes)
    explain_scores(t)
    _offer_comparison(t, [manifest.run_id for manifest in shown])
    many = int(curate_state.field("runs-shown") or ON_A_PAGE)
    for manifest in shown[:many]:
        _row(t, manifest, notes.get(manifest.run_id, RunNote(manifest.run_id)), manifest.run_id in serving)
    if not shown:
        st.info(plain(t("metrics_page.none_match")), icon=":material/filter_alt:")
    if len(shown) > many and st.button(t("metrics_page.more", n=len(shown) - many)):
        curate_state.set_field("runs-shown", many + ON_A_PAGE)
        st.rerun()


def _filtered(t: Translator, manifests: Sequence[AnyManifest], notes: Mapping[str, RunNote]) -> list[AnyManifest]:
    """Draw the filters, and return the runs that pass: favourites first, then the newest."""
    names = task_names(t)
    tags = sorted({tag for note in notes.values() for tag in note.tags})
    with st.container(horizontal=True, vertical_alignment="bottom", key="runs-filters"):
        task = st.segmented_control(
            t("metrics_page.task"), TASKS, format_func=lambda task: names[task], key="runs-task"
        )
        tag = st.selectbox(t("metrics_page.tag"), tags, index=None, key="runs-tag", width=200) if tags else None
        archived = st.toggle(t("metrics_page.show_archived"), key="runs-archived")
    empty = RunNote("")
    passing = [
        manifest
        for manifest in manifests
        if task in (None, manifest.task)
        and (archived or not notes.get(manifest.run_id, empty).archived)
        and (tag is None or tag in notes.get(manifest.run_id, empty).tags)
    ]
    return sorted(passing, key=lambda manifest: not notes.get(manifest.run_id, empty).favourite)


def _offer_comparison(t: Translator, run_ids: Sequence[str]) -> None:
    picked = [run_id for run_id in run_ids if curate_state.field(f"{PICK}{run_id}")][:MOST_COMPARED]
    with st.container(horizontal=True, vertical_alignment="center", key="runs-compare"):
        st.button(
            t("metrics_page.compare", n=len(picked)),
            icon=":material/compare_arrows:",
            disabled=len(picked) < 2,
            on_click=lambda: review_state.go(compare=",".join(picked)),
            key="compare-runs",
        )
        if len(picked) < 2:
            st.caption(plain(t("metrics_page.compare_hint")), width="content")


def _row(t: Translator, manifest: AnyManifest, note: RunNote, serves: bool) -> None:
    with st.container(key=f"run-{manifest.run_id}", border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.checkbox(
                t("metrics_page.pick", run=manifest.run_id),
                key=f"{PICK}{manifest.run_id}",
                label_visibility="collapsed",
            )
            link_to_run(t, manifest.run_id, f"**{plain(manifest.run_id)}**")
            show_badges(t, note, serves)
            _star(t, note)
        st.markdown(plain(main_score_in_words(t, manifest)))
        st.caption(plain(facts_in_words(t, manifest)))
        if note.note:
            st.caption(plain(note.note))


def show_badges(t: Translator, note: RunNote, serves: bool) -> None:
    """Draw what stands out of a run: in service, archived, its tags."""
    if serves:
        st.badge(t("metrics_page.in_service"), icon=":material/rocket_launch:", color="green")
    if note.archived:
        st.badge(t("metrics_page.archived"), icon=":material/inventory_2:", color="gray")
    for tag in note.tags:
        st.badge(plain(tag), color="blue")


def _star(t: Translator, note: RunNote) -> None:
    st.button(
        "★" if note.favourite else "☆",
        key=f"star-{note.run_id}",
        type="tertiary",
        help=t("metrics_page.unstar") if note.favourite else t("metrics_page.star"),
        on_click=save_note,
        args=(replace(note, favourite=not note.favourite),),
    )


def save_note(note: RunNote) -> None:
    """Keep what was written about a run."""
    resources.run_notes().save(note, current_actor())
