"""How often each source was asked today, and which hosts asked for a pause; both outlive the process.

Written by the door to the network (`core/network/fetch`) before each request, read by the page of crawls. A source's
day is that of its `zone`: a quota is refilled at midnight of where the source is.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from sqlalchemy import insert, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from core.db.columns import UtcMoment, ascii_key, require_key
from core.db.engine import Database, restarted, rows_changed
from core.db.tables import MYSQL_OPTIONS, Base
from core.errors import SourceQuotaSpent

SOURCE_LENGTH = 64
HOST_LENGTH = 270  # a name of 253 letters, a port, brackets
KOREA = timezone(timedelta(hours=9))
PACIFIC = timezone(timedelta(hours=-8))  # in summer this refills an hour late, which asks for nothing too much
# Source: Google's daily quotas are refilled at midnight Pacific time; the Korean portals' at midnight of Korea.
ZONES: Mapping[str, tzinfo] = {"google": PACIFIC}


class SourceRequestsRow(Base):
    """Requests of a source on one day; `migrations/versions/r0006_requests` creates the table."""

    __tablename__ = "source_requests"
    __table_args__ = MYSQL_OPTIONS

    source: Mapped[str] = mapped_column(ascii_key(SOURCE_LENGTH), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    spent: Mapped[int]


class HostPauseRow(Base):
    """A host that asked to be left alone for a while."""

    __tablename__ = "host_pauses"
    __table_args__ = MYSQL_OPTIONS

    host: Mapped[str] = mapped_column(ascii_key(HOST_LENGTH), primary_key=True)
    until: Mapped[datetime] = mapped_column(UtcMoment)


class RequestLedger:
    """Counts requests and remembers pauses; thread-safe, and safe between processes. Moments are aware."""

    def __init__(self, database: Database, zones: Mapping[str, tzinfo] = ZONES) -> None:
        """zones: whose midnight refills a source's quota, by source; Korea's for any other."""
        self._database = database
        self._zones = zones

    def spend(self, source: str, quota: int | None, now: datetime) -> None:
        """Count one request of the source's day. quota: requests a day; None only counts.

        Raises:
            SourceQuotaSpent: the day's requests are spent, and this one was not counted. values: `source`, `until`.
        """
        require_key(source, "source", SOURCE_LENGTH)
        day = self._day(source, now)
        try:
            counted = self._count(source, day, quota, is_first=True)
        except IntegrityError:  # the day has its row: full, or written by another process in this very instant
            counted = self._count(source, day, quota, is_first=False)
        if not counted:
            raise SourceQuotaSpent(source=source, until=self._refilled_at(source, day).isoformat(timespec="seconds"))

    def spent(self, source: str, now: datetime) -> int:
        """Return how many requests of the source's day are counted."""
        require_key(source, "source", SOURCE_LENGTH)
        with self._database.reading() as session:
            row = session.get(SourceRequestsRow, (source, self._day(source, now)))
            return 0 if row is None else row.spent

    def pause(self, host: str, until: datetime) -> None:
        """Remember that a host is not asked before `until`; the word given last stands."""
        require_key(host, "host", HOST_LENGTH)
        try:
            self._write_pause(host, until)
        except IntegrityError:  # another process wrote the host's first pause meanwhile
            self._write_pause(host, until)

    def paused_until(self, host: str) -> datetime | None:
        """Return until when a host asked to be left alone, in UTC; it may lie in the past. None for never."""
        if not host.isascii() or len(host) > HOST_LENGTH:
            return None
        with self._database.reading() as session:
            return session.scalars(select(HostPauseRow.until).where(HostPauseRow.host == host)).one_or_none()

    @restarted
    def _count(self, source: str, day: date, quota: int | None, *, is_first: bool) -> bool:
        """Count one request; False when the quota is spent. One statement asks and counts, so that none slips by."""
        this = (SourceRequestsRow.source == source) & (SourceRequestsRow.day == day)
        room = true() if quota is None else SourceRequestsRow.spent < quota
        one_more = update(SourceRequestsRow).where(this, room).values(spent=SourceRequestsRow.spent + 1)
        with self._database.session() as session:
            if rows_changed(session.execute(one_more)):
                return True
            if not is_first or (quota is not None and quota < 1):
                return False
            session.execute(insert(SourceRequestsRow).values(source=source, day=day, spent=1))
            return True

    @restarted
    def _write_pause(self, host: str, until: datetime) -> None:
        with self._database.session() as session:
            change = update(HostPauseRow).where(HostPauseRow.host == host).values(until=until)
            if not rows_changed(session.execute(change)):
                session.execute(insert(HostPauseRow).values(host=host, until=until))

    def _day(self, source: str, now: datetime) -> date:
        return now.astimezone(self._zone(source)).date()

    def _zone(self, source: str) -> tzinfo:
        return self._zones.get(source, KOREA)

    def _refilled_at(self, source: str, day: date) -> datetime:
        midnight = datetime.combine(day + timedelta(days=1), time(), self._zone(source))
        return midnight.astimezone(UTC)
