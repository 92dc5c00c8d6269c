"""How well a place is known from a few photos, without training: `python -m tests.benchmarks.few_photos --photos DIR`.

DIR holds `vietnam5/<place>/*`, photos of places that the shipped classifier was not trained on. Each place is added
alone from 5, 10 and 20 photos, chosen at random by groups of near-duplicates, to the gallery of the shipped run; the
answer is that of the stated rules over classifier and gallery. Counted are the place's other photos that are named
rightly, the strangers that are given the new place, and what the old places lose. Half of the strangers of the run, by
group, are kept from the gallery, its space and its thresholds, another half in each draw, and only those are counted;
for them and the old places the classifier's word is its held-out one, and a photo's own group is no neighbour of it.
Prints one JSON document. `--together` adds all places at once.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.classifier.predict import OnnxClassifier
from core.dataset.duplicates import group_near_duplicates, perceptual_hash
from core.dataset.ingest import read_photo
from core.domain.answer import ClassScores, Witness
from core.fusion import Frame, decide
from core.gallery.index import Gallery, KnownPhotos, joined
from core.gallery.shipped import RunGallery, run_gallery
from core.gallery.space import encode
from core.metrics.probabilities import acceptance
from core.settings import REPOSITORY
from core.weights.folder import Run, open_run
from core.weights.records import (
    EMBEDDINGS_FILE,
    PREDICTIONS_FILE,
    EmbeddingTable,
    PredictionTable,
    read_embeddings,
    read_predictions,
)
from core.weights.release import shipped_release

COUNTS, FIRST_NEW_CLASS = (5, 10, 20), 100
Names = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Photos:
    """What the classifier says of N photos. labels: class numbers, -1 for a stranger; groups: names."""

    scores: tuple[ClassScores, ...]
    labels: npt.NDArray[np.int64]
    groups: Names

    def rows(self, wanted: npt.NDArray[np.bool_]) -> Iterator[tuple[ClassScores, int, str]]:
        for row in np.flatnonzero(wanted).tolist():
            yield self.scores[row], int(self.labels[row]), str(self.groups[row])


def look_at(folder: Path, classifier: OnnxClassifier, first_class: int) -> tuple[Photos, tuple[str, ...]]:
    """Let the classifier look at the photos of each folder; one group for what looks nearly alike."""
    places = tuple(sorted(path.name for path in folder.iterdir() if path.is_dir()))
    scores, labels, hashes = [], [], []
    for class_id, place in enumerate(places, first_class):
        for path in sorted((folder / place).iterdir()):
            photo = read_photo(path.read_bytes(), need_px=classifier.need_px)
            scores.append(classifier.predict(photo))
            labels.append(class_id)
            hashes.append(perceptual_hash(photo.pixels))
    groups = np.array([f"new {group}" for group in group_near_duplicates(hashes)])
    return Photos(tuple(scores), np.array(labels), groups), places


def held_out(run: Run, table: EmbeddingTable, said: PredictionTable) -> Photos:
    """Return what the run's own photos were said to be by trainings that had not seen their groups."""
    vectors = dict(zip(table.sha256s.tolist(), table.vectors, strict=True))
    rows = np.flatnonzero(said.held_out)
    scores = tuple(_scores(run, said, row, vectors[said.sha256s[row]]) for row in rows.tolist())
    return Photos(scores, said.labels[rows], np.array(said.groups)[rows])


def _scores(run: Run, said: PredictionTable, row: int, vector: npt.NDArray[np.float16]) -> ClassScores:
    calibration, has_none = run.manifest.calibration, run.manifest.has_none_output
    shares = said.probabilities[row]
    return ClassScores(
        class_ids=said.class_ids,
        probabilities=shares[: len(said.class_ids)].astype(np.float32),
        none_probability=float(shares[-1]) if has_none else 0.0,
        acceptance=float(acceptance(shares, calibration.acceptance, has_none)),
        threshold=calibration.threshold,
        embedding=vector.astype(np.float32),
    )


def answer(scores: ClassScores, gallery: Gallery | None, leave_out: str = "") -> tuple[int | None, float, Witness]:
    """Return the class number that the stated rules name, the confidence, and who decided."""
    alike = gallery.scores(scores.embedding, frozenset({leave_out} - {""})) if gallery else None
    decision = decide(scores, None, alike, None, Frame((1.0, 1.0)))
    return decision.class_id, decision.confidence, decision.decided_by


def choose(photos: Photos, class_id: int, count: int, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Return which photos of a place are given, about `count` of them: whole groups, at random."""
    given = np.zeros(len(photos.labels), bool)
    for group in rng.permutation(np.unique(photos.groups[photos.labels == class_id])):
        if given.sum() >= count:
            break
        given |= (photos.groups == group) & (photos.labels == class_id)
    return given


def with_new(start: RunGallery, photos: Photos, given: npt.NDArray[np.bool_]) -> Gallery:
    """Return the gallery with the given photos of new places."""
    embeddings = np.array([photos.scores[row].embedding for row in np.flatnonzero(given)])
    names = np.array([f"{row:064x}".encode() for row in np.flatnonzero(given)])
    groups = np.array([group.encode() for group in photos.groups[given]])
    new = KnownPhotos(encode(start.space.reduce(embeddings)), photos.labels[given], groups, names)
    return start.of(joined([start.photos, new]))


@dataclass
class Tally:
    """Counts over draws; a fraction of photos each."""

    right: int = 0
    others: int = 0
    taken_strangers: int = 0
    strangers: int = 0
    lost: tuple[int, ...] = ()
    won: tuple[int, ...] = ()
    per_draw: tuple[float, ...] = ()
    confidence: tuple[tuple[float, bool], ...] = ()

    def document(self) -> dict[str, object]:
        said = [sure for sure, _ in self.confidence]
        return {
            "right": f"{self.right} of {self.others}",
            "share": round(self.right / self.others, 3),
            "lowest_and_highest_draw": [round(min(self.per_draw), 3), round(max(self.per_draw), 3)],
            "strangers_given_a_new_place": f"{self.taken_strangers} of {self.strangers}",
            "stranger_share": round(self.taken_strangers / self.strangers, 4),
            "old_photos_lost_in_a_draw": [round(float(np.mean(self.lost)), 2), max(self.lost)],
            "mean_confidence_when_named": round(float(np.mean(said)), 3) if said else None,
            "right_when_named": round(float(np.mean([right for _, right in self.confidence])), 3) if said else None,
        }


def judge(
    tally: Tally, gallery: Gallery, new: Photos, wanted: npt.NDArray[np.bool_], old: Photos, kept: Names
) -> Tally:
    """Count one draw. wanted: those asked about; kept: groups of strangers that nothing was fitted on."""
    told = [(answer(scores, gallery), label) for scores, label, _ in new.rows(wanted)]
    right = sum(said == label for (said, _, _), label in told)
    strangers = old.rows((old.labels < 0) & np.isin(old.groups, kept))
    named = [answer(scores, gallery) for scores, _, _ in strangers]
    taken = sum(said is not None and said >= FIRST_NEW_CLASS for said, _, _ in named)
    lost = won = 0
    for scores, label, group in old.rows(old.labels >= 0):
        before, after = answer(scores, None)[0] == label, answer(scores, gallery, group)[0] == label
        lost, won = lost + (before and not after), won + (after and not before)
    sure = tuple((sure, said == label) for (said, sure, by), label in told if by is Witness.GALLERY)
    return replace(
        tally,
        right=tally.right + right,
        others=tally.others + len(told),
        taken_strangers=tally.taken_strangers + taken,
        strangers=tally.strangers + len(named),
        lost=(*tally.lost, lost),
        won=(*tally.won, won),
        per_draw=(*tally.per_draw, right / max(len(told), 1)),
        confidence=(*tally.confidence, *sure, *((s, False) for said, s, by in named if by is Witness.GALLERY)),
    )


def without(table: EmbeddingTable, groups: Names) -> EmbeddingTable:
    """Return the table without the strangers of some groups."""
    stays = ~((table.class_ids < 0) & np.isin(table.groups, groups))
    return EmbeddingTable(table.vectors[stays], table.class_ids[stays], table.groups[stays], table.sha256s[stays])


def measure(weights_dir: Path, folder: Path, draws: int, together: bool) -> dict[str, object]:
    """Return the figures by place and number of photos."""
    run = open_run(weights_dir, shipped_release(weights_dir).classifier_run_id)
    table, said = read_embeddings(run.read(EMBEDDINGS_FILE)), read_predictions(run.read(PREDICTIONS_FILE))
    old = held_out(run, table, said)
    new, places = look_at(folder / "vietnam5", OnnxClassifier(run, 1), FIRST_NEW_CLASS)
    kinds = {place: [class_id] for class_id, place in enumerate(places, FIRST_NEW_CLASS)}
    if together:
        kinds = {"all": [class_id for some in kinds.values() for class_id in some]}
    tallies = {(kind, count): Tally() for kind in kinds for count in COUNTS}
    trained = frozenset(run.manifest.class_ids)
    for draw in range(draws):
        rng = np.random.default_rng(draw)
        strangers = rng.permutation(np.unique(old.groups[old.labels < 0]))
        kept = strangers[: len(strangers) // 2]
        start = run_gallery(run.manifest.run_id, without(table, kept), trained)
        for (kind, count), tally in tallies.items():
            given = np.any([choose(new, class_id, count, rng) for class_id in kinds[kind]], axis=0)
            others = np.isin(new.labels, kinds[kind]) & ~given
            tallies[kind, count] = judge(tally, with_new(start, new, given), new, others, old, kept)
    by_kind: dict[str, dict[int, object]] = {}
    for (kind, count), tally in tallies.items():
        by_kind.setdefault(kind, {})[count] = tally.document()
    return {"draws": draws, "old_right_before": _right_before(old), "places": by_kind}


def _right_before(old: Photos) -> str:
    known = list(old.rows(old.labels >= 0))
    return f"{sum(answer(scores, None)[0] == label for scores, label, _ in known)} of {len(known)}"


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--weights", type=Path, default=REPOSITORY / "weights")
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--together", action="store_true")
    wish = parser.parse_args()
    print(json.dumps(measure(wish.weights, wish.photos, wish.draws, wish.together), indent=2))


if __name__ == "__main__":
    main()
