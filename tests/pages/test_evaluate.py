"""The page of evaluations: start one, read one, and see the photos that were answered wrongly."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.job import JobState
from core.identify.evaluate_records import Evaluation, JudgedPhoto, Word
from core.identify.evaluate_scores import Source, summarise
from core.identify.evaluate_store import FOLDER, EvaluationStore, new_id
from pages.ui import metrics_evaluate, metrics_evaluate_one, resources
from tests.identify.test_evaluate_scores import BY_HAND, NOW, SLUGS
from tests.pages.home import RED, coloured_jpeg
from tests.pages.visiting import open_app, words
from tests.support.batch_photos import Started

PAGE = "pages/metrics.py"


@pytest.fixture(autouse=True)
def runner(home: Path, monkeypatch: pytest.MonkeyPatch) -> Started:
    """Let jobs be noted, and not started."""
    noted = Started()
    monkeypatch.setattr(resources, "job_runner", lambda: noted)
    return noted


def kept(home: Path, *photos: JudgedPhoto, folder: str = "photos") -> Evaluation:
    """Keep an evaluation of these photos, or of those worked out by hand."""
    knows = {"classifier": SLUGS, "fused": SLUGS}
    source = Source(new_id(NOW, folder), NOW, "folder", folder, "1:run", SLUGS, knows)
    found = summarise(source, photos or BY_HAND)
    EvaluationStore(home / "data" / FOLDER).keep(found)
    return found


def open_evaluations(language: str = "en", **address: str) -> AppTest:
    app = open_app(PAGE, language, view="evaluate", **address)
    assert not app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def test_the_page_of_runs_leads_there(home: Path) -> None:
    app = press(open_app(PAGE, "en"), "Evaluate what serves on new photos")
    assert "Nothing was evaluated yet" in app.info[0].value


def test_a_folder_on_this_machine_becomes_one_job_however_often_it_is_started(home: Path, runner: Started) -> None:
    for _ in range(2):
        app = open_evaluations()
        app.text_input[0].set_value(" /somewhere/photos ")
        press(app, "Start")
    (job,) = runner.jobs
    assert (job.kind, job.arguments) == ("evaluate", ("--", "/somewhere/photos"))


def test_who_serves_others_is_offered_no_folder_of_the_server(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics_evaluate, "serves_this_machine_only", lambda: False)
    assert not open_evaluations().text_input


def test_nothing_named_is_said_and_nothing_is_started(home: Path, runner: Started) -> None:
    assert "one of the two" in press(open_evaluations(), "Start").warning[0].value
    assert runner.jobs == []


@pytest.mark.parametrize(("language", "said"), [("en", "Look-alikes"), ("ko", "닮은 사진")])
def test_an_evaluation_is_read_table_by_table(home: Path, language: str, said: str) -> None:
    found = kept(home)
    app = open_evaluations(language, evaluation=found.evaluation_id)
    assert said in words(app)
    assert len(app.dataframe) == 5
    assert "2 of 4 (50.0%)" in app.dataframe[0].value.iloc[0, 2] or language == "ko"
    assert "evaluate." not in words(app)


def test_the_list_leads_to_it_and_back(home: Path) -> None:
    kept(home)
    app = press(open_evaluations(), "Read")
    assert len(app.dataframe) == 5
    assert "Evaluations" in words(press(app, "All evaluations"))


@pytest.mark.parametrize("name", ["../../etc/passwd", "evaluation-20260101-000000-abcdef", "만장굴"])
def test_one_that_is_not_there_gets_a_sentence(home: Path, name: str) -> None:
    app = open_evaluations(evaluation=name)
    assert any("no evaluation" in element.value for element in (*app.error, *app.info, *app.warning))


def test_a_finished_job_leads_to_what_it_made(home: Path, runner: Started) -> None:
    found = kept(home)
    app = open_evaluations()
    app.text_input[0].set_value("/photos")
    press(app, "Start")
    jobs = resources.jobs()
    jobs.claim(runner.jobs[0].job_id, 1, 1.0)
    values = {"evaluation": found.evaluation_id, "photos": 11}
    jobs.end(runner.jobs[0].job_id, JobState.SUCCEEDED, "evaluate.done", values)
    app = open_evaluations(job=runner.jobs[0].job_id)
    app.button(key="read-new").click().run()
    assert len(app.dataframe) == 5


def test_pictures_of_errors_are_those_that_were_answered(home: Path, tmp_path: Path) -> None:
    from hashlib import sha256

    content = coloured_jpeg(RED)
    folder = tmp_path / "folder"
    (folder / "unknown").mkdir(parents=True)
    (folder / "unknown" / "wall.jpg").write_bytes(content)
    (tmp_path / "outside.jpg").write_bytes(content)
    wrong = {"fused": Word("falls", 0.9, 0.9), "classifier": Word("falls", 0.9, 0.9)}
    digest = sha256(content).hexdigest()
    found = kept(
        home,
        JudgedPhoto("unknown/wall.jpg", None, "wall", digest, "0" * 16, False, wrong),
        JudgedPhoto("../outside.jpg", None, "wall", digest, "f" * 16, False, wrong),
        folder=str(folder),
    )
    pictures = {miss.photo: metrics_evaluate_one.picture_of(found, miss) for miss in found.errors}
    assert pictures["unknown/wall.jpg"] is not None and pictures["unknown/wall.jpg"].startswith(b"\xff\xd8")
    assert pictures["../outside.jpg"] is None
    (folder / "unknown" / "wall.jpg").write_bytes(coloured_jpeg((0, 0, 255)))
    assert metrics_evaluate_one.picture_of(found, found.errors[-1]) is None
    assert "True: No known place" in words(open_evaluations(evaluation=found.evaluation_id))
