"""The drop zone for photos, and the camera. `styles/uploader.ko.css` and `.en.css` replace Streamlit's own words."""

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.messages import Translator
from pages.ui import state

PHOTO_TYPES = ("jpg", "jpeg", "png", "webp", "heic", "heif", "avif", "mpo")
# The browser refuses above this before anything is sent; the sentence for it stands in `styles/uploader.*.css`,
# and the server's own limit (`server.maxUploadSize`) is the same.
LIMIT_MB = 20


def given_photos(t: Translator) -> tuple[UploadedFile, ...]:
    """Draw the drop zone and the camera; return the photos in the one, then the photo from the other."""
    uploads = st.file_uploader(
        t("upload.label"),
        PHOTO_TYPES,
        accept_multiple_files=True,
        key=f"photos-{state.uploader_round()}",
        max_upload_size=LIMIT_MB,
        label_visibility="collapsed",
    )
    st.caption(t("upload.privacy"))
    taken = _camera(t)
    photos = (*uploads, taken) if taken else tuple(uploads)
    state.note_uploads([photo.file_id for photo in photos])
    return photos


def _camera(t: Translator) -> UploadedFile | None:
    """Draw the camera once it is asked for: the browser asks for permission as soon as it is there."""
    if not st.toggle(t("camera.open"), key="camera-open"):
        return None
    with st.container(key="camera"):
        return st.camera_input(t("camera.open"), key="camera-photo", label_visibility="collapsed", resolution="1080p")


def empty(uploads: Sequence[UploadedFile]) -> None:
    """Empty the drop zone, and the server's memory of what lay in it, which Streamlit holds until the session ends."""
    state.empty_uploader()
    context = get_script_run_ctx()
    if context is None or not isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        return
    for upload in uploads:
        context.uploaded_file_mgr.remove_file(context.session_id, upload.file_id)
