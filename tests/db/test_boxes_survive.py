import random
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from core.db.boxes import BoxRepository
from core.db.engine import Database
from core.db.labels import LabelRepository
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.ready import check
from core.domain.place import LocalText
from tests.db.box_child import box
from tests.db.conftest import MakeRecord


@pytest.mark.soak
def test_the_last_acknowledged_boxes_are_there_whole_after_any_kill(
    database: Database, places: PlaceRepository, make_record: MakeRecord, soak_rounds: Callable[[int, int], int]
) -> None:
    label = LabelRepository(database).add("cave", "column", LocalText("기둥", ""))
    record = make_record(1, place_slug="cave")
    PhotoRepository(database).add(record)
    boxes, chance, first = BoxRepository(database), random.Random(5), 0
    url = f"sqlite:///{database.path}" if database.path else database.engine.url.render_as_string(hide_password=False)
    for _ in range(soak_rounds(3, 50)):
        command = [sys.executable, "-m", "tests.db.box_child", url, record.sha256, str(label.label_id), str(first)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(chance.randrange(1, 4))]
        time.sleep(chance.random() * 0.05)
        child.kill()
        lines += child.stdout.readlines()
        child.wait()
        revision, last = (int(part) for part in [line for line in lines if line.endswith("\n")][-1].split())
        standing = boxes.get(record.sha256)
        assert standing.revision in {revision, revision + 1}, "at most the one that was not acknowledged yet is more"
        drawn = last + standing.revision - revision
        assert standing.boxes == tuple(box(number, label.label_id) for number in range(drawn + 1))[-40:]
        check(database)
        first = drawn + 1 if drawn < 400 else 0
        if first == 0:
            boxes.save(record.sha256, (), standing.revision, "test")
