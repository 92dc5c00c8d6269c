"""Boxes in and out as files: what an import would do before it does it, and an export to download. Both run as jobs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from core.dataset.import_spool import PACKED, pack_uploads
from core.dataset.label_plan import Catalogue, LabelImportPlan, ReadOptions, plan_labels
from core.dataset.label_reading import LabelFormat
from core.db.places import UNKNOWN
from core.domain.job import Job, JobState
from core.errors import EodiError
from core.jobs.spool import FILES, Upload, discard, job_folder, stage, start_with, sweep
from core.messages import Translator
from pages.ui import curate_state, resources, state, uploader
from pages.ui.access import current_actor, serves_this_machine_only
from pages.ui.frame import show_error
from pages.ui.job_panel import JobPanel, last_words, offer_next_steps, show_job
from pages.ui.label_plan_view import show_plan
from pages.ui.text import plain

IMPORT, EXPORT = "labels-import", "labels-export"
EXPORTED = "eodi-labels.zip"
PREFIX = "label-files-"
SOURCE, PLANNED = f"{PREFIX}source", f"{PREFIX}plan"


@dataclass(frozen=True, slots=True)
class LabelSource:
    """A data set to bring in. path: a zip or a folder. staged: its folder when it was uploaded here."""

    path: Path
    name: str
    staged: Path | None = None


def show_files(t: Translator) -> None:
    """Draw the job that the address names, or the ways in and out."""
    job_id = state.job_in_address()
    if job_id is not None:
        show_job(t, job_id, PANEL)
        return
    bring_in, take_out = st.tabs([t("label.files.import"), t("label.files.export")])
    with bring_in:
        _show_import(t)
    with take_out:
        _show_export(t)


def _show_import(t: Translator) -> None:
    st.caption(plain(t("label.files.import.what")))
    form = _choose_form(t, "import")
    names = ""
    if form is LabelFormat.YOLO:
        names = st.text_input(t("label.files.names"), key=f"{PREFIX}names", help=t("label.files.names.what"))
    source: LabelSource | None = curate_state.field(SOURCE)
    if source is None or not source.path.exists():
        _choose_source(t)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(source.name)}**", width="content")
        st.button(t("label.files.other"), type="tertiary", icon=":material/undo:", on_click=_forget_source)
    options = ReadOptions(form, tuple(name.strip() for name in names.split(",") if name.strip()))
    try:
        plan = _plan(t, source, options)
    except EodiError as error:
        show_error(error, t.language)
        return
    if show_plan(t, plan):
        _offer_import(t, source, options)


def _choose_form(t: Translator, where: str) -> LabelFormat:
    names = {LabelFormat.YOLO: "YOLO", LabelFormat.COCO: "COCO JSON", LabelFormat.VOC: "Pascal VOC"}
    form: LabelFormat = st.segmented_control(
        t("label.files.form"),
        list(names),
        format_func=lambda one: names[one],
        default=LabelFormat.YOLO,
        key=f"{PREFIX}form-{where}",
        required=True,
    )
    return form


def _choose_source(t: Translator) -> None:
    with st.container(key="label-zip"):
        upload = st.file_uploader(t("label.files.zip"), "zip", key=f"{PREFIX}zip-{state.uploader_round()}")
    if upload is not None:
        jobs_dir = resources.settings().jobs_dir
        try:
            sweep(resources.jobs(), jobs_dir)
            staged = stage(partial(pack_uploads, [Upload(upload.name, upload.getvalue())]), jobs_dir)
        except EodiError as error:
            show_error(error, t.language)
            return
        finally:
            uploader.empty([upload])
        _keep(LabelSource(staged / PACKED, upload.name, staged))
    if serves_this_machine_only():
        given = st.text_input(t("label.files.path"), key=f"{PREFIX}path", placeholder="/home/…/dataset").strip()
        path = Path(given).expanduser()
        if given and not (path.is_absolute() and path.exists()):
            st.error(plain(t("import_source.no_path", path=given)), icon=":material/info:")
        elif given:
            _keep(LabelSource(path, path.name or given))


def _keep(source: LabelSource) -> None:
    curate_state.set_field(SOURCE, source)
    st.rerun()


def _forget_source() -> None:
    source: LabelSource | None = curate_state.field(SOURCE)
    if source is not None and source.staged is not None:
        discard(source.staged)
    curate_state.forget_fields(PREFIX)


def _plan(t: Translator, source: LabelSource, options: ReadOptions) -> LabelImportPlan:
    """Return what the import would do; read once for a source and its options.

    Raises:
        EodiError: it cannot be read, or nothing in it is of this format.
    """
    kept = curate_state.field(PLANNED)
    if kept is not None and kept[0] == (source, options):
        return kept[1]
    bar = st.progress(0.0, t("label.files.reading"))
    catalogue = Catalogue(resources.places(), resources.labels(), resources.boxes(), resources.photos())
    try:
        with TemporaryDirectory(prefix=".labels-", dir=resources.settings().data_dir) as folder:
            plan = plan_labels(source.path, options, catalogue, Path(folder) / "unpacked", _Bar(bar, t))
    finally:
        bar.empty()
    curate_state.set_field(PLANNED, ((source, options), plan))
    return plan


class _Bar:
    """Shows how far the reading is; what the plan is told of it in words stands on the command line."""

    def __init__(self, bar: "st.delta_generator.DeltaGenerator", t: Translator) -> None:
        self._bar, self._t = bar, t

    def __call__(self, done: int, total: int | None, _message: str = "", **_values: str | int | float) -> None:
        self._bar.progress(min(1.0, done / total) if total else 0.0, self._t("label.files.reading"))


def _offer_import(t: Translator, source: LabelSource, options: ReadOptions) -> None:
    left, right = st.columns(2)
    author = left.text_input(t("import_view.author"), "", 300, key=f"{PREFIX}author")
    licence = right.text_input(t("import_view.licence"), "", 300, key=f"{PREFIX}licence")
    replace = st.checkbox(t("label.files.replace"), key=f"{PREFIX}replace", help=t("label.files.replace.what"))
    if not st.button(t("label.files.start"), type="primary", icon=":material/download:"):
        return
    texts = {"format": options.form.value, "names": ",".join(options.names), "source": source.name}
    texts |= {"author": author, "licence": licence, "actor": current_actor()}
    arguments = [f"--{name}={value}" for name, value in texts.items() if value] + (["--replace"] if replace else [])
    where = "" if source.staged else str(source.path)
    _start(t, source.staged, IMPORT, lambda folder: (*arguments, "--", where or str(folder / FILES / PACKED)))


def _show_export(t: Translator) -> None:
    st.caption(plain(t("label.files.export.what")))
    form = _choose_form(t, "export")
    names = {"": t("label.place.all")} | {one.slug: one.name.get(t.language) for one in resources.places().list()}
    names[UNKNOWN] = t("label.place.unknown")
    place = st.selectbox(
        t("label.place"), list(names), format_func=lambda one: plain(names[one]), key=f"{PREFIX}place", width=320
    )
    only_free = st.checkbox(t("label.files.only_free"), key=f"{PREFIX}free")
    if st.button(t("label.files.make"), type="primary", icon=":material/folder_zip:"):
        options = [
            f"--format={form.value}",
            *([f"--place={place}"] if place else []),
            *(["--only-free"] if only_free else []),
        ]
        _start(t, None, EXPORT, lambda folder: (*options, "--", str(folder / EXPORTED)))


def _start(t: Translator, staged: Path | None, kind: str, arguments: Callable[[Path], tuple[str, ...]]) -> None:
    try:
        job = start_with(
            staged, kind, arguments, resources.jobs(), resources.job_runner(), resources.settings().jobs_dir
        )
    except EodiError as error:
        show_error(error, t.language)
        return
    curate_state.forget_fields(PREFIX)
    state.put_job_in_address(job.job_id)
    st.rerun()


# ---- the job ----


def _in_words(t: Translator, job: Job) -> str:
    if job.state is JobState.SUCCEEDED:
        return t("label.files.imported") if job.kind == IMPORT else t("label.files.exported")
    if job.state in {JobState.FAILED, JobState.RUNNING} and last_words(t, job):
        return last_words(t, job)
    ends = {JobState.CANCELLED: "job.cancelled", JobState.INTERRUPTED: "job.terminated"}
    return t(ends.get(job.state, "job_panel.waiting"))


def _after_the_end(t: Translator, job: Job) -> None:
    exported = job_folder(resources.settings().jobs_dir, job.job_id) / EXPORTED
    with st.container(horizontal=True):
        if job.kind == EXPORT and job.state is JobState.SUCCEEDED and exported.exists():
            st.download_button(
                t("label.files.download"),
                exported.read_bytes,
                EXPORTED,
                "application/zip",
                type="primary",
                icon=":material/download:",
                on_click="ignore",
            )
        offer_next_steps(t, job, PANEL)


PANEL = JobPanel(lambda job: job.kind in {IMPORT, EXPORT}, _in_words, _after_the_end)
