"""What ends a crawl, a kill, a cancellation, a full disk, a lost database, loses nothing and asks for nothing twice."""

import json
import random
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from core.dataset.verify import verify_library
from core.db.crawls import CrawlRepository, Settled
from core.domain.crawl import SourceLight
from core.errors import DatabaseUnavailable, EodiError, JobStopped, StorageUnavailable, Value
from core.messages import describe
from tests.support.crawl_processes import assert_whole, child, lines_of, server_bench
from tests.support.crawls import Bench, new_bench, with_changes
from tests.support.libraries import files_of, library_at
from tests.support.mariadb import private_server
from tests.support.portal import Answer, Portal, page_answer, photo_bytes


@pytest.mark.soak
def test_a_crawl_killed_again_and_again_ends_complete_and_repeats_one_request_per_kill_at_most(
    bench: Bench, soak_rounds: Callable[[int, int], int]
) -> None:
    kills = soak_rounds(1, 20)
    numbers = range(soak_rounds(40, 300))
    for number in numbers:
        photo_bytes(number)
    bench.portal.offer("naver-api", numbers)
    bench.portal.delay_s = 0.01
    crawl = bench.crawl("naver-api", limit=1000)
    moments = random.Random(7)
    killed, before = 0, 0
    for round_number in range(kills):
        process = child(bench, crawl)
        goal = before + moments.uniform(0.2, 1.0) * (len(numbers) - before) / (kills - round_number + 1)
        until = time.monotonic() + 60
        while len(set(bench.portal.photos_asked())) < goal and process.poll() is None:
            assert time.monotonic() < until
            time.sleep(0.002)
        time.sleep(moments.uniform(0, 0.05))
        process.kill()
        acknowledged = max((int(line) for line in lines_of(process) if line.isdecimal()), default=0)
        killed += process.returncode == -9
        assert bench.library.photos.count() >= acknowledged
        report = verify_library(bench.library)
        assert (report.rows_without_files, report.broken_files) == ((), ())
        before = len(set(bench.portal.photos_asked()))
    found = bench.run(crawl)
    asked = Counter(bench.portal.photos_asked())
    searches = [search.params["start"] for search in bench.portal.searches("naver-api")]
    repeated = sum(asked.values()) - len(asked) + len(searches) - len(set(searches))
    print(f"{killed} kills, {sum(asked.values())} requests for {len(numbers)} photos, {repeated} of them repeated")
    assert killed >= kills - 1
    assert repeated <= killed
    assert max(asked.values()) <= 2
    assert (found.kept, found.known, found.refused) == (len(numbers), 0, 0)
    assert_whole(bench.library, numbers)
    assert files_of(bench.folder / "crawls") == [f"{crawl.crawl_id}.lock"]


def test_what_a_killed_writer_left_half_written_is_gone_after_the_next_crawl(bench: Bench) -> None:
    unfinished = bench.folder / "library" / "ab" / f".tmp-{socket.gethostname()}-4194304-{'0' * 32}"
    unfinished.parent.mkdir(parents=True)
    unfinished.write_bytes(photo_bytes(0)[:100])
    bench.portal.offer("naver-api", range(2))
    bench.run(bench.crawl("naver-api"))
    assert_whole(bench.library, range(2))


@pytest.mark.soak
def test_a_cancelled_crawl_asks_for_nothing_more_and_goes_on_without_repeating_anything(
    bench: Bench, soak_rounds: Callable[[int, int], int]
) -> None:
    stops = soak_rounds(1, 10)
    bench.portal.offer("naver-api", range(40))
    bench.portal.offer("openverse", range(40, 80))
    bench.portal.delay_s = 0.02
    crawl = bench.crawl("naver-api", "openverse")
    moments = sorted(random.Random(3).sample(range(2, 60), stops))
    for moment in moments:

        def stop(done: int, total: int | None, key: str = "", goal: int = moment, **values: Value) -> None:
            if len(bench.portal.photos_asked()) >= goal:
                raise JobStopped

        with pytest.raises(JobStopped):
            bench.run(crawl, stop)
        before, saved = len(bench.portal.asked), bench.library.photos.count()
        assert {standing.light for standing in bench.crawls.standings(crawl.crawl_id)} == {SourceLight.IDLE}
        time.sleep(0.3)
        assert len(bench.portal.asked) == before
    assert bench.run(crawl).kept == 80 >= saved
    repeated = len(bench.portal.photos_asked()) - 80
    print(f"{stops} stops, {repeated} requests repeated: what was under way")
    assert repeated <= stops
    assert_whole(bench.library, range(80))


def test_a_stop_is_heard_in_the_middle_of_a_slow_answer_and_of_a_long_pause(bench: Bench) -> None:
    bench.portal.put("/slow.jpg", Answer(body=photo_bytes(0), byte_s=0.5))
    bench.portal.offers["naver-api"] = [f"{bench.portal.url}/slow.jpg"]
    bench.portal.script("/kakao/", page_answer("", 429, Retry_After="2"))
    other = bench.portal.url.replace("127.0.0.1", "localhost")
    bench = with_changes(bench, base_urls={**bench.tools.base_urls, "kakao": f"{other}/kakao"})
    asked_at: list[float] = []

    def stop(done: int, total: int | None, key: str = "", **values: Value) -> None:
        if len(bench.portal.asked) >= 4:  # robots.txt of two hosts among them
            asked_at.append(time.monotonic())
            raise JobStopped

    with pytest.raises(JobStopped):
        bench.run(bench.crawl("naver-api", "kakao"), stop)
    assert time.monotonic() - asked_at[0] < 2
    assert bench.library.photos.count() == 0


def assert_that_crawls_at_once_bring_what_one_would(bench: Bench, url: str, count: int) -> None:
    numbers = range(30)
    bench.portal.offer("naver-api", numbers)
    bench.portal.offer("openverse", range(15, 30))
    crawls = [bench.crawl("naver-api", "openverse", limit=1000) for _ in range(count)]
    ends = [json.loads(lines_of(process)[-1]) for process in [child(bench, crawl, url=url) for crawl in crawls]]
    assert sum(end["kept"] for end in ends) == len(numbers)
    assert sum(end["known"] for end in ends) == count * 45 - len(numbers)
    assert_whole(bench.library, numbers)
    reports = [bench.crawls.standings(crawl.crawl_id) for crawl in crawls]
    assert {standing.light for standings in reports for standing in standings} == {SourceLight.FINISHED}


@pytest.mark.soak
def test_crawls_of_one_place_at_once_end_with_the_photos_of_one(
    bench: Bench, soak_rounds: Callable[[int, int], int]
) -> None:
    url = f"sqlite:///{bench.folder / 'eodi.sqlite3'}"
    assert_that_crawls_at_once_bring_what_one_would(bench, url, soak_rounds(2, 4))


@pytest.mark.mysql
@pytest.mark.soak
def test_crawls_of_one_place_at_once_end_with_the_photos_of_one_on_a_server_too(
    tmp_path: Path, portal: Portal, mysql_url: str, soak_rounds: Callable[[int, int], int]
) -> None:
    for _ in range(soak_rounds(0, 1)):
        bench = server_bench(mysql_url, tmp_path, portal)
        assert_that_crawls_at_once_bring_what_one_would(bench, mysql_url, 4)
        bench.database.dispose()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a file system of 5 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", str(folder))
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a small disk")
    yield folder
    subprocess.run(("umount", "-l", str(folder)), check=True)


def test_a_full_disk_is_said_with_how_many_are_safe_and_the_crawl_goes_on_after_making_room(
    small_disk: Path, portal: Portal
) -> None:
    bench = new_bench(small_disk, portal)
    portal.offer("naver-api", range(60))
    crawl = bench.crawl("naver-api")
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(2_800_000))
    with pytest.raises(EodiError) as refusal:
        bench.run(crawl)
    saved = bench.library.photos.count()
    assert (refusal.value.code, refusal.value.values) == ("crawl.full", {"saved": saved})
    assert describe(refusal.value, "en").startswith(f"The disk is full: {saved} photos saved")
    assert saved < 60
    assert verify_library(bench.library).broken_files == ()
    assert [name for name in files_of(small_disk) if ".tmp" in name] == []
    ballast.unlink()
    assert bench.run(crawl).kept == 60
    assert_whole(bench.library, range(60))
    assert max(Counter(portal.photos_asked()).values()) <= 2
    assert len(portal.photos_asked()) <= 61  # the one whose bytes could not be written


def test_a_storage_that_may_not_be_written_is_said(bench: Bench) -> None:
    bench.portal.offer("naver-api", range(3))
    for spool, storage in (("/sys/kernel/eodi", bench.folder / "library"), (bench.folder, "/sys/kernel/eodi")):
        library = library_at(f"sqlite:///{bench.folder / 'eodi.sqlite3'}", Path(storage))
        changed = with_changes(bench, library=library, spool_dir=Path(spool) / "crawls")
        with pytest.raises(StorageUnavailable) as refusal:
            changed.run(bench.crawl("naver-api"))
        assert (refusal.value.code, refusal.value.values) == ("crawl.read_only", {"saved": 0})
    assert bench.library.photos.count() == 0


class LosingCrawls(CrawlRepository):
    """Loses the database when rows are settled for the second time."""

    left = 1

    def settle(self, settled: Sequence[Settled]) -> None:
        if not self.left:
            raise DatabaseUnavailable
        self.left -= 1
        super().settle(settled)


def test_a_database_that_goes_in_the_middle_is_said_and_the_crawl_goes_on(bench: Bench) -> None:
    bench.portal.offer("naver-api", range(100))
    crawl = bench.crawl("naver-api")
    with pytest.raises(DatabaseUnavailable) as refusal:
        with_changes(bench, crawls=LosingCrawls(bench.database)).run(crawl)
    saved = bench.library.photos.count()
    assert (refusal.value.code, refusal.value.values) == ("crawl.no_database", {"saved": saved})
    assert 0 < saved < 100
    report = bench.run(crawl)
    assert (report.kept, report.known) == (100, 0)
    assert_whole(bench.library, range(100))
    assert max(Counter(bench.portal.photos_asked()).values()) == 1


class LosingPages(CrawlRepository):
    """Loses the database when a source notes what it was offered."""

    def add_candidates(self, *given: object, **named: object) -> int:
        raise DatabaseUnavailable


def test_a_database_that_goes_while_a_source_is_asked_ends_the_crawl_and_not_that_source(bench: Bench) -> None:
    bench.portal.offer("naver-api", range(2))
    crawl = bench.crawl("naver-api")
    with pytest.raises(DatabaseUnavailable, match=r"crawl\.no_database"):
        with_changes(bench, crawls=LosingPages(bench.database)).run(crawl)
    assert bench.run(crawl).kept == 2


@pytest.mark.mysql
@pytest.mark.soak
def test_a_database_server_killed_in_the_middle_leaves_the_crawl_to_be_gone_on_with(
    tmp_path: Path, portal: Portal, soak_rounds: Callable[[int, int], int]
) -> None:
    for _ in range(soak_rounds(0, 1)):  # making a server of one's own takes longer than all other tests here
        kill_the_server(tmp_path, portal)


def kill_the_server(tmp_path: Path, portal: Portal) -> None:
    with private_server("--innodb-flush-log-at-trx-commit=1") as server:
        url = server.new_schema()
        bench = server_bench(url, tmp_path, portal)
        portal.offer("naver-api", range(40))
        portal.delay_s = 0.02
        crawl = bench.crawl("naver-api")

        def kill_once(done: int, total: int | None, key: str = "", **values: Value) -> None:
            if done and server.process is not None and server.process.poll() is None:
                server.kill()

        with pytest.raises(DatabaseUnavailable) as refusal:
            bench.run(crawl, kill_once)
        assert refusal.value.code == "crawl.no_database"
        saved = int(refusal.value.values["saved"])
        assert saved > 0
        server.start()
        report = bench.run(crawl)
        assert (report.kept, report.known) == (40, 0)
        assert_whole(bench.library, range(40))
        assert max(Counter(portal.photos_asked()).values()) == 1
        bench.database.dispose()
