"""One evaluation: its tables, the photos that were answered wrongly, and the whole as a file."""

from hashlib import sha256
from pathlib import Path

import pandas as pd
import streamlit as st

from core.dataset.derivative import encode_derivative
from core.dataset.ingest import read_photo
from core.errors import PhotoRefused
from core.identify.evaluate_records import Evaluation, Miss
from core.identify.evaluate_store import as_json
from core.identify.evaluate_tables import WITNESSES, counts_in_words, place_in_words, tables
from core.messages import Translator
from pages.ui import curate_state, resources
from pages.ui.links import link_to_photo
from pages.ui.review_tiles import thumbnail_of
from pages.ui.text import plain

AT_FIRST = 12
PICTURE_PX, QUALITY = 320, 80
WIDTH_PX = 200
MANY = "misses-shown-"


def show_evaluation(t: Translator, evaluation: Evaluation) -> None:
    """Draw an evaluation."""
    names = {place.slug: place.name.get(t.language) for place in resources.places().list(include_retired=True)}
    st.title(t("evaluate.title"), anchor=False)
    st.markdown(plain(t("evaluate.heading", source=evaluation.source, release=evaluation.release)))
    said, *warnings = counts_in_words(evaluation, t)
    st.markdown(f"**{plain(said)}**")
    for warning in warnings:
        st.warning(plain(warning), icon=":material/warning:")
    for table in tables(evaluation, names, t):
        st.subheader(plain(table.title), anchor=False)
        rows = pd.DataFrame(table.rows, columns=_unique(table.columns))
        with st.container(key=f"evaluated-{table.name}"):
            st.dataframe(rows, hide_index=True, width="stretch")
        for note in table.notes:
            st.caption(plain(note))
    _show_misses(t, evaluation, names)
    for refused in evaluation.unreadable:
        st.caption(plain(t("evaluate.unreadable", photo=refused.photo)))
    name = f"{evaluation.evaluation_id}.json"
    st.download_button(
        t("evaluate.download"),
        as_json(evaluation),
        name,
        "application/json",
        icon=":material/download:",
        on_click="ignore",
    )


def _unique(columns: tuple[str, ...]) -> list[str]:
    return [name if columns.count(name) == 1 else f"{name} ({at})" for at, name in enumerate(columns)]


def _show_misses(t: Translator, evaluation: Evaluation, names: dict[str, str]) -> None:
    """Draw the photos that were answered wrongly, the most confident first, new ones before those learned from."""
    misses = evaluation.errors
    st.subheader(t("metrics_page.errors"), anchor=False)
    if not misses:
        st.caption(plain(t("evaluate.no_errors")))
        return
    key = f"{MANY}{evaluation.evaluation_id}"
    many = int(curate_state.field(key) or AT_FIRST)
    st.caption(plain(t("evaluate.misses", total=len(misses))))
    with st.container(horizontal=True, gap="small", key="misses"):
        for miss in misses[:many]:
            with st.container(width=WIDTH_PX, gap=None):
                _show_miss(t, evaluation, miss, names)
    if len(misses) > many and st.button(t("queue.more", count=t.number(len(misses) - many)), key="more-misses"):
        curate_state.set_field(key, many + AT_FIRST)
        st.rerun()


def _show_miss(t: Translator, evaluation: Evaluation, miss: Miss, names: dict[str, str]) -> None:
    picture = picture_of(evaluation, miss)
    if picture is None:
        st.caption(plain(t("evaluate.no_picture")))
    else:
        st.image(picture, width=WIDTH_PX, alt=t("queue.picture_alt"))
    true, said = place_in_words(miss.true, names, t), place_in_words(miss.answered, names, t, answered=True)
    st.markdown(plain(t("metrics_page.said_of", true=true, said=said, share=t.probability(miss.confidence))))
    alone = "  \n".join(
        plain(f"{t(WITNESSES[name])}: {place_in_words(slug, names, t, answered=True)}")
        for name, slug in miss.said.items()
        if name in WITNESSES
    )
    st.caption(alone)
    learned = f" · {t('evaluate.learned')}" if miss.seen else ""
    st.caption(plain(f"{miss.photo}{learned}"))
    if evaluation.kind == "snapshot":
        link_to_photo(t, miss.sha256, t("queue.open"))


def picture_of(evaluation: Evaluation, miss: Miss) -> bytes | None:
    """Return a small picture of a photo; None when it is gone or another one by now."""
    if evaluation.kind == "snapshot":
        record = next(iter(resources.photos().get_many([miss.sha256])), None)
        return thumbnail_of(record) if record is not None else None
    folder = Path(evaluation.source)
    path = folder / miss.photo
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            return None
        return _small(str(path), path.stat().st_mtime_ns, miss.sha256)
    except (OSError, PhotoRefused, ValueError):
        return None


@st.cache_data(show_spinner=False, max_entries=200, ttl=600)
def _small(path: str, changed_at: int, expected: str) -> bytes:
    content = Path(path).read_bytes()
    if sha256(content).hexdigest() != expected:
        raise ValueError(path)
    return encode_derivative(read_photo(content, need_px=PICTURE_PX), PICTURE_PX, QUALITY)
