"""The picture of a fusion tree: every question and end is there in words, and nothing in it is markup."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.place import LANGUAGES, Language
from core.fusion.features import CNN_MARGIN, FEATURES, GALLERY_MARGIN, GALLERY_SIMILARITY
from core.fusion.tree import FusionTree, Node
from core.fusion.words import WORDS
from core.messages import translator
from tests.support.fused import hand_tree

NEGATIVE = {CNN_MARGIN, GALLERY_MARGIN, GALLERY_SIMILARITY}


def draw(language: str, tree: object) -> None:
    """Be the page: only what it imports itself is there."""
    from core.messages import translator  # the function runs as a program of its own
    from pages.ui.metrics_tree import draw_node

    draw_node(translator(language), tree)


def drawn(language: Language, tree: FusionTree) -> str:
    """Return every word of the picture, without the signs that keep Markdown from reading it."""
    app = AppTest.from_function(draw, args=(language, tree)).run()
    assert not app.exception
    texts = [text.value for text in app.markdown] + [end.proto.text for end in app.get("progress")]
    return " ".join(texts).replace("\\", "")


def test_each_question_each_way_and_each_end_is_told_with_its_number() -> None:
    text = drawn("en", hand_tree())
    for expected in (
        "the classifier's probability?",
        "more than 50%",
        "up to 50%",
        "the surest part that the detector found?",
        "more than 60%",
        "90% of candidates of 10 photos",
        "70% of candidates of 10 photos",
        "10% of candidates of 20 photos",
    ):
        assert expected in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_about_any_feature_has_words(language: Language) -> None:
    t = translator(language)
    end = Node("", 0.0, 0, 0, 0.5, 3)
    for feature in FEATURES:
        for threshold in (0.3, -0.43, -0.75):
            tree = replace(hand_tree(), nodes=(Node(feature, threshold, 1, 2, 0.5, 6), end, end))
            text = drawn(language, tree)
            assert t(WORDS[feature].name) in text
            assert "fusion_tree." not in text
            assert "-75" not in text, "whether a witness is missing is no number"
            assert ("-43" in text or "-0.43" in text) <= (feature in NEGATIVE)
