"""The drop zone for photos. `styles/uploader.ko.css` and `uploader.en.css` replace Streamlit's own words in it."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.messages import Translator

PHOTO_TYPES = ("jpg", "jpeg", "png", "webp", "heic", "heif", "avif", "mpo")
# The browser refuses above this before anything is sent; the sentence for it stands in `styles/uploader.*.css`,
# and the server's own limit (`server.maxUploadSize`) is the same.
LIMIT_MB = 20


def photo_uploader(t: Translator) -> tuple[UploadedFile, ...]:
    """Draw the drop zone; return what lies in it."""
    upload = st.file_uploader(
        t("upload.label"), PHOTO_TYPES, key="photos", max_upload_size=LIMIT_MB, label_visibility="collapsed"
    )
    st.caption(t("upload.privacy"))
    return (upload,) if upload else ()
