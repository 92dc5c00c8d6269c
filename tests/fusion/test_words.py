"""Every question, value and counterfactual has words in both languages."""

from dataclasses import replace

import pytest

from core.domain.answer import FusionDecision, PathStep
from core.domain.place import LANGUAGES, Language
from core.fusion import decide
from core.fusion.features import FEATURES
from core.fusion.words import WORDS, amount, other_in_words, path_in_words, place_of
from core.messages import translator
from tests.support.fused import FRAME, alike, box, hand_tree, said

TREE = hand_tree()
NAMES = {0: "천지연 폭포", 1: "만장굴"}


def decided() -> FusionDecision:
    return decide(said(0.3, 0.1, 0.6), [box(0, 0.81)], alike({0: 0.5, 1: 0.1}), TREE, FRAME)


def test_every_feature_has_words() -> None:
    assert tuple(WORDS) == FEATURES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_is_a_sentence_with_its_value_and_its_threshold(language: Language) -> None:
    words = translator(language)
    for feature in FEATURES:
        for above in (True, False):
            step = PathStep(feature, 0.25, 0.75, above)
            sentence, _ = path_in_words(replace(decided(), path=(step,)), "천지연 폭포", words)
            assert amount(feature, 0.75, words) in sentence
            assert amount(feature, 0.25, words) in sentence
            assert "{" not in sentence
        for missing in (PathStep(feature, -0.75, None, False), PathStep(feature, -0.75, 0.5, True)):
            sentence, _ = path_in_words(replace(decided(), path=(missing,)), "천지연 폭포", words)
            assert sentence.endswith(".")
            assert "fusion." not in sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_would_have_to_differ_is_one_sentence(language: Language) -> None:
    words = translator(language)
    few = replace(decided(), other_reason="fusion.other.few", other_values={"threshold": 0.02, "stranger_share": 0.001})
    rules = decide(said(0.8, 0.1, 0.1), None, None, None, FRAME)
    refused = decide(said(0.3, 0.1, 0.6), [box(0, 0.55)], None, TREE, FRAME)
    for decision in (decided(), refused, few, rules, replace(rules, other_reason="fusion.other.rule_named")):
        sentence = other_in_words(decision, place_of(decision, NAMES), words)
        assert sentence.endswith(".")
        assert "{" not in sentence
        assert "fusion." not in sentence
    assert other_in_words(replace(rules, other_reason=""), "", words) == ""


@pytest.mark.parametrize(("share", "words"), [(0.9999, "over 99%"), (0.8132, "81.3%"), (0.001, "below 1%")])
def test_nearly_certain_is_not_told_as_certain(share: float, words: str) -> None:
    rules = replace(
        decided(), other_reason="fusion.other.rule_none", other_values={"threshold": 0.5, "acceptance": share}
    )
    assert words in other_in_words(rules, "Falls", translator("en"))


def test_the_path_reads_as_it_was_walked() -> None:
    first, second, last = path_in_words(decided(), place_of(decided(), NAMES), translator("en"))
    assert first == "The photo classifier gives 천지연 폭포 30%: not more than 50%."
    assert second == "The detector found a part of 천지연 폭포 with 81%: more than 60%."
    assert last == "That and all that the witnesses say, weighed together, gives 천지연 폭포 79%; 60% is needed."


def test_amounts_have_the_unit_of_their_feature() -> None:
    words = translator("en")
    assert amount("cnn_probability", 0.624, words) == "62%"
    assert amount("box_count", 2.5, words) == "2.5"
    assert amount("gallery_margin", -0.123, words) == "-0.12"
