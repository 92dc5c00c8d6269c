"""An evaluation as tables for people, for the command line and the page alike: titles, rows and notes. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.domain.score import Score
from core.identify.evaluate_records import Evaluation, Tally
from core.identify.evaluate_witnesses import FUSED
from core.messages import Translator

ABSENT = "–"
MOST_PLACES = 20  # columns of a confusion: more fit no screen; the JSON has all
WITNESSES = {
    "classifier": "evaluate.classifier",
    "detector": "evaluate.detector",
    "gallery": "evaluate.gallery",
    "fused": "evaluate.fused",
}
SCORES = {
    "accuracy": "evaluate.accuracy",
    "wrong": "evaluate.wrong",
    "refused": "evaluate.refused",
    "false_accept_rate": "evaluate.false_accept_rate",
    "auroc": "metrics.auroc",
    "ece": "metrics.calibration_error",
}


@dataclass(frozen=True, slots=True)
class Table:
    """One table. name: for keys and files; title: what it is about; notes: sentences that belong to it."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def tables(evaluation: Evaluation, names: Mapping[str, str], words: Translator) -> Iterator[Table]:
    """Yield the tables that the photos allow: new ones first, those that were learned from last. names: by slug."""
    if evaluation.new_known + evaluation.new_unknown:
        yield _scores(evaluation, words)
        if evaluation.new_known:
            yield _places(evaluation, names, words)
        if len(evaluation.labels) <= MOST_PLACES:
            yield _confusion(evaluation, names, words)
        if evaluation.look_alikes:
            yield _look_alikes(evaluation, names, words)
    if evaluation.seen:
        yield _seen(evaluation, words)


def counts_in_words(evaluation: Evaluation, words: Translator) -> tuple[str, ...]:
    """Return how many photos of each sort there were, and a warning where none of them is new."""
    known, unknown = evaluation.new_known, evaluation.new_unknown
    said = words("evaluate.counts", photos=evaluation.photos, known=known, unknown=unknown, seen=evaluation.seen)
    return (said,) if known + unknown else (said, words("evaluate.nothing_new"))


def place_in_words(slug: str | None, names: Mapping[str, str], words: Translator, answered: bool = False) -> str:
    """Return a place's name, or the words for none: of what is true, or of what was answered."""
    if slug is not None:
        return names.get(slug, slug)
    return words("metrics.none") if answered else words("metrics.no_known_place")


def _titles(first: str, evaluation: Evaluation, words: Translator) -> tuple[str, ...]:
    return (first, *(words(WITNESSES[name]) for name in evaluation.witnesses))


def _scores(evaluation: Evaluation, words: Translator) -> Table:
    reports = evaluation.witnesses.values()
    rows = [(words(key), *(_cell(getattr(report, name), words) for report in reports)) for name, key in SCORES.items()]
    return Table(
        "scores",
        words("metrics.score"),
        _titles(words("metrics.score"), evaluation, words),
        tuple(rows),
        tuple(_gains(evaluation, words)),
    )


def _gains(evaluation: Evaluation, words: Translator) -> Iterator[str]:
    if len(evaluation.fused_against) < 2:
        return
    for name, gain in evaluation.fused_against.items():
        found = gain.accuracy
        if found is not None:
            ends = {"low": words.percent(found.low, 1), "high": words.percent(found.high, 1)}
            value = words.percent(found.value, 1)
            yield words("evaluate.gain", witness=words(WITNESSES[name]), value=value, **ends)


def _places(evaluation: Evaluation, names: Mapping[str, str], words: Translator) -> Table:
    reports = evaluation.witnesses.values()
    rows = [
        (names.get(slug, slug), *(_cell(report.places.get(slug), words) for report in reports))
        for slug in evaluation.labels
        if slug is not None and slug in evaluation.witnesses[FUSED].places
    ]
    return Table(
        "places",
        words("evaluate.by_place"),
        _titles(words("metrics.place"), evaluation, words),
        tuple(rows),
    )


def _confusion(evaluation: Evaluation, names: Mapping[str, str], words: Translator) -> Table:
    counts = evaluation.witnesses[FUSED].confusion
    rows = [
        (place_in_words(slug, names, words), *map(str, row))
        for slug, row in zip(evaluation.labels, counts, strict=True)
        if any(row)
    ]
    columns = tuple(place_in_words(slug, names, words, answered=True) for slug in evaluation.labels)
    return Table("confusion", words("evaluate.confusion"), (words("metrics.place"), *columns), tuple(rows))


def _look_alikes(evaluation: Evaluation, names: Mapping[str, str], words: Translator) -> Table:
    rows = []
    for one in evaluation.look_alikes:
        taken = ", ".join(f"{names.get(slug, slug)} {count}" for slug, count in one.taken_for.items())
        named = (words("evaluate.named", k=one.named.get(name, 0), m=one.photos) for name in evaluation.witnesses)
        rows.append((one.kind or words("evaluate.no_kind"), *named, taken or ABSENT))
    columns = (*_titles(words("evaluate.kind"), evaluation, words), words("evaluate.taken_for"))
    return Table("look-alikes", words("evaluate.look_alikes"), columns, tuple(rows))


def _seen(evaluation: Evaluation, words: Translator) -> Table:
    reports = evaluation.witnesses.values()
    rows = (
        (words("evaluate.seen_right"), *(_tally(report.seen_in_training, words) for report in reports)),
        (words("evaluate.seen_named"), *(_tally(report.seen_false_accepts, words) for report in reports)),
    )
    note = words("evaluate.seen", photos=evaluation.seen)
    columns = _titles(words("metrics.score"), evaluation, words)
    return Table("seen", words("evaluate.seen_title"), columns, rows, (note,))


def _cell(score: Score | None, words: Translator) -> str:
    if score is None:
        return ABSENT
    if score.k is None:
        return f"{words.number(score.value, 3)} ({words.number(score.low, 3)} – {words.number(score.high, 3)})"
    share = words("metrics.k_of_n", k=score.k, of=score.n, share=words.percent(score.value, 1))
    return f"{share}, {words.percent(score.low, 1)} – {words.percent(score.high, 1)}"


def _tally(tally: Tally, words: Translator) -> str:
    return words("evaluate.named", k=tally.k, m=tally.n) if tally.n else ABSENT
