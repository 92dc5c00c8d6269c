"""Crawls in processes of their own, which may be killed, and a look whether all of their photos are there whole."""

import hashlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from core.dataset.library import Library
from core.dataset.verify import verify_library
from core.db.engine import open_database
from core.db.places import PlaceRepository
from core.db.ready import upgrade
from core.domain.crawl import Crawl
from core.domain.library import PhotoAction
from tests.support.crawls import Bench, bench_at
from tests.support.imports import ROOT
from tests.support.places import make_place
from tests.support.portal import Portal, photo_bytes


def child(bench: Bench, crawl: Crawl, url: str = "") -> "subprocess.Popen[str]":
    url = url or f"sqlite:///{bench.folder / 'eodi.sqlite3'}"
    arguments = (url, str(bench.folder), bench.portal.url, crawl.crawl_id)
    command = (sys.executable, "-m", "tests.crawl.crawl_child", *arguments)
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def lines_of(process: "subprocess.Popen[str]") -> list[str]:
    """Return the whole lines that a process wrote; a killed one may have begun another."""
    assert process.stdout is not None
    lines = [line.strip() for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    process.wait()
    return lines


def assert_whole(library: Library, numbers: Sequence[int]) -> None:
    """Assert that the library holds exactly these photos, each whole and once, and nothing else."""
    report = verify_library(library)
    assert report.is_clean, report
    assert report.missing_thumbnails == ()
    wanted = {hashlib.sha256(photo_bytes(number)).hexdigest() for number in numbers}
    records = library.photos.records()
    assert {record.sha256 for record in records} == wanted
    assert len(records) == len(wanted) == len(numbers)
    for record in records:
        assert [event.action for event in library.review.history(record.sha256)] == [PhotoAction.IMPORTED]


def server_bench(url: str, folder: Path, portal: Portal) -> Bench:
    """Make an empty library on a server."""
    database = open_database(url)
    upgrade(database)
    PlaceRepository(database).add(make_place(0, "cave"))
    database.dispose()
    return bench_at(url, folder, portal.url, portal)
