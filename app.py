"""The app's table of pages; `streamlit run app.py` starts here. Everything else lives in `pages` and `core`."""

import streamlit as st

from pages.ui.language import current_words

t = current_words()
IDENTIFY = {"page": "pages/identify.py", "title": t("page.identify.title"), "icon": ":material/photo_camera:"}
start = st.Page(**IDENTIFY, url_path="start", default=True)
# A fresh server answers at /identify on its own, without this table (DESIGN.md, decision 1): keep that address good.
by_name = st.Page(**IDENTIFY, url_path="identify", visibility="hidden")

st.navigation([start, by_name], position="top").run()
