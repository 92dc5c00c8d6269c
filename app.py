"""The app's table of pages; `streamlit run app.py` starts here. Everything else lives in `pages` and `core`."""

import streamlit as st

from pages.ui.language import current_words
from pages.ui.links import IDENTIFY, PAGES

t = current_words()
start = st.Page(IDENTIFY.file, title=t(IDENTIFY.title_key), icon=IDENTIFY.icon, url_path="start", default=True)
# Each under its own name too: a fresh server answers at /identify and /places without this table, and these
# addresses stay good; see docs/architecture.md.
by_name = [st.Page(page.file, title=t(page.title_key), icon=page.icon) for page in PAGES]

# Drawn by `pages/ui/links.py` instead.
st.navigation([start, *by_name], position="hidden").run()
