"""What people write about runs, on both databases."""

import pytest

from core.db.engine import Database
from core.db.run_notes import LONGEST_NOTE, MOST_TAGS, RunNote, RunNoteRepository
from core.errors import InvalidInput


@pytest.fixture
def notes(database: Database) -> RunNoteRepository:
    return RunNoteRepository(database)


def test_a_note_is_read_back_as_it_was_saved_and_replaces_the_one_before(notes: RunNoteRepository) -> None:
    first = notes.save(
        RunNote("run-a", "동굴에 강함\n'quoted'", (" night  photos ", "비", "비", " "), favourite=True), "kim"
    )
    assert first.tags == ("night photos", "비")
    assert notes.get("run-a") == first and first.changed_by == "kim" and first.changed_at is not None
    second = notes.save(RunNote("run-a", archived=True), "lee")
    assert notes.list() == {"run-a": second} and not second.favourite


def test_a_run_that_nobody_wrote_about_has_an_empty_note(notes: RunNoteRepository) -> None:
    assert notes.get("run-a") == RunNote("run-a") and notes.get("실행") == RunNote("실행") and notes.list() == {}


@pytest.mark.parametrize(
    "note",
    [
        RunNote("run-a", "x" * (LONGEST_NOTE + 1)),
        RunNote("run-a", tags=tuple(map(str, range(MOST_TAGS + 1)))),
        RunNote("run-a", tags=("x" * 41,)),
        RunNote("실행"),
        RunNote("x" * 81),
    ],
)
def test_more_than_is_kept_is_refused_and_nothing_is_stored(notes: RunNoteRepository, note: RunNote) -> None:
    with pytest.raises(InvalidInput):
        notes.save(note, "kim")
    assert notes.list() == {}
