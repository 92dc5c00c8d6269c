import threading
from datetime import UTC, datetime, timedelta

import pytest

from core.db.engine import Database
from core.db.jobs import JobRepository
from core.domain.job import ENDED_STATES, RESUMABLE_STATES, Job, JobState
from core.errors import Conflict, InvalidInput, NotFound


@pytest.fixture
def jobs(database: Database) -> JobRepository:
    return JobRepository(database)


def brought_to(jobs: JobRepository, state: JobState, dedupe_key: str = "") -> Job:
    """Create a job and lead it to a state by the ways there are."""
    job = jobs.create("train", ("--seed", "1"), dedupe_key)
    if state is JobState.QUEUED:
        return job
    jobs.claim(job.job_id, 41, 1.5)
    if state is JobState.CANCELLING:
        return jobs.request_cancel(job.job_id)
    if state is JobState.INTERRUPTED:
        return jobs.mark_interrupted(job.job_id, 41)
    if state is not JobState.RUNNING:
        return jobs.end(job.job_id, state)
    return jobs.get(job.job_id)


def test_a_new_job_is_queued_and_read_back_as_it_was_made(jobs: JobRepository) -> None:
    job = jobs.create("train classifier", ("--data", "내 사진/%s", "--epochs", "3"))
    assert jobs.get(job.job_id) == job
    assert (job.state, job.done, job.total, job.attempt, job.pid) == (JobState.QUEUED, 0, None, 1, None)
    assert job.arguments == ("--data", "내 사진/%s", "--epochs", "3")
    assert job.log_file == f"{job.job_id}.log"
    assert abs(datetime.now(UTC) - job.created_at) < timedelta(minutes=1)


@pytest.mark.parametrize("job_id", ["none", "", "' OR 1=1", "작업", "x" * 500])
def test_a_job_that_is_not_there_is_not_found(jobs: JobRepository, job_id: str) -> None:
    for call in (
        lambda: jobs.get(job_id),
        lambda: jobs.claim(job_id, 1, 1.0),
        lambda: jobs.progress(job_id, 1, 2),
        lambda: jobs.request_cancel(job_id),
        lambda: jobs.end(job_id, JobState.FAILED),
        lambda: jobs.mark_interrupted(job_id, 1),
        lambda: jobs.requeue(job_id),
    ):
        with pytest.raises(NotFound):
            call()


def test_a_double_click_makes_one_job(jobs: JobRepository) -> None:
    first = jobs.create("train", ("a",), dedupe_key="train a")
    assert jobs.create("train", ("a",), dedupe_key="train a") == first
    assert jobs.create("train", ("b",), dedupe_key="train b") != first
    assert jobs.create("train", ()).job_id != jobs.create("train", ()).job_id, "without a key there may be twins"


@pytest.mark.parametrize("state", sorted(ENDED_STATES))
def test_once_a_job_has_ended_its_key_starts_a_new_one(jobs: JobRepository, state: JobState) -> None:
    ended = brought_to(jobs, state, "key")
    assert jobs.create("train", (), dedupe_key="key").job_id != ended.job_id


def test_of_many_creators_at_once_all_get_the_same_job(jobs: JobRepository) -> None:
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.append(jobs.create("k", (), dedupe_key="one").job_id)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len(set(made)) == len(jobs.list()) == 1


def test_of_many_claimants_at_once_one_gets_the_job(jobs: JobRepository) -> None:
    job = jobs.create("k", ())
    outcomes: list[str] = []

    def claim(pid: int) -> None:
        try:
            outcomes.append(f"mine {jobs.claim(job.job_id, pid, 1.0).pid}")
        except Conflict:
            outcomes.append("taken")

    threads = [threading.Thread(target=claim, args=(pid,)) for pid in range(100, 108)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [f"mine {jobs.get(job.job_id).pid}"] + ["taken"] * 7


def test_a_claimed_job_runs_and_cannot_be_claimed_again(jobs: JobRepository) -> None:
    job = jobs.create("k", ())
    claimed = jobs.claim(job.job_id, 4_194_303, 1_790_000_000.25)
    assert (claimed.state, claimed.pid, claimed.process_started_at) == (JobState.RUNNING, 4_194_303, 1_790_000_000.25)
    assert claimed.started_at == claimed.heartbeat_at is not None
    with pytest.raises(Conflict):
        jobs.claim(job.job_id, 2, 1.0)


def test_progress_is_noted_with_a_heartbeat_and_tells_the_state(jobs: JobRepository) -> None:
    job = brought_to(jobs, JobState.RUNNING)
    assert jobs.progress(job.job_id, 3, 10, "job.epoch", {"epoch": 3, "loss": 0.5, "name": "값"}) is JobState.RUNNING
    told = jobs.get(job.job_id)
    assert (told.done, told.total, told.message) == (3, 10, "job.epoch")
    assert told.message_values == {"epoch": 3, "loss": 0.5, "name": "값"}
    assert told.heartbeat_at is not None
    assert job.heartbeat_at is not None
    assert told.heartbeat_at > job.heartbeat_at
    jobs.request_cancel(job.job_id)
    assert jobs.progress(job.job_id, 4, 10) is JobState.CANCELLING


@pytest.mark.parametrize("state", sorted(ENDED_STATES))
def test_progress_of_a_job_that_has_ended_changes_nothing(jobs: JobRepository, state: JobState) -> None:
    ended = brought_to(jobs, state)
    assert jobs.progress(ended.job_id, 9, 9, "late") is state
    assert jobs.get(ended.job_id) == ended


@pytest.mark.parametrize(
    ("state", "then"),
    [
        (JobState.QUEUED, JobState.CANCELLED),
        (JobState.PAUSED, JobState.CANCELLED),
        (JobState.RUNNING, JobState.CANCELLING),
        (JobState.CANCELLING, JobState.CANCELLING),
        (JobState.CANCELLED, JobState.CANCELLED),
    ],
)
def test_a_job_that_no_process_works_on_is_cancelled_at_once_a_running_one_is_asked(
    jobs: JobRepository, state: JobState, then: JobState
) -> None:
    job = jobs.request_cancel(brought_to(jobs, state).job_id)
    assert job.state is then
    assert (job.ended_at is not None) is then.ended


@pytest.mark.parametrize("state", sorted(ENDED_STATES - {JobState.CANCELLED}))
def test_a_job_that_has_ended_otherwise_cannot_be_cancelled(jobs: JobRepository, state: JobState) -> None:
    ended = brought_to(jobs, state)
    with pytest.raises(Conflict):
        jobs.request_cancel(ended.job_id)
    assert jobs.get(ended.job_id) == ended


def test_an_end_is_written_once(jobs: JobRepository) -> None:
    job = brought_to(jobs, JobState.RUNNING)
    ended = jobs.end(job.job_id, JobState.FAILED, "error.unexpected", {"n": 1})
    assert (ended.state, ended.message, ended.message_values) == (JobState.FAILED, "error.unexpected", {"n": 1})
    assert ended.ended_at is not None
    assert jobs.end(job.job_id, JobState.SUCCEEDED) == ended


def test_a_job_thought_gone_that_finishes_after_all_has_succeeded(jobs: JobRepository) -> None:
    job = brought_to(jobs, JobState.INTERRUPTED)
    assert jobs.end(job.job_id, JobState.SUCCEEDED).state is JobState.SUCCEEDED


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.CANCELLING])
def test_a_job_cannot_end_as_under_way(jobs: JobRepository, state: JobState) -> None:
    with pytest.raises(InvalidInput):
        jobs.end(jobs.create("k", ()).job_id, state)


def test_a_pause_is_no_end_and_keeps_the_key(jobs: JobRepository) -> None:
    paused = brought_to(jobs, JobState.PAUSED, "key")
    assert paused.ended_at is None
    assert jobs.create("train", (), dedupe_key="key") == paused


def test_only_the_process_that_is_gone_interrupts_its_job(jobs: JobRepository) -> None:
    job = brought_to(jobs, JobState.RUNNING)
    assert jobs.mark_interrupted(job.job_id, 99).state is JobState.RUNNING
    assert jobs.mark_interrupted(job.job_id, 41).state is JobState.INTERRUPTED
    queued = jobs.create("k", ())
    assert jobs.mark_interrupted(queued.job_id, 41).state is JobState.QUEUED


@pytest.mark.parametrize("state", sorted(RESUMABLE_STATES))
def test_a_job_taken_up_again_keeps_what_was_done_and_counts_its_attempt(jobs: JobRepository, state: JobState) -> None:
    job = jobs.create("k", ("a",))
    jobs.claim(job.job_id, 41, 1.5)
    jobs.progress(job.job_id, 7, 10)
    if state is JobState.INTERRUPTED:
        jobs.mark_interrupted(job.job_id, 41)
    else:
        jobs.end(job.job_id, state)
    again = jobs.requeue(job.job_id)
    assert (again.state, again.attempt, again.done, again.total) == (JobState.QUEUED, 2, 7, 10)
    assert (again.pid, again.process_started_at, again.started_at, again.ended_at) == (None,) * 4
    assert again.heartbeat_at is not None
    assert again.heartbeat_at > job.created_at, "who watches for jobs that are never claimed counts from here"
    assert jobs.claim(job.job_id, 42, 2.5).attempt == 2


@pytest.mark.parametrize("state", sorted(frozenset(JobState) - RESUMABLE_STATES))
def test_a_job_under_way_or_finished_is_not_taken_up_again(jobs: JobRepository, state: JobState) -> None:
    job = brought_to(jobs, state)
    with pytest.raises(Conflict):
        jobs.requeue(job.job_id)
    assert jobs.get(job.job_id) == job


def test_a_job_is_not_taken_up_again_while_its_twin_is_under_way(jobs: JobRepository) -> None:
    failed = brought_to(jobs, JobState.FAILED, "key")
    jobs.create("train", (), dedupe_key="key")
    with pytest.raises(Conflict, match=r"job\.twin"):
        jobs.requeue(failed.job_id)
    assert jobs.get(failed.job_id) == failed


def test_jobs_are_listed_newest_first_and_by_state(jobs: JobRepository) -> None:
    made = [jobs.create("k", (str(number),)) for number in range(4)]
    jobs.claim(made[1].job_id, 1, 1.0)
    assert [job.job_id for job in jobs.list()] == [job.job_id for job in reversed(made)]
    assert [job.job_id for job in jobs.list({JobState.RUNNING})] == [made[1].job_id]
    assert len(jobs.list(limit=2)) == 2
    assert jobs.list(()) == ()
