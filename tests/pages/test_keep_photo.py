"""A photo is kept with consent only, without its metadata, and goes when consent goes."""

from pathlib import Path

import pytest

from core.dataset.contribute import LONGEST_PX
from pages.ui import resources
from tests.pages.home import GREEN, GREY, RED, coloured_jpeg
from tests.pages.traces import changed, files, rows, table
from tests.pages.visiting import open_app, upload, upload_many, words
from tests.support.planted import TRACES, planted_jpeg

pytestmark = pytest.mark.usefixtures("home")


def test_without_consent_an_identification_writes_nothing(home: Path) -> None:
    app = open_app()
    before = files(home), rows(home)
    upload(app, planted_jpeg())
    for _ in range(2):
        assert not app.checkbox[0].value
        assert changed(before[0], files(home)) == set() and changed(before[1], rows(home)) == set()
        app.run()


def test_with_consent_there_are_a_copy_and_its_thumbnail_without_metadata_and_one_row(home: Path) -> None:
    app = upload(open_app(), planted_jpeg())
    before = files(home), rows(home)
    app.checkbox[0].check().run()
    assert not app.exception and not app.error and "The copy is kept" in words(app)
    path, small = sorted(changed(before[0], files(home)))
    assert changed(before[1], rows(home)) == {"photos", "photo_events"}
    for name in (path, small):
        content = (home / name).read_bytes()
        assert [trace for trace in TRACES if trace in content] == []
    (row,) = table(home, "photos")
    assert row["status"] == "new" and row["source"] == "visitor" and row["consent_at"]
    assert row["latitude"] is None and row["longitude"] is None and row["taken_at"] is None
    assert row["original_name"] == "" and row["sha256"] in path and row["sha256"] in small
    assert max(row["width_px"], row["height_px"]) <= LONGEST_PX


def test_unticking_takes_it_back(home: Path) -> None:
    app = upload(open_app(), coloured_jpeg(RED))
    before = files(home), rows(home)
    app.checkbox[0].check().run()
    app.checkbox[0].uncheck().run()
    assert not app.error and "The copy is deleted" in words(app)
    assert changed(before[0], files(home)) == set() and changed(before[1], rows(home)) == set()
    app.run()
    app.checkbox[0].check().run()
    assert len(table(home, "photos")) == 1


def test_drawing_the_page_again_keeps_it_once(home: Path) -> None:
    app = upload(open_app(), coloured_jpeg(RED))
    app.checkbox[0].check().run()
    before = files(home), rows(home)
    app.segmented_control[0].set_value("ko").run()
    assert app.checkbox[0].value
    assert changed(before[0], files(home)) == set() and changed(before[1], rows(home)) == set()


def test_looking_at_another_photo_in_between_takes_nothing_back(home: Path) -> None:
    app = upload_many(open_app(), {"red.jpg": coloured_jpeg(RED), "green.jpg": coloured_jpeg(GREEN)})
    app.checkbox[0].check().run()
    app.button[1].click().run()
    assert not app.checkbox[0].value
    app.button[0].click().run()
    assert app.checkbox[0].value and len(table(home, "photos")) == 1


def test_a_photo_that_is_there_already_is_not_stored_again_nor_taken_back(home: Path) -> None:
    first = upload(open_app(), coloured_jpeg(RED))
    first.checkbox[0].check().run()
    other = upload(open_app(), coloured_jpeg(RED))
    other.checkbox[0].check().run()
    assert "is there already" in words(other)
    other.checkbox[0].uncheck().run()
    assert len(table(home, "photos")) == 1


@pytest.mark.parametrize(
    ("rgb", "right", "correct", "slug", "unknown"),
    [
        (RED, None, None, "osulloc", 0),
        (RED, False, None, None, 0),
        (RED, False, "manjanggul", "manjanggul", 0),
        (RED, False, "unknown", None, 1),
        (GREY, True, None, None, 1),
    ],
)
def test_it_goes_to_review_as_what_the_visitor_says_it_shows(
    home: Path, rgb: tuple[int, int, int], right: bool | None, correct: str | None, slug: str | None, unknown: int
) -> None:
    app = upload(open_app(), coloured_jpeg(rgb))
    if right is not None:
        app.segmented_control[-1].set_value(right).run()
    if correct is not None:
        app.selectbox[0].set_value(correct).run()
    app.checkbox[0].check().run()
    (row,) = table(home, "photos")
    assert (row["place_slug"], row["is_unknown"]) == (slug, unknown)


@pytest.mark.parametrize("feedback_first", [True, False])
def test_feedback_names_the_photo_that_was_given_whichever_came_first(home: Path, feedback_first: bool) -> None:
    app = upload(open_app(), coloured_jpeg(RED))
    if feedback_first:
        app.segmented_control[-1].set_value(True).run()
    app.checkbox[0].check().run()
    if not feedback_first:
        app.segmented_control[-1].set_value(True).run()
    (photo,), (said,) = table(home, "photos"), table(home, "feedback")
    assert said["photo_sha256"] == photo["sha256"]
    app.checkbox[0].uncheck().run()
    assert table(home, "photos") == []
    assert [row["photo_sha256"] for row in table(home, "feedback")] == [None]


def test_a_storage_that_cannot_be_written_is_one_sentence_and_leaves_nothing(home: Path) -> None:
    app = upload(open_app(), coloured_jpeg(RED))
    library = home / "data" / "library"
    library.write_bytes(b"")
    app.checkbox[0].check().run()
    assert not app.exception and len(app.error) == 1
    assert table(home, "photos") == []
    library.unlink()
    app.run()
    assert not app.error and len(table(home, "photos")) == 1


def test_a_storage_address_that_is_none_is_one_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EODI_STORAGE_URL", "nonsense://x")
    resources.settings.clear()
    app = upload(open_app(), coloured_jpeg(RED))
    app.checkbox[0].check().run()
    assert not app.exception and len(app.error) == 1 and "EODI_STORAGE_URL" in app.error[0].value.replace("\\", "")
