"""The counts of an evaluation, against hand-worked photos and against scikit-learn."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from core.identify.evaluate_records import JudgedPhoto, Word
from core.identify.evaluate_scores import Source, summarise
from core.identify.evaluate_store import EvaluationStore, as_json, new_id
from core.identify.evaluate_tables import counts_in_words, tables
from core.messages import translator
from core.metrics.fitting import known_and_none_weights
from core.metrics.scores import proportion

NOW = datetime(2026, 11, 3, tzinfo=UTC)
SLUGS = ("falls", "cave", "cliffs")
SOURCE = Source(
    new_id(NOW, "photos"),
    NOW,
    "folder",
    "photos",
    "1:run",
    SLUGS,
    {"classifier": SLUGS, "detector": ("falls",), "fused": SLUGS},
)


def photo(
    number: int,
    truth: str | None,
    fused: str | None,
    alone: str | None,
    kind: str = "",
    seen: bool = False,
    confidence: float = 0.75,
) -> JudgedPhoto:
    known = confidence if fused else 1 - confidence
    words = {"fused": Word(fused, confidence, known), "classifier": Word(alone, confidence, known)}
    return JudgedPhoto(f"{truth}/{number}.jpg", truth, kind, f"{number:064x}", "0" * 16, seen, words)


BY_HAND = (
    photo(1, "falls", "falls", "falls"),
    photo(2, "falls", "falls", "cave"),
    photo(3, "falls", None, None),
    photo(4, "cave", "falls", "cave"),
    photo(5, None, None, "falls", "waterfall"),
    photo(6, None, "falls", "falls", "waterfall"),
    photo(7, None, None, None, "wall"),
    photo(8, "cave", "cave", "cave", seen=True),
    photo(9, "cave", "falls", "cave", seen=True),
    photo(10, None, "cave", None, "wall", seen=True),
    JudgedPhoto("falls/11.jpg", "falls", "", refused="photo.broken"),
)


def test_only_new_photos_count_and_the_others_are_told_apart() -> None:
    found = summarise(SOURCE, BY_HAND)
    assert (found.photos, found.new_known, found.new_unknown, found.seen) == (11, 4, 3, 3)
    fused = found.witnesses["fused"]
    assert fused.accuracy == proportion(2, 4)
    assert fused.wrong == proportion(1, 4)
    assert fused.refused == proportion(1, 4)
    assert fused.false_accept_rate == proportion(1, 3)
    assert (fused.seen_in_training.k, fused.seen_in_training.n) == (1, 2)
    assert (fused.seen_false_accepts.k, fused.seen_false_accepts.n) == (1, 1)
    assert found.witnesses["classifier"].false_accept_rate == proportion(2, 3)
    assert [one.code for one in found.unreadable] == ["photo.broken"]


def test_accuracy_by_place_and_confusion_are_of_new_photos() -> None:
    fused = summarise(SOURCE, BY_HAND).witnesses["fused"]
    assert fused.places == {"falls": proportion(2, 3), "cave": proportion(0, 1)}
    assert summarise(SOURCE, BY_HAND).labels == ("falls", "cave", None)
    assert fused.confusion == ((2, 0, 1), (1, 0, 0), (1, 0, 2))


def test_look_alikes_are_counted_kind_by_kind_the_worst_first() -> None:
    found = summarise(SOURCE, BY_HAND).look_alikes
    assert [(one.kind, one.photos, one.named) for one in found] == [
        ("waterfall", 2, {"classifier": 2, "detector": 0, "fused": 1}),
        ("wall", 1, {"classifier": 0, "detector": 0, "fused": 0}),
    ]
    assert found[0].taken_for == {"falls": 1}


def test_errors_name_truth_answer_and_confidence_new_ones_first() -> None:
    found = summarise(SOURCE, BY_HAND).errors
    assert [(one.photo, one.true, one.answered, one.seen) for one in found] == [
        ("None/6.jpg", None, "falls", False),
        ("cave/4.jpg", "cave", "falls", False),
        ("falls/3.jpg", "falls", None, False),
        ("None/10.jpg", None, "cave", True),
        ("cave/9.jpg", "cave", "falls", True),
    ]
    assert found[0].confidence == 0.75
    assert found[1].said == {"classifier": "cave"}


def test_what_all_together_gain_is_paired() -> None:
    gain = summarise(SOURCE, BY_HAND).fused_against["classifier"]
    assert gain.accuracy is not None and gain.false_accept_rate is not None
    assert (gain.accuracy.gained, gain.accuracy.lost, gain.accuracy.n) == (1, 1, 4)
    assert (gain.false_accept_rate.gained, gain.false_accept_rate.lost) == (0, 1)


def test_photos_that_were_all_learned_from_give_no_score_and_say_so() -> None:
    found = summarise(SOURCE, [one for one in BY_HAND if one.seen])
    fused = found.witnesses["fused"]
    assert (fused.accuracy, fused.false_accept_rate, fused.auroc, fused.ece) == (None, None, None, None)
    assert len(counts_in_words(found, translator("en"))) == 2
    assert [table.name for table in tables(found, {}, translator("ko"))] == ["seen"]


def test_scores_agree_with_scikit_learn_to_a_millionth() -> None:
    from sklearn.metrics import accuracy_score, confusion_matrix, recall_score, roc_auc_score

    rng = np.random.default_rng(5)
    labels = [*SLUGS, None]
    truth = [labels[i] for i in rng.integers(0, 4, 400)]
    said = [t if rng.random() < 0.7 else labels[rng.integers(0, 4)] for t in truth]
    sure = rng.uniform(0.3, 1.0, 400)
    found = summarise(
        SOURCE, [photo(i, truth[i], said[i], said[i], confidence=float(sure[i])) for i in range(400)]
    ).witnesses["fused"]
    known = [i for i in range(400) if truth[i] is not None]
    as_text = [[str(one) for one in some] for some in (truth, said)]
    assert found.accuracy is not None and found.auroc is not None and found.ece is not None
    expected = accuracy_score([as_text[0][i] for i in known], [as_text[1][i] for i in known])
    assert found.accuracy.value == pytest.approx(expected, abs=1e-6)
    ranks = [sure[i] if said[i] else 1 - sure[i] for i in range(400)]
    assert found.auroc.value == pytest.approx(roc_auc_score([t is not None for t in truth], ranks), abs=1e-6)
    order = [*SLUGS, "None"]
    assert np.array_equal(found.confusion, confusion_matrix(*as_text, labels=order))
    for slug, recall in zip(SLUGS, recall_score(*as_text, labels=SLUGS, average=None), strict=True):
        assert found.places[slug].value == pytest.approx(recall, abs=1e-6)
    weights = known_and_none_weights(np.array([t is None for t in truth]))
    bins = np.minimum((sure * 15).astype(int), 14)
    gaps = (np.array([t == s for t, s in zip(truth, said, strict=True)], float) - sure) * weights
    by_bin = sum(abs(gaps[bins == one].sum()) for one in range(15)) / weights.sum()
    assert found.ece.value == pytest.approx(by_bin, abs=1e-6)


def test_an_evaluation_is_read_back_as_it_was_written(tmp_path: Path) -> None:

    store, found = EvaluationStore(tmp_path / "new"), summarise(SOURCE, BY_HAND)
    store.keep(found)
    assert store.get(found.evaluation_id) == found
    assert store.list() == (found,)
    assert b'"false_accept_rate"' in as_json(found)


def test_every_table_is_as_wide_as_its_titles_in_both_languages() -> None:
    found = summarise(SOURCE, BY_HAND)
    for language in ("ko", "en"):
        for table in tables(found, {"falls": "폭포"}, translator(language)):
            assert {len(row) for row in table.rows} == {len(table.columns)}
            assert not [cell for row in table.rows for cell in row if cell.startswith(("evaluate.", "metrics."))]
