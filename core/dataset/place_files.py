"""Places in a CSV or YAML file, in and out: all or nothing, and every line that is wrong is named.

Called by `places import|export` and the places page. Both forms hold the same fields; CSV has one column for each,
YAML is the catalogue's own form. What a file leaves out of a place that stands stays as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from core.dataset.csv_cells import Cell, write_csv
from core.dataset.place_fields import FIELDS, fields_of, place_from_fields
from core.dataset.place_lines import Line, LineFault, read_lines
from core.db.catalogue import place_to_plain
from core.db.places import PlaceRepository
from core.domain.place import Place
from core.errors import Conflict, InvalidInput

CSV, YAML = frozenset({".csv"}), frozenset({".yaml", ".yml"})
SIZE_LIMIT_MB = 8  # 5,000 places with long texts; a larger file is another file by mistake

__all__ = ["LineFault", "PlacePlan", "apply_places", "plan_places", "write_places"]


@dataclass(frozen=True, slots=True)
class PlacePlan:
    """What a file would do, before it does it. faults: with any, nothing is written."""

    file: str
    added: tuple[Place, ...]
    changed: tuple[Place, ...]
    unchanged: tuple[Place, ...]
    faults: tuple[LineFault, ...]


def plan_places(name: str, content: bytes, places: PlaceRepository) -> PlacePlan:
    """Read a file and say what it would do; nothing is written.

    A place that stands keeps its class number, one that is gone gets its own back, a new one the number that the file
    names or else the next free one.

    Raises:
        InvalidInput: code "place_file.format" for a name that says neither CSV nor YAML, "place_file.too_large".
    """
    ending = PurePath(name).suffix.lower()
    if ending not in CSV | YAML:
        raise InvalidInput("place_file.format", file=name)
    if len(content) > SIZE_LIMIT_MB << 20:
        raise InvalidInput("place_file.too_large", file=name, limit_mb=SIZE_LIMIT_MB)
    lines, faults = read_lines(content, is_yaml=ending in YAML)
    return _Planner(name, places).plan(lines, faults)


def apply_places(plan: PlacePlan, places: PlaceRepository) -> None:
    """Write what a plan says, all of it or nothing.

    Raises:
        InvalidInput: code "place_file.faults"; the plan has bad lines.
        Conflict: the catalogue was changed since the plan was made; nothing was written.
    """
    if plan.faults:
        raise InvalidInput("place_file.faults", file=plan.file, count=len(plan.faults))
    places.save_all((*plan.added, *plan.changed))


def write_places(name: str, places: Iterable[Place]) -> bytes:
    """Return places as a file of the form that `name` ends in; `plan_places` finds nothing to change in it.

    Raises:
        InvalidInput: code "place_file.format".
    """
    ending = PurePath(name).suffix.lower()
    if ending in CSV:
        return write_csv(FIELDS, (_cells(place) for place in places))
    if ending not in YAML:
        raise InvalidInput("place_file.format", file=name)
    import yaml

    plain = [place_to_plain(place) for place in places]
    text: str = yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=10_000)
    return text.encode("utf-8", "backslashreplace")


def _cells(place: Place) -> tuple[Cell, ...]:
    """Return a row; numbers stay numbers, which no spreadsheet runs as a formula."""
    numbers: dict[str, Cell] = {"class_id": place.class_id}
    if place.position:
        numbers |= {"latitude": place.position.latitude, "longitude": place.position.longitude}
    texts = fields_of(place)
    return tuple(numbers.get(field, texts[field]) for field in FIELDS)


class _Planner:
    """Compares lines with the catalogue as it stands, and with one another."""

    def __init__(self, file: str, places: PlaceRepository) -> None:
        self._file = file
        self._standing = {place.slug: place for place in places.list(include_retired=True)}
        self._owners = dict(places.numbers())
        self._next = max(self._owners, default=-1) + 1
        self._named: frozenset[str] = frozenset()
        self._seen: dict[str, int] = {}

    def plan(self, lines: Sequence[Line], faults: Iterable[LineFault]) -> PlacePlan:
        """Sort the places of a file into new, changed and as they are."""
        found, wrong = [], list(faults)
        self._named = frozenset(line.fields.get("class_id", "").strip() for line in lines)
        for line in lines:
            try:
                found.append(self._place(line))
            except (InvalidInput, Conflict) as error:
                wrong.append(LineFault(line.number, error))
        return PlacePlan(
            self._file,
            added=tuple(place for place in found if place.slug not in self._standing),
            changed=tuple(p for p in found if p.slug in self._standing and p != self._standing[p.slug]),
            unchanged=tuple(place for place in found if self._standing.get(place.slug) == place),
            faults=tuple(sorted(wrong, key=lambda fault: fault.line)),
        )

    def _place(self, line: Line) -> Place:
        slug = line.fields.get("slug", "")
        if slug in self._seen:
            raise InvalidInput("place_file.twice", slug=slug, line=self._seen[slug])
        self._seen[slug] = line.number
        standing = self._standing.get(slug)
        fields: Mapping[str, str] = {**(fields_of(standing) if standing else {}), **line.fields}
        if not fields.get("class_id", "").strip():
            fields = {**fields, "class_id": str(standing.class_id if standing else self._own_number(slug))}
        place = place_from_fields(fields)
        if standing and standing.class_id != place.class_id:
            raise Conflict("place.number_fixed", slug=slug, class_id=standing.class_id)
        if self._owners.setdefault(place.class_id, slug) != slug:
            raise Conflict("place.number_taken", class_id=place.class_id)
        return place

    def _own_number(self, slug: str) -> int:
        """Return the number that a place of this name once had, or a free one."""
        for number, owner in self._owners.items():
            if owner == slug:
                return number
        while self._next in self._owners or str(self._next) in self._named:
            self._next += 1
        return self._next
