"""From a filter to SQL: which photos, in which order, and what they can be told apart by. Called by `photos`.

Statements name keys only and rows are read by key afterwards, so that a page deep in the library costs no more than
the first: what is skipped is never read.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, LargeBinary, Select, and_, cast, exists, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.db.columns import without_surrogates
from core.db.places import SLUG, UNKNOWN, UNSORTED
from core.db.tables import OpinionRow, PhotoRow
from core.domain.library import BLURRY_BELOW, DARK_BELOW, SMALL_PX, Concern, Facets, PhotoFilter, PhotoOrder
from core.domain.photo import PhotoStatus, Split


def keys_of(wanted: PhotoFilter, order: PhotoOrder) -> Select[str]:
    """Return the statement that names the photos of a filter in an order."""
    query = select(PhotoRow.sha256).where(*conditions(wanted))
    if order is PhotoOrder.DOUBTFUL:
        theirs = and_(OpinionRow.photo_sha256 == PhotoRow.sha256, _of_run(wanted.run_id))
        query = query.outerjoin(OpinionRow, theirs)
        return query.order_by(OpinionRow.doubt.is_(None), OpinionRow.doubt.desc(), PhotoRow.sha256)
    if order is PhotoOrder.LOOK:  # "" comes last
        return query.order_by(PhotoRow.look_id.desc(), PhotoRow.sha256.desc())
    if order is PhotoOrder.OLDEST:
        return query.order_by(PhotoRow.created_at, PhotoRow.sha256)
    return query.order_by(PhotoRow.created_at.desc(), PhotoRow.sha256.desc())


def conditions(wanted: PhotoFilter) -> Iterator[ColumnElement[bool]]:
    """Yield what a photo must meet; nothing for a filter that wants any."""
    if wanted.place_slug:
        yield in_place(wanted.place_slug)
    if wanted.status is not None:
        yield PhotoRow.status == PhotoStatus(wanted.status).value
    if wanted.source:
        yield exactly(PhotoRow.source, wanted.source)
    if wanted.licence:
        yield exactly(PhotoRow.licence, wanted.licence)
    if wanted.split is not None:
        yield PhotoRow.split == Split(wanted.split).value
    if wanted.concern is not None:
        yield _concerns(wanted.run_id)[Concern(wanted.concern)]


def in_place(place_slug: str) -> ColumnElement[bool]:
    """Return the condition to be of a place, of no known place, or not sorted yet."""
    if place_slug == UNKNOWN:
        return PhotoRow.is_unknown.is_(True)
    if place_slug == UNSORTED:
        return and_(PhotoRow.place_slug.is_(None), PhotoRow.is_unknown.is_(False))
    # MySQL compares an ASCII column with nothing but ASCII, so what cannot be a slug is not asked for.
    return PhotoRow.place_slug == place_slug if SLUG.fullmatch(place_slug) else false()


def exactly(column: InstrumentedAttribute[str], value: str) -> ColumnElement[bool]:
    """Return the condition to be this text byte for byte; MySQL's `=` overlooks spaces at the end."""
    return and_(column == value, cast(column, LargeBinary) == without_surrogates(value).encode())


def _concerns(run_id: str) -> dict[Concern, ColumnElement[bool]]:
    return {
        Concern.DISAGREES: _disagrees(run_id),
        Concern.NEAR_DUPLICATES: PhotoRow.look_id != "",
        Concern.TOO_SMALL: and_(PhotoRow.width_px < SMALL_PX, PhotoRow.height_px < SMALL_PX),
        Concern.BLURRY: PhotoRow.sharpness < BLURRY_BELOW,
        Concern.DARK: PhotoRow.brightness < DARK_BELOW,
    }


def _disagrees(run_id: str) -> ColumnElement[bool]:
    """A photo that is not sorted yet claims no place, and "none of these" denies only a place that the model knows."""
    denied = and_(OpinionRow.answer_slug.is_(None), OpinionRow.own_probability.is_not(None))
    of_place = and_(PhotoRow.place_slug.is_not(None), or_(OpinionRow.answer_slug != PhotoRow.place_slug, denied))
    of_none = and_(PhotoRow.is_unknown.is_(True), OpinionRow.answer_slug.is_not(None))
    its_own = and_(OpinionRow.photo_sha256 == PhotoRow.sha256, _of_run(run_id))
    # Only the photo is the outer statement's: the order may look at opinions too.
    return exists().where(its_own, or_(of_place, of_none)).correlate(PhotoRow)


def _of_run(run_id: str) -> ColumnElement[bool]:
    return OpinionRow.run_id == run_id if run_id and run_id.isascii() else false()


def read_facets(session: Session) -> Facets:
    """Count photos by place, source and licence in one pass; what has no source or licence is not among these."""
    columns = (PhotoRow.place_slug, PhotoRow.is_unknown, PhotoRow.source, PhotoRow.licence)
    places: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    licences: Counter[str] = Counter()
    for slug, is_unknown, source, licence, photos in session.execute(select(*columns, func.count()).group_by(*columns)):
        places[UNKNOWN if is_unknown else slug or UNSORTED] += photos
        sources[source] += photos
        licences[licence] += photos
    return Facets(_most_first(places.items()), _most_first(sources.items()), _most_first(licences.items()))


def _most_first(counted: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(((name, n) for name, n in counted if name), key=lambda pair: (-pair[1], pair[0])))
