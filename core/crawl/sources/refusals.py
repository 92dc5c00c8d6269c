"""What sources say instead of results: a wrong key, a spent quota, a captcha, "later", "no".

Each function returns an error for the source to raise, except `check_status`, which raises it. A source's own codes are
told apart in its file; what all have in common is here.
"""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from core.crawl.keys import setting_names
from core.crawl.source import SourceInfo
from core.errors import SourceBlocked, SourceBusy, SourceFailed, SourceKeyError, SourceLayoutError, SourceQuotaSpent
from core.network.message import Response
from core.network.redirects import is_wall

BUSY_S = 60.0  # when a source says "later" but not when
LONGEST_BUSY_S = 3600.0
KOREA = 9  # hours ahead of UTC; quotas of Korean sources begin anew at midnight there
PACIFIC = -8  # Google's; an hour late in summer, never early
REASON_LENGTH = 200
# What the page of a captcha or a login wall says; where it leads is known at the door. Source: SearXNG
# `detect_google_sorry` for Google, instaloader for Instagram; the Korean sentences are those of Naver's pages.
WALL_WORDS = re.compile(
    r"/sorry/|captcha|unusual traffic|/accounts/login|login_required|nidlogin|자동입력 ?방지|비정상적인 (접근|검색)",
    re.I,
)
MARKUP = re.compile(r"\s*<")


def layout(info: SourceInfo, missing: str) -> SourceLayoutError:
    """Return the error for an answer in which something is missing that the source is known to send."""
    return SourceLayoutError(source=info.name, missing=missing[:REASON_LENGTH])


def refused(info: SourceInfo, reason: str) -> SourceFailed:
    """Return the error for a refusal that is none of the others, in the source's own words."""
    return SourceFailed("source.refused", source=info.name, reason=" ".join(reason.split())[:REASON_LENGTH])


def wrong_key(info: SourceInfo) -> SourceKeyError:
    """Return the error for a key that the source does not accept."""
    return SourceKeyError(source=info.name, setting=setting_names(info.key_settings), where=info.key_page)


def busy(info: SourceInfo, response: Response, least_s: float = 1.0) -> SourceBusy:
    """Return the error for a source that is overloaded; it is asked again after what it states, if it does."""
    try:
        stated_s = float(response.headers.get("retry-after", ""))
    except ValueError:
        stated_s = BUSY_S
    wait_s = stated_s if 0 <= stated_s <= LONGEST_BUSY_S else BUSY_S
    return SourceBusy(source=info.name, wait_s=max(wait_s, least_s))


def spent_today(info: SourceInfo, response: Response, zone_hours: int) -> SourceQuotaSpent:
    """Return the error for a spent daily quota that begins anew at the next midnight of a zone."""
    local = _answered_at(response) + timedelta(hours=zone_hours)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return SourceQuotaSpent(source=info.name, until=(midnight - timedelta(hours=zone_hours)).isoformat())


def spent_for(info: SourceInfo, response: Response, pause: timedelta) -> SourceQuotaSpent:
    """Return the error for a quota that is counted over a sliding time."""
    return SourceQuotaSpent(source=info.name, until=(_answered_at(response) + pause).isoformat())


def check_status(response: Response, info: SourceInfo) -> None:
    """Raise unless the answer is a 200 that comes from no captcha's or login wall's address.

    Raises:
        SourceBlocked: a wall, or 403 from a source that needs no key.
        SourceKeyError: 401 or 403 from one that does.
        SourceBusy: 429 and 5xx.
        SourceFailed: code "source.refused"; any other status.
    """
    check_wall(response, info)
    if response.status == 200:
        return
    if response.status in (401, 403):
        raise wrong_key(info) if info.key_settings else SourceBlocked(source=info.name)
    if response.status == 429 or response.status >= 500:
        raise busy(info, response)
    raise refused(info, f"HTTP {response.status}")


def check_wall(response: Response, info: SourceInfo) -> None:
    """Raise where an answer comes from a captcha's or login wall's address.

    Raises:
        SourceBlocked: it does.
    """
    if is_wall(response.url):
        raise SourceBlocked(source=info.name)


def no_results_page(response: Response, info: SourceInfo, missing: str) -> SourceFailed:
    """Return the error for a page without the results that belong there: a wall if it looks like one."""
    if WALL_WORDS.search(response.text):
        return SourceBlocked(source=info.name)
    return layout(info, missing)


def is_markup(response: Response) -> bool:
    """Whether a body that should be JSON is HTML or XML."""
    return MARKUP.match(response.text[:1000]) is not None


def _answered_at(response: Response) -> datetime:
    """Return when the source answered, by its own clock where it tells the time."""
    try:
        stated = parsedate_to_datetime(response.headers.get("date", ""))
        return stated.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        return datetime.now(UTC)
