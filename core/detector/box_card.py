"""MODEL_CARD.md of a detector: what it was made from, how well it finds boxes, and what it cannot do."""

from collections import Counter
from collections.abc import Iterable

from core.detector.config import DetectorConfig
from core.detector.training_set import BoxSet
from core.domain.score import Score
from core.weights.detector_manifest import DetectorManifest

MODEL_CARD_FILE = "MODEL_CARD.md"
PAPER_PRECISION, PAPER_RECALL = 0.35, 0.45  # Source: the 2022 paper on five sights of Jeju, last epoch of its YOLO
FEW_BOXES = 30  # per label; below it scores move by several points with every box
SCORE_WORDS = {
    "held_out_precision": "boxes found that are right",
    "held_out_recall": "boxes there that are found",
    "held_out_map50": "mAP50",
    "held_out_map50_95": "mAP50-95",
    "held_out_strangers_marked": "photos of no known place with a box",
}


def write_card(manifest: DetectorManifest, boxes: BoxSet, config: DetectorConfig) -> bytes:
    """Return the card as Markdown, UTF-8."""
    parts = (_heading(manifest), _origin(manifest, boxes, config), _scores(manifest), _limits(boxes))
    return ("\n\n".join("\n".join(part) for part in parts) + "\n").encode()


def _heading(manifest: DetectorManifest) -> Iterable[str]:
    yield f"# {manifest.run_id}"
    yield ""
    yield f"Finds {len(manifest.labels)} landmark parts on a photo."
    yield (
        f"{manifest.architecture}, longer side {manifest.input.size_px} px. Made on {manifest.created_at:%Y-%m-%d}. "
        f"Licence: {manifest.licence}."
    )


def _origin(manifest: DetectorManifest, boxes: BoxSet, config: DetectorConfig) -> Iterable[str]:
    counts = Counter(box.label for photo in boxes.photos for box in photo.boxes)
    backgrounds = sum(not photo.boxes for photo in boxes.photos)
    yield "## Made from"
    yield ""
    yield f"- Start: {manifest.training.start}."
    drawn_on = len(boxes.photos) - backgrounds
    yield f"- {boxes.box_count} boxes, drawn by people on {drawn_on} photos. {config.photo_origin}"
    yield from (f"  - {label}: {counts[label]}" for label in boxes.labels)
    yield f"- {backgrounds} photos without any box, so that it learns what is none."
    yield f"- {config.epochs} epochs, seed {config.seed}."


def _scores(manifest: DetectorManifest) -> Iterable[str]:
    yield "## How well it does"
    yield ""
    yield "Held out: each photo was judged by a model that saw neither it nor its group; the threshold was chosen on"
    yield "other photos than those it is judged by. 95 % intervals."
    yield ""
    yield "| measure | value | interval | of |"
    yield "|---|---|---|---|"
    yield from (_line(words, manifest.scores[name]) for name, words in SCORE_WORDS.items() if name in manifest.scores)
    yield ""
    yield f"The 2022 paper that this follows ended at a precision of {PAPER_PRECISION:.0%} and a recall of"
    yield f"{PAPER_RECALL:.0%}, on photos of its own."


def _line(words: str, score: Score) -> str:
    counted = f"{score.k} of {score.n}" if score.k is not None else f"{score.n} boxes"
    return f"| {words} | {score.value:.3f} | {score.low:.3f} to {score.high:.3f} | {counted} |"


def _limits(boxes: BoxSet) -> Iterable[str]:
    counts = Counter(box.label for photo in boxes.photos for box in photo.boxes)
    few = [f"{label} ({counts[label]})" for label in boxes.labels if counts[label] < FEW_BOXES]
    yield "## Limits"
    yield ""
    yield "- It knows these parts only, seen as on these photos; look-alikes elsewhere can be marked."
    if few:
        yield f"- Fewer than {FEW_BOXES} boxes, so hardly more than a beginning: {', '.join(few)}."
