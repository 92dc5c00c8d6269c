"""The ledger of requests and pauses, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from core.db.engine import Database
from core.db.requests import HOST_LENGTH, RequestLedger
from core.errors import InvalidInput, SourceQuotaSpent

NOON_IN_KOREA = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.fixture
def ledger(database: Database) -> RequestLedger:
    return RequestLedger(database)


def test_requests_are_counted_by_source_and_day(ledger: RequestLedger) -> None:
    for source in ("naver", "naver", "kakao"):
        ledger.spend(source, 10, NOON_IN_KOREA)
    assert [ledger.spent(source, NOON_IN_KOREA) for source in ("naver", "kakao", "flickr")] == [2, 1, 0]
    assert ledger.spent("naver", NOON_IN_KOREA + timedelta(days=1)) == 0


def test_the_quota_can_be_spent_to_its_end_and_not_beyond(ledger: RequestLedger) -> None:
    for _ in range(3):
        ledger.spend("naver", 3, NOON_IN_KOREA)
    with pytest.raises(SourceQuotaSpent) as spent:
        ledger.spend("naver", 3, NOON_IN_KOREA)
    assert spent.value.values == {"source": "naver", "until": "2026-11-24T15:00:00+00:00"}
    assert ledger.spent("naver", NOON_IN_KOREA) == 3
    ledger.spend("naver", 4, NOON_IN_KOREA)


def test_a_quota_of_none_only_counts_and_one_of_zero_lets_nothing_by(ledger: RequestLedger) -> None:
    for _ in range(5):
        ledger.spend("commons", None, NOON_IN_KOREA)
    assert ledger.spent("commons", NOON_IN_KOREA) == 5
    with pytest.raises(SourceQuotaSpent):
        ledger.spend("naver", 0, NOON_IN_KOREA)
    assert ledger.spent("naver", NOON_IN_KOREA) == 0


@pytest.mark.parametrize(
    ("source", "midnight"),
    [
        ("naver", datetime(2026, 11, 24, 15, 0, tzinfo=UTC)),  # 00:00 in Korea
        ("google", datetime(2026, 11, 24, 8, 0, tzinfo=UTC)),  # 00:00 in California
    ],
)
def test_a_day_ends_at_midnight_of_where_the_source_is(ledger: RequestLedger, source: str, midnight: datetime) -> None:
    ledger.spend(source, 1, midnight - timedelta(seconds=1))
    with pytest.raises(SourceQuotaSpent) as spent:
        ledger.spend(source, 1, midnight - timedelta(seconds=1))
    assert spent.value.values["until"] == midnight.isoformat()
    ledger.spend(source, 1, midnight)


def test_whatever_zone_the_moment_is_given_in_it_is_the_same_day(ledger: RequestLedger) -> None:
    from core.db.requests import KOREA

    late = datetime(2026, 11, 24, 23, 59, tzinfo=KOREA)
    ledger.spend("naver", None, late)
    assert ledger.spent("naver", late.astimezone(UTC)) == 1


def test_eight_threads_at_once_never_spend_more_than_there_is(ledger: RequestLedger) -> None:
    def spend(_: int) -> bool:
        try:
            ledger.spend("naver", 90, NOON_IN_KOREA)
        except SourceQuotaSpent:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(spend, range(8 * 50))) == 90
    assert ledger.spent("naver", NOON_IN_KOREA) == 90


def test_eight_threads_at_once_lose_no_count(ledger: RequestLedger) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: ledger.spend("commons", None, NOON_IN_KOREA), range(8 * 10)))
    assert ledger.spent("commons", NOON_IN_KOREA) == 80


def test_a_pause_is_remembered_and_the_last_word_stands(ledger: RequestLedger, database: Database) -> None:
    assert ledger.paused_until("img.example:8080") is None
    for hours in (2, 1):
        ledger.pause("img.example:8080", NOON_IN_KOREA + timedelta(hours=hours))
    assert RequestLedger(database).paused_until("img.example:8080") == NOON_IN_KOREA + timedelta(hours=1)
    assert ledger.paused_until("img.example") is None


def test_threads_that_pause_a_host_at_once_do_not_disturb_each_other(ledger: RequestLedger) -> None:
    moments = [NOON_IN_KOREA + timedelta(minutes=minute) for minute in range(16)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda moment: ledger.pause("img.example", moment), moments))
    assert ledger.paused_until("img.example") in moments


@pytest.mark.parametrize("name", ["네이버", "x" * (HOST_LENGTH + 1)])
def test_a_name_that_no_source_or_host_has_is_refused(ledger: RequestLedger, name: str) -> None:
    with pytest.raises(InvalidInput):
        ledger.spend(name, 1, NOON_IN_KOREA)
    with pytest.raises(InvalidInput):
        ledger.pause(name, NOON_IN_KOREA)
    assert ledger.paused_until(name) is None
