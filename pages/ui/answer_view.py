"""Show an answer: the photo, the place or "none of these", how sure, why, and what the photo's own data say."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.domain.answer import Identification, PositionEvidence
from core.domain.place import Place
from core.identify.table import PositionAgreement, position_agreement
from core.messages import Translator, explain
from pages.ui import resources
from pages.ui.answering import AnsweredPhoto, picture_of
from pages.ui.feedback_form import ask_whether_right
from pages.ui.keep_photo import offer_to_keep
from pages.ui.photo_view import show_photo
from pages.ui.place_card import show_place_card
from pages.ui.scores_chart import show_scores
from pages.ui.text import plain
from pages.ui.why_view import show_why

# Words for a calibrated probability, chosen by us: nine in ten right, then seven in ten.
VERY_SURE, FAIRLY_SURE = 0.9, 0.7


def show_answer(t: Translator, upload: UploadedFile, photo: AnsweredPhoto) -> None:
    """Draw everything that is said of one photo, and ask whether it was right; one answer in full at a time."""
    answer = photo.answer
    with st.container(key="answer-shown"):
        picture, words = st.columns([6, 5], gap="medium")
    with picture:
        show_photo(t, picture_of(upload), photo)
    with words:
        if answer.place is None:
            _none_of_these(t, answer)
        else:
            _this_place(t, answer.place, answer)
        _position(t, answer)
        show_scores(t, answer)
    show_why(t, upload, photo)
    with st.container(key="asking"):
        right, keep = st.columns([1, 1], gap="large")
    with right:
        ask_whether_right(t, upload.file_id, answer)
    with keep:
        offer_to_keep(t, upload, answer)
    _facts(t, answer)
    seconds = t.number(photo.seconds, 1 if photo.seconds >= 0.1 else 2)
    st.caption(plain(t("answer.made", seconds=seconds, release=answer.release)))


def _this_place(t: Translator, place: Place, answer: Identification) -> None:
    st.caption(t("answer.this_is"))
    st.header(plain(place.name.get(t.language)), anchor=False)
    other = place.name.get("en" if t.language == "ko" else "ko")
    st.caption(plain(t("answer.also", name=other, class_id=place.class_id)))
    st.markdown(f"**{plain(how_sure(t, answer))}**")
    st.markdown(plain(explain(answer, t.language)))


def _none_of_these(t: Translator, answer: Identification) -> None:
    st.caption(t("answer.this_is"))
    st.header(plain(t("answer.none")), anchor=False)
    st.markdown(f"**{plain(how_sure(t, answer))}**")
    st.markdown(plain(explain(answer, t.language)))
    st.caption(plain(t("answer.none_hint")))


def how_sure(t: Translator, answer: Identification) -> str:
    """Say how sure the answer is, as a share and in words."""
    share = t.probability(answer.confidence)
    if answer.place is None:
        return t("answer.none_sure", share=share)
    words = t("sure.fairly") if answer.confidence >= FAIRLY_SURE else t("sure.guess")
    return t("answer.sure", share=share, words=t("sure.very") if answer.confidence >= VERY_SURE else words)


def _position(t: Translator, answer: Identification) -> None:
    """Say what the photo's metadata hold about the position: a fact beside the answer, no part of it."""
    evidence = answer.position
    if evidence is None:
        st.caption(f":material/location_off: {plain(t('position.missing'))}")
        return
    found = f"{evidence.position.latitude:.4f}, {evidence.position.longitude:.4f}"
    sentence = _comparison(t, answer, evidence)
    st.caption(f":material/my_location: {plain(t('position.found', position=found))} {plain(sentence)}")


def _comparison(t: Translator, answer: Identification, evidence: PositionEvidence) -> str:
    place = answer.place
    if place is not None and place.position is not None:
        distance_m = evidence.position.distance_m(place.position)
        values = {"place": place.name.get(t.language), "distance": t.distance(distance_m)}
        agrees = position_agreement(answer) is PositionAgreement.AGREES
        return t("position.agrees", **values) if agrees else t("position.disagrees", **values)
    if evidence.nearest is None or evidence.distance_m is None:
        return ""
    return t("position.nearest", place=evidence.nearest.name.get(t.language), distance=t.distance(evidence.distance_m))


def _facts(t: Translator, answer: Identification) -> None:
    """Draw the card of the answer's place; without one, offer the most similar place, folded."""
    if answer.place is not None:
        st.subheader(plain(t("card.title", place=answer.place.name.get(t.language))), anchor=False)
        _card(t, answer.place)
    elif answer.scores:
        most_similar = answer.scores[0].place
        with st.expander(plain(t("answer.most_similar", place=most_similar.name.get(t.language)))):
            _card(t, most_similar)


def _card(t: Translator, place: Place) -> None:
    nearby = resources.places().nearby(place.position) if place.position else ()
    show_place_card(t, place, nearby)
