"""Which photos belong together: near-duplicates, photos of one page, photos of one burst.

`regroup` writes two names to each photo's row: its look (near-duplicates, for whoever reviews) and its group (what no
split or fold may tear apart). Both are the smallest hash among their photos, so that photos that join change little.
Called after an import, and before splits are assigned and a snapshot is frozen. Which of the photos count is
`takes_part`; what happens where groups of different splits would become one is in `admit`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.dataset.admit import BURST_S, Refusal, admit, clock_s
from core.dataset.duplicates import group_near_duplicates, merge_groups
from core.db.photos import PhotoRepository
from core.db.review import ReviewRepository
from core.domain.photo import PhotoRecord, PhotoStatus, Split

STRADDLES = "straddles_splits"  # why such a photo is set aside, as its history keeps it
ACTOR = "groups"
PAGE = 2_000


@dataclass(frozen=True, slots=True)
class Grouping:
    """Names by photo. looks: "" for a photo that looks like no other; groups: "" for one that takes no part.

    refusals: photos that would join groups of different splits.
    """

    looks: dict[str, str]
    groups: dict[str, str]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class GroupReport:
    """What regrouping found. looks: sets of near-duplicates; groups: of photos in use; conflicts: were set aside."""

    looks: int
    groups: int
    conflicts: tuple[Refusal, ...]


def regroup(photos: PhotoRepository, review: ReviewRepository) -> GroupReport:
    """Write every photo's look and group anew, and set aside those that would join groups of different splits.

    Raises:
        DatabaseUnavailable: call again; what was written is right already.
    """
    records = read_records(photos)
    found = group_photos(records)
    photos.set_looks({r.sha256: found.looks[r.sha256] for r in records if r.look_id != found.looks[r.sha256]})
    photos.set_groups({r.sha256: found.groups[r.sha256] for r in records if r.group_id != found.groups[r.sha256]})
    if found.refusals:
        review.set_aside([refusal.sha256 for refusal in found.refusals], STRADDLES, ACTOR)
    looks, groups = ({name for name in names.values() if name} for names in (found.looks, found.groups))
    return GroupReport(len(looks), len(groups), found.refusals)


def read_records(photos: PhotoRepository) -> tuple[PhotoRecord, ...]:
    """Return every photo's record, by hash."""
    found: list[PhotoRecord] = []
    while page := photos.records(found[-1].sha256 if found else "", PAGE):
        found.extend(page)
    return tuple(found)


def takes_part(record: PhotoRecord) -> bool:
    """Whether a photo joins others: while it waits for review or is accepted, and for good once it is a test photo.

    A rejected test photo may come back, and until then nothing near it may be learned from.
    """
    return record.status in {PhotoStatus.NEW, PhotoStatus.ACCEPTED} or record.split is Split.TEST


def group_photos(records: Sequence[PhotoRecord]) -> Grouping:
    """Find looks and groups; the order of the records does not matter."""
    records = sorted(records, key=lambda record: record.sha256)
    looks = _looks(records)
    part = [record for record in records if takes_part(record)]
    joined = merge_groups(
        [looks[record.sha256] for record in part], [record.page_url for record in part], burst_keys(part)
    )
    bridged = {looks[record.sha256] for record in records if not takes_part(record)} - {""}
    groups: dict[str, str] = {record.sha256: "" for record in records}
    refusals: list[Refusal] = []
    for members in _by_number(part, joined):
        if _needs_care(members, looks, bridged):
            admitted, refused = admit(members)
            refusals.extend(refused)
        else:
            admitted = [members]
        for group in admitted:
            name = min(record.sha256 for record in group)
            groups.update((record.sha256, name) for record in group)
    return Grouping(looks, groups, tuple(sorted(refusals, key=lambda refusal: refusal.sha256)))


def burst_keys(records: Sequence[PhotoRecord]) -> list[str]:
    """Return a name per photo that photos of one burst share: same source and place, no pause above `BURST_S`."""
    keys = [""] * len(records)
    timed = sorted(
        (record.source, record.place_slug or "", clock_s(record.taken_at), index)
        for index, record in enumerate(records)
        if record.taken_at is not None
    )
    for before, here in pairwise(timed):
        if before[:2] == here[:2] and here[2] - before[2] <= BURST_S:
            keys[before[3]] = keys[before[3]] or records[before[3]].sha256
            keys[here[3]] = keys[before[3]]
    return keys


def _looks(records: Sequence[PhotoRecord]) -> dict[str, str]:
    """Name the looks of all photos, in use or not, by their smallest hash; without a hash a photo has none."""
    looks = {record.sha256: "" for record in records}
    hashed = [record for record in records if record.perceptual_hash]
    for members in _by_number(hashed, group_near_duplicates([record.perceptual_hash for record in hashed])):
        if len(members) > 1:
            name = min(record.sha256 for record in members)
            looks.update((record.sha256, name) for record in members)
    return looks


def _by_number(records: Sequence[PhotoRecord], numbers: Sequence[int]) -> list[list[PhotoRecord]]:
    members: dict[int, list[PhotoRecord]] = {}
    for record, number in zip(records, numbers, strict=True):
        members.setdefault(number, []).append(record)
    return list(members.values())


def _needs_care(members: Sequence[PhotoRecord], looks: dict[str, str], bridged: set[str]) -> bool:
    """Whether splits differ among the members, or a photo that takes no part may be all that joins two of them."""
    splits = {record.split for record in members} - {None}
    return len(splits) > 1 or (len(members) > 1 and any(looks[record.sha256] in bridged for record in members))
