"""Which label a class name means, and which place: one that stands, or new ones that an import would add. Pure.

Called by `label_plan`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.dataset.boxes import area
from core.dataset.folder import slug_of
from core.dataset.formats.annotations import NamedBox
from core.dataset.import_plan import known_slug, name_key, new_slug
from core.dataset.new_places import name_of_folder
from core.domain.label import Label
from core.domain.place import LocalText, Place

LONGEST_SLUG = 64


@dataclass(frozen=True, slots=True)
class ClassMatch:
    """A class name and its label. label_id: None for one to be added, with this slug and name, to `place_slug`."""

    name: str
    label_id: int | None
    slug: str
    place_slug: str
    place_is_new: bool
    text: LocalText
    boxes: int


def match_classes(
    classes: Sequence[str], boxes: Iterable[NamedBox], labels: Sequence[Label], places: Sequence[Place]
) -> tuple[ClassMatch, ...]:
    """Match each class name, in their order.

    A label is found by its slug or either name; else it is new, in the place that the class name means, which may be
    new itself. labels, places: also the retired ones.
    """
    counts = Counter(box.name for box in boxes)
    standing = {key: label for label in reversed(labels) for key in _keys(label)}
    known = {place.slug: place.slug for place in places}
    for place in places:
        for name in (place.name.ko, place.name.en):
            known.setdefault(name_key(name), place.slug)
    new_places: set[str] = set()
    taken = {label.slug for label in labels}
    matches: list[ClassMatch] = []
    for name in dict.fromkeys((*classes, *counts)):
        label = standing.get(slug_of(name)) or standing.get(name_key(name))
        if label is not None:
            matches.append(
                ClassMatch(name, label.label_id, label.slug, label.place_slug, False, label.name, counts[name])
            )
            continue
        place_slug = known_slug(name, known)
        if place_slug is None or place_slug not in known.values():
            place_slug = new_slug(name, {*known.values()})
            known[name_key(name)] = known[place_slug] = place_slug
            new_places.add(place_slug)
        slug = _free_slug(place_slug, name, taken)
        taken.add(slug)
        is_new = place_slug in new_places
        matches.append(ClassMatch(name, None, slug, place_slug, is_new, name_of_folder(name), counts[name]))
    return tuple(matches)


def place_of(boxes: Sequence[NamedBox], matches: Mapping[str, ClassMatch]) -> str | None:
    """Return the place that most boxes are a part of, the larger ones where two have as many; None without boxes."""
    weights: dict[str, tuple[int, float]] = {}
    for box in boxes:
        slug = matches[box.name].place_slug
        count, covered = weights.get(slug, (0, 0.0))
        weights[slug] = (count + 1, covered + area(box.xyxyn))
    return max(weights, key=lambda slug: (weights[slug], slug), default=None)


def _free_slug(place_slug: str, name: str, taken: set[str]) -> str:
    """Return a slug for a label: that of its place where the class is the place, else one made of its own name."""
    wanted = slug_of(name)
    if wanted.isascii() and wanted in {place_slug, new_slug(name, set())} and wanted not in taken:
        return wanted
    return new_slug(name if wanted.isascii() else place_slug, taken)[:LONGEST_SLUG]


def _keys(label: Label) -> set[str]:
    names = (label.slug, name_key(label.name.ko), name_key(label.name.en))
    return {name for name in names if name}
