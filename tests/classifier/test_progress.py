"""One count over all stages of a training."""

from core.classifier.progress import Steps


def test_steps_add_up_skip_ahead_and_never_pass_the_total_or_run_back() -> None:
    told: list[tuple[int, int | None, str, dict[str, object]]] = []
    steps = Steps(lambda done, total, key="", **values: told.append((done, total, key, values)), total=10)
    steps.advance(3, "a", photo=1)
    steps.reach(7, "b")
    steps.reach(5, "c")
    steps.advance(9, "d")
    assert told == [(3, 10, "a", {"photo": 1}), (7, 10, "b", {}), (7, 10, "c", {}), (10, 10, "d", {})]
    assert steps.done == 10
