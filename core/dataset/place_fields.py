"""A place as flat texts, one for each field of a CSV file; empty where a place has nothing.

Called by `place_files`. The catalogue's YAML has the same fields in nests: `YAML_PATHS` says which is which.
"""

import unicodedata
from collections.abc import Mapping
from datetime import date

from core.db.columns import TEXT_LIMIT_BYTES
from core.db.places import check_place
from core.domain.place import LocalText, Place, PlacePicture, PlaceState, PlaceStatus, Position
from core.errors import InvalidInput

TEXTS = ("name", "summary", "description", "address")
YAML_PATHS: dict[tuple[str, ...], str] = {
    ("class_id",): "class_id",
    ("slug",): "slug",
    **{(name, language): f"{name}_{language}" for name in TEXTS for language in ("ko", "en")},
    ("phone",): "phone",
    ("position", "latitude"): "latitude",
    ("position", "longitude"): "longitude",
    ("status", "state"): "status_state",
    ("status", "note", "ko"): "status_note_ko",
    ("status", "note", "en"): "status_note_en",
    ("status", "as_of"): "status_as_of",
    ("status", "source"): "status_source",
    **{("picture", part): f"picture_{part}" for part in PlacePicture.__slots__},
    ("retired",): "retired",
}
FIELDS = tuple(YAML_PATHS.values())
YES, NO = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0", ""})


def fields_of(place: Place) -> dict[str, str]:
    """Return the fields of a place as texts; `place_from_fields` makes the same place of them."""
    status, picture, position = place.status, place.picture, place.position
    texts = {
        f"{name}_{language}": getattr(getattr(place, name), language) for name in TEXTS for language in ("ko", "en")
    }
    return {
        "class_id": str(place.class_id),
        "slug": place.slug,
        **texts,
        "phone": place.phone,
        "latitude": repr(position.latitude) if position else "",
        "longitude": repr(position.longitude) if position else "",
        "status_state": status.state.value,
        "status_note_ko": status.note.ko,
        "status_note_en": status.note.en,
        "status_as_of": status.as_of.isoformat() if status.as_of else "",
        "status_source": status.source,
        **{f"picture_{part}": getattr(picture, part) if picture else "" for part in PlacePicture.__slots__},
        "retired": "true" if place.retired else "false",
    }


def place_from_fields(fields: Mapping[str, str]) -> Place:
    """Make a place of its fields; those that are missing are empty. Texts stay exactly as they are.

    Raises:
        InvalidInput: a field that cannot be understood or stored; the sentence names it.
    """
    for field, text in fields.items():
        _check_text(field, text)
    place = Place(
        class_id=_number(fields, "class_id"),
        slug=fields.get("slug", ""),
        name=LocalText(
            *(unicodedata.normalize("NFC", fields.get(f"name_{language}", "")) for language in ("ko", "en"))
        ),
        summary=_text(fields, "summary"),
        description=_text(fields, "description"),
        address=_text(fields, "address"),
        position=_position(fields),
        status=PlaceStatus(
            _state(fields), _text(fields, "status_note"), _date(fields), fields.get("status_source", "")
        ),
        picture=_picture(fields),
        phone=fields.get("phone", ""),
        retired=_yes_or_no(fields, "retired"),
    )
    check_place(place)
    return place


def _check_text(field: str, text: str) -> None:
    """Refuse what the database would cut or replace."""
    try:
        size_bytes = len(text.encode())
    except UnicodeEncodeError as error:
        raise InvalidInput("place_file.character", field=field) from error
    if size_bytes > TEXT_LIMIT_BYTES:
        raise InvalidInput("text.too_long", limit_kb=TEXT_LIMIT_BYTES // 1024)


def _text(fields: Mapping[str, str], name: str) -> LocalText:
    return LocalText(fields.get(f"{name}_ko", ""), fields.get(f"{name}_en", ""))


def _number(fields: Mapping[str, str], field: str) -> int:
    text = fields.get(field, "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        raise _refused(fields, field)
    return int(text)


def _position(fields: Mapping[str, str]) -> Position | None:
    texts = [fields.get(field, "").strip() for field in ("latitude", "longitude")]
    if not any(texts):
        return None
    if not all(texts):
        raise InvalidInput("place.half_position")
    return Position(_degrees(fields, "latitude"), _degrees(fields, "longitude"))


def _degrees(fields: Mapping[str, str], field: str) -> float:
    try:
        return float(fields[field])
    except ValueError as error:
        raise _refused(fields, field) from error


def _state(fields: Mapping[str, str]) -> PlaceState:
    try:
        return PlaceState(fields.get("status_state", "").strip() or PlaceState.CHECK)
    except ValueError as error:
        raise _refused(fields, "status_state") from error


def _date(fields: Mapping[str, str]) -> date | None:
    text = fields.get("status_as_of", "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise _refused(fields, "status_as_of") from error


def _picture(fields: Mapping[str, str]) -> PlacePicture | None:
    if not fields.get("picture_file", ""):
        return None
    return PlacePicture(**{part: fields.get(f"picture_{part}", "") for part in PlacePicture.__slots__})


def _yes_or_no(fields: Mapping[str, str], field: str) -> bool:
    text = fields.get(field, "").strip().lower()
    if text not in YES | NO:
        raise _refused(fields, field)
    return text in YES


def _refused(fields: Mapping[str, str], field: str) -> InvalidInput:
    return InvalidInput("place_file.value", field=field, value=fields.get(field, "")[:80])
