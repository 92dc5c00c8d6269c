"""Who labels which photo next, how far the work is, and how fast it goes; the half of `BoxRepository` about work.

Work is on accepted photos. A lease keeps a photo from everybody else until it ends by itself or its holder lets go.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import Select, and_, case, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from core.db.columns import require_key
from core.db.engine import Database, restarted, rows_changed
from core.db.label_tables import BoxRow, LeaseRow, PhotoLabelsRow
from core.db.photo_query import in_place
from core.db.photo_rows import SHA256
from core.db.tables import OpinionRow, PhotoRow, PlaceRow
from core.domain.label import BoxOrigin, LabelDecision, LabelOrder, LabelProgress, WorkOrder
from core.domain.photo import PhotoStatus
from core.errors import NotFound

Photos: TypeAlias = Select[str, str | None]
LEASE_S = 900  # a hard photo takes minutes; whoever walks off blocks it no longer than this
AT_ONCE = 32  # candidates looked at together; more people than this at once ask again
HOLDER_LENGTH = 64
ARRIVAL = WorkOrder()


class LabelWork:
    """Hands out photos to label; thread-safe, and safe between processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @restarted
    def lease(self, photo_sha256: str, holder: str, seconds: float = LEASE_S) -> bool:
        """Take a photo, or hold it longer; False when somebody else has it.

        holder: one at work, such as a session's id; plain ASCII.

        Raises:
            NotFound: no such photo.
        """
        require_key(holder, "holder", HOLDER_LENGTH)
        now = datetime.now(UTC)
        until = now + timedelta(seconds=seconds)
        mine = or_(LeaseRow.holder == holder, LeaseRow.held_until <= now)
        taken = update(LeaseRow).where(LeaseRow.photo_sha256 == photo_sha256, mine)
        try:
            with self._database.session() as session:
                if not SHA256.fullmatch(photo_sha256) or session.get(PhotoRow, photo_sha256) is None:
                    raise NotFound("photo.not_found", sha256=photo_sha256[:12])
                if rows_changed(session.execute(taken.values(holder=holder, held_until=until))):
                    return True
                if session.get(LeaseRow, photo_sha256) is not None:
                    return False
                session.execute(insert(LeaseRow).values(photo_sha256=photo_sha256, holder=holder, held_until=until))
        except IntegrityError:  # another process was faster
            return False
        return True

    @restarted
    def release(self, photo_sha256: str, holder: str) -> None:
        """Let go of a photo; nothing happens when somebody else has it."""
        require_key(holder, "holder", HOLDER_LENGTH)
        if SHA256.fullmatch(photo_sha256):
            with self._database.session() as session:
                session.execute(
                    delete(LeaseRow).where(LeaseRow.photo_sha256 == photo_sha256, LeaseRow.holder == holder)
                )

    def next_photo(
        self,
        place_slug: str | None,
        holder: str,
        order: WorkOrder = ARRIVAL,
        skip: Collection[str] = (),
    ) -> str | None:
        """Take the next photo that nobody decided about and nobody else has; None when there is no more.

        The holder lets go of the other photos they had. skip: photos that the holder does not want now.
        """
        require_key(holder, "holder", HOLDER_LENGTH)
        passed = set(skip)
        while candidates := self._free(place_slug, holder, order, passed):
            for sha256 in candidates:
                if self.lease(sha256, holder):
                    self._release_others(sha256, holder)
                    return sha256
            passed |= set(candidates)
        return None

    def queue(
        self, place_slug: str | None, order: WorkOrder = ARRIVAL, limit: int = 48, only_open: bool = False
    ) -> tuple[str, ...]:
        """Return the photos of a place, or of all, in the order of work; those decided about come last, or not."""
        query = _ordered(_photos(place_slug), order).limit(limit)
        with self._database.reading() as session:
            return tuple(session.scalars(query.where(_is_open()) if only_open else query))

    def progress(self, place_slug: str | None = None) -> LabelProgress:
        """Return how far a place is, or all places together; "unknown" for the photos of no known place."""
        photos = _photos(place_slug).subquery()
        decided = PhotoLabelsRow.decision
        counts = (
            select(func.count(), *(_count(decided == one.value) for one in (DONE, NOTHING)))
            .select_from(photos)
            .outerjoin(PhotoLabelsRow, PhotoLabelsRow.photo_sha256 == photos.c.sha256)
        )
        drawn = select(func.count()).select_from(photos).join(BoxRow, BoxRow.photo_sha256 == photos.c.sha256)
        with self._database.reading() as session:
            total, done, nothing = session.execute(counts).one()
            return LabelProgress(total, int(done or 0), int(nothing or 0), session.scalars(drawn).one())

    def progress_by_place(self) -> dict[str, LabelProgress]:
        """Return how far each place with accepted photos is."""
        return {slug: self.progress(slug) for slug in self._slugs()}

    def drawn_since(self, moment: datetime, actor: str | None = None) -> Sequence[datetime]:
        """Return when boxes were drawn since `moment`, by anybody or by one, oldest first; imported ones were not."""
        query = select(BoxRow.drawn_at).where(BoxRow.drawn_at >= moment, BoxRow.origin != BoxOrigin.IMPORTED.value)
        query = query.order_by(BoxRow.drawn_at)
        if actor is not None:
            query = query.where(BoxRow.drawn_by == actor)
        with self._database.reading() as session:
            return session.scalars(query).all()

    def decided_since(self, moment: datetime, actor: str | None = None) -> Sequence[datetime]:
        """Return when photos were decided about since `moment`, by anybody or by one, oldest first."""
        row = PhotoLabelsRow
        query = select(row.changed_at).where(row.changed_at >= moment, row.decision != LabelDecision.OPEN.value)
        if actor is not None:
            query = query.where(row.actor == actor)
        with self._database.reading() as session:
            return session.scalars(query.order_by(row.changed_at)).all()

    def _slugs(self) -> Sequence[str]:
        query = select(PlaceRow.slug).where(PlaceRow.slug.in_(select(_photos(None).subquery().c.place_slug)))
        with self._database.reading() as session:
            return session.scalars(query.order_by(PlaceRow.class_id)).all()

    def _free(self, place_slug: str | None, holder: str, order: WorkOrder, skip: set[str]) -> Sequence[str]:
        """Return the next candidates: open, and in nobody else's hands."""
        others = select(LeaseRow.photo_sha256).where(LeaseRow.holder != holder, LeaseRow.held_until > datetime.now(UTC))
        query = _ordered(_photos(place_slug), order).where(_is_open(), PhotoRow.sha256.not_in(others))
        with self._database.reading() as session:
            found = session.scalars(query.limit(AT_ONCE + len(skip))).all()
        return [sha256 for sha256 in found if sha256 not in skip]

    @restarted
    def _release_others(self, sha256: str, holder: str) -> None:
        with self._database.session() as session:
            session.execute(delete(LeaseRow).where(LeaseRow.holder == holder, LeaseRow.photo_sha256 != sha256))


DONE, NOTHING = LabelDecision.DONE, LabelDecision.NOTHING_HERE


def _photos(place_slug: str | None) -> Photos:
    """Select the accepted photos of a place, of no known place, or of all places."""
    query = select(PhotoRow.sha256, PhotoRow.place_slug).where(PhotoRow.status == PhotoStatus.ACCEPTED.value)
    return query.where(PhotoRow.place_slug.is_not(None) if place_slug is None else in_place(place_slug))


def _is_open() -> Any:
    return or_(PhotoLabelsRow.decision.is_(None), PhotoLabelsRow.decision == LabelDecision.OPEN.value)


def _count(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _ordered(query: Photos, work: WorkOrder) -> Photos:
    """Put photos in an order of work: open before decided, then as asked for, then by arrival."""
    query = query.outerjoin(PhotoLabelsRow, PhotoLabelsRow.photo_sha256 == PhotoRow.sha256)
    keys: list[Any] = [case((_is_open(), 0), else_=1)]
    if work.order is LabelOrder.PLACE:
        query = query.outerjoin(PlaceRow, PlaceRow.slug == PhotoRow.place_slug)
        keys.append(PlaceRow.class_id)
    elif work.order is LabelOrder.UNSURE and work.detector_run:
        detector = aliased(OpinionRow)
        query = query.outerjoin(detector, _of_run(detector, work.detector_run))
        keys += [case((detector.doubt.is_(None), 1), else_=0), detector.doubt.desc()]
    elif work.order is LabelOrder.DISAGREE and work.detector_run and work.classifier_run:
        one, other = aliased(OpinionRow), aliased(OpinionRow)
        query = query.outerjoin(one, _of_run(one, work.detector_run))
        query = query.outerjoin(other, _of_run(other, work.classifier_run))
        differ = func.coalesce(one.answer_slug, "") != func.coalesce(other.answer_slug, "")
        both = and_(one.run_id.is_not(None), other.run_id.is_not(None))
        keys.append(case((and_(both, differ), 0), else_=1))
    return query.order_by(*keys, PhotoRow.created_at, PhotoRow.sha256)


def _of_run(opinion: Any, run_id: str) -> Any:
    return and_(opinion.photo_sha256 == PhotoRow.sha256, opinion.run_id == run_id)
