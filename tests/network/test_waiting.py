"""Busy hosts, pauses, quotas and pace; waits of hours pass in a moment, the server's log shows how long they were."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest

from core.db.requests import RequestLedger
from core.errors import MustWait, NetworkFailed, SourceQuotaSpent
from core.network.fetch import Fetcher
from core.network.message import Request
from core.network.policy import FetchPolicy
from tests.support.doors import NOON, HandClock, MakeDoor, MemoryLedger
from tests.support.loopback import RESET, Loopback, Seen, Steps, loopback, reply

OpenLedger = Callable[[], RequestLedger]
OK = reply(body=b"ok")


def ask(door: Fetcher, server: Loopback, source: str = "") -> bytes:
    return door.send(Request(f"{server.url}/api", source=source)).content


class TestRetryAfter:
    @pytest.mark.parametrize("status", [429, 503])
    def test_seconds_are_waited_and_no_more_than_one_longer(self, door: Fetcher, server: Loopback, status: int) -> None:
        server.answers["/api"] = [reply(status, Retry_After="2"), OK]
        assert ask(door, server) == b"ok"
        assert [2 <= gap <= 3 for gap in server.gaps("/api")] == [True]

    @pytest.mark.parametrize("skew_s", [0, 3600, -3600], ids=["same clock", "host ahead", "host behind"])
    def test_a_date_is_counted_from_the_hosts_own_clock(self, door: Fetcher, server: Loopback, skew_s: int) -> None:
        host_now = NOON + timedelta(seconds=skew_s)
        dates = {"Date": host_now, "Retry_After": host_now + timedelta(seconds=3)}
        headers = {name: format_datetime(moment, usegmt=True) for name, moment in dates.items()}
        server.answers["/api"] = [reply(429, **headers), OK]
        assert ask(door, server) == b"ok"
        assert [3 <= gap <= 4 for gap in server.gaps("/api")] == [True]

    def test_a_date_without_the_hosts_own_is_never_early(
        self, door: Fetcher, server: Loopback, clock: HandClock
    ) -> None:
        clock.sleep(0.7)  # a date knows whole seconds only
        until = format_datetime((clock.now() + timedelta(seconds=3)).replace(microsecond=0), usegmt=True)
        server.answers["/api"] = [reply(429, Retry_After=until), OK]
        assert ask(door, server) == b"ok"
        assert [3 <= gap <= 4 for gap in server.gaps("/api")] == [True]

    @pytest.mark.parametrize(
        "headers",
        [{}, {"Retry_After": "-5"}, {"Retry_After": "soon"}, {"Retry_After": "0"}, {"Retry_After": "nan"},
         {"Retry_After": "Wed, 21 Oct 2015 07:28:00 GMT"}, {"Retry_After": "Wed, 99 Foo 2015"}],
        ids=lambda headers: headers.get("Retry_After", "none"),
    )  # fmt: skip
    def test_without_one_that_makes_sense_waits_grow(
        self, door: Fetcher, server: Loopback, headers: dict[str, str]
    ) -> None:
        server.answers["/api"] = [*(reply(503, **headers) for _ in range(3)), OK]
        assert ask(door, server) == b"ok"
        bounds = [(2, 2.5), (4, 4.9), (8, 9.7)]
        assert all(low <= gap <= high for gap, (low, high) in zip(server.gaps("/api"), bounds, strict=True))

    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    def test_a_host_that_is_busy_for_ever_is_given_up_after_five_tries(
        self, door: Fetcher, server: Loopback, clock: HandClock, status: int
    ) -> None:
        server.answers["/api"] = reply(status)
        with pytest.raises(NetworkFailed) as failed:
            ask(door, server)
        assert failed.value.code == "network.busy"
        assert failed.value.values == {"host": "127.0.0.1", "status": status, "count": 5}
        assert len(server.paths()) == 5 and 30 <= clock.passed_s <= 90

    def test_what_a_429_means_is_left_to_a_source_that_explains_it(self, door: Fetcher, server: Loopback) -> None:
        server.answers["/api"] = [reply(429, b"spent", Retry_After="2"), reply(429, b"spent today"), OK]
        answer = door.send(Request(f"{server.url}/api", explains_429=True))
        assert (answer.status, answer.content, len(server.gaps("/api"))) == (429, b"spent today", 1)
        server.answers["/api"] = [reply(503, b"down"), OK]
        assert door.send(Request(f"{server.url}/api", explains_429=True)).content == b"ok"

    def test_a_busy_answers_body_is_not_read(self, door: Fetcher, server: Loopback) -> None:
        server.answers["/api"] = [(*reply(503, Content_Length="1000000"), 60.0), OK]
        assert ask(door, server) == b"ok"


class TestLongPauses:
    def test_more_than_two_minutes_are_not_waited_for_in_place(
        self, door: Fetcher, server: Loopback, clock: HandClock
    ) -> None:
        server.answers["/api"] = reply(429, Retry_After="99999")
        with pytest.raises(MustWait) as waits:
            ask(door, server)
        until = NOON + timedelta(seconds=99999 + clock.passed_s)
        assert waits.value.values == {"host": server.site, "until": until.isoformat(timespec="seconds")}
        assert len(server.paths()) == 1 and clock.passed_s == 0

    def test_exactly_two_minutes_are(self, door: Fetcher, server: Loopback) -> None:
        server.answers["/api"] = [reply(429, Retry_After="120"), OK]
        assert ask(door, server) == b"ok" and server.gaps("/api") == [pytest.approx(120, abs=1)]

    def test_the_host_is_left_alone_until_then_also_after_a_restart(
        self, make_door: MakeDoor, server: Loopback, clock: HandClock, kept_ledger: OpenLedger
    ) -> None:
        server.answers["/api"] = [reply(429, Retry_After="3600"), OK]
        with pytest.raises(MustWait) as first:
            ask(make_door(kept_ledger()), server)
        clock.sleep(1800)
        with pytest.raises(MustWait) as second:
            ask(make_door(kept_ledger()), server)
        assert second.value.values == first.value.values and len(server.paths()) == 1
        clock.sleep(1750)  # what is left is short enough to be waited for
        assert ask(make_door(kept_ledger()), server) == b"ok"
        assert server.gaps("/api") == [pytest.approx(3600, abs=2)]

    def test_a_pause_that_another_process_was_asked_for_is_kept(
        self, make_door: MakeDoor, server: Loopback, clock: HandClock, kept_ledger: OpenLedger
    ) -> None:
        server.answers["/api"] = OK
        door = make_door(kept_ledger())
        ask(door, server)
        kept_ledger().pause(server.site, clock.now() + timedelta(hours=1))
        clock.sleep(6)
        with pytest.raises(MustWait):
            ask(door, server)

    def test_an_absurd_one_ends_within_a_week(self, door: Fetcher, server: Loopback, memory: MemoryLedger) -> None:
        server.answers["/api"] = reply(503, Retry_After="1e300")
        with pytest.raises(MustWait):
            ask(door, server)
        assert memory.pauses[server.site] <= NOON + timedelta(days=8)


class TestLostConnections:
    def test_a_host_that_resets_is_asked_once_more(self, door: Fetcher, server: Loopback) -> None:
        server.answers["/api"] = [(RESET,), OK]
        assert ask(door, server) == b"ok" and len(server.paths()) == 2

    def test_and_then_given_up(self, door: Fetcher, server: Loopback) -> None:
        server.answers["/api"] = (RESET,)
        with pytest.raises(NetworkFailed) as failed:
            ask(door, server)
        assert failed.value.code == "network.no_answer" and len(server.paths()) == 2

    def test_with_a_single_try_it_is_given_up_at_once(self, make_door: MakeDoor, server: Loopback) -> None:
        server.answers["/api"] = (RESET,)
        with pytest.raises(NetworkFailed) as failed:
            ask(make_door(tries=1), server)
        assert failed.value.code == "network.no_answer" and len(server.paths()) == 1


class TestQuota:
    def test_the_last_request_of_a_day_is_sent_and_none_after_it(
        self, make_door: MakeDoor, server: Loopback, clock: HandClock, kept_ledger: OpenLedger
    ) -> None:
        server.answers["/api"] = OK
        ledger = kept_ledger()
        ledger.spend("naver", None, clock.now())
        spend_many(ledger, "naver", 24_999, clock)
        changes = {"quotas": {"naver": 25_000}}
        assert ask(make_door(ledger, **changes), server, "naver") == b"ok"
        for _ in range(2):  # a process that is started anew knows it too
            with pytest.raises(SourceQuotaSpent) as spent:
                ask(make_door(kept_ledger(), **changes), server, "naver")
            assert spent.value.values == {"source": "naver", "until": "2026-11-24T15:00:00+00:00"}
        assert len(server.paths()) == 1 and kept_ledger().spent("naver", clock.now()) == 25_000
        clock.sleep(13 * 3600)
        assert ask(make_door(kept_ledger(), **changes), server, "naver") == b"ok"

    def test_every_try_counts_and_photos_without_a_source_do_not(
        self, make_door: MakeDoor, server: Loopback, memory: MemoryLedger
    ) -> None:
        server.answers["/api"] = [reply(503), reply(503), OK]
        door = make_door()
        ask(door, server, "naver")
        ask(door, server)
        assert memory.spent == ["naver"] * 3


class TestPace:
    def test_a_hundred_photos_at_five_a_second_by_four_threads(self, make_door: MakeDoor, server: Loopback) -> None:
        server.answers["/api"] = OK
        door = make_door(pace_s=0.2)
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda _: ask(door, server), range(100)))
        times = server.times("/api")
        assert len(times) == 100 and min(server.gaps("/api")) >= 0.2
        assert all(sum(start <= other < start + 1 for other in times) <= 5 for start in times)

    def test_it_counts_from_the_answer_so_that_a_slow_line_brings_no_two_requests_together(
        self, make_door: MakeDoor, server: Loopback, clock: HandClock
    ) -> None:
        def answer(_: Seen) -> Steps:
            clock.sleep(5)
            return OK

        server.answers["/api"] = answer
        door = make_door(pace_s=1.0)
        for _ in range(3):
            ask(door, server)
        assert all(6 <= gap <= 6.2 for gap in server.gaps("/api"))

    def test_a_source_has_its_own_pace(self, make_door: MakeDoor, server: Loopback) -> None:
        server.answers["/api"] = OK
        door = make_door(pace_s=0.5, paces={"slow": 3.0, "quick": 0.0})
        for source in ("slow", "slow", "quick"):
            ask(door, server, source)
        assert [gap >= 3 for gap in server.gaps("/api")] == [True, True]
        ask(door, server)
        ask(door, server)
        assert 0.5 <= server.gaps("/api")[-1] <= 0.6

    def test_it_is_kept_by_the_clock_on_the_wall_too(self, policy: FetchPolicy, memory: MemoryLedger) -> None:
        with loopback() as server:
            server.answers["/api"] = OK
            hosts = frozenset({server.site})
            door = Fetcher(replace(policy, allow_private_hosts=hosts, api_hosts=hosts, pace_s=0.2), memory)
            for _ in range(4):
                ask(door, server)
            assert min(server.gaps("/api")) >= 0.2

    def test_a_pace_of_zero_waits_for_nothing(self, door: Fetcher, server: Loopback, clock: HandClock) -> None:
        server.answers["/api"] = OK
        for _ in range(10):
            ask(door, server)
        assert clock.passed_s == 0

    def test_a_pace_longer_than_is_waited_for_says_when(self, make_door: MakeDoor, server: Loopback) -> None:
        server.answers["/api"] = OK
        door = make_door(paces={"weekly": 1000.0}, api_hosts=frozenset({server.site}))
        ask(door, server, "weekly")
        with pytest.raises(MustWait):
            ask(door, server, "weekly")
        assert len(server.paths()) == 1


def spend_many(ledger: RequestLedger, source: str, count: int, clock: HandClock) -> None:
    """Set the day's count, which counting one by one would take minutes for."""
    from sqlalchemy import update

    from core.db.requests import SourceRequestsRow

    with ledger._database.session() as session:
        session.execute(update(SourceRequestsRow).where(SourceRequestsRow.source == source).values(spent=count))
    assert ledger.spent(source, clock.now()) == count
