"""How long saving a photo's boxes takes with 20,000 boxes in the database: `python -m tests.benchmarks.labelling`.

Prints medians and 95th percentiles on an embedded database, the default; the limit is 150 ms, the aim 10 ms.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from core.db.boxes import BoxRepository
from core.db.labels import LabelRepository
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.ready import open_database, upgrade
from core.domain.label import Box, LabelDecision, LabelOrder, PhotoLabels, WorkOrder
from core.domain.photo import PhotoStatus
from core.domain.place import LocalText
from tests.support.places import make_place
from tests.support.records import photo_record

PHOTOS, BOXES_EACH, ROUNDS = 10_000, 2, 200
LIMIT_MS = 150


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'eodi.sqlite3'}")
        upgrade(database)
        PlaceRepository(database).add(make_place(0, "cave"))
        label = LabelRepository(database).add("cave", "column", LocalText("기둥", "Column"))
        records = [photo_record(number, status=PhotoStatus.ACCEPTED) for number in range(PHOTOS)]
        PhotoRepository(database).add_all(records)
        boxes = BoxRepository(database)

        def drawn(number: int, count: int) -> tuple[Box, ...]:
            return tuple(Box(f"{number:016x}{at:016x}", label.label_id, (0.1, 0.1, 0.5, 0.5)) for at in range(count))

        done = LabelDecision.DONE
        labels = [PhotoLabels(r.sha256, 0, drawn(n, BOXES_EACH), done) for n, r in enumerate(records)]
        boxes.save_many(labels, "benchmark")
        keys = [record.sha256 for record in records]
        for number in range(ROUNDS):
            boxes.decide(keys[-1 - number], LabelDecision.OPEN, None, 1, "benchmark")
        print(f"{PHOTOS} photos, {PHOTOS * BOXES_EACH} boxes, embedded database")
        median = measure("save one more box", lambda n: boxes.save(keys[n], drawn(n, 3), 1, "benchmark"))
        measure("read a photo's boxes", lambda n: boxes.get(keys[n]))
        measure("next photo, by arrival", lambda n: boxes.next_photo("cave", f"p{n}"))
        by_place = WorkOrder(LabelOrder.PLACE)
        measure("next photo, place by place", lambda n: boxes.next_photo(None, f"q{n}", by_place), 20)
        measure("progress of a place", lambda n: boxes.progress("cave"), 20)
        assert median < LIMIT_MS, f"saving took {median:.1f} ms, limit {LIMIT_MS} ms"


def measure(what: str, act: Callable[[int], object], rounds: int = ROUNDS) -> float:
    """Print and return the median in milliseconds."""
    times = []
    for number in range(rounds):
        begun = time.perf_counter()
        act(number)
        times.append((time.perf_counter() - begun) * 1000)
    median = statistics.median(times)
    print(f"{what:28} median {median:6.1f} ms, 95 % below {sorted(times)[int(0.95 * rounds)]:6.1f} ms")
    return median


if __name__ == "__main__":
    main()
