"""The picture of a fusion tree: every question and end is there in words, and nothing in it is markup."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from core.domain.place import LANGUAGES, Language
from core.fusion.features import FEATURES
from core.fusion.tree import Node
from core.fusion.words import WORDS
from core.messages import translator
from pages.ui.metrics_tree import tree_html
from tests.support.fused import hand_tree


class Seen(HTMLParser):
    """The tags that are open, the deepest nesting of lists, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def seen(html: str) -> Seen:
    found = Seen()
    found.feed(html)
    assert found.open == []
    return found


def test_each_question_each_way_and_each_end_is_told_with_its_number() -> None:
    text = " ".join(seen(tree_html(translator("en"), hand_tree())).texts)
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
        for threshold in (0.3, -0.75):
            tree = replace(hand_tree(), nodes=(Node(feature, threshold, 1, 2, 0.5, 6), end, end))
            text = " ".join(seen(tree_html(t, tree)).texts)
            assert t(WORDS[feature].name) in text
            assert "fusion_tree." not in text
            assert "-75" not in text, "whether a witness is missing is no number"
