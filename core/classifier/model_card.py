"""MODEL_CARD.md: what a run was made from, how well it does, and what it cannot do, for people. Called by `train`."""

from collections import Counter
from collections.abc import Iterable, Sequence

from core.classifier.backbones import Start
from core.classifier.config import TrainConfig
from core.classifier.training_set import LeftOut
from core.domain.score import Score
from core.weights.manifest import Manifest

MODEL_CARD_FILE = "MODEL_CARD.md"
FEW_PHOTOS = 15  # below it a place is judged by folds only, never by a fixed test split

SCORE_WORDS = {
    "accuracy": "decided rightly: named, or refused where it is none of them",
    "right": "known place named rightly",
    "wrong": "known place named wrongly",
    "refused": "known place refused",
    "best_guess": "most probable place right, refused or not",
    "false_accepts": "photo of no known place given a name",
    "auroc": "known against unknown, area under the curve",
    "calibration_error": "calibration error",
}
LEFT_OUT_WORDS = {
    "unreadable": "could not be read",
    "copy": "copies of another one, byte for byte",
    "two_places": "lay in the folders of two places",
    "like_a_test_photo": "belong together with a test photo",
    "like_a_known_place": "of no known place, but nearly alike to one of a known place",
}


def write_model_card(manifest: Manifest, start: Start, config: TrainConfig, left_out: Sequence[LeftOut]) -> bytes:
    """Return the card as Markdown, UTF-8."""
    parts = (
        _heading(manifest),
        _origin(manifest, start, config, left_out),
        _scores(manifest),
        *_fixed_test(manifest),
        _limits(manifest),
    )
    return ("\n\n".join("\n".join(part) for part in parts) + "\n").encode()


def _heading(manifest: Manifest) -> Iterable[str]:
    yield f"# {manifest.run_id}"
    yield ""
    yield f"Says which of {len(manifest.classes)} places a photo shows" + (
        ", or that it shows none of them." if manifest.has_none_output else "."
    )
    yield (
        f"{manifest.architecture}, {manifest.input.width_px} x {manifest.input.height_px} px, views "
        f"`{manifest.input.views}`. Made on {manifest.created_at:%Y-%m-%d}. Licence: {manifest.licence}."
    )


def _origin(manifest: Manifest, start: Start, config: TrainConfig, left_out: Sequence[LeftOut]) -> Iterable[str]:
    data = manifest.data
    yield "## Made from"
    yield ""
    yield f"- Start: {start.weights}, {start.origin}. Licence: {start.licence}."
    if data.snapshot_id:
        yield f"- Data set: {data.snapshot_id}, fingerprint {data.snapshot_fingerprint}."
    yield f"- Photos: {data.photos} in {data.groups} groups of near-duplicates or series. {config.photo_origin}"
    yield from (f"  - {slug}: {count}" for slug, count in data.per_class.items())
    yield f"  - none of these places: {data.unknown}"
    remembered = int(manifest.training.config.get("remembered", 0))
    if remembered:
        yield f"- {remembered} of these are remembered from the run that was in service, by their embeddings alone."
    for reason, count in sorted(Counter(photo.reason for photo in left_out).items()):
        yield (
            f"- Left out: {count} that {LEFT_OUT_WORDS[reason]}."
            if reason == "unreadable"
            else (f"- Left out: {count}, {LEFT_OUT_WORDS[reason]}.")
        )
    yield f"- Fine-tuning: {config.fine_tune}. Seed: {config.seed}."


def _scores(manifest: Manifest) -> Iterable[str]:
    yield "## How well it does"
    yield ""
    yield "Held out: each photo was judged by a model that saw neither it nor its group. Trained on: by this model,"
    yield "which saw them all; that column says nothing about new photos."
    yield ""
    yield "| | held out | 95 % interval | trained on |"
    yield "|---|---|---|---|"
    for name, words in SCORE_WORDS.items():
        held_out = manifest.scores.get(f"held_out_{name}")
        if held_out is not None:
            yield _row(words, held_out, manifest.scores.get(f"train_{name}"))
    for entry in manifest.classes:
        held_out = manifest.scores.get(f"held_out_right/{entry.slug}")
        if held_out is not None:
            yield _row(f"{entry.slug} named rightly", held_out, None)


def _fixed_test(manifest: Manifest) -> Iterable[Iterable[str]]:
    """Give the scores on the test split a part of their own, where there is one."""
    named = [(words, manifest.scores.get(f"test_{name}")) for name, words in SCORE_WORDS.items()]
    places = [entry.slug for entry in manifest.classes]
    named += [(f"{slug} named rightly", manifest.scores.get(f"test_right/{slug}")) for slug in places]
    rows = [
        f"| {words} | {_value(score)} | {score.low:.3f} to {score.high:.3f} |"
        for words, score in named
        if score is not None
    ]
    if rows:
        yield (
            "## On photos kept apart for the test",
            "",
            f"{manifest.data.test} photos that serve nothing else: nothing was learned, fitted or chosen on them or on "
            "any photo of their groups. Judged by the exported model.",
            "",
            "| | test | 95 % interval |",
            "|---|---|---|",
            *rows,
        )


def _row(words: str, held_out: Score, trained_on: Score | None) -> str:
    beside = _value(trained_on) if trained_on else ""
    return f"| {words} | {_value(held_out)} | {held_out.low:.3f} to {held_out.high:.3f} | {beside} |"


def _value(score: Score) -> str:
    """Write a score with its counts."""
    if score.k is None:
        return f"{score.value:.3f} (n = {score.n})"
    return f"{score.k} of {score.n} ({100 * score.value:.1f} %)"


def _limits(manifest: Manifest) -> Iterable[str]:
    few = [slug for slug, count in manifest.data.per_class.items() if count < FEW_PHOTOS]
    yield "## What it cannot do"
    yield ""
    if few:
        yield (
            f"- Few photos: {', '.join(few)} have fewer than {FEW_PHOTOS} each, and each photo comes from few hands. "
            "The intervals above are wide for that reason; a view that no training photo shows is likely to be refused."
        )
    if manifest.calibration.refusal_tested:
        yield (
            f"- It names a place only from an acceptance of {manifest.calibration.threshold:.3f} on, chosen so that at "
            f"most {100 * manifest.calibration.target_false_accept:.1f} % of the photos of no known place above would "
            "be given a name. Look-alikes (another waterfall, another cave, another cafe) pass more often than that."
        )
    else:
        yield (
            "- Refusal was not tested: no photo of an unknown place took part. Photos of other places will be given "
            "one of these names."
        )
    yield "- It looks at the whole photo. It knows no text, no position and no time, and nobody in the picture."
    if manifest.has_none_output:
        yield (
            "- Its probabilities take it that a photo is as likely of a known place as of none. Where strangers are "
            "more common, fewer of its names are right than it says."
        )
