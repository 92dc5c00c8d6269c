"""The train page: what is chosen becomes a command, what waits is said, and what was made is compared."""

import os
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.domain.job import Job, JobState
from core.domain.photo import Split
from core.metrics.live_log import note_work
from core.weights.folder import open_run, write_run
from core.weights.records import PREDICTIONS_FILE, write_predictions
from core.weights.release import write_default
from pages.ui import resources
from pages.ui.train_resources import folder_of, freeze_now
from tests.pages.visiting import open_app, words
from tests.support.batch_photos import Started
from tests.support.boxed_run import write_boxed_run
from tests.support.hand_worked import hand_manifest, hand_table
from tests.support.records import photo_record
from tests.support.scored_tree import write_scored_tree
from tests.support.tiny_detector import write_tiny_detector
from tests.support.tiny_model import write_tiny_run

PAGE = "pages/train.py"
pytestmark = pytest.mark.usefixtures("home")
PAYLOAD = "![](http://x.example) <script>1</script>"


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> Started:
    """Let jobs be noted, and not started."""
    noted = Started()
    monkeypatch.setattr(resources, "job_runner", lambda: noted)
    return noted


def fill(count: int = 4, **changes: object) -> None:
    """Put rows of accepted photos of 만장굴 into the library."""
    start = resources.photos().count()
    for number in range(start + 1, start + 1 + count):
        resources.photos().add(photo_record(number, **{"place_slug": "manjanggul", "source": "test", **changes}))
    st.cache_data.clear()


def serve_what_is_accepted() -> None:
    """Put a classifier in service that learned from all that is accepted."""
    weights = resources.settings().weights_dir
    data = replace(open_run(weights, "tiny").manifest.data, snapshot_id=freeze_now().snapshot_id)
    write_default(weights, write_tiny_run(weights, "knows-them", data=data).manifest.run_id)
    st.cache_data.clear()


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def said(app: AppTest) -> str:
    assert not app.exception
    return words(app).replace("\u2060", "")


def ended(state: JobState, message: str = "", *arguments: str, **values: str) -> Job:
    """Return a training's job that ended so."""
    jobs = resources.jobs()
    job = jobs.create("train", arguments or ("classifier",))
    jobs.claim(job.job_id, 1, 1.0)
    jobs.end(job.job_id, state, message, values)
    return jobs.get(job.job_id)


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "No photo is accepted yet"), ("ko", "아직 승인된 사진이 없습니다")]
)
def test_an_empty_library_says_what_to_do_first(language: str, sentence: str) -> None:
    app = open_app(PAGE, language)
    assert sentence in said(app)
    assert next(button for button in app.button if button.key == "train-start").disabled


def test_the_form_says_what_it_would_learn_from_and_how_long_it_takes() -> None:
    open_app(PAGE)
    fill(4)
    app = open_app(PAGE)
    assert "Photos: 4, places: 1, of no known place: 0. Leaks between learning and testing: 0." in said(app)
    assert "Will probably take about a minute" in said(app)


def test_starting_freezes_and_a_second_click_finds_the_first(runner: Started) -> None:
    open_app(PAGE)
    fill(4)
    app = press(open_app(PAGE), "Start training")
    assert not app.error
    (snapshot,) = resources.snapshots().list()
    (job,) = runner.jobs
    assert (job.kind, job.arguments) == ("train", ("classifier", f"--snapshot={snapshot.snapshot_id}"))
    assert app.query_params["job"] in (job.job_id, [job.job_id])
    assert "Starting in a moment" in str(app.get("progress")[0].proto.text)
    press(open_app(PAGE), "Start training")
    assert [one.job_id for one in runner.jobs] == [job.job_id]


def test_choices_become_options_and_those_left_alone_do_not(runner: Started) -> None:
    open_app(PAGE)
    fill(4)
    app = open_app(PAGE)
    app.selectbox(key="classifier-net").set_value("MobileNetV2-0.35")
    app.selectbox(key="classifier-start").set_value("none")
    app.selectbox(key="classifier-tune").set_value("last").run()
    app.number_input(key="classifier-epochs").set_value(7)
    app.number_input(key="classifier-size").set_value(96)
    app.number_input(key="classifier-seed").set_value(3)
    app = press(app, "Start training")
    assert not app.error and not app.exception
    assert runner.jobs[0].arguments[2:] == (
        "--backbone=MobileNetV2-0.35",
        "--pretrained=none",
        "--imgsz=96",
        "--epochs=7",
        "--seed=3",
        "--fine-tune=last",
    )


def test_a_detector_needs_boxes_and_says_so() -> None:
    open_app(PAGE)
    fill(4)
    app = open_app(PAGE)
    app.segmented_control(key="train-task").set_value("detector").run()
    assert "No photo of this data has a box" in said(app)
    assert next(button for button in app.button if button.key == "train-start").disabled


def test_a_file_of_weights_that_is_not_there_starts_nothing(runner: Started) -> None:
    open_app(PAGE)
    fill(4)
    app = open_app(PAGE)
    app.selectbox(key="classifier-start").set_value("file").run()
    app.text_input(key="classifier-file").set_value("/no/such.h5").run()
    assert "Name a file of weights" in said(app)
    assert next(button for button in app.button if button.key == "train-start").disabled


def test_a_snapshot_is_named_with_its_note_as_plain_text(runner: Started) -> None:
    open_app(PAGE)
    fill(4, split=Split.TRAIN)
    snapshot = freeze_now(PAYLOAD)
    app = open_app(PAGE)
    app.selectbox(key="train-data").set_value(snapshot.snapshot_id).run()
    assert not any("![](" in element.value for element in (*app.markdown, *app.caption))
    press(app, "Start training")
    assert runner.jobs[0].arguments == ("classifier", f"--snapshot={snapshot.snapshot_id}")


def test_accepted_photos_wait_and_one_click_trains_with_the_settings_in_service(runner: Started) -> None:
    open_app(PAGE)
    fill(4)
    serve_what_is_accepted()
    fill(1)
    fill(2, source="visitor")
    ended(JobState.SUCCEEDED, "train.made", "classifier", "--snapshot=old", "--imgsz=96", run_id="knows-them")
    ended(JobState.SUCCEEDED, "train.made", run_id="tiny")
    app = open_app(PAGE)
    assert "3 accepted photos are waiting" in said(app).replace("*", "")
    assert "2 of them were given by visitors" in said(app)
    assert "learned from them already" not in said(app)  # of "tiny" nobody knows what it learned from
    app = press(app, "Freeze, train again and compare")
    assert not app.error
    snapshot = resources.snapshots().list()[0]
    assert snapshot.photos == 7
    assert runner.jobs[0].arguments == ("classifier", f"--snapshot={snapshot.snapshot_id}", "--imgsz=96")


def test_photos_that_the_run_in_service_learned_from_do_not_wait() -> None:
    open_app(PAGE)
    fill(4)
    serve_what_is_accepted()
    assert "waiting" not in said(open_app(PAGE))
    fill(1)
    assert "1 accepted photos are waiting" in said(open_app(PAGE)).replace("*", "")


def test_a_run_is_compared_with_the_one_in_service_and_promoted_by_a_click(runner: Started) -> None:
    open_app(PAGE)
    run = write_tiny_run(resources.settings().weights_dir, "better")
    job = ended(JobState.SUCCEEDED, "train.made", run_id=run.manifest.run_id)
    app = open_app(PAGE, job=job.job_id)
    assert "Trained: better" in said(app)
    assert list(app.dataframe[0].value.columns) == ["On photos that it did not learn from", "This run", "In service"]
    app = press(app, "Put it in service")
    assert not app.error and resources.run_in_service() == "better"


def test_a_detector_goes_into_service_beside_the_classifier() -> None:
    open_app(PAGE)
    run = write_tiny_detector(resources.settings().weights_dir)
    job = ended(JobState.SUCCEEDED, "train.made", "detector", run_id=run.manifest.run_id)
    app = press(open_app(PAGE, job=job.job_id), "Put it in service")
    assert not app.error and resources.detector_in_service() == run.manifest.run_id
    assert resources.run_in_service() == "tiny"


def test_a_cancelled_detector_says_what_is_kept_and_goes_on_at_a_click(runner: Started) -> None:
    open_app(PAGE)
    job = ended(JobState.CANCELLED, "job.cancelled", "detector")
    app = open_app(PAGE, job=job.job_id)
    assert "Its best weights so far are kept" in said(app)
    press(app, "Go on")
    assert resources.jobs().get(job.job_id).state is JobState.QUEUED and len(runner.jobs) == 1


def test_a_stopped_detector_that_has_weights_can_be_made_a_run(runner: Started, home: Path) -> None:
    open_app(PAGE)
    job = ended(JobState.CANCELLED, "job.cancelled", "detector", "--epochs=9")
    note_work(folder_of(job), home / "work")
    assert "finish" not in " ".join(str(button.key) for button in open_app(PAGE, job=job.job_id).button)
    (home / "work" / "all").mkdir(parents=True)
    (home / "work" / "all" / "last.pt").write_bytes(b"")
    app = press(open_app(PAGE, job=job.job_id), "Make a run of what it has")
    assert not app.error and runner.jobs[0].arguments == ("detector", "--epochs=9", "--finish")


def test_a_training_that_waits_its_turn_says_so() -> None:
    open_app(PAGE)
    jobs = resources.jobs()
    job = jobs.create("train", ("classifier",))
    jobs.claim(job.job_id, os.getpid(), psutil.Process().create_time())
    jobs.progress(job.job_id, 0, None, "job.waiting", {})
    app = open_app(PAGE, job=job.job_id)
    assert "Waiting for another heavy job to finish" in str(app.get("progress")[0].proto.text)


def test_earlier_trainings_lead_to_their_job_and_their_figures() -> None:
    open_app(PAGE)
    ended(JobState.SUCCEEDED, "train.made", run_id="tiny")
    ended(JobState.FAILED, "error.detector.failed", "detector", status="1", reason=PAYLOAD)
    app = open_app(PAGE)
    text = said(app)
    assert "Done: tiny" in text and PAYLOAD in text and "Figures of this run" in text
    assert not any("![](" in element.value for element in (*app.markdown, *app.caption))
    app = next(button for button in app.button if button.label == "Show").click().run()
    assert "job" in app.query_params


def test_another_pages_job_is_not_shown_here() -> None:
    open_app(PAGE)
    job = resources.jobs().create("export", ())
    assert "is not there" in said(open_app(PAGE, job=job.job_id))


def test_what_a_newer_run_has_learned_is_offered_for_comparison_before_training_again() -> None:
    open_app(PAGE)
    fill(4)
    serve_what_is_accepted()
    fill(1)
    weights = resources.settings().weights_dir
    data = replace(open_run(weights, "tiny").manifest.data, snapshot_id=freeze_now().snapshot_id)
    write_tiny_run(weights, "newer", data=data)
    st.cache_data.clear()
    job = ended(JobState.SUCCEEDED, "train.made", run_id="newer")
    app = open_app(PAGE)
    assert "newer has learned from them already" in said(app)
    app = press(app, "Compare it")
    assert app.query_params["job"] in (job.job_id, [job.job_id]) and "Trained: newer" in said(app)


def test_a_fusion_tree_is_fitted_on_the_runs_in_service_or_on_those_that_are_chosen(runner: Started) -> None:
    app = open_app(PAGE, "en")
    app.segmented_control(key="train-task").set_value("fusion").run()
    assert "no classifier with a table" in said(app) and app.button(key="train-start").disabled
    weights = resources.settings().weights_dir
    for run_id in ("serving", "another"):
        write_run(weights, hand_manifest(run_id), {PREDICTIONS_FILE: write_predictions(hand_table())})
    boxed = write_boxed_run(weights)
    write_default(weights, "serving", boxed.manifest.run_id)
    st.cache_resource.clear()
    app = open_app(PAGE, "en")
    app.segmented_control(key="train-task").set_value("fusion").run()
    press(app, "Start training")
    app = open_app(PAGE, "en")
    app.segmented_control(key="train-task").set_value("fusion").run()
    app.selectbox(key="fusion-classifier").set_value("another").run()
    press(app, "Start training")
    assert [job.arguments for job in runner.jobs] == [
        ("fusion",),
        ("fusion", "--classifier=another", "--detector=boxed"),
    ]


def test_what_a_fusion_made_is_shown_with_its_score_and_its_run_can_be_opened(runner: Started) -> None:
    write_scored_tree(resources.settings().weights_dir)
    job = ended(JobState.SUCCEEDED, "train.made", "fusion", run_id="fused")
    app = open_app(PAGE, "en", job=job.job_id)
    assert "4 of 5" in "".join(app.dataframe[0].value.astype(str).to_numpy().ravel())
    assert not app.exception and not app.error
