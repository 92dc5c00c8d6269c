"""What lies near a position: the points of interest and the catalogue's own places, by distance. Called by `places`.

The database narrows it down to a box by an index; the great-circle distance is computed here and never stored.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from math import cos, degrees, radians

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.db.tables import PlaceRow, PointRow
from core.domain.place import EARTH_RADIUS_M, LocalText, Nearby, NearbyKind, PointOfInterest, Position

# No two different places of the catalogue are within 5 m (its tests hold that): what is nearer is the place itself.
SAME_SPOT_M = 5.0
OWN_SOURCE = "Eodi"


def find_nearby(session: Session, position: Position, radius_m: float, per_kind: int) -> tuple[Nearby, ...]:
    """Return the `per_kind` nearest points of each kind within `radius_m`, by kind, then distance, then name.

    A place of the catalogue is a sight too; a point of the same name is then left out, wherever its source puts it.
    """
    place_rows = session.scalars(
        select(PlaceRow).where(PlaceRow.retired.is_(False), *_in_box(PlaceRow, position, radius_m))
    )
    own = [_place_as_sight(row) for row in place_rows]
    own_names = {sight.name.ko for sight in own}
    point_rows = session.scalars(select(PointRow).where(*_in_box(PointRow, position, radius_m)))
    others = [point for point in map(point_from_row, point_rows) if point.name.ko not in own_names]
    found = [Nearby(point, position.distance_m(point.position)) for point in [*own, *others]]
    return _nearest([near for near in found if SAME_SPOT_M < near.distance_m <= radius_m], per_kind)


def _nearest(found: Iterable[Nearby], per_kind: int) -> tuple[Nearby, ...]:
    by_distance = sorted(found, key=lambda near: (near.distance_m, near.point.name.ko, near.point.source_id))
    kinds = {kind: [near for near in by_distance if near.point.kind is kind] for kind in NearbyKind}
    return tuple(near for kind in NearbyKind for near in kinds[kind][: max(0, per_kind)])


def _in_box(table: type[PlaceRow] | type[PointRow], centre: Position, radius_m: float) -> list[ColumnElement[bool]]:
    """Return conditions for the smallest box of degrees around a circle.

    Where the box would reach a pole or the date line, latitude alone narrows it down.
    Source: the circle's widest longitude, asin(sin r / cos φ), bounded here by r / cos of its outer latitude.
    """
    reach = degrees(radius_m / EARTH_RADIUS_M)
    south, north = centre.latitude - reach, centre.latitude + reach
    conditions: list[ColumnElement[bool]] = [table.latitude.between(south, north)]
    outer = max(abs(south), abs(north))
    if outer < 89:
        width = reach / cos(radians(outer))
        west, east = centre.longitude - width, centre.longitude + width
        if west >= -180 and east <= 180:
            conditions.append(table.longitude.between(west, east))
    return conditions


def point_from_row(row: PointRow) -> PointOfInterest:
    """Make the domain's point of a row."""
    return PointOfInterest(
        kind=NearbyKind(row.kind),
        name=LocalText(row.name_ko, row.name_en),
        position=Position(row.latitude, row.longitude),
        source=row.source,
        source_id=row.source_id,
        as_of=row.as_of,
    )


def _place_as_sight(row: PlaceRow) -> PointOfInterest:
    """Make a sight of a place in the box, whose position is therefore known; without a date it is as of today."""
    return PointOfInterest(
        kind=NearbyKind.SIGHT,
        name=LocalText(row.name_ko, row.name_en),
        position=Position(row.latitude or 0.0, row.longitude or 0.0),
        source=OWN_SOURCE,
        source_id=row.slug,
        as_of=row.status_as_of or datetime.now(UTC).date(),
    )
