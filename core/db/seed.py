"""Put the committed catalogue into the database; called by `ready` at every start.

Seeding the same catalogue again does nothing. A newer one updates the rows that nobody edited: each row keeps the
fingerprint of what seeding wrote, and a row that differs from its own fingerprint belongs to whoever changed it.
"""

import hashlib
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db.catalogue import FILES, fingerprint_of, place_to_plain, read_places, read_points
from core.db.engine import Database, restarted
from core.db.label_seed import read_labels, seed_labels
from core.db.nearby import point_from_row
from core.db.places import fill_row, insert_place, place_from_row
from core.db.releases import SERVICE_ID
from core.db.tables import ClassNumberRow, PlaceRow, PointRow, ServiceRow
from core.db.upgrade import one_at_a_time
from core.domain.place import Place, PointOfInterest


def seed_catalogue(database: Database, catalogue_dir: Path) -> bool:
    """Bring the catalogue's rows up to date, all or none; False when this catalogue was seeded before.

    Raises:
        InvalidInput: a file is missing or not understood.
        DatabaseUnavailable: the database does not answer.
    """
    digest = _digest(catalogue_dir)
    if _seeded(database) == digest:
        return False
    places, points = read_places(catalogue_dir), read_points(catalogue_dir)
    labels = read_labels(catalogue_dir)

    @restarted
    def write(patient: Database) -> None:
        with patient.session() as session:
            for place in places:
                _seed_place(session, place)
            _seed_points(session, points)
            session.flush()
            seed_labels(session, labels)
            session.get_one(ServiceRow, SERVICE_ID).catalogue_sha256 = digest

    with one_at_a_time(database) as patient:
        if _seeded(patient) == digest:
            return False
        write(patient)
    return True


def _digest(catalogue_dir: Path) -> str:
    """Hash the files with their names and lengths."""
    digest = hashlib.sha256()
    for name in FILES:
        path = catalogue_dir / name
        content = path.read_bytes() if path.exists() else b""
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _seeded(database: Database) -> str:
    with database.reading() as session:
        return session.scalars(select(ServiceRow.catalogue_sha256)).one()


def _seed_place(session: Session, place: Place) -> None:
    """Insert a place, or update one that nobody edited; one that was taken out for good stays out."""
    fingerprint = place_fingerprint(place)
    row = session.get(PlaceRow, place.slug)
    if row is None:
        if session.get(ClassNumberRow, place.class_id) is None:
            insert_place(session, place, seed_sha256=fingerprint)
    elif row.seed_sha256 == place_fingerprint(place_from_row(row)) and row.class_id == place.class_id:
        fill_row(row, replace(place, retired=row.retired))
        row.seed_sha256 = fingerprint


def _seed_points(session: Session, points: tuple[PointOfInterest, ...]) -> None:
    standing = {(row.source, row.source_id): row for row in session.scalars(select(PointRow))}
    for point in points:
        fingerprint = point_fingerprint(point)
        row = standing.get((point.source, point.source_id))
        if row is None:
            row = PointRow(source=point.source, source_id=point.source_id)
            session.add(row)
        elif row.seed_sha256 != point_fingerprint(point_from_row(row)):
            continue
        row.kind, row.as_of, row.seed_sha256 = point.kind.value, point.as_of, fingerprint
        row.name_ko, row.name_en = point.name.ko, point.name.en
        row.latitude, row.longitude = point.position.latitude, point.position.longitude


def place_fingerprint(place: Place) -> str:
    """Hash what a place says; whether it is retired is no edit of its words."""
    return fingerprint_of({**place_to_plain(place), "retired": None})


def point_fingerprint(point: PointOfInterest) -> str:
    """Hash what a point says."""
    position = (point.position.latitude, point.position.longitude)
    return fingerprint_of([point.kind, point.name.ko, point.name.en, position, point.as_of.isoformat()])
