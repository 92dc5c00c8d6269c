"""What is in the library, what is missing? Review, answers, import, health and snapshots of photos, by `?view=…`."""

import streamlit as st

from core.messages import Translator
from pages.ui import review_state
from pages.ui.access import Audience
from pages.ui.frame import open_page

VIEWS = ("review", "answers", "import", "health", "snapshots")
SWITCH = "photos-view"


def show(t: Translator, view: str) -> None:
    """Draw one view; each is read when it is first opened, for what it needs is large."""
    if view == "import":
        from pages.ui.import_view import show_import as draw
    elif view == "answers":
        from pages.ui.feedback_queue import show_answers as draw
    elif view == "health":
        from pages.ui.health_view import show_health as draw
    elif view == "snapshots":
        from pages.ui.snapshots_view import show_snapshots as draw
    else:
        from pages.ui.review_view import show_review as draw
    draw(t)


def switch() -> None:
    """Go to the chosen view, if it is another; what the address said of the one before means nothing there."""
    view = review_state.chosen(SWITCH)
    if view == (review_state.in_address("view") or VIEWS[0]):
        return  # called after a run that was cut short, with a value that did not change
    review_state.leave_all(but=("lang",))
    review_state.go(view="" if view == VIEWS[0] else view)


with open_page("page.photos.title", Audience.CURATOR) as page:
    names = {
        "review": page.t("photos.review"),
        "answers": page.t("photos.answers"),
        "import": page.t("photos.import"),
        "health": page.t("photos.health"),
        "snapshots": page.t("photos.snapshots"),
    }
    here = review_state.in_address("view")
    here = here if here in VIEWS else VIEWS[0]
    with st.container(horizontal=True, vertical_alignment="center", key="photos-head"):
        st.title(page.t("photos.title"), anchor=False, width="content")
        review_state.follow_address(SWITCH, here)
        st.segmented_control(
            page.t("photos.view"),
            VIEWS,
            format_func=lambda view: names[view],
            key=SWITCH,
            required=True,
            on_change=switch,
            label_visibility="collapsed",
        )
    show(page.t, here)
