"""The card of a fusion tree's run: what it was fitted on, what it reaches, its questions. Plain English Markdown."""

from collections.abc import Iterable

from core.domain.score import Score
from core.fusion.tree import FusionTree
from core.weights.fusion_manifest import FusionManifest

NAMES = ("fused", "classifier", "detector", "gallery")
PARTS = {"held_out": "held out in folds", "test": "kept apart for good"}


def write_card(manifest: FusionManifest, tree: FusionTree) -> bytes:
    """Return the bytes of MODEL_CARD.md."""
    detector = f" and of the detector `{manifest.detector.run_id}`" if manifest.detector else ""
    lines = [
        f"# {manifest.run_id}",
        "",
        f"A decision tree over what the classifier `{manifest.classifier.run_id}`{detector} said of photos that they"
        " had not seen. It decides only beside these runs; beside others stated rules do.",
        "",
        f"{manifest.data.photos} photos in {manifest.data.groups} groups, {manifest.data.unknown} of no known place. "
        f"{manifest.depth} questions at most, {manifest.leaves} ends. Acceptance {tree.acceptance:.3f}, chosen to let"
        f" at most {100 * manifest.target_false_accept:.1f} % of photos of no known place through.",
        "",
        "| who decides | photos | right | wrong | given a name though of no known place | area under the curve |",
        "|---|---|---|---|---|---|",
        *_table(manifest),
        "",
        *_differences(manifest),
        *_calibration(manifest),
        "Everything is fitted, for each fold, on the other folds. Positions in photos play no part.",
        "",
        "## Questions",
        "",
        *_questions(tree, 0, 0),
        "",
        f"The score weighs the odds at the end of the path ({tree.end_weight:+.2f}) and each witness: "
        + ", ".join(f"{one.feature} {one.weight:+.2f}" for one in tree.weights)
        + ".",
    ]
    return ("\n".join(lines) + "\n").encode()


def _table(manifest: FusionManifest) -> Iterable[str]:
    for part, words in PARTS.items():
        for name in NAMES:
            found = [manifest.scores.get(f"{part}_{name}_{score}") for score in ("right", "wrong", "false_accepts")]
            area = manifest.scores.get(f"{part}_{name}_auroc")
            if any(found):
                area_text = f"{area.value:.3f} ({area.low:.3f}–{area.high:.3f})" if area else ""
                yield f"| {name} | {words} | {' | '.join(_share(score) for score in found)} | {area_text} |"


def _differences(manifest: FusionManifest) -> Iterable[str]:
    for name, score in manifest.scores.items():
        if name.startswith("held_out_fused_minus_"):
            words = name.removeprefix("held_out_").replace("_", " ")
            yield (
                f"{words}: {100 * score.value:+.1f} points of {score.n} photos "
                f"(paired 95 % interval {100 * score.low:+.1f} to {100 * score.high:+.1f})."
            )
            yield ""


def _calibration(manifest: FusionManifest) -> Iterable[str]:
    error = manifest.scores.get("held_out_fused_calibration_error")
    if error:
        yield (
            f"Calibration error of the fused confidence: {error.value:.3f} ({error.low:.3f}–{error.high:.3f}), photos"
            " of known places and of none counting half each."
        )
        yield ""


def _questions(tree: FusionTree, at: int, depth: int) -> Iterable[str]:
    node, indent = tree.nodes[at], "  " * depth
    if node.is_end:
        yield f"{indent}- {100 * node.share:.0f} % ({node.photos} photos)"
        return
    yield f"{indent}- {node.feature} above {node.threshold:.3f}:"
    yield from _questions(tree, node.high, depth + 1)
    yield f"{indent}- else:"
    yield from _questions(tree, node.low, depth + 1)


def _share(score: Score | None) -> str:
    return f"{score.k} of {score.n} ({100 * score.low:.1f}–{100 * score.high:.1f} %)" if score else ""
