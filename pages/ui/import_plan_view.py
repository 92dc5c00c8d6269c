"""What an import would do, before it does it: each folder with its place, editable; what is left out, with counts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.dataset.import_plan import FolderMatch, ImportPlan, plan_import
from core.dataset.new_places import name_of_folder, new_place
from core.db.places import UNKNOWN, UNSORTED
from core.domain.place import LocalText, Place
from core.messages import Translator
from pages.ui import resources
from pages.ui.import_source import Source
from pages.ui.language import NAMES
from pages.ui.text import plain
from pages.ui.uploader import PHOTO_TYPES

NEW = "+"
ONE, EACH = "one", "each"
FOLDERS_SHOWN = 60  # rows of widgets that a page can take; more folders are matched as they are


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A place to add before the import."""

    slug: str
    name: LocalText


@dataclass(frozen=True, slots=True)
class Filing:
    """Where how many files go. place: for all, else by folder in `matches`. adding: places that are not there yet."""

    files: int
    place: str | None
    matches: tuple[tuple[str, str], ...] = ()
    adding: tuple[NewPlace, ...] = ()

    def arguments(self) -> list[str]:
        """Return the options of `photos import` that say so."""
        chosen = [f"--match={folder}={slug}" for folder, slug in self.matches]
        return [*chosen, *([f"--place={self.place}"] if self.place else [])]

    def add_places(self) -> None:
        """Add the places that are not there yet.

        Raises:
            InvalidInput, Conflict: a slug or name that is none, or is taken.
        """
        for place in self.adding:
            new_place(resources.places(), place.slug, place.name)


def choose_filing(t: Translator, source: Source) -> Filing | None:
    """Draw the plan, and return where the photos go; None while that is not chosen.

    Raises:
        InvalidInput: nothing to import, or an archive that is refused.
    """
    places = resources.places().list(include_retired=True)
    plan = plan_import(source.path, None, places)
    way = st.segmented_control(
        t("import_plan.where"),
        (ONE, EACH),
        format_func={ONE: t("import_plan.one_place"), EACH: t("import_plan.each_folder")}.get,
        default=EACH if plan.matches else ONE,
        key="import-filing",
        required=True,
    )
    _say_left_out(t, source, plan, way == EACH)
    if way == ONE:
        return _one_place(t, places, plan)
    return _each_folder(t, places, plan)


def _one_place(t: Translator, places: Sequence[Place], plan: ImportPlan) -> Filing | None:
    names = _destinations(t, places)
    slug = st.selectbox(
        t("import_plan.place"),
        list(names),
        index=None,
        format_func=lambda value: names.get(value, value),
        placeholder=t("import_plan.choose_place"),
        key="import-place",
    )
    if slug is None:
        return None
    st.markdown(plain(t("import_plan.one", n=len(plan.entries), place=names[slug])))
    return Filing(len(plan.entries), slug)


def _each_folder(t: Translator, places: Sequence[Place], plan: ImportPlan) -> Filing | None:
    if not plan.matches:
        st.info(plain(t("import_plan.no_folders")), icon=":material/info:")
        return None
    names = {**_destinations(t, places), NEW: t("import_plan.new_place")}
    st.caption(plain(t("import_plan.each_what")))
    matches, adding = [], {}
    for number, match in enumerate(plan.matches):
        if number >= FOLDERS_SHOWN:
            matches.append((match.folder, UNSORTED if match.is_new else match.slug))
            continue
        slug, place = _row(t, number, match, names)
        matches.append((match.folder, slug))
        if place is not None:
            adding.setdefault(place.slug, place)
    if len(plan.matches) > FOLDERS_SHOWN:
        st.caption(plain(t("import_plan.more_folders", count=len(plan.matches) - FOLDERS_SHOWN)))
    return Filing(len(plan.entries), None, tuple(matches), tuple(adding.values()))


def _row(t: Translator, number: int, match: FolderMatch, names: dict[str, str]) -> tuple[str, NewPlace | None]:
    """Draw one folder; return its slug, and the place to add where it is a new one."""
    with st.container(key=f"import-row-{number}", border=True):
        folder, where = st.columns([2, 3], vertical_alignment="center")
        folder.markdown(f"**{plain(match.folder)}** · {plain(t('import_plan.photos', n=match.photos))}")
        options = list(names)
        slug = where.selectbox(
            plain(t("import_plan.folder_goes", folder=match.folder)),
            options,
            index=options.index(NEW if match.is_new else match.slug),
            format_func=lambda value: names.get(value, value),
            key=f"import-to-{number}",
            label_visibility="collapsed",
        )
        if slug != NEW:
            return str(slug), None
        return _new(t, number, match)


def _new(t: Translator, number: int, match: FolderMatch) -> tuple[str, NewPlace]:
    suggested = name_of_folder(match.folder)
    name = t("place_form.name")
    short, korean, english = st.columns(3)
    slug = short.text_input(t("import_plan.slug"), match.slug, 64, key=f"import-slug-{number}")
    in_korean = korean.text_input(f"{name} · {NAMES['ko']}", suggested.ko, 300, key=f"import-ko-{number}")
    in_english = english.text_input(f"{name} · {NAMES['en']}", suggested.en, 300, key=f"import-en-{number}")
    return slug, NewPlace(slug, LocalText(in_korean, in_english))


def _destinations(t: Translator, places: Sequence[Place]) -> dict[str, str]:
    names = {place.slug: f"{place.name.get(t.language)} ({place.slug})" for place in places}
    return {**names, UNKNOWN: t("import_plan.unknown"), UNSORTED: t("import_plan.unsorted")}


def _say_left_out(t: Translator, source: Source, plan: ImportPlan, by_folder: bool) -> None:
    """Say what will not come in, as far as names tell, and what belongs to no folder."""
    endings = Counter(entry.name.rpartition(".")[2].lower() for entry in plan.entries)
    strange = {ending: count for ending, count in endings.items() if ending not in PHOTO_TYPES}
    if strange:
        kinds = ", ".join(f".{ending} {count}" for ending, count in sorted(strange.items())[:10])
        st.caption(plain(t("import_plan.no_photos", n=sum(strange.values()), kinds=kinds)))
    if source.files > len(plan.entries):
        st.caption(plain(t("import_plan.hidden", n=source.files - len(plan.entries))))
    outside = sum(not entry.folder for entry in plan.entries)
    if by_folder and outside and plan.matches:
        st.caption(plain(t("import_plan.outside", n=outside)))
