"""Memory settles, and answers that are asked for together are each photo's own."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.identify import Models, identify_bytes
from tests.support.batch_child import PLACES, SETTLED
from tests.support.batch_photos import colour_png
from tests.support.planted import planted_jpeg
from tests.support.scenes import scene_bytes

GROWTH_MB = 50  # allowed over 450 answers; over fewer in proportion
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF")


@pytest.mark.soak
def test_memory_settles_after_fifty_answers(
    weights_dir: Path, tmp_path: Path, soak_rounds: Callable[[int, int], int]
) -> None:
    for number, format in enumerate(FORMATS):
        (tmp_path / f"{number}").write_bytes(scene_bytes("cafe", number, format, (480, 360)))
    (tmp_path / "planted").write_bytes(planted_jpeg())
    (tmp_path / "turned").write_bytes(scene_bytes("falls", 1, size=(1200, 900)))
    answers = soak_rounds(150, 500)
    command = ["-m", "tests.support.batch_child", "memory", str(weights_dir), str(tmp_path), str(answers)]
    child = subprocess.run(
        [sys.executable, *command], cwd=Path(__file__).parents[2], capture_output=True, check=True, text=True
    )
    found = json.loads(child.stdout)
    print(f"{answers} answers: {found}")
    assert found["end_mb"] - found["settled_mb"] <= GROWTH_MB * (answers - SETTLED) / 450


def test_twenty_answers_asked_for_together_are_each_photos_own(models: Models) -> None:
    wrong: list[str] = []
    start = threading.Barrier(20)

    def ask(number: int) -> None:
        content = colour_png(number, (80 + number, 60))
        start.wait()
        for _ in range(5):
            answer = identify_bytes(content, models, PLACES)
            expected = PLACES.places[number % 6] if number % 6 < 5 else None
            if answer.place != expected:
                wrong.append(f"{number}: {answer.place}")

    callers = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(60)
    assert wrong == []
