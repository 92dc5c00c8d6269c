"""The photo under the canvas, as an ordinary picture of the page: hidden, found through its container's key.

So it travels by HTTP beside the page's messages, stays in the browser's memory, and the next photo's can come early.
"""

import streamlit as st

from core.dataset.sniff import EXTENSIONS
from core.domain.photo import PhotoRecord
from pages.ui import resources

SHOWN_PX = 1600  # of the longer side: a window's width at ordinary screens, a third of a megabyte
SHARP_PX = 3200  # for a zoom of 4 on such a window


def source_key(sha256: str, longest_px: int = SHOWN_PX) -> str:
    """Return the key of the container that holds a photo's picture."""
    return f"label-source-{sha256[:20]}-{longest_px}"


def put_picture(record: PhotoRecord, longest_px: int = SHOWN_PX) -> None:
    """Put a photo's upright derivative, without metadata, where the canvas finds it.

    Raises:
        NotFound, StorageUnavailable: its file cannot be read.
        PhotoRefused: the file is damaged.
    """
    content = resources.reviewed_photo(record.sha256, EXTENSIONS[record.format], longest_px)
    with st.container(key=source_key(record.sha256, longest_px)):
        # A width in pixels, since Streamlit encodes anew whatever is wider than the room it has.
        st.image(content, width=longest_px)
