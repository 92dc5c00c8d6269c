"""The door: `Fetcher.send` asks for one address and returns its answer, politely and safely, or says why not.

In order: the address is judged, robots.txt read, a pause kept, the turn and the pace awaited, the quota counted, the
request sent; a busy host is asked again later, a redirect goes through all of it once more. Called by `core/crawl`.
"""

import logging
from datetime import datetime, timedelta
from typing import Protocol

from core.errors import AddressRefused, MustWait, NetworkFailed
from core.network.addresses import Resolver, Target, is_listed, resolve
from core.network.clock import Clock, Stop, SystemClock, never, wait_until
from core.network.masking import masked_bytes, secret_values, visible, without_secrets
from core.network.message import Request, Response
from core.network.neighbours import Neighbours
from core.network.pace import Pace, Turns
from core.network.policy import FetchPolicy
from core.network.redirects import check_secrets, is_wall, judged, may_know, next_address
from core.network.retry import BUSY, asked_wait_s, is_busy, wait_s
from core.network.robots import MOST_BYTES, RobotsBook, Rules
from core.network.transport import Answer, Ask, Transport

logger = logging.getLogger(__name__)
LOST_TRIES = 2  # a host that does not answer at all is asked once more: a kept connection may just have been closed
ROBOTS_REDIRECTS = 5  # Source: RFC 9309, 2.3.1.2
PAUSE_AGE_S = 5.0  # how long a pause that another process was asked for may go unnoticed


class Ledger(Protocol):
    """What the door needs to remember; `core/db/requests.RequestLedger`."""

    def spend(self, source: str, quota: int | None, now: datetime) -> None:
        """Count a request, or raise SourceQuotaSpent."""
        ...

    def pause(self, host: str, until: datetime) -> None:
        """Remember that a host is not asked before `until`."""
        ...

    def paused_until(self, host: str) -> datetime | None:
        """Return until when a host is not asked."""
        ...


class Fetcher:
    """Sends requests; blocking, thread-safe, one per process: pace and turns are kept in it."""

    def __init__(
        self,
        policy: FetchPolicy,
        ledger: Ledger,
        clock: Clock | None = None,
        resolver: Resolver = resolve,
        neighbours: Neighbours | None = None,
    ) -> None:
        """Open nothing yet.

        ledger: remembers quotas and pauses. clock, resolver: the system's; tests have others. neighbours: what other
        processes that ask hosts know of; None for a process that is alone.
        """
        self._policy, self._ledger = policy, ledger
        self._clock = clock or SystemClock()
        self._transport = Transport(policy, resolver)
        self._turns, self._pace = Turns(neighbours), Pace(self._clock, neighbours)
        self._robots = RobotsBook(self._read_robots, self._clock)
        self._pauses: dict[str, tuple[datetime | None, float]] = {}

    def send(self, request: Request, stop: Stop = never) -> Response:
        """Ask for an address. stop: asked at least every 0.2 s, in every wait and while bytes stream.

        Returns any answer but 429 (unless the request says otherwise), 5xx and redirects. Only a redirect to a captcha
        or a login is returned, with that page's address: it is not followed.

        Raises:
            AddressRefused: an address that is never asked, here or behind a redirect.
            RobotsRefused: robots.txt says no, or could not be read.
            MustWait: the host asked for a long pause; `until` says when to come back.
            SourceQuotaSpent: the source's requests of the day are spent.
            NetworkFailed: no answer, or one that is cut, too long or too slow; busy at every try.
            JobStopped: `stop` said so.
        """
        home = target = judged(request.url, self._policy, request.params)
        for hop in range(self._policy.most_redirects + 1):
            headers = self._headers(request, with_secrets=may_know(target, home))
            ask = Ask(target, headers, request.max_bytes, reads_429=request.explains_429)
            answer = self._ask(ask, request.source, hop == 0, stop)
            following = next_address(target, answer.location) if answer.location else ""
            if not following or is_wall(following):
                return _response(answer, following or target.url, request)
            target = judged(following, self._policy)
            check_secrets(target, home, secret_values(request))
        raise AddressRefused("network.redirects", host=target.host, limit=self._policy.most_redirects)

    def _headers(self, request: Request, *, with_secrets: bool) -> dict[str, str]:
        headers = {"Accept": "*/*", "Accept-Encoding": "gzip" if request.source else "identity"}
        for name, value in request.headers.items():
            if with_secrets or name not in request.secret:
                if not (value.isascii() and value.isprintable()):
                    raise NetworkFailed("network.header", name=name)
                headers[name] = value
        return headers | {"User-Agent": self._policy.user_agent}

    def _ask(self, ask: Ask, source: str, is_counted: bool, stop: Stop) -> Answer:
        """Ask one host until it answers something else than "busy"."""
        exempt = is_listed(ask.target, self._policy.api_hosts)
        rules = Rules() if exempt else self._robots.check(ask.target, stop)
        gaps = self._gaps(ask.target.site, source, rules.delay_s)
        site, answer = ask.target.site, None
        with self._turns.turn(site, stop):
            for attempt in range(self._policy.tries):
                self._keep_pause(site, stop)
                self._pace.wait(site, gaps, self._policy.longest_wait_s, stop)
                if is_counted and source:
                    self._ledger.spend(source, self._policy.quotas.get(source), self._clock.now())
                answer = self._try(ask, gaps, attempt, stop)
                if answer is not None and (not is_busy(answer.status) or self._is_explained(ask, answer)):
                    return answer
                if attempt + 1 < self._policy.tries:
                    self._back_off(site, answer, attempt, stop)
        status = answer.status if answer is not None else 0
        raise NetworkFailed("network.busy", host=ask.target.host, status=status, count=self._policy.tries)

    def _is_explained(self, ask: Ask, answer: Answer) -> bool:
        """Whether a 429 is left to the source: it does not say when to come back, and the body says why."""
        return ask.reads_429 and answer.status == BUSY and asked_wait_s(answer.headers, self._clock.now()) is None

    def _gaps(self, site: str, source: str, delay_s: float) -> dict[str, float]:
        pace_s = max(self._policy.pace_of(source), delay_s)
        return {f"host {site}": pace_s} | ({f"source {source}": self._policy.pace_of(source)} if source else {})

    def _try(self, ask: Ask, gaps: dict[str, float], attempt: int, stop: Stop) -> Answer | None:
        """Send once; None where nothing came back and it is worth one more try."""
        try:
            answer = self._transport.get(ask, stop)
        except NetworkFailed as error:
            self._pace.answered(gaps)
            if error.code != "network.no_answer" or attempt + 1 >= min(LOST_TRIES, self._policy.tries):
                raise
            return None
        self._pace.answered(gaps, answer.body_s)
        return answer

    def _back_off(self, site: str, answer: Answer | None, attempt: int, stop: Stop) -> None:
        pause_s = wait_s(answer.headers if answer else {}, attempt, self._clock.now())
        if pause_s > self._policy.longest_wait_s:
            until = self._clock.now() + timedelta(seconds=pause_s)
            self._ledger.pause(site, until)
            self._pauses[site] = (until, self._clock.monotonic() + PAUSE_AGE_S)
            raise MustWait(host=site, until=until.isoformat(timespec="seconds"))
        said = f"HTTP {answer.status}" if answer else "no answer"
        logger.info("%s: %s; it is asked again in %.0f s", site, said, pause_s)
        wait_until(self._clock.monotonic() + pause_s, self._clock, stop)

    def _keep_pause(self, site: str, stop: Stop) -> None:
        """Wait for the end of a pause that was asked for earlier, in this process or another, or say how long it is."""
        until, fresh_until = self._pauses.get(site, (None, 0.0))
        if self._clock.monotonic() >= fresh_until:
            until = self._ledger.paused_until(site)
            self._pauses[site] = (until, self._clock.monotonic() + PAUSE_AGE_S)
        left_s = (until - self._clock.now()).total_seconds() if until else 0.0
        if until and left_s > self._policy.longest_wait_s:
            raise MustWait(host=site, until=until.isoformat(timespec="seconds"))
        wait_until(self._clock.monotonic() + left_s, self._clock, stop)

    def _read_robots(self, host: Target, stop: Stop) -> Answer:
        """Return what a host answers to robots.txt; a redirect that is not followed is an answer like any other."""
        asked = judged(f"{host.origin}/robots.txt", self._policy)
        answer = self._ask_robots(asked, stop)
        try:
            for _ in range(ROBOTS_REDIRECTS):
                if not answer.location:
                    break
                asked = judged(next_address(asked, answer.location), self._policy)
                answer = self._ask_robots(asked, stop)
        except AddressRefused:
            return answer
        return answer

    def _ask_robots(self, asked: Target, stop: Stop) -> Answer:
        """Ask once; what is too long is cut."""
        headers = {"Accept": "text/plain, */*;q=0.5", "Accept-Encoding": "identity"}
        ask = Ask(asked, headers | {"User-Agent": self._policy.user_agent}, MOST_BYTES, cut=True)
        gaps = self._gaps(asked.site, "", 0.0)
        with self._turns.turn(asked.site, stop):
            self._keep_pause(asked.site, stop)
            self._pace.wait(asked.site, gaps, self._policy.longest_wait_s, stop)
            answer = self._transport.get(ask, stop)
            self._pace.answered(gaps, answer.body_s)
        return answer


def _response(answer: Answer, url: str, request: Request) -> Response:
    """Return the answer without what is secret in the request: some hosts send it back."""
    secrets = secret_values(request)
    content = masked_bytes(answer.content, secrets) if secrets else answer.content
    return Response(answer.status, without_secrets(url, request), visible(answer.headers, secrets), content)
