"""What can be read of a detector's training while it works."""

from pathlib import Path

from core.detector.so_far import child_log, kept_weights, log_so_far
from core.detector.stage import Stage

HEAD = "epoch,time,train/box_loss,metrics/recall(B),val/box_loss\n"


def begin(work: Path, name: str, rows: str = "", watches: bool = True) -> Path:
    """Write what a part leaves when it began, and its epochs."""
    folder = work / name
    Stage(folder, folder / "data.yaml", "none", False, 0, 1, {"val": watches}).write()
    if rows:
        (folder / "epochs.csv").write_text(HEAD + rows)
    return folder


def test_nothing_is_known_before_a_part_began(tmp_path: Path) -> None:
    assert log_so_far(tmp_path).parts == ()
    assert child_log(tmp_path) is None
    assert kept_weights(tmp_path) is None


def test_parts_come_in_the_order_in_which_they_began_and_what_was_not_watched_is_blank(tmp_path: Path) -> None:
    first = begin(tmp_path, "fold-0", "1,2,3.5,0.25,4\n2,4,3.0,0.5,3\n")
    begin(tmp_path, "all", "1,2,3.0,0,0\n", watches=False)
    (first / "best.pt").write_bytes(b"")
    fold, ships = log_so_far(tmp_path).parts
    assert (fold.name, fold.curves["metrics/recall"]) == ("fold 0", (0.25, 0.5))
    assert (ships.name, ships.curves["train/box_loss"]) == ("all", (3.0,))
    assert ships.curves["metrics/recall"] == ships.curves["val/box_loss"] == (None,)
    assert child_log(tmp_path) == tmp_path / "all" / "log.txt"
    assert kept_weights(tmp_path) == first / "best.pt"


def test_a_task_that_is_half_written_is_passed_over(tmp_path: Path) -> None:
    begin(tmp_path, "fold-0", "1,2,3.5,0.25,4\n")
    (tmp_path / "fold-1").mkdir()
    (tmp_path / "fold-1" / "task.json").write_text('{"folder": "')
    assert [part.name for part in log_so_far(tmp_path).parts] == ["fold 0"]
