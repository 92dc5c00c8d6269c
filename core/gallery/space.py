"""Where photos are compared: a run's embeddings, whitened and reduced to 256 numbers of one byte.

What all photos share is taken away, and directions in which any two photos differ count less than those in which few
do: so two photos of one place are told from two photos of the same weather. Measured on five places that the network
was not trained on, five photos each, at one stranger in a hundred: 86 % of the other photos found, against 77 % by the
plain cosine. Fitted on half of the photos of the run itself, so every machine that has the run has the same space, and
the other half shows what strangers look like in it. Called by `shipped`, and for new photos by `core/identify`.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.weights.records import EmbeddingTable

DIMENSIONS = 256  # 128 find 3 of 100 photos less; more need more photos to fit on than a small run has
FLOOR = (
    0.05  # of the strongest direction's variance; weaker ones are raised no further. 0.02 and 0.1 find 1 % more or less
)
MOST_FITTED_ON = 512  # photos; a hundredth of a second each hundred, and more of them change little
CODE_LIMIT = 127

Floats32 = npt.NDArray[np.float32]
Floats64 = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """The map from embeddings to what is compared.

    run_id: whose embeddings it takes. centre: (D,) float32. directions: (D, K) float32, already weighted.
    """

    run_id: str
    centre: Floats32
    directions: Floats32

    def reduce(self, embeddings: npt.ArrayLike) -> Floats32:
        """Return (N, K) float32 rows of length 1 for (N, D) embeddings; their dot product is the similarity."""
        away = unit_rows(np.asarray(embeddings, np.float32) - self.centre)
        # For one photo einsum: the linear algebra library would start threads, which take the cores from other work.
        alone = len(away) == 1
        return unit_rows(np.einsum("nd,dk->nk", away, self.directions) if alone else away @ self.directions)


def unit_rows(rows: Floats32) -> Floats32:
    """Return rows of length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)


def encode(rows: Floats32) -> Codes:
    """Return one byte per number, each row by its own largest; only the direction of a row is kept."""
    largest = np.abs(rows).max(axis=1, keepdims=True)
    scaled = rows * CODE_LIMIT / np.maximum(largest, np.finfo(np.float32).tiny)
    return np.asarray(np.rint(scaled), np.int8)


def fitted_on(table: EmbeddingTable) -> Flags:
    """Return (N,) which photos of a run its space is fitted on: about half of its groups, chosen by their names."""
    odd = {group: hashlib.sha256(group.encode()).digest()[0] % 2 == 1 for group in np.unique(table.groups).tolist()}
    chosen = np.array([odd[group] for group in table.groups.tolist()], bool)
    by_hash = np.flatnonzero(chosen)[np.argsort(table.sha256s[chosen], kind="stable")]
    chosen[by_hash[MOST_FITTED_ON:]] = False
    return chosen


def fit_space(run_id: str, table: EmbeddingTable) -> Space:
    """Fit the space of a run on its own photos; in 64 bits, so that machines differ in nothing that a byte shows.

    Source of the whitening with a floor: Jégou and Chum 2012, "Negative evidences and co-occurences in image
    retrieval"; Friedman 1989, "Regularized Discriminant Analysis".
    """
    chosen = fitted_on(table)
    some = table.vectors[chosen if chosen.sum() > 1 else slice(None)].astype(np.float64)
    centre = some.mean(axis=0) if len(some) else np.zeros(some.shape[1])
    away = some - centre
    away /= np.maximum(np.linalg.norm(away, axis=1, keepdims=True), np.finfo(np.float64).tiny)
    variances, directions = _principal(away, min(DIMENSIONS, some.shape[1]))
    weights = (variances / max(float(variances.max(initial=0.0)), 1e-12) + FLOOR) ** -0.5
    kept = directions * weights
    missing = min(DIMENSIONS, some.shape[1]) - kept.shape[1]
    if missing > 0:
        kept = np.hstack([kept, _beyond(directions, missing) * FLOOR**-0.5])
    # Row by row in memory: one embedding is projected in a tenth of a millisecond, else in several.
    return Space(run_id, centre.astype(np.float32), kept.astype(np.float32, order="C"))


def _principal(rows: Floats64, count: int) -> tuple[Floats64, Floats64]:
    """Return the largest variances (k,) and their directions (D, k), k at most `count`; signs by the largest entry."""
    variances, mixtures = np.linalg.eigh(rows @ rows.T)
    kept = np.argsort(-variances, kind="stable")[:count]
    kept = kept[variances[kept] > 1e-6 * max(float(variances.max(initial=0.0)), 1e-12)]
    directions = rows.T @ (mixtures[:, kept] * variances[kept] ** -0.5)
    signs = np.sign(directions[np.abs(directions).argmax(axis=0), np.arange(len(kept))]) if len(kept) else 1.0
    return variances[kept], directions * signs


def _beyond(directions: Floats64, count: int) -> Floats64:
    """Return (D, count) random directions across the given ones: what few photos do not show is compared by them."""
    size = len(directions)
    random = np.random.default_rng(0).standard_normal((size, count))
    across = random - directions @ (directions.T @ random)
    return np.asarray(np.linalg.qr(across)[0] * np.sqrt((size - directions.shape[1]) / count))
