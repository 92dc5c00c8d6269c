"""What a training keeps of places that are in service but not among its photos: their embeddings, learned from again.

A clone of the project has no photos of the shipped places, yet whoever adds a place must not lose them. A run keeps the
embeddings of its photos; where the backbone is the same, number for number, these are the very features that the head
learns from. Called by `train`.
"""

from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.classifier.config import TrainConfig
from core.classifier.features import FeatureTable
from core.classifier.training_set import TrainingSet, deal_folds
from core.errors import ModelRefused
from core.weights.folder import Run
from core.weights.records import EMBEDDINGS_FILE, UNKNOWN, EmbeddingTable, read_embeddings

DIGEST = "backbone_digest"  # key of the settings in the manifest
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A training set and its features with what was remembered at their end. slugs: the places that were."""

    photos: TrainingSet
    features: FeatureTable
    slugs: tuple[str, ...]


def backbone_digest(backbone: Any) -> str:
    """Return the SHA-256 of a backbone's weights, in the order of its layers."""
    digest = sha256()
    for weights in backbone.get_weights():
        digest.update(np.ascontiguousarray(weights).tobytes())
    return digest.hexdigest()


def _lost_slugs(serving: Run | None, photos: TrainingSet) -> tuple[str, ...]:
    """Return the places in service that these photos know nothing of."""
    classes = serving.manifest.classes if serving else ()
    return tuple(entry.slug for entry in classes if entry.class_id not in photos.class_ids)


def _can_rehearse(serving: Run, backbone: Any, config: TrainConfig) -> bool:
    """Whether embeddings of the run in service are features of this training: same backbone, same size of view."""
    settings = serving.manifest.training.config
    frozen = config.fine_tune == "none" and settings.get("fine_tune") == "none"
    return frozen and settings.get("size_px") == config.size_px and settings.get(DIGEST) == backbone_digest(backbone)


def rehearse(
    serving: Run | None, backbone: Any, photos: TrainingSet, features: FeatureTable, config: TrainConfig
) -> Rehearsed:
    """Add the embeddings of lost places, and of strangers not seen here, as photos that need no file.

    Nothing is added where no place is lost, or the run in service saw its photos otherwise. What is added is in folds
    by its groups like every photo, so that held-out scores speak of it too.

    Raises:
        ModelRefused: code "model.table"; the embeddings are of another width than the features.
    """
    lost = _lost_slugs(serving, photos)
    if serving is None or not lost or not _can_rehearse(serving, backbone, config):
        return Rehearsed(photos, features, ())
    table = read_embeddings(serving.read(EMBEDDINGS_FILE))
    if table.vectors.shape[1:] != features.served.shape[2:]:
        raise ModelRefused("model.table", file=EMBEDDINGS_FILE)
    lost_ids = [entry.class_id for entry in serving.manifest.classes if entry.slug in lost]
    wanted = np.isin(table.class_ids, [*lost_ids, UNKNOWN]) & ~np.isin(table.sha256s, photos.sha256s)
    wanted &= ~_beside_tests(table, photos)
    extended = _extend(photos, table, np.flatnonzero(wanted), dict(zip(lost_ids, lost, strict=True)), config)
    vectors = table.vectors[wanted].astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    return Rehearsed(extended, _append(features, vectors), lost)


def _beside_tests(table: EmbeddingTable, photos: TrainingSet) -> npt.NDArray[np.bool_]:
    """Return (N,) whether an embedding is of a photo that is kept apart for the test now, or of that one's group."""
    tested = np.isin(table.sha256s, [photo.sha256 for photo in photos.tests])
    return np.asarray(np.isin(table.groups, table.groups[tested]))


def _append(features: FeatureTable, vectors: Floats) -> FeatureTable:
    """Let one remembered vector stand for every view of its photo."""
    served = np.repeat(vectors[:, None], features.served.shape[1], axis=1)
    changed = np.repeat(vectors[:, None], features.augmented.shape[1], axis=1)
    return FeatureTable(np.concatenate([features.served, served]), np.concatenate([features.augmented, changed]))


def _extend(
    photos: TrainingSet, table: EmbeddingTable, rows: npt.NDArray[np.intp], lost: dict[int, str], config: TrainConfig
) -> TrainingSet:
    """Number the classes anew, by class number, and deal all groups to folds."""
    slug_of = {**dict(zip(photos.class_ids, photos.slugs, strict=True)), **lost}
    class_ids = tuple(sorted(slug_of))
    numbers = np.concatenate([np.array([*photos.class_ids, UNKNOWN])[photos.labels], table.class_ids[rows]])
    column = {class_id: number for number, class_id in enumerate(class_ids)} | {UNKNOWN: UNKNOWN}
    labels = np.array([column[int(number)] for number in numbers], np.int64)
    first_new = max(photos.groups, default=-1) + 1
    _, remembered = np.unique(table.groups[rows], return_inverse=True)
    groups = (*photos.groups, *(int(group) + first_new for group in remembered))
    return replace(
        photos,
        slugs=tuple(slug_of[class_id] for class_id in class_ids),
        class_ids=class_ids,
        paths=(*photos.paths, *(Path(EMBEDDINGS_FILE) for _ in rows)),
        sha256s=(*photos.sha256s, *(str(sha) for sha in table.sha256s[rows])),
        labels=labels,
        groups=groups,
        folds=deal_folds(labels.tolist(), groups, config),
        remembered=len(rows),
    )
