"""What an import will do, before it does it: which folder goes to which place, as a person may have chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from core.cli import compose
from core.cli.output import write_table
from core.dataset.import_plan import ImportPlan
from core.dataset.new_places import name_of_folder, new_place
from core.db.places import UNKNOWN, UNSORTED, PlaceRepository
from core.errors import InvalidInput
from core.messages import translator

COLUMNS = ("import.column_folder", "import.column_place", "import.column_photos", "import.column_state")


@dataclass(frozen=True, slots=True)
class FolderPlan:
    """A folder and where its photos go. slug: None unsorted. is_new: such a place has to be added first."""

    folder: str
    slug: str | None
    is_new: bool
    photos: int


@dataclass(frozen=True, slots=True)
class SettledPlan:
    """All that an import needs to know about its source; `slugs` by folder, "" for photos in no folder."""

    source: Path
    place_slug: str | None
    folders: tuple[FolderPlan, ...]
    photos: int

    @property
    def slugs(self) -> dict[str, str | None]:
        """The place of each folder."""
        return {folder.folder: folder.slug for folder in self.folders}

    @property
    def new_places(self) -> dict[str, str]:
        """The places that have to be added, each with the first folder that asks for it."""
        return {folder.slug: folder.folder for folder in reversed(self.folders) if folder.is_new and folder.slug}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line says about places. matches: by folder, None for unsorted."""

    source: Path
    place: str | None
    matches: Mapping[str, str | None]

    @property
    def one_place(self) -> str | None:
        """The place of all photos; None where folders say it, or where none is wanted."""
        return None if self.place == UNSORTED else self.place

    def settle(self, plan: ImportPlan, places: PlaceRepository) -> SettledPlan:
        """Put what was chosen before what was guessed.

        Raises:
            InvalidInput: code "import.no_folder"; a folder is chosen for that is not there.
            NotFound: `--place` is no place.
        """
        if self.one_place not in {None, UNKNOWN}:
            places.get(str(self.one_place))
        strangers = [folder for folder in self.matches if folder not in {entry.folder for entry in plan.entries}]
        if strangers:
            raise InvalidInput("import.no_folder", folder=strangers[0], source=self.source.name)
        known = {place.slug for place in places.list(include_retired=True)} | {UNKNOWN}
        folders = []
        for match in plan.matches:
            slug = None if self.place == UNSORTED else self.matches.get(match.folder, match.slug)
            folders.append(FolderPlan(match.folder, slug, slug is not None and slug not in known, match.photos))
        return SettledPlan(self.source, self.one_place, tuple(folders), len(plan.entries))


def parse_matches(texts: Sequence[str]) -> dict[str, str | None]:
    """Read `FOLDER=SLUG` as often as it is given.

    Raises:
        InvalidInput: code "import.match"; one without an equals sign.
    """
    matches: dict[str, str | None] = {}
    for text in texts:
        folder, equals, slug = text.rpartition("=")
        if not (folder and equals and slug):
            raise InvalidInput("import.match", match=text)
        matches[folder] = None if slug == UNSORTED else slug
    return matches


def settle_places(plan: SettledPlan, places: PlaceRepository, create: bool) -> None:
    """Add the places that are missing.

    Raises:
        InvalidInput: code "import.new_places"; there are some and nobody said `--create-places`.
    """
    missing = plan.new_places
    if missing and not create:
        named = ", ".join(f"{folder} → {slug}" for slug, folder in sorted(missing.items()))
        raise InvalidInput("import.new_places", folders=named)
    for slug in (slug for folder in plan.folders if (slug := folder.slug) in missing):
        if missing.get(slug):
            new_place(places, slug, name_of_folder(missing.pop(slug)))


def plan_document(plan: SettledPlan) -> dict[str, Any]:
    """Return the plan as JSON holds it."""
    folders = [
        {"folder": folder.folder, "place": folder.slug, "new": folder.is_new, "photos": folder.photos}
        for folder in plan.folders
    ]
    return {"photos": plan.photos, "place": plan.place_slug, "folders": folders}


def say_plan(plan: SettledPlan) -> None:
    """Show which folder goes where, in the words of the terminal's language."""
    words = translator(compose.interface_language())
    in_folders = sum(folder.photos for folder in plan.folders)
    rows = []
    for folder in plan.folders:
        key = "import.folder_new" if folder.is_new else "import.folder_known"
        rows.append((folder.folder, folder.slug or UNSORTED, str(folder.photos), words(key)))
    if rows:
        write_table([words(key) for key in COLUMNS], rows)
    if plan.place_slug is None and plan.photos > in_folders:
        typer.echo(words("import.outside", count=plan.photos - in_folders))
