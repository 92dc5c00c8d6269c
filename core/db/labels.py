"""The labels: the landmark parts of places that boxes are drawn around.

A label's number is given once: a label is retired, never deleted, so that boxes and frozen data sets keep their
meaning.
"""

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.db.columns import require_key
from core.db.engine import Database, restarted
from core.db.label_tables import LabelRow
from core.db.places import SLUG, require_place
from core.db.tables import SLUG_LENGTH
from core.domain.label import Label
from core.domain.place import LocalText
from core.errors import Conflict, InvalidInput, NotFound

COLOUR = re.compile(r"#[0-9a-f]{6}")
NAME_LENGTH = 200  # characters; a name stands on a button
LARGEST_LABEL_ID = 2**31 - 1  # what an INTEGER of MySQL holds
# Told apart by most colour-blind eyes. Source: Okabe and Ito, "Color Universal Design", without black.
COLOURS = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7")


class LabelRepository:
    """Reads and writes labels; thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, place_slug: str | None = None, include_retired: bool = False) -> tuple[Label, ...]:
        """Return the labels of a place in their order, or of all, place by place; what is no slug has none."""
        query = select(LabelRow).order_by(LabelRow.place_slug, LabelRow.position, LabelRow.label_id)
        if place_slug is not None:
            if not SLUG.fullmatch(place_slug):
                return ()
            query = query.where(LabelRow.place_slug == place_slug)
        if not include_retired:
            query = query.where(LabelRow.retired.is_(False))
        with self._database.reading() as session:
            return tuple(label_from_row(row) for row in session.scalars(query))

    def get(self, label_id: int) -> Label:
        """Return a label, also a retired one.

        Raises:
            NotFound: no label has this number.
        """
        with self._database.reading() as session:
            return label_from_row(_require(session, label_id))

    @restarted
    def add(self, place_slug: str, slug: str, name: LocalText, colour: str = "") -> Label:
        """Add a label as the last of its place, and return it with its number.

        colour: "" for the next of `COLOURS`.

        Raises:
            InvalidInput: its slug, name or colour.
            NotFound: no such place.
            Conflict: "label.exists"; another label has this slug.
        """
        try:
            with self._database.session() as session:
                return add_label(session, place_slug, slug, name, colour)
        except IntegrityError as reason:  # another process was faster
            raise Conflict("label.exists", slug=slug) from reason

    @restarted
    def update(self, label: Label) -> Label:
        """Replace everything but number and place, and return the label as stored.

        Raises:
            InvalidInput: its slug, name or colour.
            NotFound: no label has this number.
            Conflict: "label.exists", another label has this slug; "label.place_fixed", it belongs to another place.
        """
        check_label(label.slug, label.name, label.colour)
        try:
            with self._database.session() as session:
                row = _require(session, label.label_id)
                if row.place_slug != label.place_slug:
                    raise Conflict("label.place_fixed", slug=row.slug, place=row.place_slug)
                _fill(row, label)
                session.flush()
                return label_from_row(row)
        except IntegrityError as reason:
            raise Conflict("label.exists", slug=label.slug) from reason

    @restarted
    def retire(self, label_id: int) -> Label:
        """Offer a label no longer; its boxes and its number stay. `update` brings it back.

        Raises:
            NotFound: no label has this number.
        """
        with self._database.session() as session:
            row = _require(session, label_id)
            row.retired = True
            return label_from_row(row)

    @restarted
    def reorder(self, place_slug: str, label_ids: Sequence[int]) -> tuple[Label, ...]:
        """Put the labels of a place in this order, that of their keys 1–9; those not named follow as they were.

        Raises:
            NotFound: a number is no label of this place.
        """
        with self._database.session() as session:
            rows = session.scalars(
                select(LabelRow)
                .where(LabelRow.place_slug == require_place(session, place_slug).slug)
                .order_by(LabelRow.position, LabelRow.label_id)
            ).all()
            known = {row.label_id: row for row in rows}
            for label_id in label_ids:
                if label_id not in known:
                    raise NotFound("label.not_found", label_id=label_id)
            named = list(dict.fromkeys(label_ids))
            ordered = [*named, *(label_id for label_id in known if label_id not in named)]
            for position, label_id in enumerate(ordered):
                known[label_id].position = position
            return tuple(label_from_row(known[label_id]) for label_id in ordered if not known[label_id].retired)


def check_label(slug: str, name: LocalText, colour: str) -> None:
    """Make sure that a label can be stored and be told from others.

    Raises:
        InvalidInput: its slug, name or colour.
    """
    require_key(slug, "slug", SLUG_LENGTH)
    if not SLUG.fullmatch(slug):
        raise InvalidInput("label.slug", slug=slug)
    if not (name.ko.strip() or name.en.strip()) or max(len(name.ko), len(name.en)) > NAME_LENGTH:
        raise InvalidInput("label.name", slug=slug, limit=NAME_LENGTH)
    if not COLOUR.fullmatch(colour):
        raise InvalidInput("label.colour", slug=slug)


def add_label(session: Session, place_slug: str, slug: str, name: LocalText, colour: str = "") -> Label:
    """Add a label within a session, as the last of its place.

    Raises:
        InvalidInput, NotFound, Conflict: as `LabelRepository.add`.
    """
    place = require_place(session, place_slug)
    position = session.scalars(select(func.max(LabelRow.position)).where(LabelRow.place_slug == place.slug)).one()
    position = 0 if position is None else position + 1
    if not colour:
        every = session.scalars(select(func.count()).select_from(LabelRow)).one()
        colour = COLOURS[every % len(COLOURS)]
    check_label(slug, name, colour)
    if session.scalars(select(LabelRow).where(LabelRow.slug == slug)).one_or_none() is not None:
        raise Conflict("label.exists", slug=slug)
    row = LabelRow(place_slug=place.slug, seed_slug="", seed_sha256="")
    _fill(row, Label(0, place.slug, slug, name, colour, position))
    session.add(row)
    session.flush()
    return label_from_row(row)


def _fill(row: LabelRow, label: Label) -> None:
    row.slug, row.colour, row.position, row.retired = label.slug, label.colour, label.position, label.retired
    row.name_ko, row.name_en = (unicodedata.normalize("NFC", text.strip()) for text in (label.name.ko, label.name.en))


def _require(session: Session, label_id: int) -> LabelRow:
    row = session.get(LabelRow, label_id) if 0 < label_id <= LARGEST_LABEL_ID else None
    if row is None:
        raise NotFound("label.not_found", label_id=label_id)
    return row


def label_from_row(row: LabelRow) -> Label:
    """Make the domain's label of a row."""
    return Label(
        label_id=row.label_id,
        place_slug=row.place_slug,
        slug=row.slug,
        name=LocalText(row.name_ko, row.name_en),
        colour=row.colour,
        position=row.position,
        retired=row.retired,
    )
