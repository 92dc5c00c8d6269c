"""The end of a log as plain lines."""

from pathlib import Path

from core.jobs.log_tail import TAIL_BYTES, read_tail


def test_only_the_last_lines_are_read_without_colours_and_overdrawn_states(tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    log.write_bytes(b"first\n\n\x1b[32mgreen\x1b[0m\n10%\r50%\r100%\r\nlast \xff\x00half")
    assert read_tail(log, 3) == "green\n100%\nlast \ufffdhalf"


def test_a_large_log_is_read_from_its_end_only(tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    log.write_bytes(b"x" * TAIL_BYTES * 3 + b"\nend\n")
    assert read_tail(log, 1) == "end"


def test_a_log_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert read_tail(tmp_path / "none.log") == ""
