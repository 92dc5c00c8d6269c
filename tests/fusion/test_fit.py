"""Fitting: what scikit-learn grew is what is walked, nothing is chosen on photos that judge, and a witness may miss."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.fusion.features import FEATURES, MISSING
from core.fusion.fit import FitConfig, best_of, fit_tree
from core.fusion.records import HeldOut, held_out
from core.fusion.rows import LEFT_OUT, make_rows
from core.fusion.tree import DEEPEST, FusionTree, write_tree
from tests.support.fused import KNOWN, STRANGERS, write_witnesses

CONFIG = FitConfig(target_false_accept=0.1)


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> HeldOut:
    return held_out(*write_witnesses(tmp_path_factory.mktemp("witnesses")))


@pytest.fixture(scope="module")
def tree(evidence: HeldOut) -> FusionTree:
    return fit_tree(evidence.photos, evidence.frame, CONFIG, "fusion-fitted")


def test_the_same_seed_gives_the_same_tree(evidence: HeldOut, tree: FusionTree) -> None:
    assert write_tree(fit_tree(evidence.photos, evidence.frame, CONFIG, "fusion-fitted")) == write_tree(tree)


def test_the_tree_is_small_and_each_end_is_of_several_photos(tree: FusionTree) -> None:
    assert 1 <= tree.depth <= DEEPEST
    assert min(node.photos for node in tree.nodes) >= 3


def test_the_table_says_what_scikit_learn_says(evidence: HeldOut) -> None:
    from sklearn.tree import DecisionTreeClassifier

    from core.fusion.fit import _bare, _grow, _least_rows

    rows = make_rows(evidence.photos, evidence.frame, 0)
    least = _least_rows(np.array([photo.label for photo in evidence.photos]))
    mine = _bare("x", _grow(rows, 3, least, 0), evidence.frame)
    theirs = DecisionTreeClassifier(criterion="log_loss", max_depth=3, min_samples_leaf=least, random_state=0)
    theirs.fit(rows.values, rows.right, rows.weights)
    assert [mine.walk(row)[-1] for row in rows.values] == theirs.apply(rows.values).tolist()


def test_no_more_strangers_pass_than_the_rate_that_was_stated(evidence: HeldOut, tree: FusionTree) -> None:
    strangers = [photo for photo in evidence.photos if photo.label < 0]
    best = [best_of(photo, evidence.frame, tree) for photo in strangers]
    passed = sum(one is not None and one.score >= tree.acceptance for one in best)
    assert passed <= 0.1 * STRANGERS


def test_it_still_names_places_when_a_witness_is_missing(evidence: HeldOut, tree: FusionTree) -> None:
    known = [photo for photo in evidence.photos if photo.label >= 0]
    for changes in ({"boxes": None}, {"gallery": None}, {"boxes": None, "gallery": None}):
        best = [best_of(replace(photo, **changes), evidence.frame, tree) for photo in known]  # type: ignore[arg-type]
        named = [one is not None and one.score >= tree.acceptance for one in best]
        right = [
            is_named and one is not None and one.class_id == photo.label
            for is_named, one, photo in zip(named, best, known, strict=True)
        ]
        assert sum(right) >= KNOWN / 3, changes


def test_photos_are_there_whole_and_with_each_witness_left_out(evidence: HeldOut) -> None:
    rows = make_rows(evidence.photos, evidence.frame, 0)
    for feature in ("cnn_probability", "box_confidence", "gallery_similarity"):
        missing = rows.values[:, FEATURES.index(feature)] == MISSING
        assert missing[~rows.whole].any(), feature
        assert not missing[rows.whole].any(), feature
    left_out = rows.weights[~rows.whole].sum() / rows.weights.sum()
    assert left_out == pytest.approx(LEFT_OUT, rel=0.1)


def test_known_photos_and_strangers_count_half_each_however_many_there_are(evidence: HeldOut) -> None:
    fewer = [*(photo for photo in evidence.photos if photo.label >= 0)][:20]
    strangers = [photo for photo in evidence.photos if photo.label < 0]
    rows = make_rows([*fewer, *strangers], evidence.frame, 0)
    known = rows.photo < len(fewer)
    assert rows.weights[known].sum() == pytest.approx(rows.weights[~known].sum(), rel=0.1)


def test_calibration_rises_and_that_of_none_falls(tree: FusionTree) -> None:
    rising, falling = ([y for _, y in points] for points in (tree.calibration, tree.none_calibration))
    assert rising == sorted(rising)
    assert falling == sorted(falling, reverse=True)
    assert all(0 < value < 1 for value in (*rising, *falling))


def test_without_strangers_hardly_any_right_answer_is_refused(evidence: HeldOut) -> None:
    known = [photo for photo in evidence.photos if photo.label >= 0]
    tree = fit_tree(known, evidence.frame, CONFIG, "fusion-known")
    best = [best_of(photo, evidence.frame, tree) for photo in known]
    assert sum(one is not None and one.score >= tree.acceptance for one in best) >= 0.95 * KNOWN


def test_serving_a_tree_loads_no_scikit_learn() -> None:
    program = (
        "import sys; from core.identify import ModelShelf; from tests.support.fused import FRAME, hand_tree, said;"
        "from core.fusion import decide; decide(said(0.6, 0.1, 0.3), [], None, hand_tree(), FRAME);"
        "assert 'sklearn' not in sys.modules, 'sklearn'; assert 'scipy' not in sys.modules, 'scipy'"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", program], check=True, cwd=root, timeout=120)
