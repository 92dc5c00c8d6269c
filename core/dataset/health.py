"""How the library stands, place by place: what there is, how varied it is, and what is missing.

Numbers only; findings are message keys with values. Called by the photos page and the command line.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.dataset.groups import read_records
from core.dataset.leaks import count_leaks
from core.dataset.licences import is_free
from core.dataset.splits import FIXED_FROM_GROUPS, count_splits, is_data
from core.db.photos import PhotoRepository
from core.domain.library import SMALL_PX
from core.domain.photo import PhotoRecord, PhotoStatus
from core.errors import Value

ENOUGH_PHOTOS = 50
LARGE_PX = 1600  # of the longer side: from here on a view of 448 px still leaves room to crop
VARIED_FROM = 5  # with fewer dated photos, one season says nothing
SEASONS = ("winter", "spring", "summer", "autumn")
ONLY = {
    "winter": "health.only_winter",
    "spring": "health.only_spring",
    "summer": "health.only_summer",
    "autumn": "health.only_autumn",
}
Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is missing or odd: a message key and its values."""

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlaceHealth:
    """One place, or "unknown". All but `statuses` speak of accepted photos; most frequent first.

    statuses: photos by status. sources, licences: "" where not known. sizes: "small", "medium", "large" by the longer
    side. seasons, hours: photos by season and by hour of the camera's clock (0..23); `undated` have neither.
    groups: of photos that belong together. splits: photos by split or "folds". alike: photos of other places that look
    nearly the same as one of this, by place. findings: what to do next.
    """

    slug: str
    statuses: Counts
    sources: Counts
    licences: Counts
    sizes: Counts
    seasons: Counts
    hours: dict[int, int]
    undated: int
    groups: int
    splits: Counts
    alike: Counts
    findings: tuple[Finding, ...]

    @property
    def accepted(self) -> int:
        """How many photos are accepted."""
        return self.statuses.get(PhotoStatus.ACCEPTED.value, 0)


def place_health(photos: PhotoRepository) -> tuple[PlaceHealth, ...]:
    """Look at every place that has photos, by slug; photos that are not sorted yet are left out."""
    return health_of(read_records(photos))


def library_leaks(photos: PhotoRepository) -> int:
    """Count pairs of accepted photos that belong together and are torn apart by splits or folds; 0 is what to expect.

    Photos that came in after the last grouping are in no data set yet, and are left out.
    """
    return count_leaks([record for record in read_records(photos) if is_data(record) and record.group_id])


def health_of(records: Sequence[PhotoRecord]) -> tuple[PlaceHealth, ...]:
    """Look at the places of these photos."""
    places: dict[str, list[PhotoRecord]] = {}
    for record in records:
        if record.place_slug is not None:
            places.setdefault(record.place_slug, []).append(record)
    alike = _alike_elsewhere(records)
    return tuple(_place(slug, places[slug], alike.get(slug, Counter())) for slug in sorted(places))


def _place(slug: str, records: Sequence[PhotoRecord], alike: Counter[str]) -> PlaceHealth:
    accepted = [record for record in records if record.status is PhotoStatus.ACCEPTED]
    dated = [(record.taken_at, record) for record in accepted if record.taken_at is not None]
    statuses, sources = _most_first(r.status.value for r in records), _most_first(r.source for r in accepted)
    seasons = _most_first(season_of(at.month, record) for at, record in dated)
    groups = len({record.group_id or record.sha256 for record in accepted})
    return PlaceHealth(
        slug=slug,
        statuses=statuses,
        sources=sources,
        licences=_most_first(record.licence for record in accepted),
        sizes=_most_first(_size(record) for record in accepted),
        seasons=seasons,
        hours=dict(sorted(Counter(at.hour for at, _ in dated).items())),
        undated=len(accepted) - len(dated),
        groups=groups,
        splits=count_splits((slug, record.split) for record in accepted).get(slug, {}),
        alike=_most_first(alike.elements()),
        findings=tuple(_findings(accepted, statuses, sources, seasons, groups)),
    )


def _findings(
    accepted: Sequence[PhotoRecord], statuses: Counts, sources: Counts, seasons: Counts, groups: int
) -> Iterable[Finding]:
    """Say what is missing, the most pressing first."""
    if len(accepted) < ENOUGH_PHOTOS:
        yield Finding("health.more_accepted", {"count": ENOUGH_PHOTOS - len(accepted), "aim": ENOUGH_PHOTOS})
    if waiting := statuses.get(PhotoStatus.NEW.value, 0):
        yield Finding("health.to_review", {"count": waiting})
    if set_aside := statuses.get(PhotoStatus.SET_ASIDE.value, 0):
        yield Finding("health.set_aside", {"count": set_aside})
    if accepted and groups < FIXED_FROM_GROUPS:
        yield Finding("health.few_groups", {"groups": groups, "least": FIXED_FROM_GROUPS})
    if len(accepted) > 1 and len(sources) == 1:
        yield from _one_source(next(iter(sources)))
    if len(seasons) == 1 and sum(seasons.values()) >= VARIED_FROM:
        yield Finding(ONLY[next(iter(seasons))])
    if unfree := sum(not is_free(record.licence) for record in accepted):
        yield Finding("health.not_free", {"count": unfree})


def _one_source(source: str) -> Iterable[Finding]:
    yield Finding("health.one_source", {"source": source}) if source else Finding("health.source_unknown")


def _alike_elsewhere(records: Sequence[PhotoRecord]) -> dict[str, Counter[str]]:
    """Count, for each place, the photos of other places that share a look with one of its photos."""
    looks: dict[str, Counter[str]] = {}
    for record in records:
        if record.look_id and record.place_slug is not None and record.status is not PhotoStatus.REJECTED:
            looks.setdefault(record.look_id, Counter())[record.place_slug] += 1
    alike: dict[str, Counter[str]] = {}
    for places in looks.values():
        for slug in places:
            alike.setdefault(slug, Counter()).update({other: n for other, n in places.items() if other != slug})
    return alike


def season_of(month: int, record: PhotoRecord) -> str:
    """Return the season by the month; south of the equator, where the photo says so, it is the opposite one."""
    south = record.position is not None and record.position.latitude < 0
    return SEASONS[(month % 12 // 3 + (2 if south else 0)) % 4]


def _size(record: PhotoRecord) -> str:
    longer_px = max(record.width_px, record.height_px)
    return "small" if longer_px < SMALL_PX else "large" if longer_px >= LARGE_PX else "medium"


def _most_first(names: Iterable[str]) -> Counts:
    return dict(sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])))
