"""The description of a fitted fusion tree; beside `manifest`, which says how manifests are read and written.

A tree is fitted on what the runs of a classifier, and perhaps of a detector, said of photos that they had not seen; it
names both by hash, and decides only beside them.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from core.domain.score import Score
from core.weights.manifest import STRICT, Count, DataFacts, FileName, RunId, Sha256, Share, TrainingFacts

TREE_FILE = "tree.json"
DECISIONS_FILE = "decisions.csv"
CARD_FILE = "MODEL_CARD.md"


@dataclass(frozen=True, slots=True)
class FittedOn:
    """A run whose held-out evidence was used. sha256: of its manifest."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    run_id: RunId
    sha256: Sha256


@dataclass(frozen=True, slots=True)
class FusionManifest:
    """One fitted tree. detector: None where it was fitted without one; features: the names it may ask about.

    target_false_accept: share of photos of no known place that its acceptance was to let through.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    run_id: RunId
    created_at: AwareDatetime
    classifier: FittedOn
    detector: FittedOn | None
    features: tuple[str, ...]
    depth: Annotated[int, Field(ge=0, le=5)]
    leaves: Count
    target_false_accept: Share
    data: DataFacts
    training: TrainingFacts
    libraries: dict[str, str]
    scores: dict[str, Score]
    licence: str
    files: dict[FileName, Sha256]
    architecture: Literal["decision tree"] = "decision tree"
    task: Literal["fusion"] = "fusion"
    format: Literal[1] = 1

    @property
    def class_ids(self) -> tuple[int, ...]:
        """The class numbers that it names: none, for it knows candidates by their features only."""
        return ()

    def fits(self, classifier_sha256: str, detector_sha256: str) -> bool:
        """Whether these runs, by the hash of their manifests, are those it was fitted on; "" for no detector."""
        mine = (self.classifier.sha256, self.detector.sha256 if self.detector else "")
        return mine == (classifier_sha256, detector_sha256)
