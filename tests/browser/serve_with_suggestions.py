"""Run Streamlit as `python -m streamlit` does, with two boxes that a detector in service would offer on every photo.

Started by `test_label_saves.py`: `python -m tests.browser.serve_with_suggestions run app.py …`.
"""

import runpy

from core.dataset.suggestions import Suggestion
from core.domain.photo import PhotoRecord
from pages.ui import resources


def suggestions(record: PhotoRecord) -> tuple[Suggestion, ...]:
    label = resources.labels().list(record.place_slug)[0]
    return (
        Suggestion(label.label_id, (0.2, 0.2, 0.5, 0.5), 0.91),
        Suggestion(label.label_id, (0.6, 0.6, 0.9, 0.9), 0.55),
    )


if __name__ == "__main__":
    resources.suggestions = suggestions
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
