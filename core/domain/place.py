"""A place of the catalogue, what is known about it, and what lies near it.

Called by `core/db` (which stores them), `core/identify` (which answers with them) and the pages (which show them).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt
from typing import Literal

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")

EARTH_RADIUS_M = 6_371_008.8  # mean radius; Source: IUGG, GRS 80


@dataclass(frozen=True, slots=True)
class LocalText:
    """One text in both languages; `get` falls back to the other language when one is empty."""

    ko: str
    en: str

    def get(self, language: Language) -> str:
        """Return the text in `language`, or in the other one when that is empty."""
        first, second = (self.ko, self.en) if language == "ko" else (self.en, self.ko)
        return first or second


@dataclass(frozen=True, slots=True)
class Position:
    """A point on Earth, WGS 84, in degrees: latitude -90..90, longitude -180..180."""

    latitude: float
    longitude: float

    def distance_m(self, other: "Position") -> float:
        """Return the great-circle distance in metres.

        Source: haversine formula on a sphere; within 0.6 % of the ellipsoid.
        """
        phi_1, phi_2 = radians(self.latitude), radians(other.latitude)
        d_lambda = radians(other.longitude - self.longitude)
        a = sin((phi_2 - phi_1) / 2) ** 2 + cos(phi_1) * cos(phi_2) * sin(d_lambda / 2) ** 2
        return 2 * EARTH_RADIUS_M * asin(sqrt(min(1.0, a)))


class PlaceState(StrEnum):
    """Whether a visitor can go: known to be open, known to be closed, or to be checked first."""

    OPEN = "open"
    CLOSED = "closed"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class PlaceStatus:
    """What is known about visiting a place, from when, and from whom."""

    state: PlaceState
    note: LocalText
    as_of: date | None
    source: str


@dataclass(frozen=True, slots=True)
class PlacePicture:
    """The representative picture: its file name in the catalogue's pictures, who made it, on what terms."""

    file: str
    author: str
    licence: str
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the catalogue. `class_id` never changes and is never reused; 0 is a class like any other."""

    class_id: int
    slug: str
    name: LocalText
    summary: LocalText
    description: LocalText
    address: LocalText
    position: Position | None
    status: PlaceStatus
    picture: PlacePicture | None
    phone: str = ""
    retired: bool = False


@dataclass(frozen=True, slots=True)
class PlaceUses:
    """What hangs on a place; one with photos or labels is retired, never deleted."""

    photos: int
    labels: int
    boxes: int


class NearbyKind(StrEnum):
    """What kind of point lies near a place."""

    SIGHT = "sight"
    FOOD = "food"
    LODGING = "lodging"


@dataclass(frozen=True, slots=True)
class PointOfInterest:
    """A sight, restaurant or lodging of the catalogue; `source_id` is its number at `source`."""

    kind: NearbyKind
    name: LocalText
    position: Position
    source: str
    source_id: str
    as_of: date


@dataclass(frozen=True, slots=True)
class Nearby:
    """A point of interest and how far it is from the place that was asked about."""

    point: PointOfInterest
    distance_m: float
