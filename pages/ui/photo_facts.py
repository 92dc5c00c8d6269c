"""What is known about a photo of the library, in words: where it came from, what it is, what was said and done."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.domain.feedback import Feedback, Verdict
from core.domain.library import BLURRY_BELOW, DARK_BELOW, PhotoAction, PhotoEvent
from core.domain.photo import PhotoRecord, PhotoStatus
from core.errors import Value
from core.messages import Translator
from pages.ui import resources
from pages.ui.review_filters import split_names, status_names
from pages.ui.review_grid import reason_names
from pages.ui.review_tiles import disagrees, opinion_in_words
from pages.ui.text import link, plain

HASH_SHOWN = 12
SHARP_FROM = 4 * BLURRY_BELOW  # chosen by us: well above what the filter for blurry photos finds
BRIGHT_FROM = 0.6  # mean luma; chosen by us
Names = Mapping[str, str]


def show_facts(t: Translator, record: PhotoRecord, names: Names) -> None:
    """Draw where the photo stands and what is known about it; what is not known has no line."""
    with st.container(key="review-facts", gap=None):
        st.subheader(plain(names.get(record.place_slug or "", record.place_slug or "")), anchor=False)
        st.markdown(plain(_standing(t, record)))
        lines = [f"**{plain(name)}**  {value}" for name, value in _facts(t, record) if value]
        st.markdown("  \n".join(lines))


def _standing(t: Translator, record: PhotoRecord) -> str:
    status = status_names(t)[record.status]
    reason = _reason(t, record.reject_reason)
    return f"{status}: {reason}" if reason and record.status is not PhotoStatus.NEW else status


def _reason(t: Translator, text: str) -> str:
    known = {reason.value: name for reason, name in reason_names(t).items()}
    return known.get(text, text)


def _facts(t: Translator, record: PhotoRecord) -> Sequence[tuple[str, str]]:
    """Return (name, value), the values as Markdown that is safe to draw."""
    position = record.position
    return [
        (t("photo_fact.name"), plain(record.original_name)),
        (t("photo_fact.source"), plain(record.source)),
        (t("photo_fact.page"), link(record.page_url, record.page_url) if record.page_url else ""),
        (t("photo_fact.author"), plain(record.author)),
        (t("photo_fact.licence"), plain(record.licence)),
        (t("photo_fact.size"), plain(_size(t, record))),
        (t("photo_fact.quality"), plain(_quality(t, record))),
        (t("photo_fact.taken"), plain(t.moment(record.taken_at)) if record.taken_at else ""),
        (t("photo_fact.position"), plain(f"{position.latitude:.4f}, {position.longitude:.4f}") if position else ""),
        (t("photo_fact.came"), plain(t.moment(record.created_at)) if record.created_at else ""),
        (t("photo_fact.split"), plain(split_names(t)[record.split.value]) if record.split else ""),
        (t("photo_fact.group"), plain(record.group_id[:HASH_SHOWN])),
        (t("photo_fact.hash"), plain(record.sha256[:HASH_SHOWN])),
    ]


def _size(t: Translator, record: PhotoRecord) -> str:
    kilobytes = record.size_bytes / 1000
    size = f"{t.number(kilobytes / 1000, 1)} MB" if kilobytes >= 1000 else f"{t.number(max(1, kilobytes))} KB"
    return f"{record.width_px} × {record.height_px} · {size} · {record.format}"


def _quality(t: Translator, record: PhotoRecord) -> str:
    words = []
    if record.sharpness is not None:
        blurry = record.sharpness < BLURRY_BELOW
        fair = t("photo_fact.sharp") if record.sharpness >= SHARP_FROM else t("photo_fact.fairly_sharp")
        words.append(t("photo_fact.blurry") if blurry else fair)
    if record.brightness is not None:
        dark = record.brightness < DARK_BELOW
        fair = t("photo_fact.bright") if record.brightness >= BRIGHT_FROM else t("photo_fact.well_lit")
        words.append(t("photo_fact.dark") if dark else fair)
    return ", ".join(words)


def show_opinion(t: Translator, record: PhotoRecord, run_id: str, names: Names) -> None:
    """Draw what the model in service thinks, with its probabilities; nothing while it has not said anything."""
    opinion = resources.opinions().get(record.sha256, run_id) if run_id else None
    if opinion is None:
        return
    with st.container(key="review-opinion", gap=None):
        st.markdown(f"**{plain(opinion_in_words(t, opinion, names))}**")
        if disagrees(record, opinion):
            st.caption(plain(t("review.disagrees")))
        ordered = sorted(opinion.scores.items(), key=lambda pair: -pair[1])
        none_share = max(0.0, 1.0 - sum(opinion.scores.values()))
        scores = [(names.get(slug, slug), share) for slug, share in ordered[:5]] + [(t("scores.none"), none_share)]
        st.caption(plain(" · ".join(f"{name} {t.probability(share)}" for name, share in scores)))


def show_visitors_word(t: Translator, record: PhotoRecord, names: Names) -> None:
    """Draw what the visitor who gave the photo said of the answer."""
    if record.consent_at is None:
        return
    for said in resources.feedback().of_photo(record.sha256):
        st.markdown(f":material/chat: {plain(_visitors_word(t, said, names))}")


def _visitors_word(t: Translator, said: Feedback, names: Names) -> str:
    answered = t("scores.none") if said.answered_slug is None else names.get(said.answered_slug, said.answered_slug)
    if said.verdict is Verdict.RIGHT:
        return t("review.visitor.right", answered=answered)
    if said.correct_slug is None:
        return t("review.visitor.wrong", answered=answered)
    return t("review.visitor.other", answered=answered, place=names.get(said.correct_slug, said.correct_slug))


def show_history(t: Translator, record: PhotoRecord, names: Names) -> None:
    """Draw what happened to the photo, newest first."""
    events = resources.review().history(record.sha256)
    if not events:
        return
    with st.expander(t("review.history", count=len(events)), icon=":material/history:"):
        for event in events:
            st.markdown(plain(event_in_words(t, event, names)))
            st.caption(plain(t("review.history_when", moment=t.moment(event.at), actor=event.actor)))


def event_in_words(t: Translator, event: PhotoEvent, names: Names) -> str:
    """Return one line of a photo's history."""
    after, note = event.after, str(event.after.get("note", ""))
    reason = _reason(t, str(after.get("reject_reason", "")))
    place = _place(names, after)
    sentences: dict[PhotoAction, tuple[str, dict[str, Value]]] = {
        PhotoAction.IMPORTED: ("review.event.imported", {}),
        PhotoAction.CONTRIBUTED: ("review.event.contributed", {}),
        PhotoAction.ACCEPTED: ("review.event.accepted", {}),
        PhotoAction.REJECTED: ("review.event.rejected", {"reason": reason or t("review.reason.other")}),
        PhotoAction.MOVED: ("review.event.moved", {"place": place}),
        PhotoAction.SET_ASIDE: ("review.event.set_aside", {"reason": reason}),
        PhotoAction.REOPENED: ("review.event.reopened", {}),
        PhotoAction.SPLIT: ("review.event.split", {"split": _split(t, after)}),
        PhotoAction.UNDONE: ("review.event.undone", {}),
    }
    key, values = sentences[event.action]
    return f"{t(key, **values)} “{note}”" if note else t(key, **values)


def _place(names: Names, after: Mapping[str, Any]) -> str:
    slug = str(after.get("place_slug") or "")
    return names.get(slug, slug)


def _split(t: Translator, after: Mapping[str, Any]) -> str:
    return split_names(t).get(str(after.get("split")), str(after.get("split") or "–"))
