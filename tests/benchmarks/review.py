"""How fast the review page turns: `python -m tests.benchmarks.review [--photos N] [--rounds N]`.

A library of 20,000 photos in 40 places, all with an opinion and a line of history, in SQLite and, where one is
installed, in MariaDB. Every filter in every order, at its first, middle and last page of 48, each with the count that
the page shows; then the facets, a decision about a page of photos and its undoing. Prints the median of each filter and
order in milliseconds, of the page that took longest, and asserts nothing: times belong to a machine.
"""

import argparse
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import insert

from core.db.engine import Database, open_database
from core.db.opinions import OpinionRepository
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.ready import upgrade
from core.db.review import ReviewRepository
from core.db.tables import OpinionRow, PhotoEventRow, PhotoRow
from core.domain.library import Concern, PhotoFilter, PhotoOrder
from core.domain.photo import PhotoStatus, Split
from tests.support.mariadb import private_server
from tests.support.places import make_place

PLACES = 40
PAGE = 48
RUN = "classifier-20261123-141500-ab12cd"
START = datetime(2026, 1, 1, tzinfo=UTC)
SOURCES = ("commons", "flickr", "naver", "import", "visitor", "rare")
LICENCES = ("CC BY-SA 4.0", "CC BY 2.0", "CC0", "", "all rights reserved")
NEW = PhotoStatus.NEW
FILTERS = {
    "everything": PhotoFilter(),
    "a place": PhotoFilter("place-03"),
    "unknown": PhotoFilter("unknown"),
    "unsorted": PhotoFilter("unsorted"),
    "to review": PhotoFilter(status=NEW),
    "rejected": PhotoFilter(status=PhotoStatus.REJECTED),
    "a place, to review": PhotoFilter("place-03", NEW),
    "a large source": PhotoFilter(source="commons"),
    "a rare source": PhotoFilter(source="rare"),
    "a source that is none": PhotoFilter(source="none-such"),
    "a licence": PhotoFilter(licence="CC0"),
    "a split": PhotoFilter(split=Split.TEST),
    **{concern.value: PhotoFilter(concern=concern) for concern in Concern},
    "disagrees, to review": PhotoFilter(status=NEW, concern=Concern.DISAGREES),
    "a place, disagrees": PhotoFilter("place-03", concern=Concern.DISAGREES),
    "all of them": PhotoFilter("place-03", NEW, "commons", "CC0", Split.TRAIN, Concern.BLURRY),
}


def photo_rows(photos: int) -> Iterator[dict[str, Any]]:
    """Yield rows of photos whose facts are dealt out by a seed."""
    deal = Random(20261123)
    for number in range(photos):
        place = deal.randrange(PLACES + 2)  # the last two are unknown and unsorted
        width, height = deal.choice(((1600, 1200), (1024, 768), (640, 480), (300, 225)))
        yield {
            "sha256": sha256(str(number).encode()).hexdigest(),
            "place_slug": f"place-{place:02}" if place < PLACES else None,
            "is_unknown": place == PLACES,
            "status": deal.choices(list(PhotoStatus), (5, 8, 4, 1))[0].value,
            "format": "jpeg",
            "width_px": width,
            "height_px": height,
            "size_bytes": 200_000,
            "perceptual_hash": f"{deal.getrandbits(64):016x}",
            "original_name": f"사진 {number:05}.jpg",
            "source": deal.choices(SOURCES, (30, 20, 30, 10, 10, 0.1))[0],
            "page_url": f"https://example.org/photos/{number}?from=search&page={number % 40}",
            "author": f"author {number % 500}",
            "licence": deal.choice(LICENCES),
            "reject_reason": "",
            "group_id": f"group-{number // 3}",
            "split": deal.choices((*(split.value for split in Split), None), (60, 12, 12, 16))[0],
            "created_at": START + timedelta(seconds=number),
            "sharpness": deal.lognormvariate(5.5, 1),
            "brightness": deal.betavariate(4, 4),
            "look_id": f"look-{number // 2}" if deal.random() < 0.15 else "",
        }


def fill(database: Database, photos: int) -> None:
    """Put places, photos, opinions and history into an empty database."""
    deal = Random(7)
    places = PlaceRepository(database)
    for number in range(PLACES):
        places.add(make_place(number, f"place-{number:02}"))
    rows = list(photo_rows(photos))
    with database.session() as session:
        session.execute(insert(PhotoRow), rows)
        session.execute(insert(OpinionRow), [opinion_of(row, deal, run) for row in rows for run in (RUN, "older")])
        history = {"at": START, "actor": "someone", "action": "imported", "undoes": "", "before": {}, "after": {}}
        session.execute(insert(PhotoEventRow), [history | {"photo_sha256": r["sha256"], "batch_id": "0"} for r in rows])


def opinion_of(row: dict[str, Any], deal: Random, run_id: str) -> dict[str, Any]:
    """Return an opinion that mostly agrees."""
    answer = row["place_slug"] if deal.random() < 0.9 else f"place-{deal.randrange(PLACES):02}"
    scores = {f"place-{number:02}": 0.02 for number in range(PLACES)}
    return {
        "photo_sha256": row["sha256"],
        "run_id": run_id,
        "answer_slug": answer,
        "confidence": 0.7,
        "own_probability": 0.7,
        "doubt": deal.random(),
        "scores": scores,
        "created_at": START,
    }


def timed_ms(work: Callable[[], object], rounds: int) -> float:
    """Return the median time of a piece of work."""
    times = []
    for _ in range(rounds):
        begun = perf_counter()
        work()
        times.append((perf_counter() - begun) * 1000)
    return median(times)


def page_turn(photos: PhotoRepository, wanted: PhotoFilter, order: PhotoOrder, offset: int) -> Callable[[], object]:
    """Return the work of one page: its photos and how many there are."""
    return lambda: (photos.find(wanted, order, PAGE, offset), photos.count_matching(wanted))


def measure_pages(database: Database, rounds: int) -> float:
    """Print the table of filters and orders, and return its largest number."""
    photos = PhotoRepository(database)
    print(f"{'median ms of the slowest page':30}" + "".join(f"{order:>10}" for order in PhotoOrder) + f"{'photos':>10}")
    worst = 0.0
    for name, plain in FILTERS.items():
        wanted = PhotoFilter(*(getattr(plain, field) for field in plain.__slots__[:-1]), run_id=RUN)
        found = photos.count_matching(wanted)
        line = []
        for order in PhotoOrder:
            offsets = sorted({0, found // 2 // PAGE * PAGE, max(0, found - 1) // PAGE * PAGE})
            line.append(max(timed_ms(page_turn(photos, wanted, order, offset), rounds) for offset in offsets))
        worst = max(worst, *line)
        print(f"{name:30}" + "".join(f"{ms:10.1f}" for ms in line) + f"{found:10}")
    return worst


def measure_rest(database: Database, rounds: int) -> None:
    """Print what else the review page does."""
    photos, review, opinions = PhotoRepository(database), ReviewRepository(database), OpinionRepository(database)
    page = [record.sha256 for record in photos.find(PhotoFilter("place-03", NEW))]
    everything = [sha256 for sha256, _, _ in photos.hashes()]

    def decide_and_undo(keys: list[str]) -> None:
        review.undo(review.set_aside(keys, "benchmark", "me").batch_id, "me")

    works: dict[str, Callable[[], object]] = {
        "facets": photos.facets,
        "a page's opinions": lambda: opinions.get_many(page, RUN),
        "photos without an opinion": lambda: opinions.missing("another-run"),
        "one photo's look-alikes": lambda: photos.look_alikes(everything[0]),
        "one photo's history": lambda: review.history(everything[0]),
        "one photo decided and undone": lambda: decide_and_undo(page[:1]),
        f"{len(page)} photos decided and undone": lambda: decide_and_undo(page),
    }
    for name, work in works.items():
        print(f"{name:30}{timed_ms(work, rounds):10.1f}")
    looks = {key: f"look-{number}" for number, key in enumerate(everything)}
    print(f"{'looks of all photos set':30}{timed_ms(lambda: photos.set_looks(looks), 1):10.0f}")
    print(f"{'all photos decided and undone':30}{timed_ms(lambda: decide_and_undo(everything), 1):10.0f}")


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, Database]]:
    """Give an upgraded SQLite file, and a MariaDB schema where the server is installed."""
    opened = {"SQLite": open_database(f"sqlite:///{folder / 'eodi.sqlite3'}")}
    if shutil.which("mariadbd") is None:
        print("mariadbd is not installed: SQLite only")
        yield opened
        return
    with private_server("--innodb-buffer-pool-size=128M") as server:
        opened["MariaDB"] = open_database(server.new_schema())
        yield opened
        opened["MariaDB"].dispose()


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="eodi-bench-") as name, databases(Path(name)) as opened:
        for engine, database in opened.items():
            upgrade(database)
            begun = perf_counter()
            fill(database, arguments.photos)
            print(f"\n{engine}, {arguments.photos:,} photos, filled in {perf_counter() - begun:.0f} s")
            worst = measure_pages(database, arguments.rounds)
            print(f"{'the slowest of these':30}{worst:10.1f}\n")
            measure_rest(database, arguments.rounds)


if __name__ == "__main__":
    main()
