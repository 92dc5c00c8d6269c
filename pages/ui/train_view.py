"""The train page from top to bottom: the training in the address, photos that wait, the form, earlier trainings."""

from core.messages import Translator
from pages.ui import state
from pages.ui.job_panel import show_job
from pages.ui.train_form import show_form
from pages.ui.train_list import show_list
from pages.ui.train_live import TRAINING
from pages.ui.train_news import show_news


def show_train(t: Translator) -> None:
    """Draw the page."""
    job_id = state.job_in_address()
    if job_id is not None:
        show_job(t, job_id, TRAINING)
    show_news(t)
    show_form(t)
    show_list(t, job_id)
