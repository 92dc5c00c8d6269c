"""What an evaluation holds: each photo with what was said of it, and the counts of all. Plain data, written as JSON."""

from dataclasses import dataclass, field
from datetime import datetime

from core.domain.score import Score
from core.metrics.compare import Difference


@dataclass(frozen=True, slots=True)
class Word:
    """What one witness says of one photo. slug: None for none of these.

    confidence: of that answer, 0..1; known: how far it takes the photo for one of the known places, by which known and
    unknown photos are ranked.
    """

    slug: str | None
    confidence: float
    known: float


@dataclass(frozen=True, slots=True)
class JudgedPhoto:
    """A photo, the truth and what was said.

    slug: None where it shows no known place; kind: what it shows then, as far as its name says. sha256, look: hash of
    the bytes and of the look; "" for a photo that was refused. seen: whether the models learned from it, or from one
    that looks nearly the same. words: by witness. refused: the code of the error where it could not be read.
    """

    name: str
    slug: str | None
    kind: str
    sha256: str = ""
    look: str = ""
    seen: bool = False
    words: dict[str, Word] = field(default_factory=dict)
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """k of n photos; said of photos that were learned from, which are no sample of new ones: no interval, no score."""

    k: int
    n: int


@dataclass(frozen=True, slots=True)
class WitnessReport:
    """How one witness, or all together as "fused", does on photos that the models never saw.

    knows: the slugs of the places that it can name. accuracy, wrong, refused: shares of the photos of known places
    that got the right place, another or none; they sum to 1. false_accept_rate: share of the photos of no known place
    that got a name. auroc: known against unknown. ece: of the answers' confidences, known and unknown counting half
    each; None where a witness gives no probability. places: accuracy by slug. confusion: rows are true, columns
    answered, both in the order of `Evaluation.labels`. seen: right answers on photos that were learned from.
    All are None where there is no photo to tell.
    """

    knows: tuple[str, ...]
    accuracy: Score | None
    wrong: Score | None
    refused: Score | None
    false_accept_rate: Score | None
    auroc: Score | None
    ece: Score | None
    places: dict[str, Score]
    confusion: tuple[tuple[int, ...], ...]
    seen_in_training: Tally
    seen_false_accepts: Tally


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Photos of no known place of one kind. named: by witness, how many got a name; taken_for: as what, all together.

    "" is the kind of photos whose names say none.
    """

    kind: str
    photos: int
    named: dict[str, int]
    taken_for: dict[str, int]


@dataclass(frozen=True, slots=True)
class Miss:
    """A photo that was answered wrongly. true, answered: slugs, None for none; said: what each witness answered."""

    photo: str
    sha256: str
    true: str | None
    answered: str | None
    confidence: float
    seen: bool
    kind: str
    said: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that could not be read. code: of the error."""

    photo: str
    code: str


@dataclass(frozen=True, slots=True)
class Gain:
    """All together against one witness alone, photo by photo: on known places rightly named, on strangers named."""

    accuracy: Difference | None
    false_accept_rate: Difference | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation. source: the folder, or the number of the snapshot; kind: "folder" or "snapshot".

    photos: all that were asked about; new_known, new_unknown: those that count, of known places and of none; seen:
    those that were learned from and count apart. labels: slugs of rows and columns of confusions, the last is None for
    none of these.
    fused_against: what all together gain over each witness alone.
    """

    evaluation_id: str
    created_at: datetime
    kind: str
    source: str
    release: str
    photos: int
    new_known: int
    new_unknown: int
    seen: int
    labels: tuple[str | None, ...]
    witnesses: dict[str, WitnessReport]
    fused_against: dict[str, Gain]
    look_alikes: tuple[LookAlike, ...]
    errors: tuple[Miss, ...]
    unreadable: tuple[Refused, ...]
