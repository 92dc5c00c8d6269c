"""What visitors said of answers, to be decided about: accept as a place, reject, open in review; what came of it."""

from collections.abc import Callable

import streamlit as st

from core.db.feedback_queue import FeedbackQueue, Fixed, WrongAnswer, count_fixed, suggested_slug
from core.db.places import UNKNOWN
from core.domain.feedback import Feedback
from core.domain.library import Change, RejectReason
from core.domain.photo import PhotoRecord
from core.errors import EodiError
from core.identify.opinions import submit_opinions
from core.messages import Translator
from pages.ui import curate_state, resources
from pages.ui.access import current_actor
from pages.ui.frame import show_error
from pages.ui.links import link_to_photo
from pages.ui.metrics_runs import opened_run
from pages.ui.review_grid import reason_names
from pages.ui.review_tiles import thumbnail_of
from pages.ui.text import plain

ON_A_PAGE = 10
SHOWN_WITHOUT_PHOTO = 8
UNDO, MANY = "queue-undo", "queue-shown"


def show_answers(t: Translator) -> None:
    """Draw the counter, then the answers that wait."""
    queue = FeedbackQueue(resources.database())
    names = {place.slug: place.name.get(t.language) for place in resources.places().list(include_retired=True)}
    names |= {UNKNOWN: t("metrics.no_known_place")}
    _show_notice(t)
    _show_fixed(t, queue)
    waiting = queue.count_waiting()
    st.subheader(t("queue.title", count=t.number(waiting)), anchor=False)
    if not waiting:
        st.info(plain(t("queue.empty")), icon=":material/check:")
    many = int(curate_state.field(MANY) or ON_A_PAGE)
    found = queue.waiting(limit=many)
    records = {record.sha256: record for record in resources.photos().get_many([f.photo_sha256 or "" for f in found])}
    for feedback in found:
        record = records.get(feedback.photo_sha256 or "")
        if record is not None:
            _show_one(t, feedback, record, names)
    if waiting > many and st.button(t("queue.more", count=t.number(waiting - many))):
        curate_state.set_field(MANY, many + ON_A_PAGE)
        st.rerun()
    _show_without_photo(t, queue, names)


# ---- one answer ----


def _show_one(t: Translator, feedback: Feedback, record: PhotoRecord, names: dict[str, str]) -> None:
    with st.container(border=True, key=f"answer-{feedback.feedback_id}"):
        picture, words = st.columns([2, 5], gap="medium")
        with picture:
            thumbnail = thumbnail_of(record)
            if thumbnail is None:
                st.caption(plain(t("queue.no_picture")))
            else:
                st.image(thumbnail, width="stretch", alt=t("queue.picture_alt"))
        with words:
            _show_words(t, feedback, names)
            _show_buttons(t, feedback, record, names)


def _show_words(t: Translator, feedback: Feedback, names: dict[str, str]) -> None:
    answered = names.get(feedback.answered_slug or UNKNOWN, feedback.answered_slug or "")
    st.markdown(plain(t("queue.answered", place=answered, share=t.probability(feedback.confidence))))
    if feedback.correct_slug is not None:
        said = t("queue.said_place", place=names.get(feedback.correct_slug, feedback.correct_slug))
    else:
        said = t("queue.said_right") if feedback.verdict == "right" else t("queue.said_wrong")
    st.markdown(f"**{plain(said)}**")
    when = t.moment(feedback.created_at) if feedback.created_at else ""
    st.caption(plain(f"{when} · {feedback.release}"))


def _show_buttons(t: Translator, feedback: Feedback, record: PhotoRecord, names: dict[str, str]) -> None:
    key = f"queue-{feedback.feedback_id}"
    suggested = suggested_slug(feedback, record)
    offered = [*(place.slug for place in resources.places().list()), UNKNOWN]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.selectbox(
            t("queue.place"),
            offered,
            index=offered.index(suggested) if suggested in offered else None,
            format_func=lambda slug: names.get(slug, slug),
            placeholder=t("queue.choose"),
            key=f"{key}-place",
            width=240,
        )
        st.button(
            t("queue.accept"),
            icon=":material/check:",
            type="primary",
            disabled=chosen is None,
            key=f"{key}-accept",
            on_click=_decide,
            args=(t, lambda: _accept(record, str(chosen)), t("queue.accepted", place=names.get(str(chosen), ""))),
        )
        with st.popover(t("queue.reject"), icon=":material/close:"):
            for reason, name in reason_names(t).items():
                st.button(
                    name,
                    key=f"{key}-reject-{reason.value}",
                    on_click=_decide,
                    args=(t, lambda reason=reason: _reject(record, reason), t("queue.rejected")),
                )
        link_to_photo(t, record.sha256, t("queue.open"))


def _accept(record: PhotoRecord, slug: str) -> list[Change]:
    review, actor = resources.review(), current_actor()
    moved = [review.move([record.sha256], slug, actor)] if record.place_slug != slug else []
    return [*moved, review.accept([record.sha256], actor)]


def _reject(record: PhotoRecord, reason: RejectReason) -> list[Change]:
    return [resources.review().reject([record.sha256], reason, "", current_actor())]


def _decide(t: Translator, deed: Callable[[], list[Change]], said: str) -> None:
    """Do it and remember how to take it back; what cannot be done is said by the next run."""
    try:
        changes = deed()
    except EodiError as error:
        show_error(error, t.language)
        return
    curate_state.set_field(UNDO, [change.batch_id for change in changes if change.batch_id])
    curate_state.leave_notice(said)


def _show_notice(t: Translator) -> None:
    said = curate_state.take_notice()
    undoable = curate_state.field(UNDO)
    if not (said or undoable):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if said:
            st.success(plain(said), icon=":material/check:")
        if undoable:
            st.button(t("review.undo"), icon=":material/undo:", on_click=_undo, args=(t, undoable), key="queue-undone")


def _undo(t: Translator, batches: list[str]) -> None:
    curate_state.set_field(UNDO, None)
    try:
        for batch_id in reversed(batches):
            resources.review().undo(batch_id, current_actor())
    except EodiError as error:
        show_error(error, t.language)
        return
    curate_state.leave_notice(t("queue.undone"))


# ---- what came of it ----


def _show_fixed(t: Translator, queue: FeedbackQueue) -> None:
    """Say how many answers that were wrong the model in service gives right now, and offer to ask it about the rest."""
    run_id = resources.run_in_service()
    wrong = queue.wrong_answers()
    fixed = fixed_by(run_id, wrong)
    if not (fixed.judged or fixed.waiting):
        return
    with st.container(border=True, key="queue-fixed"):
        if fixed.judged:
            st.markdown(f"**{plain(t('queue.fixed', k=fixed.right, m=fixed.judged, run=run_id))}**")
            st.caption(plain(t("queue.fixed_learned", count=fixed.learned)))
        if fixed.waiting:
            st.caption(plain(t("queue.fixed_waiting", count=fixed.waiting)))
            if st.button(t("queue.ask_again"), icon=":material/refresh:", disabled=not run_id):
                submit_opinions(resources.jobs(), resources.job_runner(), run_id)
                st.caption(plain(t("queue.asking")))


def fixed_by(run_id: str, wrong: tuple[WrongAnswer, ...]) -> Fixed:
    """Return how a run fares on answers that were wrong when they were given."""
    opinions = resources.opinions().get_many([one.photo_sha256 for one in wrong], run_id)
    return count_fixed(wrong, opinions, _learned(run_id))


def _learned(run_id: str) -> frozenset[str]:
    try:
        parts = opened_run(run_id).parts
    except EodiError:
        return frozenset()
    return frozenset(sha256 for part, photos in parts.items() if part != "test" for sha256 in photos.sha256s)


def _show_without_photo(t: Translator, queue: FeedbackQueue, names: dict[str, str]) -> None:
    counts = queue.without_photo()
    if not counts:
        return
    with st.expander(t("queue.without_photo", count=t.number(sum(counts.values())))):
        st.caption(plain(t("queue.without_photo_what")))
        for (answered, said), count in list(counts.items())[:SHOWN_WITHOUT_PHOTO]:
            place = names.get(answered or UNKNOWN, answered or "")
            truth = names.get(said, said) if said else t("queue.not_said")
            st.markdown("- " + plain(t("queue.without_photo_line", answered=place, said=truth, count=count)))
