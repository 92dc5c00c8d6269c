"""The health of the library and its frozen data sets, on the photos page."""

from dataclasses import replace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.domain.job import JobState
from core.domain.photo import PhotoStatus, Split
from pages.ui import resources
from tests.pages.visiting import open_app, words
from tests.support.batch_photos import Started
from tests.support.places import make_place
from tests.support.records import photo_record

PAGE = "pages/photos.py"
pytestmark = pytest.mark.usefixtures("home")
PAYLOAD = "![](http://x.example) <script>1</script>"


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> Started:
    """Let jobs be noted, and not started."""
    noted = Started()
    monkeypatch.setattr(resources, "job_runner", lambda: noted)
    return noted


def open_view(view: str, language: str = "en", **address: str) -> AppTest:
    return open_app(PAGE, language, view=view, **address)


def fill(count: int = 4, **changes: object) -> None:
    """Put rows of accepted photos of 만장굴 into the library."""
    open_view("health")
    start = resources.photos().count()
    for number in range(start + 1, start + 1 + count):
        resources.photos().add(photo_record(number, **{"place_slug": "manjanggul", "source": "test", **changes}))
    st.cache_data.clear()


def press(app: AppTest, label: str) -> AppTest:
    return next(b for b in app.button if b.label == label).click().run()


@pytest.mark.parametrize(("language", "said"), [("en", "The library is empty"), ("ko", "보관함이 비어 있습니다")])
def test_an_empty_library_says_where_to_begin(language: str, said: str) -> None:
    app = open_view("health", language)
    assert not app.exception and said in app.info[0].value


def test_each_place_says_what_it_has_and_what_is_missing() -> None:
    fill(4, licence=PAYLOAD)
    fill(2, status=PhotoStatus.NEW)
    app = open_view("health")
    said = words(app).replace("\u2060", "")
    assert not app.exception and not app.error
    assert [metric.value for metric in app.metric] == ["6", "4", "0", "0"]
    for part in ("Manjanggul", "46 more accepted photos to reach 50", "2 photos wait for review", "one source: test"):
        assert part in said
    assert PAYLOAD in said and "No photos yet: Osulloc Tea Museum" in said
    assert not any("![](" in element.value for element in (*app.markdown, *app.caption))


def test_photos_that_look_alike_under_two_places_lead_to_their_review() -> None:
    fill(1, look_id="f" * 64, perceptual_hash="0" * 16)
    fill(1, look_id="f" * 64, perceptual_hash="0" * 16, place_slug="osulloc")
    app = open_view("health")
    assert "One photo looks almost like a photo of Osulloc Tea Museum" in words(app)
    app = press(app, "Look at them")
    assert not app.exception and app.query_params["concern"] in ("near_duplicates", ["near_duplicates"])


def test_a_leak_is_a_number_and_a_sentence() -> None:
    fill(1, group_id="g", page_url="https://page.example", split=Split.TEST)
    fill(1, group_id="g", page_url="https://page.example", split=Split.TRAIN)
    app = open_view("health")
    assert app.metric[3].value == "1" and "stand on two sides" in words(app)


def test_nothing_accepted_is_nothing_to_freeze() -> None:
    fill(2, status=PhotoStatus.NEW)
    app = open_view("snapshots")
    assert not app.exception and "no photo is accepted" in words(app) and "Freeze" not in [b.label for b in app.button]


def test_freezing_shows_the_data_set_with_its_fingerprint_and_counts() -> None:
    fill(4)
    app = open_view("snapshots")
    assert "Accepted photos: 4, places: 1, leaks: 0" in words(app)
    app.text_input(key="freeze-note").set_value(PAYLOAD)
    app = press(app, "Freeze")
    assert not app.exception and not app.error
    (snapshot,) = resources.snapshots().list()
    said = words(app).replace("\u2060", "")
    assert snapshot.note == PAYLOAD and PAYLOAD in said and snapshot.fingerprint[:12] in said
    assert not any("![](" in element.value for element in (*app.markdown, *app.caption))
    assert app.dataframe[0].value.to_dict("records") == [{"Place": "Manjanggul", "In folds": 4, "All": 4}]
    app = press(app, "Freeze")
    assert len(resources.snapshots().list()) == 1


def test_training_takes_the_snapshot_and_its_choices(runner: Started) -> None:
    fill(4)
    app = press(open_view("snapshots"), "Freeze")
    (snapshot,) = resources.snapshots().list()
    next(box for box in app.selectbox if box.label == "Side of a view in pixels").set_value(96)
    next(box for box in app.selectbox if box.label == "Start from").set_value("none")
    app = press(app, "Train on it")
    assert not app.exception and not app.error
    (job,) = runner.jobs
    assert job.kind == "train"
    assert job.arguments == ("classifier", f"--snapshot={snapshot.snapshot_id}", "--pretrained=none", "--imgsz=96")
    press(open_view("snapshots"), "Train on it")
    assert len(runner.jobs) == 2  # other choices are another training


def test_a_trained_run_shows_its_held_out_score_and_goes_into_service(runner: Started) -> None:
    from tests.support.tiny_model import write_tiny_run

    open_view("snapshots")
    run = write_tiny_run(resources.settings().weights_dir, "better")
    job = resources.jobs().create("train", ("classifier",))
    resources.jobs().claim(job.job_id, 1, 1.0)
    resources.jobs().end(job.job_id, JobState.SUCCEEDED, "train.made", {"run_id": run.manifest.run_id})
    app = open_view("snapshots", job=job.job_id)
    assert not app.exception and "Trained: better" in words(app)
    app = press(app, "Put it in service")
    assert not app.error and resources.run_in_service() == "better"
    assert [started.kind for started in runner.jobs] == ["opinions"]


def test_a_run_that_would_lose_places_is_promoted_only_when_that_is_said(runner: Started) -> None:
    from core.weights.manifest import ClassEntry
    from tests.support.tiny_model import COLOURS, GREY, tiny_onnx, write_tiny_run

    open_view("snapshots")
    one = (ClassEntry(0, "osulloc"),)
    write_tiny_run(resources.settings().weights_dir, "smaller", tiny_onnx((COLOURS[0], GREY)), classes=one)
    job = resources.jobs().create("train", ("classifier",))
    resources.jobs().claim(job.job_id, 1, 1.0)
    resources.jobs().end(job.job_id, JobState.SUCCEEDED, "train.made", {"run_id": "smaller"})
    app = press(open_view("snapshots", job=job.job_id), "Put it in service")
    assert len(app.error) == 1 and resources.run_in_service() == "tiny"
    app.checkbox(key="drop-smaller").check().run()
    press(app, "Put it in service")
    assert resources.run_in_service() == "smaller"


def test_a_place_of_the_new_catalogue_is_named_and_a_retired_one_still_counts() -> None:
    resources.places().add(replace(make_place(7, "cave"), retired=True))
    fill(2, place_slug="cave")
    app = open_view("health")
    assert not app.exception and "cave" in words(app)


def test_an_export_is_a_job_that_writes_beside_its_log(runner: Started) -> None:
    open_view("snapshots")
    app = press(open_view("snapshots"), "Make the zip")
    assert not app.exception and not app.error
    (job,) = runner.jobs
    assert job.kind == "export" and job.arguments[0] == "--" and job.arguments[1].endswith("/out/eodi-photos.zip")
    assert job.job_id in job.arguments[1]
