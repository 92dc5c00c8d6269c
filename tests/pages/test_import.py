"""Bring photos in on the photos page: choose, see the plan, start the job, read its report."""

import io
import zipfile
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.dataset.import_photos import ImportResult
from core.dataset.import_spool import write_result
from core.domain.job import Job, JobState
from core.jobs.spool import job_folder
from pages.ui import resources
from tests.pages.home import GREEN, RED, coloured_jpeg
from tests.pages.visiting import open_app, upload_many, words
from tests.support.batch_photos import Started

PAGE = "pages/photos.py"
pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> Started:
    """Let jobs be noted, and not started."""
    noted = Started()
    monkeypatch.setattr(resources, "job_runner", lambda: noted)
    return noted


def open_import(language: str = "en", **address: str) -> AppTest:
    return open_app(PAGE, language, view="import", **address)


def class_zip(**folders: int) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for folder, count in folders.items():
            for number in range(count):
                archive.writestr(f"{folder}/{number}.jpg", coloured_jpeg(RED, (64 + number, 48)))
    return content.getvalue()


def press(app: AppTest, label: str) -> AppTest:
    return next(b for b in app.button if label in b.label).click().run()


def staged(home: Path) -> list[str]:
    return [path.name for path in (home / "data" / "jobs").glob(".spool-*")]


def test_photos_without_folders_ask_for_one_place_and_become_a_job(runner: Started, home: Path) -> None:
    app = upload_many(open_import(), {"a.jpg": coloured_jpeg(RED), "../b.jpg": coloured_jpeg(GREEN)})
    assert not app.exception and not app.error and len(staged(home)) == 1
    assert not any("Bring in" in b.label for b in app.button)
    app.selectbox(key="import-place").set_value("manjanggul").run()
    app.text_input(key="import-author").set_value("--accept")
    app.checkbox(key="import-accept").check()
    app = press(app, "Bring in 2 files")
    assert not app.exception and not app.error and staged(home) == []
    (job,) = runner.jobs
    assert job.kind == "import" and "--place=manjanggul" in job.arguments and "--author=--accept" in job.arguments
    assert job.arguments[-2] == "--" and job.arguments.count("--accept") == 1
    with zipfile.ZipFile(job.arguments[-1]) as archive:
        assert archive.namelist() == ["a.jpg", "b.jpg"]
    assert app.query_params["job"] in (job.job_id, [job.job_id])


def test_folders_are_matched_to_places_and_new_ones_are_added_as_they_were_written(runner: Started) -> None:
    app = upload_many(open_import(), {"data.zip": class_zip(manjanggul=2, ha_long=3)})
    assert not app.exception and not app.error
    assert app.selectbox(key="import-to-0").value == "manjanggul" and app.selectbox(key="import-to-1").value == "+"
    app.text_input(key="import-slug-1").set_value("halong")
    app.text_input(key="import-ko-1").set_value("하롱 :red[x]")
    app = press(app, "Bring in 5 files")
    assert not app.error
    assert {"--match=manjanggul=manjanggul", "--match=ha_long=halong"} <= set(runner.jobs[0].arguments)
    place = resources.places().get("halong")
    assert (place.class_id, place.name.ko, place.name.en) == (5, "하롱 :red[x]", "ha long")


def test_nothing_is_started_when_a_new_places_name_is_refused(runner: Started, home: Path) -> None:
    app = upload_many(open_import(), {"data.zip": class_zip(ha_long=1)})
    app.text_input(key="import-slug-0").set_value("' OR '1'='1")
    app = press(app, "Bring in 1 file")
    assert len(app.error) == 1 and runner.jobs == [] and len(staged(home)) == 1
    assert len(resources.places().list()) == 5


@pytest.mark.parametrize(
    "files",
    [{"a.zip": b"PK\x03\x04 broken"}, {"a.zip": class_zip(x=1), "b.jpg": b"x"}],
    ids=["broken", "zip among photos"],
)
def test_what_cannot_be_imported_is_one_sentence(files: dict[str, bytes], runner: Started) -> None:
    app = upload_many(open_import(), files)
    assert not app.exception and len(app.error) == 1 and runner.jobs == []


def test_choosing_others_lets_go_of_what_was_received(runner: Started, home: Path) -> None:
    app = upload_many(open_import(), {"a.jpg": coloured_jpeg(RED)})
    app = press(app, "Choose others")
    assert staged(home) == [] and app.file_uploader and not app.exception


def test_a_path_on_this_computer_is_imported_where_it_lies(runner: Started, tmp_path: Path) -> None:
    (tmp_path / "mine" / "cave").mkdir(parents=True)
    (tmp_path / "mine" / "cave" / "a.jpg").write_bytes(coloured_jpeg(RED))
    app = open_import()
    app.segmented_control(key="import-way").set_value("path").run()
    app.text_input(key="import-path").set_value(str(tmp_path / "nothing")).run()
    assert "There is no folder" in app.error[0].value
    app.text_input(key="import-path").set_value(str(tmp_path / "mine")).run()
    app = press(press(app, "Look into it"), "Bring in 1 file")
    assert runner.jobs[0].arguments[-1] == str(tmp_path / "mine")


def test_paths_are_offered_only_where_the_app_serves_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    from pages.ui import access

    monkeypatch.setattr(access, "_signed_in", lambda: True)
    real = st.get_option
    monkeypatch.setattr(st, "get_option", lambda key: "0.0.0.0" if key == "server.address" else real(key))  # noqa: S104 - the address of others
    app = open_import()
    assert app.file_uploader and app.segmented_control(key="import-way").options == ["Photos or a zip", "A folder"]


# ---- the job ----


def ended(state: JobState, *arguments: str) -> Job:
    open_import()
    job = resources.jobs().create("import", ("--source=my photos", *arguments, "--", "x.zip"))
    resources.jobs().claim(job.job_id, 1, 1.0)
    resources.jobs().progress(job.job_id, 3, 5, "import.progress", {"stored": 3, "known": 0, "refused": 0})
    return resources.jobs().end(job.job_id, state, "import.done", {"stored": 3, "known": 1, "refused": 1})


def test_a_report_names_each_refused_file_with_its_reason() -> None:
    job = ended(JobState.SUCCEEDED)
    refused = (("![](http://x.example).pdf", "photo.not_a_photo", {"found": "PDF"}),)
    folder = job_folder(resources.settings().jobs_dir, job.job_id)
    folder.mkdir(parents=True)
    write_result(ImportResult(3, 1, 0, refused, (("b.jpg", "osulloc", "manjanggul"),)), folder / "result.json")
    app = open_import(job=job.job_id)
    said = words(app).replace("\u2060", "")
    assert not app.exception and not app.error
    assert [metric.value for metric in app.metric] == ["3", "1", "1"]
    assert "![](http://x.example).pdf" in said and "PDF" in said and "b.jpg is filed under manjanggul" in said
    assert not any("![](" in element.value for element in app.markdown)
    app = press(app, "Review them")
    assert "import" not in app.query_params.get("view", "") and app.query_params["source"] in (
        "my photos",
        ["my photos"],
    )


@pytest.mark.parametrize("state", [JobState.CANCELLED, JobState.FAILED])
def test_a_job_that_stopped_can_be_taken_up_again(state: JobState, runner: Started) -> None:
    job = ended(state)
    app = open_import(job=job.job_id)
    assert not app.exception and "safe in the library" in words(app)
    press(app, "Go on")
    assert [started.job_id for started in runner.jobs] == [job.job_id]


@pytest.mark.parametrize("kind", ["train", "identify"])
def test_jobs_of_other_kinds_are_not_shown_here(kind: str) -> None:
    open_import()
    job = resources.jobs().create(kind, ("--secret",))
    app = open_import(job=job.job_id)
    assert not app.exception and "not there" in app.info[0].value and "secret" not in words(app)
