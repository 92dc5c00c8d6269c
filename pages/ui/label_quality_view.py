"""What the boxes look like as a whole: how many of each part, where they lie, what is left, which stand out."""

from collections.abc import Sequence

import streamlit as st

from core.dataset.label_quality import (
    LabelSummary,
    Oddity,
    SuspiciousBox,
    balance,
    find_suspicious,
    heat_map,
    summarise_labels,
)
from core.domain.label import Label, PhotoLabels
from core.messages import Translator
from pages.ui import label_state, resources
from pages.ui.label_charts import balance_chart, heat_chart, progress_chart
from pages.ui.text import plain

MOST_SUSPICIOUS = 20
EVERY = 0  # no label has this number
HEAT_WIDGET = "quality-label"


def show_quality(t: Translator) -> None:
    """Draw the quality of all boxes."""
    with st.spinner(t("label.quality.working")):
        labelled = tuple(resources.boxes().walk())
    labels = resources.labels().list()
    summaries = summarise_labels(labelled, labels)
    if not any(summary.boxes for summary in summaries):
        st.info(t("label.quality.empty"))
        _show_progress(t)
        return
    _show_balance(t, summaries)
    _show_progress(t)
    _show_heat(t, labelled, labels)
    _show_suspicious(t, find_suspicious(labelled))


def _show_balance(t: Translator, summaries: Sequence[LabelSummary]) -> None:
    st.subheader(t("label.quality.balance"), anchor=False)
    evenness = balance(summaries)
    if evenness is not None:
        st.caption(plain(t("label.quality.evenness", share=t.percent(evenness))))
    st.altair_chart(balance_chart(t, summaries), width="stretch", alt=_in_words(t, summaries))


def _in_words(t: Translator, summaries: Sequence[LabelSummary]) -> str:
    return ", ".join(f"{one.label.name.get(t.language)} {one.boxes}" for one in summaries)


def _show_progress(t: Translator) -> None:
    progress = resources.boxes().progress_by_place()
    if not progress:
        return
    st.subheader(t("label.quality.progress"), anchor=False)
    names = {place.slug: place.name.get(t.language) for place in resources.places().list(include_retired=True)}
    rows = [(names.get(slug, slug), one) for slug, one in progress.items()]
    words = ", ".join(f"{name} {one.decided}/{one.photos}" for name, one in rows)
    st.altair_chart(progress_chart(t, rows), width="stretch", alt=words)


def _show_heat(t: Translator, labelled: Sequence[PhotoLabels], labels: Sequence[Label]) -> None:
    st.subheader(t("label.quality.heat"), anchor=False)
    st.caption(t("label.quality.heat.what"))
    names = {EVERY: t("label.quality.heat.all")}
    names |= {label.label_id: plain(label.name.get(t.language)) for label in labels}
    chosen = st.selectbox(
        t("label.quality.heat.label"), list(names), format_func=lambda one: names[one], key=HEAT_WIDGET, width=320
    )
    counts = heat_map(labelled, chosen or None)
    st.altair_chart(heat_chart(t, counts), width="content", alt=t("label.quality.heat.alt", most=int(counts.max())))


def _show_suspicious(t: Translator, suspicious: Sequence[SuspiciousBox]) -> None:
    st.subheader(t("label.quality.suspicious"), anchor=False)
    if not suspicious:
        st.caption(t("label.quality.suspicious.none"))
        return
    st.caption(t("label.quality.suspicious.what"))
    labels = {label.label_id: label.name.get(t.language) for label in resources.labels().list(include_retired=True)}
    names = {one.sha256: one.original_name for one in resources.photos().get_many([s.photo_sha256 for s in suspicious])}
    sentences = {
        Oddity.SIZE: t("label.quality.odd.size"),
        Oddity.SHAPE: t("label.quality.odd.shape"),
        Oddity.PLACE: t("label.quality.odd.place"),
    }
    for one in suspicious[:MOST_SUSPICIOUS]:
        with st.container(horizontal=True, vertical_alignment="center"):
            name = names.get(one.photo_sha256) or one.photo_sha256[:12]
            words = f"{labels.get(one.box.label_id, '')} · {sentences[one.oddity]} · {name}"
            st.markdown(plain(words), width="stretch")
            key = f"suspicious-{one.box.box_id}-{one.photo_sha256[:12]}"
            st.button(t("label.quality.open"), key=key, on_click=label_state.go_to_photo, args=(one.photo_sha256,))
