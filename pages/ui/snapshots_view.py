"""Frozen data sets: freeze what is accepted, look at what is frozen, train on it, take photos away as a zip."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from core.dataset.snapshots import boxes_from, freeze_snapshot
from core.domain.job import Job
from core.domain.library import Snapshot
from core.domain.photo import Split
from core.errors import EodiError
from core.jobs.start import submit
from core.messages import Translator
from pages.ui import curate_state, resources, state
from pages.ui.export_job import EXPORTING, offer_export
from pages.ui.frame import show_error
from pages.ui.health_view import place_names
from pages.ui.job_panel import JobPanel, last_words, offer_next_steps, show_job
from pages.ui.review_filters import split_names
from pages.ui.text import plain
from pages.ui.train_job import offer_training
from pages.ui.train_live import TRAINING

FREEZE = "freeze"
AT_ONCE = 1_000  # accepted photos that are frozen while the page waits: under two seconds
SHOWN = 10  # snapshots
FOLDS = "folds"


def show_snapshots(t: Translator) -> None:
    """Draw the job that the address names, what would be frozen, and what is."""
    job_id = state.job_in_address()
    if job_id is not None:
        show_job(t, job_id, _panel_of(job_id))
    notice = curate_state.take_notice()
    if notice:
        st.success(plain(notice), icon=":material/check:")
    _freeze(t)
    snapshots = resources.snapshots().list()
    names = place_names(t)
    for number, snapshot in enumerate(snapshots[:SHOWN]):
        _show(t, snapshot, names, is_newest=number == 0)
    if not snapshots:
        st.caption(plain(t("snapshots_view.none")))
    offer_export(t, names)


def _panel_of(job_id: str) -> JobPanel:
    """Return the panel for the kind of a job; one that is none of this page's is refused by any of them."""
    try:
        kind = resources.jobs().get(job_id).kind
    except EodiError:
        kind = ""
    return {"train": TRAINING, "export": EXPORTING}.get(kind, FREEZING)


# ---- freezing ----


def _freeze(t: Translator) -> None:
    rows, leaks = resources.library_health()
    ready = {row.slug: row.accepted for row in rows if row.accepted}
    with st.container(key="freeze", border=True):
        st.markdown(f"**{t('snapshots_view.freeze_title')}**")
        if not ready:
            st.caption(plain(t("snapshots_view.nothing_to_freeze")))
            return
        counts = {"photos": sum(ready.values()), "places": len(ready), "leaks": leaks}
        st.caption(plain(t("snapshots_view.would_freeze", **counts)))
        note = st.text_input(t("snapshots_view.note"), "", 300, key="freeze-note")
        if st.button(t("snapshots_view.freeze"), type="primary", icon=":material/ac_unit:"):
            _do_freeze(t, note, counts["photos"])


def _do_freeze(t: Translator, note: str, photos: int) -> None:
    try:
        if photos > AT_ONCE:
            arguments = [f"--note={note}"] if note else []
            job = submit(resources.jobs(), resources.job_runner(), FREEZE, arguments, dedupe_key=FREEZE)
            state.put_job_in_address(job.job_id)
        else:
            with st.spinner(t("snapshots.freezing")):
                frozen = _freeze_now(note)
            curate_state.leave_notice(t("snapshots.frozen", snapshot=frozen.snapshot_id))
            state.forget_job()
    except EodiError as error:
        show_error(error, t.language)
        return
    st.rerun()


def _freeze_now(note: str) -> Snapshot:
    boxes_of = boxes_from(resources.boxes(), resources.labels())
    return freeze_snapshot(resources.photos(), resources.snapshots(), boxes_of, note, review=resources.review())


# ---- what is frozen ----


def _show(t: Translator, snapshot: Snapshot, names: Mapping[str, str], is_newest: bool) -> None:
    title = t("snapshots_view.title", photos=snapshot.photos, when=t.moment(snapshot.created_at))
    with st.expander(plain(title), expanded=is_newest, key=f"snapshot-{snapshot.snapshot_id}"):
        facts = t(
            "snapshots_view.facts",
            snapshot=snapshot.snapshot_id,
            fingerprint=snapshot.fingerprint[:12],
            groups=snapshot.groups,
            boxes=snapshot.boxes,
        )
        st.caption(plain(facts))
        if snapshot.note:
            st.markdown(plain(snapshot.note))
        st.dataframe(counts_table(t, snapshot, names), hide_index=True, width="stretch")
        offer_training(t, snapshot)


def counts_table(t: Translator, snapshot: Snapshot, names: Mapping[str, str]) -> pd.DataFrame:
    """Return a row per place with its number of photos in each part."""
    words = {FOLDS: t("snapshots_view.folds"), **{split.value: split_names(t)[split.value] for split in Split}}
    parts = [part for part in words if any(part in counts for counts in snapshot.counts.values())]
    rows = [
        (names.get(slug, slug), *(counts.get(part, 0) for part in parts), sum(counts.values()))
        for slug, counts in snapshot.counts.items()
    ]
    columns: Sequence[str] = (t("health_view.place"), *(words[part] for part in parts), t("snapshots_view.all"))
    return pd.DataFrame(rows, columns=list(columns))


# ---- the job that freezes ----


def _in_words(t: Translator, job: Job) -> str:
    return last_words(t, job) or t("job_panel.waiting")


def _after_the_end(t: Translator, job: Job) -> None:
    with st.container(horizontal=True):
        offer_next_steps(t, job, FREEZING)


FREEZING = JobPanel(lambda job: job.kind == FREEZE, _in_words, _after_the_end)
