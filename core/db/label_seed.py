"""Put the committed labels of `labels.yaml` into the database; called by `seed` within its transaction.

As with places, a label that a person edited is theirs; `seed_slug` finds a seeded label again after it was renamed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.db.catalogue import LABELS_FILE, fingerprint_of, read_entries, text_from_plain
from core.db.label_tables import LabelRow
from core.db.labels import check_label
from core.db.tables import PlaceRow
from core.domain.place import LocalText


@dataclass(frozen=True, slots=True)
class SeedLabel:
    """A label as the catalogue has it; its number is given when it is first seeded."""

    place_slug: str
    slug: str
    name: LocalText
    colour: str

    @property
    def fingerprint(self) -> str:
        """A hash of all it says."""
        return fingerprint_of([self.slug, self.name.ko, self.name.en, self.colour])


def read_labels(catalogue_dir: Path) -> tuple[SeedLabel, ...]:
    """Return the labels of `labels.yaml` in their order; none when there is no such file.

    Raises:
        InvalidInput: an entry is not understood; file and entry are named.
    """
    path = catalogue_dir / LABELS_FILE
    return read_entries(path, _label_from_plain) if path.exists() else ()


def seed_labels(session: Session, labels: tuple[SeedLabel, ...]) -> None:
    """Insert the labels of seeded places that are there, and update those that nobody edited."""
    rows = session.scalars(select(LabelRow)).all()
    seeded, taken = {row.seed_slug: row for row in rows if row.seed_slug}, {row.slug for row in rows}
    for label in labels:
        row = seeded.get(label.slug)
        if row is not None and row.seed_sha256 == _standing(row).fingerprint:
            row.name_ko, row.name_en, row.colour = label.name.ko, label.name.en, label.colour
            row.seed_sha256 = label.fingerprint
        elif row is None and label.slug not in taken and _is_seeded(session, label.place_slug):
            _insert(session, label)


def _is_seeded(session: Session, place_slug: str) -> bool:
    """Whether the place is the catalogue's; one of a person's own under its slug gets no labels."""
    place = session.get(PlaceRow, place_slug)
    return place is not None and place.seed_sha256 != ""


def _insert(session: Session, label: SeedLabel) -> None:
    """Add a label as the last of its place."""
    last = session.scalars(select(func.max(LabelRow.position)).where(LabelRow.place_slug == label.place_slug)).one()
    session.add(
        LabelRow(
            place_slug=label.place_slug,
            slug=label.slug,
            name_ko=label.name.ko,
            name_en=label.name.en,
            colour=label.colour,
            position=0 if last is None else last + 1,
            retired=False,
            seed_slug=label.slug,
            seed_sha256=label.fingerprint,
        )
    )
    session.flush()


def _standing(row: LabelRow) -> SeedLabel:
    return SeedLabel(row.place_slug, row.slug, LocalText(row.name_ko, row.name_en), row.colour)


def _label_from_plain(plain: Mapping[str, Any]) -> SeedLabel:
    label = SeedLabel(
        place_slug=str(plain["place"]),
        slug=str(plain["slug"]),
        name=text_from_plain(plain["name"]),
        colour=str(plain["colour"]),
    )
    check_label(label.slug, label.name, label.colour)
    return label
