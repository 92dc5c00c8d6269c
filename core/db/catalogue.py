"""The committed catalogue in YAML, to and from the domain: `places.yaml` and `nearby.yaml`.

Called by `seed`, as is `label_seed`, which has the labels; places' import and export use the same form. A text in two
languages is `{ko: …, en: …}`.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from core.db.places import check_place, check_position
from core.domain.place import (
    LocalText,
    NearbyKind,
    Place,
    PlacePicture,
    PlaceState,
    PlaceStatus,
    PointOfInterest,
    Position,
)
from core.errors import InvalidInput

PLACES_FILE = "places.yaml"
NEARBY_FILE = "nearby.yaml"
LABELS_FILE = "labels.yaml"
FILES = (PLACES_FILE, NEARBY_FILE, LABELS_FILE)
Entry = TypeVar("Entry")


def read_places(catalogue_dir: Path) -> tuple[Place, ...]:
    """Return the places of `places.yaml`, in the order of their class numbers.

    Raises:
        InvalidInput: an entry is not understood; file and entry are named.
    """
    return tuple(sorted(read_entries(catalogue_dir / PLACES_FILE, place_from_plain), key=lambda place: place.class_id))


def read_points(catalogue_dir: Path) -> tuple[PointOfInterest, ...]:
    """Return the points of `nearby.yaml`; none when there is no such file.

    Raises:
        InvalidInput: an entry is not understood; file and entry are named.
    """
    path = catalogue_dir / NEARBY_FILE
    return read_entries(path, point_from_plain) if path.exists() else ()


def place_from_plain(plain: Mapping[str, Any]) -> Place:
    """Make a place of its plain form.

    Raises:
        KeyError, TypeError, ValueError: something is missing or of another kind.
        InvalidInput: the slug, number, name or position.
    """
    status, picture, position = plain["status"], plain.get("picture"), plain.get("position")
    place = Place(
        class_id=int(plain["class_id"]),
        slug=str(plain["slug"]),
        name=text_from_plain(plain["name"]),
        summary=text_from_plain(plain["summary"]),
        description=text_from_plain(plain["description"]),
        address=text_from_plain(plain["address"]),
        position=_position(position) if position else None,
        status=PlaceStatus(
            PlaceState(status["state"]),
            text_from_plain(status["note"]),
            _date(status.get("as_of")),
            str(status["source"]),
        ),
        picture=PlacePicture(**{name: str(value) for name, value in picture.items()}) if picture else None,
        phone=str(plain.get("phone", "")),
        retired=bool(plain.get("retired", False)),
    )
    check_place(place)
    return place


def place_to_plain(place: Place) -> dict[str, Any]:
    """Return the plain form of a place, fit for YAML and JSON; `place_from_plain` makes the same place of it."""
    status, picture, position = place.status, place.picture, place.position
    return {
        "class_id": place.class_id,
        "slug": place.slug,
        **{name: _plain_text(getattr(place, name)) for name in ("name", "summary", "description", "address")},
        "phone": place.phone,
        "position": {"latitude": position.latitude, "longitude": position.longitude} if position else None,
        "status": {
            "state": status.state.value,
            "note": _plain_text(status.note),
            "as_of": status.as_of.isoformat() if status.as_of else None,
            "source": status.source,
        },
        "picture": {name: getattr(picture, name) for name in PlacePicture.__slots__} if picture else None,
        "retired": place.retired,
    }


def point_from_plain(plain: Mapping[str, Any]) -> PointOfInterest:
    """Make a point of its plain form.

    Raises:
        KeyError, TypeError, ValueError: something is missing or of another kind.
        InvalidInput: the position.
    """
    as_of = _date(plain["as_of"])
    if as_of is None:
        raise ValueError("as_of")
    position = _position(plain)
    check_position(position)
    return PointOfInterest(
        kind=NearbyKind(plain["kind"]),
        name=text_from_plain(plain["name"]),
        position=position,
        source=str(plain["source"]),
        source_id=str(plain["source_id"]),
        as_of=as_of,
    )


def read_entries(path: Path, parse: Callable[[Mapping[str, Any]], Entry]) -> tuple[Entry, ...]:
    """Return the entries of a YAML file, each as `parse` makes it of its plain form.

    Raises:
        InvalidInput: there is no such file, or an entry is not understood; file and entry are named.
    """
    import yaml

    entries: list[Entry] = []
    try:
        for plain in yaml.safe_load(path.read_bytes()) or ():
            entries.append(parse(plain))
    except FileNotFoundError as reason:
        raise InvalidInput("catalogue.missing", file=path.name) from reason
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError, InvalidInput) as reason:
        raise InvalidInput(
            "catalogue.broken", file=path.name, entry=len(entries) + 1, reason=str(reason)[:200]
        ) from reason
    return tuple(entries)


def fingerprint_of(plain: object) -> str:
    """Hash a plain form, to tell later whether somebody edited what seeding wrote."""
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def text_from_plain(plain: Mapping[str, str]) -> LocalText:
    """Make a text in two languages of its plain form."""
    return LocalText(str(plain["ko"]).strip(), str(plain["en"]).strip())


def _plain_text(text: LocalText) -> dict[str, str]:
    return {"ko": text.ko, "en": text.en}


def _position(plain: Mapping[str, Any]) -> Position:
    return Position(float(plain["latitude"]), float(plain["longitude"]))


def _date(value: date | str | None) -> date | None:
    """Accept what YAML reads as a date, and what JSON has as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value
