"""How long a busy host is given; the pure half of it. What the door makes of it is in `test_waiting`."""

from datetime import UTC, datetime

import pytest

from core.network.retry import asked_wait_s, back_off_s, is_busy

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2", 2.0),
        (" 2.5 ", 2.5),
        ("99999", 99_999.0),
        ("1e300", 604_800.0),
        ("inf", 604_800.0),
        ("Mon, 23 Nov 2026 12:00:03 GMT", 4.0),
        ("Mon, 23 Nov 2026 21:00:03 +0900", 4.0),
        ("Mon, 23 Nov 2026 11:59:00 GMT", None),
        ("0", None),
        ("-5", None),
        ("nan", None),
        ("soon", None),
        ("", None),
        ("Mon, 99 Nov 2026 99:99:99 GMT", None),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
    ],
)
def test_a_header_is_read_leniently(text: str, seconds: float | None) -> None:
    assert asked_wait_s({"retry-after": text}, NOW) == seconds


def test_a_date_counts_from_the_hosts_own() -> None:
    headers = {"retry-after": "Mon, 23 Nov 2026 15:00:10 GMT", "date": "Mon, 23 Nov 2026 15:00:00 GMT"}
    assert asked_wait_s(headers, NOW) == 10.0


def test_waits_double_and_never_fall_below_what_they_should_be() -> None:
    for attempt, least in enumerate((2, 4, 8, 16)):
        waits = [back_off_s(attempt) for _ in range(200)]
        assert least <= min(waits) < max(waits) <= least * 1.2


def test_busy_is_what_may_pass_by_itself() -> None:
    assert [status for status in (200, 302, 401, 403, 404, 429, 500, 503, 599) if is_busy(status)] == [
        429,
        500,
        503,
        599,
    ]
