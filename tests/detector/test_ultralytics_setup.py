"""What a child process with ultralytics is told before it starts."""

from pathlib import Path

import pytest

from core.detector.ultralytics_setup import child_environment


@pytest.mark.parametrize(
    ("switch", "value"),
    [("ULTRALYTICS_SAFE_LOAD", "1"), ("YOLO_OFFLINE", "1"), ("YOLO_AUTOINSTALL", "false"), ("WANDB_MODE", "disabled")],
)
def test_a_child_reads_weights_as_numbers_offline_and_installs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, switch: str, value: str
) -> None:
    monkeypatch.setenv(switch, "something else")
    environment = child_environment(tmp_path)
    assert environment[switch] == value
    assert environment["YOLO_CONFIG_DIR"] == str(tmp_path)
