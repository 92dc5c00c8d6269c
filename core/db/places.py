"""The catalogue of places, and what lies near a position.

A class number is given out once: `class_numbers` remembers each, also of places that are retired or gone.
"""

import re
from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import ForUpdateParameter

from core.db.columns import require_key
from core.db.engine import Database, restarted
from core.db.nearby import find_nearby
from core.db.place_uses import count_uses
from core.db.tables import SLUG_LENGTH, ClassNumberRow, PlaceRow
from core.domain.place import LocalText, Nearby, Place, PlacePicture, PlaceState, PlaceStatus, PlaceUses, Position
from core.errors import Conflict, InvalidInput, NotFound

UNKNOWN = "unknown"  # a destination in review, not a place
UNSORTED = "unsorted"  # what a filter calls photos that nobody has sorted yet
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LARGEST_CLASS_ID = 2**31 - 1  # what an INTEGER of MySQL holds


class PlaceRepository:
    """Reads and writes places; thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, include_retired: bool = False) -> tuple[Place, ...]:
        """Return the places, in the order of their class numbers."""
        query = select(PlaceRow).order_by(PlaceRow.class_id)
        if not include_retired:
            query = query.where(PlaceRow.retired.is_(False))
        with self._database.reading() as session:
            return tuple(place_from_row(row) for row in session.scalars(query))

    def get(self, slug: str) -> Place:
        """Return a place, also a retired one.

        Raises:
            NotFound: no such slug.
        """
        with self._database.reading() as session:
            return place_from_row(require_place(session, slug))

    def get_by_class_id(self, class_id: int) -> Place:
        """Return the place of a class number, also a retired one.

        Raises:
            NotFound: no place has this number.
        """
        with self._database.reading() as session:
            row = session.scalars(select(PlaceRow).where(PlaceRow.class_id == class_id)).one_or_none()
            if row is None:
                raise NotFound("place.number_not_found", class_id=class_id)
            return place_from_row(row)

    @restarted
    def add(self, place: Place) -> Place:
        """Add a place under a number that no other place ever had, and return it as stored.

        Raises:
            InvalidInput: its slug, number, name or position.
            Conflict: the slug or the number is taken.
        """
        check_place(place)
        try:
            with self._database.session() as session:
                insert_place(session, place)
        except IntegrityError as reason:  # another process was faster
            raise Conflict("place.number_taken", class_id=place.class_id) from reason
        return self.get(place.slug)

    @restarted
    def update(self, place: Place) -> Place:
        """Replace everything but slug and number, and return the place as stored.

        Raises:
            InvalidInput: its name or position.
            NotFound: no such slug.
            Conflict: the number differs from the one it has; numbers never change.
        """
        check_place(place)
        with self._database.session() as session:
            row = require_place(session, place.slug)
            if row.class_id != place.class_id:
                raise Conflict("place.number_fixed", slug=place.slug, class_id=row.class_id)
            fill_row(row, place)
        return self.get(place.slug)

    @restarted
    def save_all(self, places: Collection[Place]) -> None:
        """Add places, and replace those that stand, all in one transaction.

        Raises:
            InvalidInput: a slug, number, name or position.
            Conflict: a number is another's, or not the one that the place has; nothing was written.
        """
        try:
            with self._database.session() as session:
                for place in places:
                    check_place(place)
                    row = session.get(PlaceRow, place.slug)
                    if row is None:
                        insert_place(session, place)
                    elif row.class_id == place.class_id:
                        fill_row(row, place)
                    else:
                        raise Conflict("place.number_fixed", slug=place.slug, class_id=row.class_id)
        except IntegrityError as reason:  # another process was faster
            raise Conflict("place.changed_meanwhile") from reason

    def numbers(self) -> dict[int, str]:
        """Return every class number ever given out, and to which slug."""
        with self._database.reading() as session:
            return {row.class_id: row.slug for row in session.scalars(select(ClassNumberRow))}

    def retire(self, slug: str) -> Place:
        """Take a place out of the answers; its photos and its number stay.

        Raises:
            NotFound: no such slug.
        """
        return self.update(replace(self.get(slug), retired=True))

    def restore(self, slug: str) -> Place:
        """Take a retired place among the answers again.

        Raises:
            NotFound: no such slug.
        """
        return self.update(replace(self.get(slug), retired=False))

    def uses(self, slug: str) -> PlaceUses:
        """Return what hangs on a place.

        Raises:
            NotFound: no such slug.
        """
        with self._database.reading() as session:
            return count_uses(session, require_place(session, slug).slug)

    @restarted
    def remove(self, slug: str, in_models: bool = False) -> None:
        """Delete a place that nothing hangs on; its number stays given, and it may come back under it.

        in_models: whether a model knows the place, which only the caller can tell.

        Raises:
            NotFound: no such slug.
            Conflict: it has photos or labels, or is in a model; retire it instead.
        """
        with self._database.session() as session:
            row = require_place(session, slug, lock=True)
            uses = count_uses(session, slug)
            if in_models or uses.photos or uses.labels:
                raise Conflict("place.in_use", slug=slug, photos=uses.photos, labels=uses.labels)
            session.delete(row)

    def next_class_id(self) -> int:
        """Return the lowest number above all that were ever given out."""
        with self._database.reading() as session:
            highest = session.scalars(select(func.max(ClassNumberRow.class_id))).one()
            return 0 if highest is None else highest + 1

    def nearby(self, position: Position, radius_m: float = 10_000, per_kind: int = 3) -> tuple[Nearby, ...]:
        """Return the nearest points of each kind around a position, by kind, then distance; never the place itself."""
        with self._database.reading() as session:
            return find_nearby(session, position, radius_m, per_kind)


def require_place(session: Session, slug: str, lock: ForUpdateParameter = None) -> PlaceRow:
    """Return the row of a slug, locked when asked for.

    Raises:
        NotFound: no such slug.
    """
    row = session.get(PlaceRow, slug, with_for_update=lock) if SLUG.fullmatch(slug) else None
    if row is None:
        raise NotFound("place.not_found", slug=slug[:SLUG_LENGTH])
    return row


def check_place(place: Place) -> None:
    """Make sure that a place can be stored and be told from others.

    Raises:
        InvalidInput: its slug, number, name or position.
    """
    require_key(place.slug, "slug", SLUG_LENGTH)
    if not SLUG.fullmatch(place.slug) or place.slug in {UNKNOWN, UNSORTED}:
        raise InvalidInput("place.slug", slug=place.slug)
    if not 0 <= place.class_id <= LARGEST_CLASS_ID:
        raise InvalidInput("place.number", class_id=place.class_id)
    if not (place.name.ko.strip() or place.name.en.strip()):
        raise InvalidInput("place.name", slug=place.slug)
    check_position(place.position)


def check_position(position: Position | None) -> None:
    """Make sure that a position is on Earth.

    Raises:
        InvalidInput: it is not, or not a number.
    """
    if position and not (abs(position.latitude) <= 90 and abs(position.longitude) <= 180):
        raise InvalidInput("place.position", latitude=position.latitude, longitude=position.longitude)


def insert_place(session: Session, place: Place, seed_sha256: str = "") -> None:
    """Insert a place and note its number; a place that is gone may come back under its own.

    Raises:
        Conflict: the slug is taken, or the number was another's.
    """
    if session.get(PlaceRow, place.slug) is not None:
        raise Conflict("place.exists", slug=place.slug)
    given = session.get(ClassNumberRow, place.class_id)
    if given is None:
        session.add(ClassNumberRow(class_id=place.class_id, slug=place.slug))
        session.flush()
    elif given.slug != place.slug:
        raise Conflict("place.number_taken", class_id=place.class_id)
    row = PlaceRow(slug=place.slug, class_id=place.class_id, seed_sha256=seed_sha256)
    fill_row(row, place)
    session.add(row)


def fill_row(row: PlaceRow, place: Place) -> None:
    """Write all of a place into its row but slug and number."""
    for name in ("name", "summary", "description", "address"):
        texts: LocalText = getattr(place, name)
        setattr(row, f"{name}_ko", texts.ko)
        setattr(row, f"{name}_en", texts.en)
    row.phone, row.retired = place.phone, place.retired
    row.latitude = place.position.latitude if place.position else None
    row.longitude = place.position.longitude if place.position else None
    row.status_state = place.status.state.value
    row.status_note_ko, row.status_note_en = place.status.note.ko, place.status.note.en
    row.status_as_of, row.status_source = place.status.as_of, place.status.source
    picture = place.picture or PlacePicture("", "", "")
    row.picture_file = place.picture.file if place.picture else None
    row.picture_author, row.picture_licence = picture.author, picture.licence
    row.picture_source_url = picture.source_url


def place_from_row(row: PlaceRow) -> Place:
    """Make the domain's place of a row."""
    picture = None
    if row.picture_file is not None:
        picture = PlacePicture(row.picture_file, row.picture_author, row.picture_licence, row.picture_source_url)
    position = None
    if row.latitude is not None and row.longitude is not None:
        position = Position(row.latitude, row.longitude)
    note = LocalText(row.status_note_ko, row.status_note_en)
    return Place(
        class_id=row.class_id,
        slug=row.slug,
        name=LocalText(row.name_ko, row.name_en),
        summary=LocalText(row.summary_ko, row.summary_en),
        description=LocalText(row.description_ko, row.description_en),
        address=LocalText(row.address_ko, row.address_en),
        position=position,
        status=PlaceStatus(PlaceState(row.status_state), note, row.status_as_of, row.status_source),
        picture=picture,
        phone=row.phone,
        retired=row.retired,
    )
