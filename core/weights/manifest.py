"""The description of a trained classifier: what it was made from, what its outputs mean, which files it consists of.

Format 1, a JSON file `manifest.json` in the folder of a run. Written through `core/weights/folder` at the end of a
training; read by everything that serves or shows a run. `detector_manifest` describes a detector with the same parts,
`manifest_file` reads and writes both.
"""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from core.domain.score import Score

MANIFEST_FORMAT: Literal[1] = 1
MANIFEST_FILE = "manifest.json"
MODEL_FILE = "model.onnx"

RunId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,79}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]

STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class InputSpec:
    """What the network is shown. `scaling` and `views` are names that `core/classifier/preprocess` reads."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    width_px: Annotated[int, Field(gt=0)]
    height_px: Annotated[int, Field(gt=0)]
    scaling: str
    views: str


@dataclass(frozen=True, slots=True)
class ClassEntry:
    """One output of the network: the class number of a place, and its slug when the run was made."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    class_id: Count
    slug: Slug


@dataclass(frozen=True, slots=True)
class Calibration:
    """How logits become probabilities, and when an answer is given at all.

    temperature: logits are divided by it before the softmax.
    acceptance: what is compared with the threshold; see `core/metrics/probabilities`.
    threshold: an answer is given when the acceptance is at least this.
    target_false_accept: share of photos of no known place that the threshold was to let through.
    refusal_tested: whether photos of no known place took part in the fit and the scores.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    temperature: Annotated[float, Field(gt=0)]
    acceptance: Literal["best_against_none", "known_mass", "max_probability"]
    threshold: Share
    target_false_accept: Share
    refusal_tested: bool


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What it was trained on. per_class: photos by slug; unknown: photos of no known place.

    test: photos kept apart for good, counted nowhere else here; the scores `test_…` are of them.
    snapshot_id, snapshot_fingerprint: the frozen data set that all of these are of; "" for a plain folder.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    fingerprint: str
    photos: Count
    groups: Count
    per_class: dict[str, Count]
    unknown: Count
    test: Count = 0
    snapshot_id: str = ""
    snapshot_fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class TrainingFacts:
    """How it was trained. config: the settings as plain JSON; start: the weights that training began with."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    config: dict[str, Any]
    seed: int
    start: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One run. `classes` are in the order of the outputs; with `has_none_output` one more follows: none of these.

    A run without a model, of whose training only the epochs are known, has no classes.
    files: SHA-256 by name of every other file in the folder; `write_run` fills it in.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    run_id: RunId
    architecture: str
    created_at: AwareDatetime
    input: InputSpec
    classes: tuple[ClassEntry, ...]
    has_none_output: bool
    calibration: Calibration
    data: DataFacts
    training: TrainingFacts
    libraries: dict[str, str]
    scores: dict[str, Score]
    licence: str
    files: dict[FileName, Sha256]
    task: Literal["classifier"] = "classifier"
    format: Literal[1] = MANIFEST_FORMAT

    @property
    def class_ids(self) -> tuple[int, ...]:
        """The class numbers, in the order of the outputs."""
        return tuple(entry.class_id for entry in self.classes)

    @property
    def output_count(self) -> int:
        """Columns of the logits."""
        return len(self.classes) + int(self.has_none_output)
