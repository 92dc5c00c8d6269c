"""What a robots.txt allows us. protego reads the rules; whether there are any to read is decided here.

protego takes an empty text, a page of HTML and a file with a byte order mark for "everything is allowed". So only a 200
whose type and content are text is read; 4xx means that there are no rules; anything else, that we keep out.
Source: RFC 9309, 2.2 and 2.3.1.
"""

from collections.abc import Callable
from dataclasses import dataclass

from protego import Protego

from core.errors import AddressRefused, MustWait, NetworkFailed, RobotsRefused
from core.network.addresses import Target
from core.network.clock import Clock, Stop
from core.network.pace import Turns
from core.network.retry import BUSY
from core.network.transport import Answer

PRODUCT = "Eodi"  # the product token that a robots.txt may name
MOST_BYTES = 500 * 1024  # Source: RFC 9309, 2.5
RULES_AGE_S = 86_400.0  # Source: RFC 9309, 2.4
UNREAD_AGE_S = 600.0  # a host that was out of order is looked at again in this crawl
LOST_AGE_S = 60.0  # and one that did not answer sooner: the line may have been ours
MOST_HOSTS = 4000
HTML_SIGNS = ("<!doctype", "<html", "<head", "<body", "<?xml", "<script", "<!--")


@dataclass(frozen=True, slots=True)
class Rules:
    """What one host allows. rules: None where it states none, and all is allowed, or where it could not be read."""

    rules: Protego | None = None
    is_unread: bool = False

    def allows(self, url: str) -> bool:
        """Whether the address may be asked; as it goes over the wire, percent-encoded."""
        if self.is_unread:
            return False
        return self.rules is None or self.rules.can_fetch(url, PRODUCT)

    @property
    def delay_s(self) -> float:
        """The seconds between two requests that the host asks for; 0 where it asks for none."""
        if self.rules is None:
            return 0.0
        rate = self.rules.request_rate(PRODUCT)
        return max(self.rules.crawl_delay(PRODUCT) or 0.0, rate.seconds / rate.requests if rate else 0.0)


UNREAD = Rules(is_unread=True)


def read_rules(answer: Answer) -> Rules:
    """Return what an answer to the request for robots.txt allows."""
    if 400 <= answer.status < 500 and answer.status != BUSY:
        return Rules()
    if answer.status != 200 or not _is_text(answer):
        return UNREAD
    text = answer.content.decode("utf-8-sig", errors="replace")
    if len(answer.content) >= MOST_BYTES:
        text = text.rpartition("\n")[0]  # the last line is cut
    return UNREAD if _is_html(text) else Rules(Protego.parse(text))


def _is_text(answer: Answer) -> bool:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return (kind == "" or kind.startswith("text/")) and b"\0" not in answer.content


def _is_html(text: str) -> bool:
    start = text.lstrip()[:1000].lower()
    return start.startswith("<") or any(sign in start for sign in HTML_SIGNS)


class RobotsBook:
    """Remembers the rules of each host for a day; thread-safe, one request for them at a time."""

    def __init__(self, fetch: Callable[[Target, Stop], Answer], clock: Clock) -> None:
        """fetch: returns what the host answers to /robots.txt, redirects followed."""
        self._fetch, self._clock = fetch, clock
        self._reading = Turns()
        self._rules: dict[str, tuple[Rules, float]] = {}

    def check(self, target: Target, stop: Stop) -> Rules:
        """Return the rules of a host that allow the address.

        Raises:
            RobotsRefused: "network.robots", they do not; "network.robots_unread", they could not be read.
            AddressRefused: the host is none that is asked.
            MustWait: the host asked for a pause.
            JobStopped: `stop` said so meanwhile.
        """
        rules = self._known(target.origin)
        if rules is None:
            with self._reading.turn(target.origin, stop):
                rules = self._known(target.origin) or self._read(target, stop)
        if rules.is_unread:
            raise RobotsRefused("network.robots_unread", host=target.host)
        if not rules.allows(target.url):
            raise RobotsRefused(host=target.host)
        return rules

    def _known(self, origin: str) -> Rules | None:
        rules, until = self._rules.get(origin, (None, 0.0))
        return rules if self._clock.monotonic() < until else None

    def _read(self, target: Target, stop: Stop) -> Rules:
        try:
            rules = read_rules(self._fetch(target, stop))
            age_s = UNREAD_AGE_S if rules.is_unread else RULES_AGE_S
        except (AddressRefused, MustWait):
            raise
        except NetworkFailed:
            rules, age_s = UNREAD, LOST_AGE_S
        if len(self._rules) >= MOST_HOSTS:
            self._rules.clear()
        self._rules[target.origin] = (rules, self._clock.monotonic() + age_s)
        return rules
