"""The page of metrics: all runs, one run, runs side by side, and what is done with them."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.classifier.import_log import import_log
from core.db.run_notes import RunNote
from core.metrics.judged_photos import Part
from core.metrics.keras_log import read_keras_log
from core.weights.folder import write_run
from core.weights.records import PREDICTIONS_FILE, write_predictions
from pages.ui import metrics_runs, resources
from tests.pages.visiting import open_app, words
from tests.support.batch_photos import Started
from tests.support.boxed_run import EPOCHS, ROWS, boxes_csv, write_boxed_run
from tests.support.hand_worked import hand_manifest, hand_table
from tests.support.records import photo_record
from tests.support.scored_tree import write_scored_tree
from tests.support.tiny_detector import tiny_detector_manifest, write_tiny_detector
from tests.support.tiny_model import write_tiny_run

PAGE = "pages/metrics.py"
PAYLOAD = "![](http://x.example) <script>1</script>"


@pytest.fixture
def weights(home: Path) -> Path:
    return home / "weights"


@pytest.fixture(autouse=True)
def runner(home: Path, monkeypatch: pytest.MonkeyPatch) -> Started:
    """Let jobs be noted, and not started."""
    noted = Started()
    monkeypatch.setattr(resources, "job_runner", lambda: noted)
    return noted


def open_metrics(language: str = "en", **address: str) -> AppTest:
    return open_app(PAGE, language, **address)


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def write_hand_run(weights: Path, run_id: str = "hand") -> None:
    table = write_predictions(hand_table())
    write_run(weights, hand_manifest(run_id), {PREDICTIONS_FILE: table, "epochs.csv": EPOCHS})


def cells(app: AppTest, number: int) -> list[list[str]]:
    return app.dataframe[number].value.astype(str).values.tolist()


@pytest.mark.parametrize(("language", "said"), [("en", "Runs and how good they are"), ("ko", "모델과 성적")])
def test_every_run_stands_in_the_list_with_its_score_or_that_it_has_none(
    weights: Path, language: str, said: str
) -> None:
    write_hand_run(weights)
    write_boxed_run(weights)
    app = open_metrics(language)
    assert not app.exception and not app.error and app.title[0].value == said
    assert {"hand", "boxed", "tiny"} <= set(words(app).replace("*", "").split())
    assert ("3 of 5 (60%)" if language == "en" else "5장 중 3장 (60%)") in words(app)


def test_without_runs_the_page_says_where_they_will_stand(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EODI_WEIGHTS_DIR", str(home / "none"))
    app = open_metrics()
    assert not app.exception and "No run yet" in app.info[0].value


@pytest.mark.parametrize("run_id", ["no-such-run", "../weights/tiny", "..", PAYLOAD, "tiny/../tiny"])
def test_a_run_that_is_none_is_one_sentence(run_id: str) -> None:
    app = open_metrics(run=run_id)
    assert not app.exception and len(app.error) == 1 and "![](" not in app.error[0].value
    assert "There is no run" in app.error[0].value


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (b"epoch,    metrics/recall(B)\n", "holds no whole epoch"),
        (b"epoch, train/box_loss, val/box_loss\n1, nan, inf\n2, , x\n", "nothing that can be drawn"),
        (b"epoch, train/box_loss\n1, 0.5\n2, 0.4\n3, 0.", "Left out of results.csv"),
        (b"a,a\n1,2\n", ""),
    ],
)
def test_a_log_from_elsewhere_that_is_broken_is_one_sentence_and_no_traceback(
    weights: Path, log: bytes, said: str
) -> None:
    write_run(weights, tiny_detector_manifest("elsewhere", labels=(), scores={}), {"results.csv": log})
    app = open_metrics(run="elsewhere")
    assert not app.exception and len(app.error) == (0 if said else 1)
    assert said in words(app)


def test_a_run_with_a_broken_table_is_one_sentence(weights: Path) -> None:
    write_boxed_run(weights, boxes=boxes_csv()[:-40])
    write_run(weights, hand_manifest(), {PREDICTIONS_FILE: b"nonsense"})
    for run_id in ("boxed", "hand"):
        app = open_metrics(run=run_id)
        assert not app.exception and len(app.error) == 1 and "Traceback" not in app.error[0].value


def test_one_classifier_begins_with_a_verdict_and_names_what_each_score_is_of(weights: Path) -> None:
    write_hand_run(weights)
    app = open_metrics(run="hand")
    said = words(app)
    assert not app.exception and not app.error
    assert "Few photos (5): the 60% could be anything from 23% to 88%." in said
    assert "It is right on 100% of training photos but on 60% of held-out ones" in said
    scores = app.table[0].value
    assert list(scores.columns) == ["Score", "Held-out photos", "Training photos"]
    shown = [cell.replace("\\", "") for cell in scores.values.tolist()[0]]
    assert shown == ["Known place named rightly", "3 of 5 (60%), 23% – 88%", "2 of 2 (100%)"]
    assert cells(app, 0)[0][:2] == ["Osulloc Tea Museum", "1 of 4 (25%)"]
    assert "4 of 8 photos were decided wrongly, the most confident first." in said


def test_training_photos_are_shown_with_a_warning_that_they_say_nothing(weights: Path) -> None:
    write_hand_run(weights)
    app = open_metrics(run="hand")
    app.session_state["part-hand"] = Part.TRAIN
    app = app.run()
    assert not app.exception and any("learned from" in warning.value for warning in app.warning)


def test_an_error_leads_to_its_photo_where_the_library_has_it(weights: Path) -> None:
    write_hand_run(weights)
    open_metrics()
    resources.photos().add(photo_record(2, place_slug="manjanggul"))
    app = open_metrics(run="hand")
    assert not app.exception and words(app).count("Open the photo") == 1
    assert "Photo 000000000000, not in the library" in words(app)
    assert "Of 8 photos, the 1 that is in the library." in words(app)


def test_moving_the_threshold_shows_what_would_be_missed_and_wrongly_found(weights: Path) -> None:
    write_boxed_run(weights)
    app = open_metrics(run="boxed")
    assert not app.exception and not app.error
    said = words(app)
    for part in (
        "Recall peaked at epoch 3.",
        "Judged by mAP50-95, epoch 4 of 12 was the best.",
        "last 8 epochs overfitted",
    ):
        assert part in said
    assert [metric.value for metric in app.metric] == ["1", "1", "0", "0.667"]
    app = app.slider(key="threshold-boxed").set_value(0.3).run()
    assert [metric.value for metric in app.metric] == ["1", "1", "1", "0.5"]
    assert "0 right, 1 missed, 1 wrong" in words(app)


def test_runs_are_compared_on_the_same_photos_with_what_changed(weights: Path) -> None:
    write_boxed_run(weights)
    write_boxed_run(weights, "other")
    app = open_metrics(compare="boxed,other")
    assert not app.exception and not app.error and not app.warning
    assert "Compared on the 3 photos that both were shown (of 3 and 3)." in words(app)
    assert cells(app, 0)[0][3:] == ["+0.0 points", "+0.0 – +0.0", "cannot be told"]


def test_runs_that_share_no_photo_are_not_comparable(weights: Path) -> None:
    write_boxed_run(weights)
    strangers = tuple((f"{number:064x}", *row[1:]) for number, row in enumerate(ROWS, 90))
    write_boxed_run(weights, "other", boxes=boxes_csv(strangers), data="e" * 64)
    write_hand_run(weights)
    app = open_metrics(compare="boxed,other")
    assert not app.exception and "Not comparable" in app.warning[0].value and not app.dataframe
    assert "cannot be compared" in open_metrics(compare="boxed,hand").info[0].value
    alone = open_metrics(compare=f"boxed,{PAYLOAD}")
    assert not alone.exception and len(alone.error) == 1 and "two or more" in alone.info[0].value


def test_a_fusion_trees_run_is_listed_and_shows_each_witness_beside_the_joined_answer(weights: Path) -> None:
    write_scored_tree(weights)
    listed = open_metrics()
    assert not listed.exception and "Fusion tree" in words(listed) and "Right when joined 4 of 5 (80%)" in words(listed)
    app = open_metrics(run="fused")
    assert not app.exception and not app.error
    assert [row[:2] for row in cells(app, 0)] == [
        ["Joined by the tree", "4 of 5 (80%), 38% – 96%"],
        ["Classifier", "3 of 5 (60%), 23% – 88%"],
    ]
    assert "decides only beside them" in words(app) and "tiny" in words(app)
    assert "cannot be compared" in open_metrics(compare="fused,tiny").info[0].value
    write_scored_tree(weights, "other")
    both = open_metrics(compare="fused,other")
    assert not both.exception and "no results on photos" in words(both)


def test_a_run_of_curves_alone_shows_them_and_is_offered_for_no_service(weights: Path) -> None:
    table, _ = read_keras_log(
        b"epoch,acc,loss,val_acc,val_loss\n0,0.25,1.5,0.125,1.75\n1,0.5,1.25,0.5,1.5\n", "log.csv"
    )
    run_id = import_log(table, weights).manifest.run_id
    app = open_metrics(run=run_id)
    assert not app.exception and not app.error and "How the training went" in words(app)
    assert not any("service" in button.label for button in app.button)
    listed = open_metrics()
    assert not listed.exception and run_id in words(listed)


def test_the_files_of_a_run_are_taken_away_as_a_zip_that_is_made_when_asked_for(weights: Path) -> None:
    app = open_metrics(run="tiny")
    assert not app.exception
    assert any(element.proto.label == "Files (zip)" for element in app.get("download_button"))


def test_a_note_is_kept_and_an_archived_run_leaves_the_list(weights: Path) -> None:
    write_hand_run(weights)
    app = open_metrics(run="hand")
    app.text_area[0].set_value(PAYLOAD)
    app.text_input[0].set_value("night, 비, ")
    next(box for box in app.checkbox if box.label.startswith("Archive")).set_value(True)
    app = press(app, "Save")
    assert not app.exception and "Saved" in app.success[0].value
    assert resources.run_notes().get("hand").tags == ("night", "비")
    listed = open_metrics()
    assert "hand" not in words(listed).replace("*", "").split()
    listed = listed.toggle(key="runs-archived").set_value(True).run()
    assert PAYLOAD in words(listed).replace("\u2060", "")
    assert not any("![](" in element.value for element in (*listed.markdown, *listed.caption))


def test_a_tag_too_many_is_one_sentence_and_nothing_is_kept(weights: Path) -> None:
    write_hand_run(weights)
    app = open_metrics(run="hand")
    app.text_input[0].set_value(",".join(map(str, range(11))))
    app = press(app, "Save")
    assert not app.exception and "up to 10 tags" in app.error[0].value
    assert resources.run_notes().get("hand") == RunNote("hand")


def test_a_run_is_put_in_service_and_taken_back(weights: Path, runner: Started) -> None:
    write_tiny_run(weights, "second")
    app = press(open_metrics(run="second"), "Put in service now")
    assert not app.exception and metrics_runs.runs_in_service() == {"second"}
    assert "In service" in words(app) or app.success
    app = press(open_metrics(run="second"), "Go back now")
    assert not app.exception and not app.error and metrics_runs.runs_in_service() == {"tiny"}


def test_a_detector_is_put_in_service_beside_the_classifier(weights: Path) -> None:
    write_tiny_detector(weights)
    app = press(open_metrics(run="tiny-detector"), "Put in service now")
    assert not app.exception and not app.error
    assert metrics_runs.runs_in_service() == {"tiny", "tiny-detector"}


def test_a_run_that_cannot_answer_stays_out_of_service(weights: Path) -> None:
    write_tiny_run(weights, "broken", model=b"no network")
    app = press(open_metrics(run="broken"), "Put in service now")
    assert not app.exception and len(app.error) == 1 and metrics_runs.runs_in_service() == {"tiny"}


def test_a_folder_that_is_replaced_is_read_again(weights: Path) -> None:
    write_boxed_run(weights)
    open_metrics(run="boxed")
    first = metrics_runs.opened_run("boxed")
    assert metrics_runs.opened_run("boxed") is first
    manifest = weights / "boxed" / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b"\n")
    assert metrics_runs.opened_run("boxed") is not first
    st.cache_resource.clear()
