import threading

import pytest

from core.db.engine import Database
from core.db.releases import ReleaseMember, ReleaseRepository, ReleaseRow
from core.errors import Conflict, InvalidInput


@pytest.fixture
def releases(database: Database) -> ReleaseRepository:
    return ReleaseRepository(database)


def members(run_id: str) -> dict[str, ReleaseMember]:
    return {role: {"run_id": f"{run_id}-{role}", "sha256": "ab" * 32} for role in ("classifier", "fusion")}


def step_back(releases: ReleaseRepository) -> ReleaseRow | None:
    current = releases.in_service()
    assert current is not None
    before = releases.previous(current.release_id)
    assert releases.rollback(current.release_id) == before
    return before


def test_at_first_the_committed_default_is_in_service(releases: ReleaseRepository) -> None:
    assert releases.in_service() is None
    assert releases.history() == ()


def test_what_is_promoted_is_in_service_with_all_its_members(releases: ReleaseRepository) -> None:
    promoted = releases.promote(members("a"), "더 좋다")
    assert releases.in_service() == promoted
    assert (promoted.members, promoted.note) == (members("a"), "더 좋다")


def test_a_rollback_leads_to_what_was_in_service_before_not_to_the_number_before(releases: ReleaseRepository) -> None:
    first, second, third = (releases.promote(members(run_id), "") for run_id in "abc")
    assert step_back(releases) == second
    assert step_back(releases) == first
    fourth = releases.promote(members("d"), "")
    assert step_back(releases) == first == releases.in_service()
    assert step_back(releases) is None
    assert releases.in_service() is None
    assert [release.release_id for release in releases.history()] == [
        release.release_id for release in (fourth, third, second, first)
    ]


def test_a_rollback_from_what_is_not_in_service_any_more_changes_nothing(releases: ReleaseRepository) -> None:
    with pytest.raises(Conflict, match=r"release\.switched_meanwhile"):
        releases.rollback(1)
    first, second = (releases.promote(members(run_id), "") for run_id in "ab")
    with pytest.raises(Conflict, match=r"release\.switched_meanwhile"):
        releases.rollback(first.release_id)
    assert releases.in_service() == second


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"oracle": {"run_id": "a", "sha256": "ab" * 32}},
        {"classifier": {"run_id": "a"}},
        {"classifier": {"run_id": "", "sha256": "ab" * 32}},
        {"classifier": {"run_id": "a", "sha256": "AB" * 32}},
        {"classifier": {"run_id": "a", "sha256": "ab" * 32, "path": "/etc"}},
    ],
)
def test_members_that_make_no_sense_are_refused_and_the_service_stays(
    releases: ReleaseRepository, broken: dict[str, ReleaseMember]
) -> None:
    standing = releases.promote(members("a"), "")
    with pytest.raises(InvalidInput):
        releases.promote(broken, "")
    assert releases.in_service() == standing
    assert len(releases.history()) == 1


def test_promotions_at_once_form_one_chain(releases: ReleaseRepository) -> None:
    threads = [threading.Thread(target=releases.promote, args=(members(str(number)), "")) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(releases.history()) == 6
    steps = 1
    while step_back(releases) is not None:
        steps += 1
    assert steps == 6
