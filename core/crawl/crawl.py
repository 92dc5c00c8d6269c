"""A crawl: sources in threads of their own fetch what is wanted of each place, this thread files it.

Everything that was asked for and found is in rows, everything that was fetched and not filed lies in the spool, so
`run_crawl` goes on after any end: a kill costs at most the request that each source had under way.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from core.crawl.belt import Belt
from core.crawl.collect import Collector
from core.crawl.filing import Filing
from core.crawl.queries import suggest_queries
from core.crawl.report import CrawlReport, read_report
from core.crawl.source import Source
from core.crawl.spool import Spool, own_spool
from core.crawl.tools import CrawlTools
from core.domain.crawl import CandidateState, Crawl
from core.domain.place import Place
from core.errors import DatabaseUnavailable, JobStopped, StorageUnavailable, Value
from core.jobs.report import Report

AT_ONCE = 6  # sources that work beside one another
TICK_S = 0.1  # how often progress is told and a stop is noticed
PROGRESS, WAITING, PAUSED, DONE = "crawl.progress", "crawl.waiting", "crawl.paused", "crawl.done"
ENDED_BY = {
    "storage.full": "crawl.full",
    "database.full": "crawl.full",
    "storage.read_only": "crawl.read_only",
    "database.read_only": "crawl.read_only",
}


def run_crawl(crawl: Crawl, tools: CrawlTools, report: Report) -> CrawlReport:
    """Collect what a crawl asks for, or what is left of it; returns when sources have no more, are done, or must wait.

    Raises:
        NotFound: a place or source that does not exist.
        Conflict: code "crawl.under_way"; another process works on it.
        StorageUnavailable, DatabaseUnavailable: "crawl.…" with the number of photos that are safe; call again.
        JobStopped: asked to stop; call again.
    """
    safe = _Safe()
    with _saying_what_is_safe(safe):
        places = {slug: tools.places.get(slug) for slug in crawl.spec.place_slugs}
        safe.photos = sum(tools.crawls.kept(crawl.crawl_id).values())
        with own_spool(tools.spool_dir, crawl.crawl_id) as spool:
            _sweep(tools)
            open_queries(crawl, tools, tuple(places.values()))
            _Run(crawl, tools, places, spool, report).work(safe)
            spool.remove()
    return _tell_the_end(read_report(tools.crawls, crawl.crawl_id), report)


def _sweep(tools: CrawlTools) -> None:
    """Remove what killed processes were just writing."""
    tools.library.store.sweep()
    tools.library.thumbnails.sweep()


def _tell_the_end(found: CrawlReport, report: Report) -> CrawlReport:
    counts = {"kept": found.kept, "known": found.known, "refused": found.refused}
    if found.waits_until is None:
        report(found.kept, found.kept, DONE, **counts)
    else:
        report(found.kept, found.kept, PAUSED, until=moment_text(found.waits_until), **counts)
    return found


class _Run:
    """A crawl under way in this process."""

    def __init__(
        self, crawl: Crawl, tools: CrawlTools, places: Mapping[str, Place], spool: Spool, report: Report
    ) -> None:
        self._crawl, self._tools, self._report = crawl, tools, report
        self._filing = Filing(crawl, tools, places, spool)
        kept = tools.crawls.kept(crawl.crawl_id)
        self._kept_before = sum(kept.values())
        self._belt = Belt(crawl.spec.limit, kept, self._filing.read)
        names, ordered = dict.fromkeys(crawl.spec.sources), tuple(places.values())
        self._to_start = [Collector(name, crawl, ordered, tools, self._belt, spool) for name in names]
        self._started: list[Collector] = []
        self._total = crawl.spec.limit * len(places) * len(self._to_start)

    def work(self, safe: "_Safe") -> None:
        """Collect and file until every source is done; safe: told how many photos the library has of this crawl."""
        try:
            self._tell(PROGRESS)
            self._filing.begin()
            while self._go_on():
                continue
        except JobStopped:
            self._leave()
            self._filing.write(self._belt)
            raise
        finally:
            self._leave()
            safe.photos += self._filing.saved

    def _go_on(self) -> bool:
        """File what came; False when nothing more will."""
        self._start_some()
        at_work = [collector for collector in self._started if collector.is_alive()]
        brought = self._belt.take(TICK_S)
        if brought is not None:
            self._filing.take(brought)
        if self._filing.is_due(self._belt.is_awaited()):
            self._filing.write(self._belt)
        for collector in self._started:
            if collector.error is not None:
                raise collector.error
        if brought is None and not at_work and not self._to_start:
            self._filing.write(self._belt)
            return False
        self._wait_or_pause(at_work)
        return True

    def _start_some(self) -> None:
        """Let so many sources work beside one another; those that wait do not count."""
        waiting = self._belt.waiting()
        working = sum(collector.is_alive() and collector.source not in waiting for collector in self._started)
        while self._to_start and working < AT_ONCE:
            self._started.append(self._to_start.pop(0))
            self._started[-1].start()
            working += 1

    def _wait_or_pause(self, at_work: Sequence[Collector]) -> None:
        """Tell how far it is; when all that is left is to wait, wait only if it is not for long."""
        waiting = self._belt.waiting()
        if self._to_start or not at_work or len(waiting) < len(at_work):
            self._tell(PROGRESS)
            return
        until = min(waiting.values())
        if (until - datetime.now(UTC)).total_seconds() > self._tools.longest_wait_s:
            self._belt.give_up()
        self._tell(WAITING, until=moment_text(until))

    def _tell(self, key: str, **values: Value) -> None:
        counts = self._filing.counts
        kept = self._kept_before + counts[CandidateState.KEPT]
        known, refused = counts[CandidateState.KNOWN], counts[CandidateState.REFUSED]
        self._report(kept, self._total, key, kept=kept, known=known, refused=refused, **values)

    def _leave(self) -> None:
        """Let go of all threads; each leaves within moments, also in the middle of an answer."""
        self._belt.stop()
        for collector in self._started:
            collector.join()
        self._belt.close()


@dataclass(slots=True)
class _Safe:
    """How many photos of a crawl the library has."""

    photos: int = 0


@contextmanager
def _saying_what_is_safe(safe: _Safe) -> Iterator[None]:
    """Say in the error that ends a crawl how many of its photos are safe."""
    try:
        yield
    except (StorageUnavailable, DatabaseUnavailable) as error:
        raise type(error)(ENDED_BY.get(error.code, _other_end(error)), saved=safe.photos) from error


def open_queries(crawl: Crawl, tools: CrawlTools, places: Sequence[Place]) -> None:
    """Note what is asked of each source for each place, once: a later attempt asks the same.

    A source that has queries already, such as a file of the curator's, is left as it is.
    """
    standing = {query.source for query in tools.crawls.queries(crawl.crawl_id)}
    wanted = [
        (place.slug, name, text)
        for name in crawl.spec.sources
        if name not in standing
        for place in places
        for text in _texts(crawl, tools.source(name), place)
    ]
    tools.crawls.open_queries(crawl.crawl_id, wanted)


def _texts(crawl: Crawl, source: Source, place: Place) -> tuple[str, ...]:
    """Return the queries for a place; one will do where the source looks around a position and reads no words."""
    texts = crawl.spec.queries.get(place.slug) or suggest_queries(place)
    if not source.INFO.needs_position:
        return tuple(texts)
    return tuple(texts[:1]) if place.position is not None else ()


def moment_text(moment: datetime) -> str:
    """Return a moment as a line of text shows it."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _other_end(error: StorageUnavailable | DatabaseUnavailable) -> str:
    return "crawl.no_storage" if isinstance(error, StorageUnavailable) else "crawl.no_database"
