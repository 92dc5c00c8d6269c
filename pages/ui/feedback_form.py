"""Was this right? A visitor's word on an answer, one row for each answer, written when they click and not before."""

import streamlit as st

from core.dataset.contribute import Contribution, Outcome
from core.db.places import UNKNOWN
from core.domain.answer import Identification
from core.domain.feedback import Feedback, Verdict
from core.messages import Translator
from pages.ui import resources, state
from pages.ui.state import Kept
from pages.ui.text import plain

DO_NOT_KNOW = ""


def ask_whether_right(t: Translator, upload_id: str, answer: Identification) -> None:
    """Draw the question and keep what is answered; changing it changes the row."""
    st.markdown(f"**{plain(t('feedback.question'))}**")
    before: Feedback | None = state.kept(upload_id, Kept.FEEDBACK)
    right = _right_or_not(t, upload_id, before)
    if right is None:
        return
    correct_slug = None if right else _where_it_was(t, upload_id, answer, before)
    verdict = Verdict.RIGHT if right else Verdict.OTHER_PLACE if correct_slug else Verdict.WRONG
    if before is None or (before.verdict, before.correct_slug) != (verdict, correct_slug):
        state.keep(upload_id, Kept.FEEDBACK, _store(before, answer, verdict, correct_slug))
        link_photo(upload_id)
    st.caption(f":material/check: {plain(t('feedback.thanks'))}")


def link_photo(upload_id: str) -> None:
    """Name the contributed copy in the feedback, once there are both; called by whichever comes second."""
    said: Feedback | None = state.kept(upload_id, Kept.FEEDBACK)
    given: Contribution | None = state.kept(upload_id, Kept.CONTRIBUTION)
    if said is None or said.feedback_id is None or given is None or given.outcome is not Outcome.STORED:
        return
    linked = resources.feedback().set_photo(said.feedback_id, given.record.sha256)
    state.keep(upload_id, Kept.FEEDBACK, linked)


def shown_slug(upload_id: str, answer: Identification) -> str | None:
    """Return what the photo shows, by the visitor's word before the answer; "unknown" is none of the known places."""
    said: Feedback | None = state.kept(upload_id, Kept.FEEDBACK)
    if said is not None and said.verdict is Verdict.WRONG:
        return None
    if said is not None and said.correct_slug is not None:
        return said.correct_slug
    return answer.place.slug if answer.place else UNKNOWN


def _right_or_not(t: Translator, upload_id: str, before: Feedback | None) -> bool | None:
    names = {True: t("feedback.yes"), False: t("feedback.no")}
    return st.segmented_control(
        t("feedback.question"),
        list(names),
        format_func=names.__getitem__,
        default=None if before is None else before.verdict is Verdict.RIGHT,
        key=f"right-{upload_id}",
        label_visibility="collapsed",
    )


def _where_it_was(t: Translator, upload_id: str, answer: Identification, before: Feedback | None) -> str | None:
    """Draw the choice among the other places; None when the visitor does not know."""
    names = {DO_NOT_KNOW: t("feedback.do_not_know")}
    names |= {place.slug: place.name.get(t.language) for place in resources.places().list()}
    names |= {UNKNOWN: t("feedback.none_of_these")}
    names.pop(answer.place.slug if answer.place else UNKNOWN, None)
    standing = before.correct_slug if before and before.correct_slug in names else DO_NOT_KNOW
    chosen = st.selectbox(
        t("feedback.which"),
        list(names),
        index=list(names).index(standing or DO_NOT_KNOW),
        format_func=lambda slug: names[slug],
        key=f"place-{upload_id}",
    )
    return chosen or None


def _store(before: Feedback | None, answer: Identification, verdict: Verdict, correct_slug: str | None) -> Feedback:
    rows = resources.feedback()
    if before is not None and before.feedback_id is not None:
        return rows.update(before.feedback_id, verdict, correct_slug)
    said = Feedback(
        release=answer.release,
        answered_slug=answer.place.slug if answer.place else None,
        confidence=answer.confidence,
        verdict=verdict,
        correct_slug=correct_slug,
        scores={score.place.slug: score.probability for score in answer.scores},
    )
    return rows.get(rows.add(said))
