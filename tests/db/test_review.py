import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.db.engine import Database
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.review import ReviewRepository
from core.domain.library import Change, PhotoAction, RejectReason
from core.domain.photo import PhotoStatus, Split
from core.errors import Conflict, EodiError, InvalidInput, NotFound
from tests.db.conftest import MakeRecord
from tests.support.places import make_place

KEYS, GONE = [f"{number:064x}" for number in range(4)], f"{99:064x}"


@pytest.fixture
def photos(database: Database, places: PlaceRepository, make_record: MakeRecord) -> PhotoRepository:
    repository = PhotoRepository(database)
    for number in range(4):
        repository.add(make_record(number, place_slug="cave", split=Split.TEST), PhotoAction.IMPORTED, "importer")
    return repository


@pytest.fixture
def review(database: Database, photos: PhotoRepository) -> ReviewRepository:
    return ReviewRepository(database)


def standing(photos: PhotoRepository, sha256: str = KEYS[0]) -> tuple[str | None, str, str]:
    record = photos.get(sha256)
    return record.place_slug, record.status, record.reject_reason


class TestDeciding:
    def test_changes_the_photos_and_tells_how_many(self, review: ReviewRepository, photos: PhotoRepository) -> None:
        assert review.accept(KEYS[:3], "ann").changed == 3
        assert review.reject(KEYS[1:], RejectReason.PEOPLE, "", "ann").changed == 3
        assert review.set_aside(KEYS[2:], "two splits", "ann").changed == 2
        assert review.move(KEYS[3:], "falls", "ann").changed == 1
        assert [standing(photos, key) for key in KEYS] == [
            ("cave", "accepted", ""),
            ("cave", "rejected", "people"),
            ("cave", "set_aside", "two splits"),
            ("falls", "set_aside", "two splits"),
        ]
        assert review.reopen(KEYS, "ann").changed == 4
        assert {(record.status, record.reject_reason) for record in map(photos.get, KEYS)} == {(PhotoStatus.NEW, "")}

    def test_what_stands_already_changes_nothing_and_leaves_no_line(self, review: ReviewRepository) -> None:
        assert review.accept(KEYS[:2], "ann").changed == 2
        assert review.accept(KEYS[:2], "bob") == review.accept([], "bob") == Change("", 0)
        assert review.accept(KEYS[:3], "bob").changed == 1
        assert [event.actor for event in review.history(KEYS[0])] == ["ann", "importer"]

    def test_photos_that_are_gone_and_what_is_no_hash_are_passed_over(self, review: ReviewRepository) -> None:
        assert review.accept([GONE, "no hash", "' OR 1=1", KEYS[0], KEYS[0]], "ann").changed == 1

    def test_to_a_place_that_is_not_there_changes_nothing(
        self, review: ReviewRepository, photos: PhotoRepository
    ) -> None:
        for keys in (KEYS, []):
            with pytest.raises(NotFound, match=r"place\.not_found"):
                review.move(keys, "none-such", "ann")
        assert standing(photos) == ("cave", "new", "")
        assert len(review.history(KEYS[0])) == 1

    def test_moves_to_unknown_and_back_to_unsorted(self, review: ReviewRepository, photos: PhotoRepository) -> None:
        for slug in ("unknown", None, "falls"):
            review.move(KEYS[:1], slug, "ann")
            assert photos.get(KEYS[0]).place_slug == slug

    def test_never_takes_a_photo_out_of_the_test_split(self, review: ReviewRepository, photos: PhotoRepository) -> None:
        review.move(KEYS, "falls", "ann")
        review.reject(KEYS, RejectReason.WRONG_PLACE, "", "ann")
        review.undo(review.reopen(KEYS, "ann").batch_id, "ann")
        assert {photos.get(key).split for key in KEYS} == {Split.TEST}

    def test_more_photos_than_one_statement_takes_are_decided_at_once(
        self, review: ReviewRepository, photos: PhotoRepository, make_record: MakeRecord
    ) -> None:
        many = [make_record(number).sha256 for number in range(1000, 1601)]
        for number in range(1000, 1601):
            if number < 1010 or number > 1590:
                photos.add(make_record(number))
        change = review.accept(many, "ann")
        assert change.changed == 20
        assert review.undo(change.batch_id, "ann").changed == 20


class TestHistory:
    def test_tells_newest_first_what_was_changed_by_whom(self, review: ReviewRepository) -> None:
        rejected = review.reject(KEYS[:1], RejectReason.OTHER, "a drawing on a wall", "ann")
        review.move(KEYS[:1], "unknown", "bob")
        moved, thrown_out, came = review.history(KEYS[0])
        assert (came.action, came.actor, came.before, came.after) == (
            PhotoAction.IMPORTED,
            "importer",
            {},
            {"place_slug": "cave", "status": "new"},
        )
        assert (thrown_out.action, thrown_out.batch_id) == (PhotoAction.REJECTED, rejected.batch_id)
        assert thrown_out.before == {"status": "new", "reject_reason": ""}
        assert thrown_out.after == {"status": "rejected", "reject_reason": "other", "note": "a drawing on a wall"}
        assert (moved.actor, moved.before, moved.after) == ("bob", {"place_slug": "cave"}, {"place_slug": "unknown"})
        assert came.at <= thrown_out.at <= moved.at
        assert len(review.history(KEYS[1])) == 1

    def test_keeps_a_second_note_on_the_same_decision(self, review: ReviewRepository) -> None:
        review.reject(KEYS[:1], RejectReason.OTHER, "first", "ann")
        assert review.reject(KEYS[:1], RejectReason.OTHER, "", "ann").changed == 0
        assert review.reject(KEYS[:1], RejectReason.OTHER, "second", "bob").changed == 1
        assert [event.after.get("note") for event in review.history(KEYS[0])] == ["second", "first", None]

    def test_takes_lines_about_what_was_done_elsewhere(self, review: ReviewRepository) -> None:
        review.note(KEYS[0], PhotoAction.SPLIT, "system", {"split": None}, {"split": "train"})
        assert review.history(KEYS[0])[0].after == {"split": "train"}
        with pytest.raises(NotFound):
            review.note(GONE, PhotoAction.SPLIT, "system", {}, {})

    def test_goes_with_its_photo_and_is_empty_for_none(self, review: ReviewRepository, photos: PhotoRepository) -> None:
        photos.delete(KEYS[0])
        assert review.history(KEYS[0]) == review.history("no hash") == ()

    def test_refuses_a_note_that_one_database_would_cut(
        self, review: ReviewRepository, photos: PhotoRepository
    ) -> None:
        with pytest.raises(InvalidInput, match=r"text\.too_long"):
            review.reject(KEYS, RejectReason.OTHER, "가" * 30_000, "ann")
        assert standing(photos) == ("cave", "new", "")


class TestUndoing:
    @pytest.mark.parametrize(
        "decide",
        [
            lambda review: review.move(KEYS, "falls", "ann"),
            lambda review: review.move(KEYS, "unknown", "ann"),
            lambda review: review.accept(KEYS, "ann"),
            lambda review: review.reject(KEYS, RejectReason.OTHER, "note", "ann"),
            lambda review: review.reopen(KEYS, "ann"),
        ],
    )
    def test_puts_every_photo_back_where_it_was(
        self, review: ReviewRepository, photos: PhotoRepository, decide: Callable[[ReviewRepository], Change]
    ) -> None:
        review.reject(KEYS[:1], RejectReason.DUPLICATE, "", "ann")
        review.move(KEYS[1:2], None, "ann")
        review.set_aside(KEYS[2:3], "two splits", "ann")
        before = [standing(photos, key) for key in KEYS]
        change = decide(review)
        assert [standing(photos, key) for key in KEYS] != before
        undone = review.undo(change.batch_id, "bob")
        assert undone.changed == change.changed
        assert [standing(photos, key) for key in KEYS] == before
        changed = [event for key in KEYS for event in review.history(key) if event.batch_id == undone.batch_id]
        assert {(event.action, event.actor) for event in changed} == {(PhotoAction.UNDONE, "bob")}
        assert len(changed) == change.changed

    def test_goes_back_step_by_step(self, review: ReviewRepository, photos: PhotoRepository) -> None:
        steps = [
            review.accept(KEYS, "ann"),
            review.move(KEYS[:2], "falls", "ann"),
            review.reject(KEYS[:1], RejectReason.PEOPLE, "", "ann"),
        ]
        for step in reversed(steps):
            review.undo(step.batch_id, "ann")
        assert {standing(photos, key) for key in KEYS} == {("cave", "new", "")}

    def test_is_undone_in_turn_and_then_again(self, review: ReviewRepository, photos: PhotoRepository) -> None:
        accepted = review.accept(KEYS, "ann")
        undone = review.undo(accepted.batch_id, "ann")
        redone = review.undo(undone.batch_id, "ann")
        assert photos.get(KEYS[0]).status is PhotoStatus.ACCEPTED
        with pytest.raises(Conflict):
            review.undo(undone.batch_id, "ann")
        review.undo(redone.batch_id, "ann")
        assert photos.get(KEYS[0]).status is PhotoStatus.NEW

    @pytest.mark.parametrize(
        "change",
        [
            lambda review, photos: review.reject(KEYS[3:], RejectReason.PEOPLE, "", "bob"),
            lambda review, photos: review.move(KEYS[3:], "falls", "bob"),
            lambda review, photos: (review.reopen(KEYS[3:], "bob"), review.accept(KEYS[3:], "bob")),
            lambda review, photos: photos.set_status(KEYS[3], PhotoStatus.SET_ASIDE),
        ],
    )
    def test_is_refused_whole_when_a_photo_was_changed_since(
        self,
        review: ReviewRepository,
        photos: PhotoRepository,
        change: Callable[[ReviewRepository, PhotoRepository], object],
    ) -> None:
        accepted = review.accept(KEYS, "ann")
        change(review, photos)
        left = [standing(photos, key) for key in KEYS]
        with pytest.raises(Conflict, match=r"review\.changed_since .*'photos': 1"):
            review.undo(accepted.batch_id, "ann")
        assert [standing(photos, key) for key in KEYS] == left
        assert len(review.history(KEYS[0])) == 2

    def test_of_an_undone_decision_is_refused(self, review: ReviewRepository) -> None:
        accepted = review.accept(KEYS, "ann")
        review.undo(accepted.batch_id, "ann")
        with pytest.raises(Conflict):
            review.undo(accepted.batch_id, "ann")

    def test_is_not_hindered_by_what_is_no_decision(self, review: ReviewRepository, photos: PhotoRepository) -> None:
        accepted = review.accept(KEYS, "ann")
        photos.set_groups(dict.fromkeys(KEYS, "g"))
        for key in KEYS:
            review.note(key, PhotoAction.SPLIT, "system", {}, {"split": "test"})
        assert review.undo(accepted.batch_id, "ann").changed == 4

    def test_passes_over_photos_that_are_gone(self, review: ReviewRepository, photos: PhotoRepository) -> None:
        accepted = review.accept(KEYS, "ann")
        photos.delete(KEYS[0])
        assert review.undo(accepted.batch_id, "ann").changed == 3
        for key in KEYS[1:]:
            photos.delete(key)
        with pytest.raises(NotFound, match=r"review\.nothing_to_undo"):
            review.undo(accepted.batch_id, "ann")

    def test_takes_back_decisions_only(self, review: ReviewRepository, photos: PhotoRepository) -> None:
        imported = review.history(KEYS[0])[0].batch_id
        for batch_id in (imported, "", "none-such", "모름", "' OR '1'='1"):
            with pytest.raises(NotFound, match=r"review\.nothing_to_undo"):
                review.undo(batch_id, "ann")
        assert standing(photos) == ("cave", "new", "")

    def test_to_a_place_that_was_removed_since_changes_nothing(
        self, review: ReviewRepository, photos: PhotoRepository, places: PlaceRepository
    ) -> None:
        moved = review.move(KEYS, "falls", "ann")
        places.remove("cave")
        with pytest.raises(NotFound, match=r"place\.not_found"):
            review.undo(moved.batch_id, "ann")
        assert standing(photos) == ("falls", "new", "")


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run works in threads that begin together; an error of the project is a result."""
    begin = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        begin.wait(10)
        try:
            return work()
        except EodiError as reason:
            return reason

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


class TestTwoCuratorsAtOnce:
    def test_each_see_what_the_other_left_and_the_last_word_stands_for_all(
        self, review: ReviewRepository, photos: PhotoRepository
    ) -> None:
        for _ in range(15):
            at_once(
                lambda: review.accept(KEYS, "ann"),
                lambda: review.reject(KEYS[::-1], RejectReason.PEOPLE, "", "bob"),
            )
            assert len({standing(photos, key) for key in KEYS}) == 1
            review.reopen(KEYS, "ann")
        for key in KEYS:
            lines = review.history(key)[::-1]
            reached = {"status": "new", "reject_reason": ""}
            for line in lines[1:]:
                assert all(reached[name] == value for name, value in line.before.items())
                reached.update(line.after)
            assert len(lines) == 1 + 15 * 3

    def test_undo_once_what_both_undo(self, review: ReviewRepository, photos: PhotoRepository) -> None:
        for _ in range(8):
            batch_id = review.accept(KEYS, "ann").batch_id
            results = at_once(lambda: review.undo(batch_id, "ann"), lambda: review.undo(batch_id, "bob"))  # noqa: B023
            assert sorted(type(result).__name__ for result in results) == ["Change", "Conflict"]
            assert photos.get(KEYS[0]).status is PhotoStatus.NEW

    def test_file_no_photo_under_a_place_that_the_other_removes(
        self, review: ReviewRepository, photos: PhotoRepository, places: PlaceRepository
    ) -> None:
        for number in range(10):
            slug = f"place-{number}"
            places.add(make_place(10 + number, slug))
            moved, removed = at_once(lambda: review.move(KEYS, slug, "ann"), lambda: places.remove(slug))  # noqa: B023
            if isinstance(moved, Change):
                assert isinstance(removed, Conflict)
                assert photos.count(slug) == 4
            else:
                assert isinstance(moved, NotFound)
                assert removed is None
