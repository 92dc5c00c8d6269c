import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import JobStopped
from core.network import neighbours
from core.network.clock import never
from core.network.fetch import Fetcher
from core.network.message import Request
from core.network.neighbours import Neighbours
from core.network.policy import FetchPolicy
from tests.support.asking_child import PACE_S
from tests.support.doors import HandClock, MemoryLedger
from tests.support.loopback import Loopback, loopback, reply

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def host() -> Iterator[Loopback]:
    """Give a server by the clock on the wall."""
    with loopback() as running:
        running.answers["/"] = (0.02, *reply(body=b"x"))
        yield running


def child(host: Loopback, folder: Path, count: int) -> "subprocess.Popen[bytes]":
    arguments = [f"{host.url}/", str(folder), str(count)]
    return subprocess.Popen([sys.executable, "-m", "tests.support.asking_child", *arguments], cwd=PROJECT)


def test_processes_take_turns_and_keep_one_pace_together(host: Loopback, tmp_path: Path) -> None:
    children = [child(host, tmp_path / "호스트", 5) for _ in range(3)]
    assert [one.wait(60) for one in children] == [0, 0, 0]
    assert len(host.paths()) == 15
    assert host.most_at_once == 1
    assert min(host.gaps("/")) >= PACE_S


def test_one_that_was_killed_in_its_turn_leaves_it_to_the_next(host: Loopback, tmp_path: Path) -> None:
    host.answers["/"] = [(600.0,), reply(body=b"x")]
    killed = child(host, tmp_path, 1)
    while not host.paths():
        time.sleep(0.02)
    killed.kill()
    killed.wait()
    assert child(host, tmp_path, 1).wait(60) == 0
    assert len(host.paths()) == 2


def test_who_waits_for_another_process_can_be_stopped(tmp_path: Path) -> None:
    with Neighbours(tmp_path).turn("host", never), pytest.raises(JobStopped):  # noqa: SIM117
        with Neighbours(tmp_path).turn("host", lambda: True):
            pytest.fail("two have the turn")


def test_hosts_of_two_slots_do_not_wait_for_each_other(tmp_path: Path) -> None:
    together = Neighbours(tmp_path)
    with together.turn("one.example", never), together.turn("two.example", never):
        assert len(list(tmp_path.glob("*.lock"))) == 2


def test_many_hosts_leave_few_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "SLOTS", 3)
    together = Neighbours(tmp_path)
    for number in range(30):
        with together.turn(f"host-{number}.example", never):
            together.put_off(f"host-{number}.example", number)
    assert sorted({path.stem for path in tmp_path.iterdir()}) == ["0000", "0001", "0002"]


def test_threads_of_one_process_still_take_turns_in_one_slot(tmp_path: Path) -> None:
    together, inside, most = Neighbours(tmp_path), [], []
    lock = threading.Lock()

    def take(_: int) -> None:
        with together.turn("host", never):
            with lock:
                inside.append(1)
                most.append(len(inside))
            time.sleep(0.005)
            with lock:
                inside.pop()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(take, range(12)))
    assert max(most) == 1


@pytest.mark.parametrize("written", ["", "nan", "later", "99999999999.0", "-5"])
def test_what_a_broken_file_or_a_clock_that_was_set_back_says_holds_nobody_for_long(
    written: str, tmp_path: Path, policy: FetchPolicy, clock: HandClock, server: Loopback, memory: MemoryLedger
) -> None:
    server.answers["/"] = reply()
    hosts = frozenset({server.site})
    together = Neighbours(tmp_path)
    door = Fetcher(replace(policy, pace_s=10.0, api_hosts=hosts), memory, clock, neighbours=together)
    door.send(Request(f"{server.url}/"))
    (file,) = tmp_path.glob("*.next")
    file.write_text(written)
    later = Fetcher(replace(policy, pace_s=10.0, api_hosts=hosts), memory, clock, neighbours=together)
    later.send(Request(f"{server.url}/"))
    assert clock.passed_s <= 11.0


def test_a_second_door_waits_for_what_the_first_one_noted(
    tmp_path: Path, policy: FetchPolicy, clock: HandClock, server: Loopback, memory: MemoryLedger
) -> None:
    server.answers["/"] = reply()
    slow = replace(policy, pace_s=10.0, api_hosts=frozenset({server.site}))
    for _ in range(2):
        Fetcher(slow, memory, clock, neighbours=Neighbours(tmp_path)).send(Request(f"{server.url}/"))
    assert 10.0 <= server.gaps("/")[0] <= 11.0


def test_where_nothing_can_be_written_each_process_keeps_to_itself(
    tmp_path: Path,
    policy: FetchPolicy,
    clock: HandClock,
    server: Loopback,
    memory: MemoryLedger,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.answers["/"] = reply()
    (tmp_path / "file").write_bytes(b"")
    slow = replace(policy, pace_s=10.0, api_hosts=frozenset({server.site}))
    door = Fetcher(slow, memory, clock, neighbours=Neighbours(tmp_path / "file" / "hosts"))
    for _ in range(2):
        door.send(Request(f"{server.url}/"))
    assert server.gaps("/")[0] >= 10.0
    assert "without regard to other processes" in caplog.text
