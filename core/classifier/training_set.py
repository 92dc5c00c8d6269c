"""The photos of a training: which class, which group, which fold; and their pixels when a step asks for them.

`read_training_set` opens every photo once through `core/dataset/ingest` and lists what it leaves out and why. Groups
are photos that look nearly alike or belong to one series; a group lies in one fold. Called by `train`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.classifier.config import TrainConfig
from core.classifier.progress import Steps
from core.dataset.duplicates import group_near_duplicates, merge_groups, perceptual_hash
from core.dataset.folder import FolderPhoto
from core.dataset.folds import grouped_folds
from core.dataset.ingest import read_photo_file
from core.domain.photo import Photo, Split
from core.errors import InvalidInput, PhotoRefused, StorageUnavailable
from core.metrics.probabilities import AcceptanceRule
from core.weights.records import UNKNOWN

Pixels = npt.NDArray[np.uint8]
# Pixels beyond this are decoded again when they are needed: 2,000 photos at 448 px fit.
PIXELS_KEPT_BYTES = 1_500_000_000


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A photo that takes no part. reason: a key of `model_card.LEFT_OUT_WORDS`."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class FixedTestPhoto:
    """A photo of the test split: nothing is ever fitted on it. slug: its place's; None for no known place."""

    path: Path
    slug: str | None
    sha256: str
    group: str


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """N photos to learn from, and those that are kept apart.

    remembered: how many of the N, at the end, are embeddings of an earlier run; they have no file.
    tests: none of the N, nor in any group or fold with one of them.
    slugs, class_ids: the C classes in the order of the outputs, by class number.
    labels: (N,) column 0..C-1, -1 for a photo of no known place. folds: (N,). groups, sha256s, paths: N each.
    """

    slugs: tuple[str, ...]
    class_ids: tuple[int, ...]
    paths: tuple[Path, ...]
    sha256s: tuple[str, ...]
    labels: npt.NDArray[np.int64]
    groups: tuple[int, ...]
    folds: npt.NDArray[np.int64]
    left_out: tuple[LeftOut, ...]
    remembered: int = 0
    tests: tuple[FixedTestPhoto, ...] = ()

    @property
    def has_none_output(self) -> bool:
        """Whether photos of no known place take part, so that "none of these" is learned."""
        return bool((self.labels == UNKNOWN).any())

    @property
    def acceptance_rule(self) -> AcceptanceRule:
        """What an answer is accepted by."""
        return "best_against_none" if self.has_none_output else "max_probability"

    @property
    def columns(self) -> npt.NDArray[np.int64]:
        """(N,) column of the logits that each photo belongs to; that of none of these is C."""
        return np.where(self.labels == UNKNOWN, len(self.slugs), self.labels)

    @property
    def output_count(self) -> int:
        """Columns of the logits."""
        return len(self.slugs) + int(self.has_none_output)

    def require_outputs(self) -> None:
        """Refuse a set that leaves nothing to choose between.

        Raises:
            InvalidInput: code "classifier.too_few"; one place only, and no photo of anything else.
        """
        if self.output_count < 2:
            raise InvalidInput("classifier.too_few", classes=len(self.slugs), groups=len(set(self.groups)))

    @property
    def fingerprint(self) -> str:
        """SHA-256 over photos, classes and folds: two trainings with the same one saw the same data."""
        names = dict(enumerate(self.slugs))
        lines = (
            f"{sha} {names.get(int(label), '-')} {fold}"
            for sha, label, fold in zip(self.sha256s, self.labels, self.folds, strict=True)
        )
        return sha256("\n".join(sorted(lines)).encode()).hexdigest()


class PixelSource:
    """Pixels by number of the photo: from memory while they fit, decoded again beyond that."""

    def __init__(self, paths: Sequence[Path], need_px: int, kept_bytes: int = PIXELS_KEPT_BYTES) -> None:
        self._paths, self._need_px, self._room = paths, need_px, kept_bytes
        self._kept: dict[int, Pixels] = {}

    def __len__(self) -> int:
        """Return how many photos there are."""
        return len(self._paths)

    def __getitem__(self, index: int) -> Pixels:
        """Return (H, W, 3) uint8; the shorter side is at least `need_px` unless the photo's own is shorter.

        Raises:
            StorageUnavailable: code "classifier.photo_gone"; the file cannot be read any more.
        """
        if index in self._kept:
            return self._kept[index]
        try:
            pixels = _open_photo(self._paths[index], self._need_px).pixels
        except (PhotoRefused, OSError) as error:
            raise StorageUnavailable("classifier.photo_gone", file=self._paths[index].name) from error
        if pixels.nbytes <= self._room:
            self._kept[index] = pixels
            self._room -= pixels.nbytes
        return pixels


@dataclass(frozen=True, slots=True)
class _Read:
    path: Path
    slug: str | None
    sha256: str
    perceptual_hash: str
    series: str
    split: Split | None


def read_training_set(
    photos: Sequence[FolderPhoto],
    class_ids: Mapping[str, int],
    config: TrainConfig,
    steps: Steps,
) -> TrainingSet:
    """Open every photo, leave out what would spoil the training, and put the rest in groups and folds.

    Photos of the test split are kept apart, and what looks nearly like one of them is not learned from.

    Args:
        photos: files with their class.
        class_ids: class number by slug; slugs without photos become no class.
        config: its seed, number of folds and size are used.
        steps: advanced by one per photo.

    Raises:
        InvalidInput: code "classifier.no_class_number", a folder of no place in the catalogue;
            "classifier.too_few", no place or fewer than two groups are left.
    """
    for slug in {photo.slug for photo in photos if photo.slug is not None}:
        if slug not in class_ids:
            raise InvalidInput("classifier.no_class_number", slug=slug)
    read, unreadable = _read_all(photos, config.views.need_px, steps)
    read, copies = _without_copies(read)
    read, tests, twins = _without_tests(read)
    read, strangers = _without_doubtful_strangers(read)
    alike = group_near_duplicates([photo.perceptual_hash for photo in read])
    groups = merge_groups(alike, [photo.series for photo in read])
    found = _arrange(read, groups, class_ids, config, (*unreadable, *copies, *twins, *strangers))
    return replace(found, tests=tuple(tests))


def _arrange(
    photos: Sequence[_Read],
    groups: Sequence[int],
    class_ids: Mapping[str, int],
    config: TrainConfig,
    left_out: Iterable[LeftOut],
) -> TrainingSet:
    """Number the classes and deal the groups to folds."""
    slugs = sorted({photo.slug for photo in photos if photo.slug is not None}, key=class_ids.__getitem__)
    column = {slug: number for number, slug in enumerate(slugs)}
    labels = [UNKNOWN if photo.slug is None else column[photo.slug] for photo in photos]
    if not slugs or len(set(groups)) < 2:
        raise InvalidInput("classifier.too_few", classes=len(slugs), groups=len(set(groups)))
    return TrainingSet(
        slugs=tuple(slugs),
        class_ids=tuple(class_ids[slug] for slug in slugs),
        paths=tuple(photo.path for photo in photos),
        sha256s=tuple(photo.sha256 for photo in photos),
        labels=np.array(labels, np.int64),
        groups=tuple(groups),
        folds=deal_folds(labels, groups, config),
        left_out=tuple(left_out),
    )


def deal_folds(labels: Sequence[int], groups: Sequence[int], config: TrainConfig) -> npt.NDArray[np.int64]:
    """Return (N,) folds, as many as the settings ask for and there are groups to fill."""
    count = min(config.folds, len(set(groups)))
    return np.array(grouped_folds(labels, groups, count, config.seed), np.int64)


def _read_all(photos: Sequence[FolderPhoto], need_px: int, steps: Steps) -> tuple[list[_Read], list[LeftOut]]:
    read, refused = [], []
    for number, photo in enumerate(photos, start=1):
        steps.advance(1, "train.reading", photo=number, photos=len(photos))
        try:
            found = _open_photo(photo.path, need_px)
        except (PhotoRefused, OSError):
            refused.append(LeftOut(photo.path, "unreadable"))
            continue
        look = perceptual_hash(found.pixels)
        read.append(_Read(photo.path, photo.slug, found.sha256, look, photo.series, photo.split))
    return read, refused


def _open_photo(path: Path, need_px: int) -> Photo:
    return read_photo_file(path, need_px=need_px)


def _without_copies(photos: Sequence[_Read]) -> tuple[list[_Read], list[LeftOut]]:
    """Keep one file of each content; a content that lies in two places' folders tells nothing and goes altogether."""
    slugs: dict[str, set[str | None]] = {}
    for photo in photos:
        slugs.setdefault(photo.sha256, set()).add(photo.slug)
    kept: dict[str, _Read] = {}
    left_out = []
    for photo in photos:
        if len(slugs[photo.sha256]) > 1:
            left_out.append(LeftOut(photo.path, "two_places"))
        elif photo.sha256 in kept:
            left_out.append(LeftOut(photo.path, "copy"))
        else:
            kept[photo.sha256] = photo
    return list(kept.values()), left_out


def _without_tests(photos: Sequence[_Read]) -> tuple[list[_Read], list[FixedTestPhoto], list[LeftOut]]:
    """Take the test photos out, and leave out what belongs together with one of them."""
    looks = group_near_duplicates([photo.perceptual_hash for photo in photos])
    groups = merge_groups(looks, [photo.series for photo in photos])
    tested = {group for photo, group in zip(photos, groups, strict=True) if photo.split is Split.TEST}
    kept, tests, twins = [], [], []
    for photo, group in zip(photos, groups, strict=True):
        if photo.split is Split.TEST:
            tests.append(FixedTestPhoto(photo.path, photo.slug, photo.sha256, photo.series or photo.sha256))
        elif group in tested:
            twins.append(LeftOut(photo.path, "like_a_test_photo"))
        else:
            kept.append(photo)
    return kept, tests, twins


def _without_doubtful_strangers(photos: Sequence[_Read]) -> tuple[list[_Read], list[LeftOut]]:
    """Set aside photos of no known place that look nearly like one of a known place: they may be of that place."""
    groups = group_near_duplicates([photo.perceptual_hash for photo in photos])
    known = {group for photo, group in zip(photos, groups, strict=True) if photo.slug is not None}
    kept, doubtful = [], []
    for photo, group in zip(photos, groups, strict=True):
        if photo.slug is None and group in known:
            doubtful.append(LeftOut(photo.path, "like_a_known_place"))
        else:
            kept.append(photo)
    return kept, doubtful
