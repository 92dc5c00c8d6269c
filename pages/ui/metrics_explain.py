"""What loss, precision, recall and the rest mean: a few sentences with a small drawing, where the numbers stand."""

from html import escape

import streamlit as st

from core.messages import Translator
from pages.ui.text import plain

WIDTH_PX, HEIGHT_PX = 300, 132
# A picture knows no theme, so these lie between the colours of the two: read on light and on dark.
ACCENT, OTHER, INK = "#1f9a92", "#c2701c", "#6f7b7e"


def explain_scores(t: Translator) -> None:
    """Explain held-out photos, loss, precision, recall and intervals."""
    with st.expander(t("explain.scores"), icon=":material/help:"):
        _two(_loss(t), t("explain.loss"))
        _two(_precision_recall(t), t("explain.precision_recall"))
        _two(_held_out(t), t("explain.held_out"))
        _two(_interval(t), t("explain.interval"))


def explain_boxes(t: Translator) -> None:
    """Explain overlap, average precision and F1."""
    with st.expander(t("explain.boxes_title"), icon=":material/help:"):
        _two(_overlap(t), t("explain.overlap"))
        _two(_precision_recall(t), t("explain.f1"))


def explain_confusion(t: Translator) -> None:
    """Say how the table of confusion is read."""
    st.caption(plain(t("explain.confusion")))


def explain_calibration(t: Translator) -> None:
    """Say how the reliability diagram is read."""
    st.caption(plain(t("explain.calibration")))


def explain_refusal(t: Translator) -> None:
    """Say what the threshold of acceptance trades."""
    st.caption(plain(t("explain.refusal")))


def _two(drawing: str, words: str) -> None:
    picture, said = st.columns([2, 3], vertical_alignment="center")
    picture.image(drawing, width=WIDTH_PX, alt=words)
    said.markdown(plain(words))


def _svg(*shapes: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}" width="{2 * WIDTH_PX}" '
        f'height="{2 * HEIGHT_PX}" fill="none" stroke="{INK}" font-size="12" font-family="sans-serif">'
        f"{''.join(shapes)}</svg>"
    )


def _text(x: float, y: float, words: str, colour: str = INK, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" fill="{colour}" stroke="none" text-anchor="{anchor}">{escape(words)}</text>'


def _line(points: str, colour: str = INK, dash: str = "") -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<polyline points="{points}" stroke="{colour}" stroke-width="2"{dashes}/>'


def _loss(t: Translator) -> str:
    """Draw two losses that part at the best epoch."""
    return _svg(
        _line("24,8 24,116 292,116"),
        _line("26,16 60,52 100,74 150,86 220,94 288,98", ACCENT),
        _line("26,22 60,60 100,78 150,82 220,70 288,50", OTHER, "6 3"),
        _line("128,20 128,116", INK, "3 3"),
        _text(134, 28, t("explain.best")),
        _text(196, 44, t("figure.watched"), OTHER),
        _text(176, 111, t("figure.learned"), ACCENT),
        _text(160, 130, t("figure.epoch"), anchor="middle"),
    )


def _precision_recall(t: Translator) -> str:
    """Draw what is there and what was found as two rounds that overlap."""
    return _svg(
        f'<circle cx="118" cy="60" r="48" stroke="{ACCENT}" fill="{ACCENT}" fill-opacity="0.25" stroke-width="2"/>',
        f'<circle cx="182" cy="60" r="48" stroke="{OTHER}" fill="{OTHER}" fill-opacity="0.25" stroke-width="2"/>',
        _text(96, 64, t("explain.missed"), anchor="middle"),
        _text(150, 64, t("explain.right"), anchor="middle"),
        _text(206, 64, t("explain.wrong"), anchor="middle"),
        _text(88, 126, t("explain.there"), ACCENT, "middle"),
        _text(212, 126, t("explain.found"), OTHER, "middle"),
    )


def _held_out(t: Translator) -> str:
    """Draw photos, one part of which is kept away from the training."""
    boxes = "".join(
        f'<rect x="{20 + 27 * place}" y="26" width="21" height="40" rx="3" stroke="{OTHER if place > 6 else ACCENT}" '
        f'fill="{OTHER if place > 6 else ACCENT}" fill-opacity="0.25"/>'
        for place in range(10)
    )
    return _svg(
        boxes,
        _text(110, 92, t("metrics.train"), ACCENT, "middle"),
        _text(246, 92, t("metrics.held_out"), OTHER, "middle"),
    )


def _interval(t: Translator) -> str:
    """Draw the same share of few and of many photos, with its interval."""
    return _svg(
        _line("20,110 290,110"),
        _line("60,40 250,40", OTHER),
        f'<circle cx="155" cy="40" r="6" fill="{OTHER}" stroke="none"/>',
        _line("125,84 185,84", ACCENT),
        f'<circle cx="155" cy="84" r="6" fill="{ACCENT}" stroke="none"/>',
        _text(155, 26, t("explain.few"), anchor="middle"),
        _text(155, 70, t("explain.many"), anchor="middle"),
        _text(20, 126, t.percent(0)),
        _text(290, 126, t.percent(1), anchor="end"),
    )


def _overlap(t: Translator) -> str:
    """Draw a true and a found box and what they share."""
    return _svg(
        f'<rect x="60" y="14" width="110" height="80" stroke="{ACCENT}" stroke-width="2"/>',
        f'<rect x="90" y="30" width="120" height="80" stroke="{OTHER}" stroke-width="2" stroke-dasharray="6 3"/>',
        f'<rect x="90" y="30" width="80" height="64" fill="{ACCENT}" fill-opacity="0.3" stroke="none"/>',
        _text(130, 66, t("explain.shared"), anchor="middle"),
        _text(4, 26, t("explain.there"), ACCENT),
        _text(218, 104, t("explain.found"), OTHER),
    )
