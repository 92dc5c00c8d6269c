"""What to bring in: files, a zip or a folder that are dropped here, or a path on this computer.

What is dropped is written into a staged zip at once and leaves the server's memory; it waits there, at most a day,
until the import is started or other photos are chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.dataset.import_spool import PACKED, pack_uploads
from core.errors import EodiError
from core.jobs.spool import Upload, discard, stage, sweep
from core.messages import Translator
from pages.ui import curate_state, resources, state, uploader
from pages.ui.access import serves_this_machine_only
from pages.ui.frame import show_error
from pages.ui.text import plain
from pages.ui.uploader import PHOTO_TYPES

FILES, FOLDER, PATH = "files", "folder", "path"
KEPT = "import-source"
WAY, PATH_FIELD = "import-way", "import-path"
MOST_MB = 500  # of one zip; see `ArchiveLimits`


@dataclass(frozen=True, slots=True)
class Source:
    """What would be imported. path: a zip or a folder. staged: its folder when a page wrote it. name: to show.

    files: how many were dropped; 0 where that is not known before looking.
    """

    path: Path
    name: str
    files: int
    staged: Path | None = None


def choose_source(t: Translator) -> Source | None:
    """Draw the ways to bring photos in, or what was chosen; None while nothing is."""
    source: Source | None = curate_state.field(KEPT)
    if source is not None and source.staged is not None and not source.path.exists():
        source = None  # it waited longer than a day
    if source is not None:
        _show_chosen(t, source)
        return source
    names = {FILES: t("import_source.files"), FOLDER: t("import_source.folder")}
    if serves_this_machine_only():
        names[PATH] = t("import_source.path")
    way = st.segmented_control(
        t("import_source.way"),
        list(names),
        format_func=names.get,
        default=FILES,
        key=WAY,
        required=True,
        label_visibility="collapsed",
    )
    if way == PATH:
        _take_path(t)
    else:
        _take_uploads(t, way)
    return None


def forget_source(discarded: bool = True) -> None:
    """Let other photos be chosen. discarded: what was staged is not wanted any more, rather than handed to a job."""
    source: Source | None = curate_state.field(KEPT)
    if discarded and source is not None and source.staged is not None:
        discard(source.staged)
    curate_state.forget_fields("import-")


def _show_chosen(t: Translator, source: Source) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(source.name)}**", width="content")
        st.button(t("import_source.other"), type="tertiary", icon=":material/undo:", on_click=forget_source)


def _take_path(t: Translator) -> None:
    given = st.text_input(t("import_source.path_label"), key=PATH_FIELD, placeholder="/home/…/photos")
    st.caption(plain(t("import_source.path_what")))
    if not given.strip():
        return
    path = Path(given.strip().strip("\"'")).expanduser()
    if not path.is_absolute() or not path.exists():
        st.error(plain(t("import_source.no_path", path=given)), icon=":material/info:")
        return
    if st.button(t("import_source.look"), type="primary"):
        _keep(Source(path, path.name or str(path), 0))


def _take_uploads(t: Translator, way: Literal["files", "folder"]) -> None:
    with st.container(key=f"import-{way}"):
        uploads = st.file_uploader(
            names_of(t, way),
            PHOTO_TYPES if way == FOLDER else (*PHOTO_TYPES, "zip"),
            accept_multiple_files="directory" if way == FOLDER else True,
            key=f"import-{way}-{state.uploader_round()}",
            label_visibility="collapsed",
        )
    st.caption(plain(t("import_source.limits", limit_mb=MOST_MB)))
    if not uploads:
        return
    try:
        with st.spinner(t("import_source.receiving")):
            _keep(_stage(t, uploads))
    except EodiError as error:
        show_error(error, t.language)
    finally:
        uploader.empty(uploads)


def names_of(t: Translator, way: str) -> str:
    """Return what a drop zone is called."""
    return t("import_source.folder") if way == FOLDER else t("import_source.files")


def _stage(t: Translator, uploads: Sequence[UploadedFile]) -> Source:
    jobs_dir = resources.settings().jobs_dir
    sweep(resources.jobs(), jobs_dir)
    files = [Upload(upload.name, upload.getvalue()) for upload in uploads]
    staged = stage(partial(pack_uploads, files), jobs_dir)
    first = uploads[0].name
    name = first if len(uploads) == 1 else first.split("/")[0] if "/" in first else t("import_source.several")
    return Source(staged / PACKED, name, 0 if name.lower().endswith(".zip") else len(uploads), staged)


def _keep(source: Source) -> None:
    curate_state.set_field(KEPT, source)
    st.rerun()
