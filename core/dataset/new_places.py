"""Make places that are not there yet: one by `places add`, several by an import that was told to.

Called by the command line and by the import of data sets with boxes.
"""

import re

from core.db.places import PlaceRepository
from core.domain.place import LocalText, Place, PlaceState, PlaceStatus, Position

HANGUL = re.compile(r"[ㄱ-ㆎ가-힣]")
NOTHING = LocalText("", "")


def new_place(places: PlaceRepository, slug: str, name: LocalText, position: Position | None = None) -> Place:
    """Add a place under the next class number; the rest of what there is to say about it is added later.

    Raises:
        InvalidInput: its slug, name or position.
        Conflict: the slug is taken.
    """
    return places.add(
        Place(
            class_id=places.next_class_id(),
            slug=slug,
            name=name,
            summary=NOTHING,
            description=NOTHING,
            address=NOTHING,
            position=position,
            status=PlaceStatus(PlaceState.CHECK, NOTHING, None, ""),
            picture=None,
        )
    )


def name_of_folder(folder: str) -> LocalText:
    """Return a class folder's name as a place's, in the language that it is written in."""
    name = " ".join(folder.replace("_", " ").split())
    return LocalText(name, "") if HANGUL.search(name) else LocalText("", name)
