"""The description of a trained detector; beside `manifest`, which says how manifests are read and written.

A class of a detector is a label, that is a landmark part of a place; the manifest maps each to its place's number.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from core.domain.score import Score
from core.weights.manifest import (
    STRICT,
    Count,
    DataFacts,
    FileName,
    RunId,
    Sha256,
    Share,
    Slug,
    TrainingFacts,
)


@dataclass(frozen=True, slots=True)
class DetectorInput:
    """What the network is shown. size_px: longer side; rectangular: the shorter one is padded to `stride_px` only."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    size_px: Annotated[int, Field(gt=0, le=4096)]
    stride_px: Annotated[int, Field(gt=0, le=256)]
    rectangular: bool


@dataclass(frozen=True, slots=True)
class LabelEntry:
    """One output of the network: a part's number and slug, and the class number and slug of its place."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    label_id: Count
    slug: Slug
    class_id: Count
    place_slug: Slug


@dataclass(frozen=True, slots=True)
class BoxThresholds:
    """Which boxes are shown. confidence: chosen on held-out photos; iou: above it the less confident of two goes."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    confidence: Share
    iou: Share


@dataclass(frozen=True, slots=True)
class DetectorManifest:
    """One run of a detector. `labels` are in the order of the outputs; `files` is filled in by `write_run`.

    A run without a model, of whose training only the epochs are known, has no labels.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    run_id: RunId
    architecture: str
    created_at: AwareDatetime
    input: DetectorInput
    labels: tuple[LabelEntry, ...]
    thresholds: BoxThresholds
    data: DataFacts
    training: TrainingFacts
    libraries: dict[str, str]
    scores: dict[str, Score]
    licence: str
    files: dict[FileName, Sha256]
    task: Literal["detector"] = "detector"
    format: Literal[1] = 1

    @property
    def class_ids(self) -> tuple[int, ...]:
        """The class numbers of the places that it knows parts of, each once, in order."""
        return tuple(sorted({entry.class_id for entry in self.labels}))
