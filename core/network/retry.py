"""How long to wait before a busy host is asked again: as it says itself, read leniently, or longer each time.

urllib3's own `Retry` stays off: it raises on a header that it does not understand, and may wait six hours in silence.
"""

import math
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST_WAIT_S = 2.0  # 2 + 4 + 8 + 16, with jitter at most 36 s for five tries
JITTER = 0.2
LONGEST_ASKED_S = 7 * 86_400.0  # nobody means more, and a typo must not close a source for good
BUSY = 429


def is_busy(status: int) -> bool:
    """Whether an answer says that the same request may be answered later."""
    return status == BUSY or status >= 500


def wait_s(headers: Mapping[str, str], attempt: int, now: datetime) -> float:
    """Return the seconds to wait after the `attempt`-th try, from 0. headers: lower-case names."""
    asked = asked_wait_s(headers, now)
    return back_off_s(attempt) if asked is None else asked


def asked_wait_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that `Retry-After` names; None where it is absent, past, or not understood.

    A date is counted from the host's own, so that two clocks need not agree; without one a second is added, as a date
    knows whole seconds only. Source: RFC 9110, 10.2.3.
    """
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        until = _moment(text)
        if until is None:
            return None
        sent = _moment(headers.get("date", ""))
        seconds = (until - now).total_seconds() + 1 if sent is None else (until - sent).total_seconds()
    return min(seconds, LONGEST_ASKED_S) if seconds > 0 and not math.isnan(seconds) else None


def back_off_s(attempt: int) -> float:
    """Return 2, 4, 8, … seconds and up to a fifth more, so that those who wait together do not come back together."""
    return FIRST_WAIT_S * 2.0**attempt * (1 + random.uniform(0, JITTER))  # noqa: S311  # no secret hangs on it


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
