"""A fusion tree as a picture: questions with their thresholds, branches, and what each end is worth.

Drawn as boxes within boxes with lines between, so that it wraps on a phone, scales with the reader's letters and is
read out in order. Called by the page of metrics.
"""

import streamlit as st

from core.errors import ModelRefused
from core.fusion.features import asks_for_witness
from core.fusion.tree import FusionTree, Node, load_tree
from core.fusion.words import WORDS, amount
from core.messages import Translator, describe
from core.weights.folder import FusionRun
from pages.ui.frame import STYLES
from pages.ui.text import plain

LEAST_WEIGHT = 0.05  # shows as 0
NAMED_FROM = 0.5  # an end from here on speaks for the place


def show_tree(t: Translator, run: FusionRun) -> None:
    """Draw the tree of a run, and what its score weighs; a sentence where it cannot be read."""
    try:
        tree = load_tree(run)
    except ModelRefused as error:
        st.warning(plain(describe(error, t.language)), icon=":material/warning:")
        return
    st.markdown(f"**{t('fusion_tree.title')}**")
    st.caption(plain(t("fusion_tree.about", needed=t.percent(tree.acceptance, 1))))
    st.html(STYLES / "tree.css")
    with st.container(key="fusion-tree"):
        draw_node(t, tree)
    st.caption(plain(t("fusion_tree.weighed", features=_weighed(t, tree))))


def draw_node(t: Translator, tree: FusionTree, at: int = 0, way: str = "") -> None:
    """Draw a node with everything below it. way: what leads there."""
    node = tree.nodes[at]
    lead = f"**{plain(way)}** " if way else ""
    if node.is_end:
        with st.container(key=f"tree-{'named' if node.share >= NAMED_FROM else 'end'}-{at}"):
            share = t("fusion_tree.end", share=t.probability(node.share), photos=t.number(node.photos))
            st.progress(node.share, lead + plain(share))
        return
    question, above, below = _question(t, node)
    st.markdown(lead + plain(question))
    with st.container(key=f"tree-branch-{at}"):
        draw_node(t, tree, node.high, above)
        draw_node(t, tree, node.low, below)


def _question(t: Translator, node: Node) -> tuple[str, str, str]:
    """Return what is asked, and the two answers."""
    feature = t(WORDS[node.feature].name)
    if asks_for_witness(node.feature, node.threshold):
        return t("fusion_tree.knows", feature=feature), t("fusion_tree.yes"), t("fusion_tree.no")
    limit = amount(node.feature, node.threshold, t)
    return (
        t("fusion_tree.question", feature=feature),
        t("fusion_tree.above", threshold=limit),
        t("fusion_tree.below", threshold=limit),
    )


def _weighed(t: Translator, tree: FusionTree) -> str:
    counting = [one for one in tree.weights if abs(one.weight) >= LEAST_WEIGHT]
    strongest = sorted(counting, key=lambda one: -abs(one.weight))
    end = f"{t('fusion_tree.the_end')} ({t.number(tree.end_weight, 1)})"
    return ", ".join([end, *(f"{t(WORDS[one.feature].name)} ({t.number(one.weight, 1)})" for one in strongest)])
