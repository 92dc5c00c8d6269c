"""Places made for tests, and a directory that holds them without a database."""

from dataclasses import dataclass

from core.domain.place import LocalText, Place, PlaceState, PlaceStatus, Position


def make_place(class_id: int, slug: str, position: Position | None = None, retired: bool = False) -> Place:
    """Return a place with plain texts."""
    text = LocalText(f"{slug} 한국어", f"{slug} English")
    status = PlaceStatus(PlaceState.OPEN, LocalText("", ""), None, "test")
    return Place(class_id, slug, text, text, text, text, position, status, None, retired=retired)


@dataclass(frozen=True)
class ListedPlaces:
    """A `PlaceDirectory` that holds what it was given."""

    places: tuple[Place, ...]

    def list(self, include_retired: bool = False) -> tuple[Place, ...]:
        """Return the places, retired ones only when asked for."""
        return tuple(p for p in self.places if include_retired or not p.retired)
