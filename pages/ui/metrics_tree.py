"""A fusion tree as a picture: questions with their thresholds, branches, and what each end is worth.

Drawn as nested lists with lines between, so that it wraps on a phone, scales with the reader's letters and is read out
in order; nothing is fetched. Called by the page of metrics.
"""

from html import escape

import streamlit as st

from core.errors import ModelRefused
from core.fusion.features import LOWEST
from core.fusion.tree import FusionTree, Node, load_tree
from core.fusion.words import WORDS, amount
from core.messages import Translator, describe
from core.weights.folder import FusionRun
from pages.ui.text import plain

LEAST_WEIGHT = 0.05  # shows as 0
MARK = "#1b9a92"  # dark enough on white and light enough on black for a bar, which says nothing that words do not
STYLE = f"""<style>
.fusion-tree, .fusion-tree ul {{ list-style: none; margin: 0; padding: 0; }}
.fusion-tree ul {{ margin-left: .7rem; padding-left: .9rem;
  border-left: 2px solid color-mix(in srgb, currentColor 28%, transparent); }}
.fusion-tree li {{ position: relative; margin: .45rem 0; line-height: 1.4; overflow-wrap: anywhere; }}
.fusion-tree ul > li::before {{ content: ""; position: absolute; left: -.9rem; top: .95rem; width: .7rem;
  border-top: 2px solid color-mix(in srgb, currentColor 28%, transparent); }}
.fusion-tree .box {{ display: inline-block; box-sizing: border-box; max-width: 100%; padding: .3rem .6rem;
  border: 1px solid color-mix(in srgb, currentColor 35%, transparent); border-radius: .5rem; }}
.fusion-tree .way {{ font-weight: 600; }}
.fusion-tree .end {{ border-left: .35rem solid color-mix(in srgb, currentColor 35%, transparent); }}
.fusion-tree .named {{ border-left-color: {MARK}; }}
.fusion-tree .bar {{ display: block; height: .35rem; margin-top: .25rem; border-radius: .2rem; min-width: 8rem;
  background: color-mix(in srgb, currentColor 15%, transparent); }}
.fusion-tree .bar > i {{ display: block; height: 100%; border-radius: .2rem; background: {MARK}; }}
</style>"""


def show_tree(t: Translator, run: FusionRun) -> None:
    """Draw the tree of a run, and what its score weighs; a sentence where it cannot be read."""
    try:
        tree = load_tree(run)
    except ModelRefused as error:
        st.warning(plain(describe(error, t.language)), icon=":material/warning:")
        return
    st.markdown(f"**{t('fusion_tree.title')}**")
    st.caption(plain(t("fusion_tree.about", needed=t.percent(tree.acceptance, 1))))
    st.html(f'{STYLE}<ul class="fusion-tree">{tree_html(t, tree)}</ul>')
    st.caption(plain(t("fusion_tree.weighed", features=_weighed(t, tree))))


def tree_html(t: Translator, tree: FusionTree, at: int = 0, way: str = "") -> str:
    """Return a node with everything below it as list items. way: what leads there."""
    node = tree.nodes[at]
    lead = f'<span class="way">{escape(way)}</span> ' if way else ""
    if node.is_end:
        return f"<li>{lead}{_end_html(t, node)}</li>"
    question, above, below = _question(t, node)
    branches = tree_html(t, tree, node.high, above) + tree_html(t, tree, node.low, below)
    return f'<li>{lead}<span class="box">{escape(question)}</span><ul>{branches}</ul></li>'


def _question(t: Translator, node: Node) -> tuple[str, str, str]:
    """Return what is asked, and the two answers."""
    feature = t(WORDS[node.feature].name)
    if node.threshold < LOWEST:
        return t("fusion_tree.knows", feature=feature), t("fusion_tree.yes"), t("fusion_tree.no")
    limit = amount(node.feature, node.threshold, t)
    return (
        t("fusion_tree.question", feature=feature),
        t("fusion_tree.above", threshold=limit),
        t("fusion_tree.below", threshold=limit),
    )


def _end_html(t: Translator, node: Node) -> str:
    """Return an end: the share of candidates that were the place, and how many photos that rests on."""
    style = "box end named" if node.share >= 0.5 else "box end"
    share = t("fusion_tree.end", share=t.probability(node.share), photos=t.number(node.photos))
    bar = f'<span class="bar"><i style="width:{100 * node.share:.0f}%"></i></span>'
    return f'<span class="{style}">{escape(share)}{bar}</span>'


def _weighed(t: Translator, tree: FusionTree) -> str:
    counting = [one for one in tree.weights if abs(one.weight) >= LEAST_WEIGHT]
    strongest = sorted(counting, key=lambda one: -abs(one.weight))
    end = f"{t('fusion_tree.the_end')} ({t.number(tree.end_weight, 1)})"
    return ", ".join([end, *(f"{t(WORDS[one.feature].name)} ({t.number(one.weight, 1)})" for one in strongest)])
