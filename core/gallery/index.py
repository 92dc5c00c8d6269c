"""What known photos are most similar to a new one: an immutable index of photos in one run's space.

A photo takes 256 bytes, its hash and its group; all are compared with the new one, 1,024 at a time, so nothing is
missed but what rounding to bytes exchanges. 100,000 photos: see `tests/benchmarks/gallery.py`. Built by `shipped` and
`store`, asked by `core/identify` and `core/fusion`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from core.domain.answer import GalleryScores, Neighbour
from core.gallery.space import Codes, Flags, Floats32, Space
from core.gallery.strangers import Tail, fit_tail
from core.weights.records import UNKNOWN

MEAN_OF = 3  # photos of a place whose mean similarity speaks for it
FEWEST_PHOTOS = 3  # of a place for whose strangers anything is said: one photo that resembles by chance is no place
# Rows turned from bytes into floats: 1 MB, which stays in a core's cache, and too few for the linear algebra library to
# start threads for, which cost tenfold what they bring where other work wants the cores.
AT_ONCE = 1024

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.bytes_]


@dataclass(frozen=True, slots=True, eq=False)
class KnownPhotos:
    """N photos of a gallery, row by row.

    codes: (N, K) int8, directions in the run's space. class_ids: (N,), -1 for a photo of no known place.
    groups, sha256s: (N,) ASCII bytes.
    """

    codes: Codes
    class_ids: Ints
    groups: Keys
    sha256s: Keys

    def __len__(self) -> int:
        """Return N."""
        return len(self.class_ids)

    def some(self, rows: Flags | Ints) -> Self:
        """Return some of the photos, by flags or by numbers of rows."""
        return type(self)(self.codes[rows], self.class_ids[rows], self.groups[rows], self.sha256s[rows])


def joined(parts: Sequence[KnownPhotos]) -> KnownPhotos:
    """Return the photos of all parts, in order. parts: at least one."""
    names = ("codes", "class_ids", "groups", "sha256s")
    return KnownPhotos(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


class Gallery:
    """The known photos in one run's space; safe for many threads, as nothing changes after it was made."""

    def __init__(
        self,
        space: Space,
        photos: KnownPhotos,
        strangers: KnownPhotos,
        trained: frozenset[int] = frozenset(),
        before: "Gallery | None" = None,
    ) -> None:
        """Sort photos by place and see how strangers resemble the places that the classifier does not know.

        strangers: photos on which the space was not fitted. trained: class numbers that the classifier knows.
        before: a gallery of the same space, from which is taken over what is the same still.
        """
        self._space = space
        self._photos = photos.some(np.argsort(photos.class_ids, kind="stable"))
        self._inverse_lengths = _inverse_lengths(self._photos.codes)
        places, starts = np.unique(self._photos.class_ids, return_index=True)
        ends = np.append(starts, len(photos))[1:] if len(starts) else starts
        bounds = zip(places.tolist(), starts.tolist(), ends.tolist(), strict=True)
        self._rows = {place: slice(start, end) for place, start, end in bounds if place != UNKNOWN}
        self._stranger_names = strangers.sha256s.tobytes()
        self._tails = {
            place: self._tail(self._of(place), strangers, before) for place in self._rows if place not in trained
        }

    @property
    def run_id(self) -> str:
        """The run whose embeddings are compared."""
        return self._space.run_id

    def __len__(self) -> int:
        """Return how many photos it holds."""
        return len(self._photos)

    def known_from(self, class_id: int) -> int:
        """Return how many photos of a place it holds."""
        rows = self._rows.get(class_id, slice(0, 0))
        return int(rows.stop - rows.start)

    def nearest(
        self, embedding: npt.ArrayLike, count: int = 8, leave_out: frozenset[str] = frozenset()
    ) -> tuple[Neighbour, ...]:
        """Return the most similar known photos, most similar first.

        embedding: (D,) of the run, any length. leave_out: groups that take no part.
        """
        return self._nearest(self._similarities(embedding, leave_out), count)

    def scores(
        self, embedding: npt.ArrayLike, leave_out: frozenset[str] = frozenset(), count: int = 8
    ) -> GalleryScores:
        """Return what known photos say of a photo, place by place, and its `count` most similar ones.

        embedding: (D,) of the run, any length. leave_out: groups that take no part.
        """
        similarities = self._similarities(embedding, leave_out)
        of_place = {place: similarities[rows] for place, rows in self._rows.items()}
        taking_part = {place: some[np.isfinite(some)] if leave_out else some for place, some in of_place.items()}
        means = {place: _mean_of_best(some) for place, some in taking_part.items() if len(some)}
        tails = {place: self._tails.get(place) for place in means}
        return GalleryScores(
            class_ids=tuple(means),
            similarities=np.array(list(means.values()), np.float32),
            photos=tuple(len(taking_part[place]) for place in means),
            neighbours=self._nearest(similarities, count),
            stranger_shares=np.array(
                [tail.share_above(means[place]) if tail else 1.0 for place, tail in tails.items()], np.float32
            ),
        )

    def _similarities(self, embedding: npt.ArrayLike, leave_out: frozenset[str] = frozenset()) -> Floats32:
        """Return (N,) similarities, minus infinity for photos that take no part."""
        query = self._space.reduce(np.asarray(embedding, np.float32)[None])[0]
        similarities = _products(self._photos.codes, query)
        similarities *= self._inverse_lengths
        if leave_out:
            similarities[np.isin(self._photos.groups, [group.encode() for group in leave_out])] = -np.inf
        return similarities

    def _nearest(self, similarities: Floats32, count: int) -> tuple[Neighbour, ...]:
        count = min(count, len(similarities))
        if count <= 0:
            return ()
        first = np.argpartition(-similarities, count - 1)[:count]
        ordered = first[np.lexsort((self._photos.sha256s[first], -similarities[first]))]
        return tuple(self._neighbour(row, similarities) for row in ordered.tolist() if np.isfinite(similarities[row]))

    def _neighbour(self, row: int, similarities: Floats32) -> Neighbour:
        photos = self._photos
        class_id = int(photos.class_ids[row])
        return Neighbour(
            sha256=photos.sha256s[row].decode(),
            class_id=None if class_id == UNKNOWN else class_id,
            similarity=min(float(similarities[row]), 1.0),
            group_id=photos.groups[row].decode(),
        )

    def _of(self, place: int) -> KnownPhotos:
        rows = self._rows.get(place, slice(0, 0))
        return self._photos.some(np.arange(rows.start, rows.stop))

    def _has_exactly(self, photos: KnownPhotos) -> bool:
        mine = self._of(int(photos.class_ids[0]))
        return np.array_equal(np.sort(mine.sha256s), np.sort(photos.sha256s))

    def _tail(self, mine: KnownPhotos, strangers: KnownPhotos, before: "Gallery | None") -> Tail | None:
        if len(mine) < FEWEST_PHOTOS:
            return None
        place = int(mine.class_ids[0])
        if before is not None and before._stranger_names == self._stranger_names and before._has_exactly(mine):
            return before._tails.get(place)
        others = strangers.some(~np.isin(strangers.sha256s, mine.sha256s))
        rows = others.codes.astype(np.float32) * _inverse_lengths(others.codes)[:, None]
        products = rows @ mine.codes.T.astype(np.float32) * _inverse_lengths(mine.codes)
        best = np.partition(products, -MEAN_OF, axis=1)[:, -MEAN_OF:]
        return fit_tail(np.asarray(best.mean(axis=1), np.float32))


def _mean_of_best(similarities: Floats32) -> float:
    count = min(MEAN_OF, len(similarities))
    return min(float(np.partition(similarities, -count)[-count:].mean()), 1.0)


def _inverse_lengths(codes: Codes) -> Floats32:
    """Return (N,) what makes the rows' directions unit vectors, a block at a time."""
    lengths = np.empty(len(codes), np.float32)
    for start in range(0, len(codes), AT_ONCE):
        lengths[start : start + AT_ONCE] = np.linalg.norm(codes[start : start + AT_ONCE].astype(np.float32), axis=1)
    return np.asarray(1.0 / np.maximum(lengths, 1.0), np.float32)


def _products(codes: Codes, query: Floats32) -> Floats32:
    """Return (N,) dot products; the bytes become floats in one small block that is used again."""
    products = np.empty(len(codes), np.float32)
    block = np.empty((min(AT_ONCE, len(codes)), len(query)), np.float32)
    for start in range(0, len(codes), AT_ONCE):
        some = codes[start : start + AT_ONCE]
        np.copyto(block[: len(some)], some)
        np.dot(block[: len(some)], query, out=products[start : start + len(some)])
    return products
