"""How many photos a second a crawl brings: `python -m tests.benchmarks.crawling [--photos N] [--hosts N] …`.

Portals in a process of their own serve drawn photos and sources' result pages on loopback, each photo as late as a host
on the network would. In turn, a plain `requests` loop only saves the bytes; a crawl's own way of fetching does the
same, with robots.txt and every connection checked; and a crawl with its pauses off does all of its work: every photo
decoded, hashed, compared with the library, described, stored durably, with its row and history. Prints the rates, their
ratios to the plain loop, and the processor's time for a photo of each; asserts nothing: times belong to a machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import requests

from core.crawl.belt import Belt, Reading
from core.crawl.fetch_photos import fetch_photo
from core.crawl.spool import own_spool
from core.domain.crawl import Candidate
from tests.support.crawls import bench_at, with_changes
from tests.support.libraries import new_library
from tests.support.portal import Portal, photo_bytes

SOURCES = ("naver-api", "kakao", "naver-hub", "google-page")  # their photos have no number, only an address
Hosts = dict[str, list[str]]


@dataclass(frozen=True)
class Setting:
    """What is measured. delay_ms: how long a host thinks about each answer."""

    photos: int
    hosts: int
    size: tuple[int, int]
    texture: float
    delay_ms: float


def serve(setting: Setting) -> None:
    """Serve until the standard input ends; print the hosts' addresses once all photos are drawn."""
    portals = []
    for number in range(setting.hosts):
        portal = Portal()
        portal.photo_size, portal.texture, portal.delay_s = setting.size, setting.texture, setting.delay_ms / 1000
        portal.offer(SOURCES[number], range(number, setting.photos, setting.hosts))
        portals.append(portal.start())
    sizes = [len(photo_bytes(number, setting.size, setting.texture)) for number in range(setting.photos)]
    print(json.dumps({"urls": [portal.url for portal in portals], "size_kb": round(sum(sizes) / len(sizes) / 1000)}))
    sys.stdout.flush()
    sys.stdin.read()


@contextmanager
def server(arguments: list[str]) -> Iterator[dict[str, Any]]:
    """Run portals in another process; give their addresses and the photos' mean size in kB."""
    command = (sys.executable, "-m", "tests.benchmarks.crawling", "--serve", *arguments)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.communicate()


def plain_loop(urls: list[str], photos: int, folder: Path) -> tuple[float, float]:
    """Save the bytes of all photos, one after another over kept connections; return seconds and processor seconds."""
    started, worked = perf_counter(), process_time()
    with requests.Session() as session:
        for number in range(photos):
            url = f"{urls[number % len(urls)]}/photo/{number}.jpg"
            (folder / f"{number}.jpg").write_bytes(session.get(url, timeout=20).content)
    return perf_counter() - started, process_time() - worked


def crawl(urls: list[str], photos: int, folder: Path) -> tuple[float, float]:
    """Crawl all photos into an empty library, a source for each host; return seconds and processor seconds."""
    new_library(folder)
    bench = bench_at(f"sqlite:///{folder / 'eodi.sqlite3'}", folder, urls[0], Portal())
    bases = {source: f"{url}/{source}" for source, url in zip(SOURCES, urls, strict=False)}
    bench = with_changes(bench, base_urls=bases)
    wanted = bench.crawl(*bases, limit=photos)
    started, worked = perf_counter(), process_time()
    report = bench.run(wanted)
    spent = perf_counter() - started, process_time() - worked
    assert report.kept == photos, report
    return spent


def fetch(urls: list[str], photos: int, folder: Path) -> tuple[float, float]:
    """Do the crawl's part of the network alone: each photo asked for and kept whole in the spool, none looked at."""
    new_library(folder)
    bench = bench_at(f"sqlite:///{folder / 'eodi.sqlite3'}", folder, urls[0], Portal())
    belt = Belt(photos, {}, lambda found, fetched: Reading(""))
    started, worked = perf_counter(), process_time()
    with own_spool(folder / "crawls", "fetch") as spool:
        for number in range(photos):
            candidate = Candidate("naver-api", f"{urls[number % len(urls)]}/photo/{number}.jpg")
            fetch_photo(candidate, candidate.key, bench.tools.fetcher, spool, belt)
    spent = perf_counter() - started, process_time() - worked
    belt.close()
    return spent


def measure(setting: Setting, rounds: int, arguments: list[str]) -> None:
    """Print the photos a second of both, in turn."""
    runs = {"plain loop": plain_loop, "fetching alone": fetch, "crawl": crawl}
    rates: dict[str, list[float]] = {name: [] for name in runs}
    with server(arguments) as there:
        print(
            f"{setting.photos} photos of {setting.size[0]}x{setting.size[1]}, {there['size_kb']} kB, "
            f"{setting.hosts} host(s), {setting.delay_ms:.0f} ms an answer, {os.cpu_count()} cores"
        )
        for _ in range(rounds):
            for name, run in runs.items():
                with tempfile.TemporaryDirectory() as folder:
                    seconds, worked = run(there["urls"], setting.photos, Path(folder))
                rates[name].append(setting.photos / seconds)
                work_ms = worked / setting.photos * 1000
                print(f"  {name}: {rates[name][-1]:.0f} a second, {work_ms:.1f} ms of the processor a photo")
    plain = median(rates["plain loop"])
    for name in ("fetching alone", "crawl"):
        print(f"{name} {median(rates[name]):.0f}, plain loop {plain:.0f}: ratio {median(rates[name]) / plain:.2f}")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--hosts", type=int, default=4, choices=range(1, len(SOURCES) + 1))
    parser.add_argument("--size", default="1024x683")
    parser.add_argument("--texture", type=float, default=6.0, help="Strength of the noise that makes files large.")
    parser.add_argument("--delay-ms", type=float, default=0.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))
    setting = Setting(options.photos, options.hosts, (width, height), options.texture, options.delay_ms)
    if options.serve:
        serve(setting)
    else:
        measure(setting, options.rounds, sys.argv[1:])


if __name__ == "__main__":
    main()
