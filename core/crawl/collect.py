"""One source at work in a thread of its own: its pages, its photos, its pauses, and the light that says how it stands.

Whatever goes wrong with a source ends that source alone. What ends the whole crawl, a full disk or a lost database, is
kept for `crawl` to raise.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from core.crawl.ask import ask_page
from core.crawl.belt import Belt, Want
from core.crawl.fetch_photos import SILENCE, fetch_photo, refuse_unseen
from core.crawl.spool import Fetched, Spool
from core.crawl.tools import CrawlTools
from core.db.crawls import FoundCandidate, Settled
from core.domain.crawl import CandidateState, Crawl, SourceLight
from core.domain.place import Place
from core.errors import (
    DatabaseUnavailable,
    EodiError,
    JobStopped,
    MustWait,
    NetworkFailed,
    PhotoRefused,
    RobotsRefused,
    SourceBlocked,
    SourceBusy,
    SourceFailed,
    SourceKeyError,
    SourceQuotaSpent,
    StorageUnavailable,
    Value,
)

logger = logging.getLogger(__name__)
ENDS_ALL = (StorageUnavailable, DatabaseUnavailable)
MOST_WAITS = 3  # pauses in a row that brought nothing; then the source waits for the next attempt
MOST_UNANSWERED = 5  # photos in a row that nobody answers for: it is not their hosts that are gone
BUSY_S = 300.0  # a source that was busy at every try is left alone for so long
LIGHTS: tuple[tuple[type[EodiError], SourceLight], ...] = (
    (MustWait, SourceLight.WAITING),
    (SourceBusy, SourceLight.WAITING),
    (SourceQuotaSpent, SourceLight.QUOTA_SPENT),
    (SourceKeyError, SourceLight.KEY_MISSING),
    (SourceBlocked, SourceLight.BLOCKED),
    (RobotsRefused, SourceLight.BLOCKED),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a source stands after a round; see `SourceStanding`."""

    light: SourceLight
    until: datetime | None = None
    message: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)


class Collector(threading.Thread):
    """Collects what one source has for all places of a crawl, each place with its queries in turn.

    error: what ended it that must end the whole crawl; for `crawl` to raise.
    """

    def __init__(
        self, source: str, crawl: Crawl, places: Sequence[Place], tools: CrawlTools, belt: Belt, spool: Spool
    ) -> None:
        super().__init__(name=f"source {source}", daemon=True)
        self.source = source
        self.error: Exception | None = None
        self._crawl, self._places, self._tools, self._belt, self._spool = crawl, places, tools, belt, spool
        self._spooled = spool.keys()
        self._pauses: list[MustWait] = []
        self._unanswered: list[tuple[Want, FoundCandidate, NetworkFailed]] = []
        self._waits, self._brought_some = 0, False

    def run(self) -> None:
        """Collect until nothing is left to do or to wait for."""
        try:
            while self._round_and_wait():
                continue
        except JobStopped:
            self._stand_idle()
        except Exception as error:  # noqa: BLE001 -- the thread of the job raises it again
            self.error = error

    def _round_and_wait(self) -> bool:
        """Collect; whether there is more to do after a pause that was waited for."""
        self._stand(Standing(SourceLight.WORKING))
        standing = self._round()
        self._stand(standing)
        if standing.light is not SourceLight.WAITING or standing.until is None:
            return False
        self._waits = 0 if self._brought_some else self._waits + 1
        self._brought_some = False
        return self._waits < MOST_WAITS and self._belt.wait_until(self.source, standing.until)

    def _stand_idle(self) -> None:
        with suppress(DatabaseUnavailable):  # whoever stopped it will say so
            self._stand(Standing(SourceLight.IDLE))

    def _round(self) -> Standing:
        self._pauses.clear()
        self._unanswered.clear()
        try:
            for place in self._places:
                self._collect(place)
        except (JobStopped, *ENDS_ALL):
            raise
        except EodiError as error:
            logger.warning("source %s: %s", self.source, error)
            return standing_after(error)
        except Exception:
            logger.exception("source %s failed", self.source)
            return Standing(SourceLight.FAILED, message="source.failed", values={"source": self.source})
        return self._after_pauses()

    def _require_switched_on(self) -> None:
        if self._tools.source(self.source).INFO.opt_in and self.source not in self._tools.opt_in:
            raise SourceFailed("crawl.switched_off", source=self.source, setting="EODI_CRAWL_PAGES")

    def _collect(self, place: Place) -> None:
        """Bring what is wanted of one place: first what was found and not fetched, then page by page."""
        want, after = (self.source, place.slug), 0
        while True:
            found = self._tools.crawls.next_candidates(self._crawl.crawl_id, *want, after=after)
            known = self._tools.crawls.fetched_before([one.key for one in found if one.key not in self._spooled])
            for one in found:
                if not self._bring(want, one, place, known.get(one.key, "")):
                    return
                after = one.candidate_id
            if not found and not self._ask(want, place):
                return

    def _ask(self, want: Want, place: Place) -> bool:
        """Ask for a page; False when nothing is left to ask, or nothing more is wanted."""
        query = self._tools.crawls.next_query(self._crawl.crawl_id, *want)
        if query is None or not self._belt.wants_more(want):
            return False
        self._require_switched_on()
        ask_page(query, place, self._crawl.spec, self._tools, self._belt)
        self._let_go()
        self._brought_some = True
        return True

    def _bring(self, want: Want, found: FoundCandidate, place: Place, known_sha256: str) -> bool:
        """Put a candidate on the belt; False when no more are wanted. One whose host asked for a pause waits."""
        if known_sha256:
            self._belt.put_known(want, found, known_sha256)
            return True
        try:
            refuse_unseen(found.candidate, place, self._crawl.spec)
        except PhotoRefused as reason:
            self._belt.put(want, found, Fetched.refused(reason))
            return True
        if not self._belt.wants_more(want):
            return False
        try:
            fetched = self._spool.get(found.key) if found.key in self._spooled else None
            fetched = fetched or fetch_photo(found.candidate, found.key, self._tools.fetcher, self._spool, self._belt)
        except MustWait as pause:
            self._pauses.append(pause)
            return True
        except NetworkFailed as error:
            self._hold(want, found, error)
            return True
        self._let_go()
        self._brought_some = True
        self._belt.put(want, found, fetched)
        return True

    def _hold(self, want: Want, found: FoundCandidate, error: NetworkFailed) -> None:
        """Keep a photo that nobody answered for, until another answer shows that our own connection is well.

        Raises:
            NetworkFailed: so many in a row that it seems not to be; they are asked for once more at the next attempt.
        """
        self._unanswered.append((want, found, error))
        if found.reason:  # nor did anybody at an earlier attempt
            self._let_go()
        elif len(self._unanswered) >= MOST_UNANSWERED:
            self._put_off()
            raise error

    def _put_off(self) -> None:
        ids = [(found.candidate_id, error.code) for _, found, error in self._unanswered]
        self._tools.crawls.settle([Settled(number, CandidateState.FOUND, "", code) for number, code in ids])

    def _let_go(self) -> None:
        """Refuse the photos that nobody answered for: the connection is well."""
        for want, found, error in self._unanswered:
            fetched = Fetched.refused(error)
            self._spool.put(found.key, fetched)
            self._belt.put(want, found, fetched)
        self._unanswered.clear()

    def _after_pauses(self) -> Standing:
        """Return how the source stands when only photos are left whose hosts asked for a pause, or none."""
        if self._unanswered and not self._brought_some:
            self._put_off()
            return standing_after(self._unanswered[-1][2])
        self._let_go()
        if not self._pauses:
            return Standing(SourceLight.FINISHED)
        return standing_after(min(self._pauses, key=moment_of))

    def _stand(self, standing: Standing) -> None:
        self._tools.crawls.set_standing(
            self._crawl.crawl_id, self.source, standing.light, standing.until, standing.message, standing.values
        )


def standing_after(error: EodiError) -> Standing:
    """Return how a source stands after an error."""
    lights = (light for kind, light in LIGHTS if isinstance(error, kind) and error.code not in SILENCE)
    light = next(lights, SourceLight.FAILED)
    until = moment_of(error) if light in {SourceLight.WAITING, SourceLight.QUOTA_SPENT} else None
    return Standing(light, until, error.code, dict(error.values))


def moment_of(error: EodiError) -> datetime:
    """Return when to ask again, as the error says; in a while where it does not."""
    try:
        moment = datetime.fromisoformat(str(error.values["until"]))
    except (KeyError, ValueError):
        return datetime.now(UTC) + timedelta(seconds=BUSY_S)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
