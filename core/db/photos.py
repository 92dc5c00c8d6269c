"""The library's photos: one row each, keyed by the SHA-256 of the stored bytes.

`unknown` is a destination in review and not a place: such a photo has no place, and is marked. None is not sorted yet.
"""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import ColumnElement, delete, func, select

from core.db.arrivals import add_photos
from core.db.engine import Database, restarted, rows_changed
from core.db.photo_marks import set_each, set_splits
from core.db.photo_query import conditions, exactly, in_place, keys_of, read_facets
from core.db.photo_rows import (
    SHA256,
    destination,
    record_from_row,
    records_of,
    require_photo,
)
from core.db.tables import PhotoRow
from core.domain.library import Facets, PhotoAction, PhotoFilter, PhotoOrder
from core.domain.photo import PhotoRecord, PhotoStatus, Split

PAGE = 2_000  # rows read at a time where all are: no session stays open while the caller works


class PhotoRepository:
    """Reads and writes rows of photos; thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, record: PhotoRecord, action: PhotoAction | None = None, actor: str = "") -> bool:
        """Add a photo; False when its bytes are known already, and then nothing changes.

        action: how it came, for the first line of its history, which stands or falls with the photo.

        Raises:
            InvalidInput: a hash, group, look or position that is none.
            NotFound: no such place.
        """
        return bool(self.add_all((record,), action, actor))

    def add_all(
        self, records: Sequence[PhotoRecord], action: PhotoAction | None = None, actor: str = ""
    ) -> frozenset[str]:
        """Add photos in one transaction, and return the hashes of those that were new; the others stay as they are.

        Raises:
            InvalidInput, NotFound: as `add`, for any of them; none is added.
        """
        return add_photos(self._database, records, action, actor)

    def get(self, sha256: str) -> PhotoRecord:
        """Return a photo's record.

        Raises:
            NotFound: no such photo.
        """
        with self._database.reading() as session:
            return record_from_row(require_photo(session, sha256))

    def get_many(self, sha256s: Sequence[str]) -> tuple[PhotoRecord, ...]:
        """Return the records of photos in the order of the hashes; those that are not there are left out."""
        with self._database.reading() as session:
            return records_of(session, sha256s)

    def find(
        self, wanted: PhotoFilter, order: PhotoOrder = PhotoOrder.NEWEST, limit: int = 48, offset: int = 0
    ) -> tuple[PhotoRecord, ...]:
        """Return a page of the photos that a filter wants."""
        with self._database.reading() as session:
            keys = session.scalars(keys_of(wanted, order).limit(limit).offset(offset)).all()
            return records_of(session, keys)

    def count_matching(self, wanted: PhotoFilter) -> int:
        """Return how many photos `find` would go through."""
        query = select(func.count()).select_from(PhotoRow).where(*conditions(wanted))
        with self._database.reading() as session:
            return session.scalars(query).one()

    def facets(self) -> Facets:
        """Return by what the photos can be told apart, with counts."""
        with self._database.reading() as session:
            return read_facets(session)

    def list(
        self, place_slug: str | None = None, status: PhotoStatus | None = None, limit: int = 100, offset: int = 0
    ) -> tuple[PhotoRecord, ...]:
        """Return photos in the order of their arrival; None means any, "unknown" those of no known place."""
        query = select(PhotoRow).where(*_standing(place_slug, status))
        query = query.order_by(PhotoRow.created_at, PhotoRow.sha256).limit(limit).offset(offset)
        with self._database.reading() as session:
            return tuple(record_from_row(row) for row in session.scalars(query))

    def count(self, place_slug: str | None = None, status: PhotoStatus | None = None) -> int:
        """Return how many photos `list` would go through."""
        query = select(func.count()).select_from(PhotoRow).where(*_standing(place_slug, status))
        with self._database.reading() as session:
            return session.scalars(query).one()

    def look_alikes(self, sha256: str) -> tuple[PhotoRecord, ...]:
        """Return the near-duplicates of a photo, itself left out, in the order of their arrival.

        Raises:
            NotFound: no such photo.
        """
        with self._database.reading() as session:
            look_id = require_photo(session, sha256).look_id
            if not look_id:
                return ()
            query = select(PhotoRow).where(PhotoRow.look_id == look_id, PhotoRow.sha256 != sha256)
            rows = session.scalars(query.order_by(PhotoRow.created_at, PhotoRow.sha256))
            return tuple(record_from_row(row) for row in rows)

    def records(self, after: str = "", limit: int = PAGE) -> tuple[PhotoRecord, ...]:
        """Return the photos whose hash is above `after`, by hash: the last one's hash asks for the next page."""
        if after and not SHA256.fullmatch(after):
            return ()
        query = select(PhotoRow).where(PhotoRow.sha256 > after).order_by(PhotoRow.sha256).limit(limit)
        with self._database.reading() as session:
            return tuple(record_from_row(row) for row in session.scalars(query))

    def hashes(self) -> Iterator[tuple[str, str, str]]:
        """Yield (sha256, perceptual hash, group) of every photo, by sha256."""
        last = ""
        columns = select(PhotoRow.sha256, PhotoRow.perceptual_hash, PhotoRow.group_id).order_by(PhotoRow.sha256)
        while True:
            with self._database.reading() as session:
                page = session.execute(columns.where(PhotoRow.sha256 > last).limit(PAGE)).all()
            yield from ((sha256, perceptual_hash, group_id) for sha256, perceptual_hash, group_id in page)
            if len(page) < PAGE:
                return
            last = page[-1][0]

    def hashes_of_source(self, source: str) -> Iterator[str]:
        """Yield the hash of every photo of exactly this source, by hash; they may be deleted meanwhile."""
        last = ""
        query = select(PhotoRow.sha256).where(exactly(PhotoRow.source, source)).order_by(PhotoRow.sha256)
        while True:
            with self._database.reading() as session:
                page = session.scalars(query.where(PhotoRow.sha256 > last).limit(PAGE)).all()
            yield from page
            if len(page) < PAGE:
                return
            last = page[-1]

    @restarted
    def set_status(self, sha256: str, status: PhotoStatus, reject_reason: str = "") -> PhotoRecord:
        """Accept, reject with a reason, or set aside; the reason of an earlier rejection goes.

        Raises:
            NotFound: no such photo.
        """
        with self._database.session() as session:
            row = require_photo(session, sha256)
            row.status = PhotoStatus(status).value
            row.reject_reason = reject_reason
            return record_from_row(row)

    @restarted
    def move(self, sha256: str, place_slug: str | None) -> PhotoRecord:
        """Sort a photo to a place, to "unknown", or back to unsorted by None.

        Raises:
            NotFound: no such photo or place.
        """
        with self._database.session() as session:
            row = require_photo(session, sha256)
            for name, value in destination(session, place_slug).items():
                setattr(row, name, value)
            return record_from_row(row)

    @restarted
    def set_groups(self, groups: Mapping[str, str]) -> int:
        """Put each photo (a hash) in its group, and return how many photos there were; "" takes one out.

        Raises:
            InvalidInput: a group that is none; nothing is changed.
        """
        with self._database.session() as session:
            return set_each(session, PhotoRow.group_id, groups)

    @restarted
    def set_looks(self, looks: Mapping[str, str]) -> int:
        """Note what each photo (a hash) looks like, and return how many photos there were; "" for no other.

        Raises:
            InvalidInput: a look that is none; nothing is changed.
        """
        with self._database.session() as session:
            return set_each(session, PhotoRow.look_id, looks)

    @restarted
    def set_splits(self, splits: Mapping[str, Split | None]) -> int:
        """Note the part of the data that each photo (a hash) belongs to, and return how many photos there were.

        Raises:
            Conflict: a photo would leave the test split, which nothing ever does; nothing is changed.
        """
        with self._database.session() as session:
            return set_splits(session, splits)

    @restarted
    def delete(self, sha256: str) -> bool:
        """Delete a photo's row with its history and opinions; False when there is none."""
        if not SHA256.fullmatch(sha256):
            return False
        with self._database.session() as session:
            return rows_changed(session.execute(delete(PhotoRow).where(PhotoRow.sha256 == sha256))) > 0


def _standing(place_slug: str | None, status: PhotoStatus | None) -> Iterator[ColumnElement[bool]]:
    if place_slug is not None:
        yield in_place(place_slug)
    yield from conditions(PhotoFilter(status=status))
