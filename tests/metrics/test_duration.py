"""The usual time of an epoch, from a log."""

from core.metrics.duration import seconds_per_epoch
from core.metrics.training_log import TrainingLog, read_training_log


def log_of(*moments: float) -> TrainingLog:
    rows = "".join(f"{number},{moment}\n" for number, moment in enumerate(moments, 1))
    return read_training_log(f"epoch,time\n{rows}".encode(), "results.csv")


def test_a_slow_first_epoch_does_not_count_more_than_the_others() -> None:
    assert seconds_per_epoch(log_of(30.0, 32.0, 34.0, 36.0)) == 2.0


def test_a_clock_that_began_anew_after_a_break_is_passed_over() -> None:
    assert seconds_per_epoch(log_of(2.0, 1.0, 3.0, 2.0)) == 2.0


def test_a_log_without_times_says_nothing() -> None:
    assert seconds_per_epoch(read_training_log(b"epoch,loss\n1,2\n", "results.csv")) is None
    assert seconds_per_epoch(TrainingLog("")) is None
