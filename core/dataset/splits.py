"""The part of the data that each accepted photo belongs to for good, dealt out group by group.

A place with 15 groups or more has fixed parts: 70 % of its photos to learn from, 15 % to choose by, 15 % to be tested
on. Below that a fixed test would be two photos: such a place has folds only, and its photos no split. A part that was
once given is never changed. Photos of no known place are a class of their own. Called by `snapshots`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.dataset.groups import read_records
from core.db.photos import PhotoRepository
from core.domain.photo import PhotoRecord, PhotoStatus, Split

FIXED_FROM_GROUPS = 15
SHARES = {Split.TRAIN: 0.70, Split.VALIDATION: 0.15, Split.TEST: 0.15}
PREFERRED = (Split.TRAIN, Split.TEST, Split.VALIDATION)  # between parts that lack equally much
FOLDS = "folds"  # the name of no split, where photos are counted


@dataclass(frozen=True, slots=True)
class SplitReport:
    """What was dealt. assigned: photos that got a split now; counts: accepted photos by place and split or "folds"."""

    assigned: int
    counts: dict[str, dict[str, int]]


def assign_splits(photos: PhotoRepository) -> SplitReport:
    """Give a split to each accepted photo that has none yet and may have one; `regroup` comes before.

    Raises:
        DatabaseUnavailable: call again.
    """
    records = read_records(photos)
    dealt = deal_splits(records)
    photos.set_splits(dealt)
    accepted = [record for record in records if is_data(record)]
    given = [(record.place_slug or "", dealt.get(record.sha256) or record.split) for record in accepted]
    return SplitReport(len(dealt), count_splits(given))


def is_data(record: PhotoRecord) -> bool:
    """Whether a photo is part of the data: accepted, and sorted to a place or to "unknown"."""
    return record.status is PhotoStatus.ACCEPTED and record.place_slug is not None


def count_splits(photos: Iterable[tuple[str, Split | None]]) -> dict[str, dict[str, int]]:
    """Count photos, given as place and split, by place and then by split or "folds"; in alphabetical order."""
    counts: dict[str, Counter[str]] = {}
    for slug, split in photos:
        counts.setdefault(slug, Counter())[split.value if split else FOLDS] += 1
    return {slug: dict(sorted(counts[slug].items())) for slug in sorted(counts)}


def deal_splits(records: Sequence[PhotoRecord]) -> dict[str, Split]:
    """Return the splits of accepted photos that have none and get one now; the order of the records does not matter.

    A photo whose group has a split gets that one. A group without is dealt where its places lack most photos, unless
    one of its places has folds only. Rejected test photos still speak for their group.
    """
    split_of = _splits_of_groups(records)
    groups: dict[str, list[PhotoRecord]] = {}
    for record in sorted(records, key=lambda record: record.sha256):
        if is_data(record):
            groups.setdefault(_group(record), []).append(record)
    _deal_new(groups, split_of)
    return {
        record.sha256: split_of[name]
        for name, members in groups.items()
        for record in members
        if record.split is None and name in split_of
    }


def _group(record: PhotoRecord) -> str:
    return record.group_id or record.sha256


def _splits_of_groups(records: Iterable[PhotoRecord]) -> dict[str, Split]:
    """Return the split that each group has by its members; a test photo decides."""
    found: dict[str, Split] = {}
    for record in records:
        name = _group(record)
        if record.split is not None and found.get(name) is not Split.TEST:
            found[name] = record.split
    return found


def _deal_new(groups: Mapping[str, Sequence[PhotoRecord]], split_of: dict[str, Split]) -> None:
    """Add to `split_of` the groups that get a split now, the largest first."""
    contents = {name: Counter(record.place_slug or "" for record in members) for name, members in groups.items()}
    group_counts = Counter(slug for places in contents.values() for slug in places)
    fixed = {slug for slug, count in group_counts.items() if count >= FIXED_FROM_GROUPS}
    waiting = [name for name, places in contents.items() if name not in split_of and places.keys() <= fixed]
    lacks = _Lacks()
    for name, places in contents.items():
        if name in split_of or places.keys() <= fixed:
            lacks.expect(places)
        if name in split_of:
            lacks.give(places, split_of[name])
    for name in sorted(waiting, key=lambda name: (-len(groups[name]), name)):
        split_of[name] = lacks.most(contents[name])
        lacks.give(contents[name], split_of[name])


class _Lacks:
    """How many photos each part of each place still lacks."""

    def __init__(self) -> None:
        self._lack: defaultdict[tuple[str, Split], float] = defaultdict(float)

    def expect(self, places: Mapping[str, int]) -> None:
        """Let the parts want their share of a group's photos."""
        for slug, count in places.items():
            for split, share in SHARES.items():
                self._lack[slug, split] += share * count

    def give(self, places: Mapping[str, int], split: Split) -> None:
        """Count a group's photos to one part."""
        for slug, count in places.items():
            self._lack[slug, split] -= count

    def most(self, places: Mapping[str, int]) -> Split:
        """Return the part that lacks most in the places of a group."""
        wanted = {split: round(sum(self._lack[slug, split] for slug in places), 9) for split in PREFERRED}
        return max(PREFERRED, key=lambda split: wanted[split])
