"""The canvas's words, by the names that its program knows them by; it fills {count} and the like by itself."""

from typing import Any

from core.domain.label import BoxFault, FaultKind, NothingReason
from core.messages import Translator

WORDS = {
    "tools": "label.canvas.tools",
    "photo": "label.canvas.photo",
    "locked": "label.locked",
    "previous": "label.canvas.previous",
    "next": "label.canvas.next",
    "undo": "label.canvas.undo",
    "redo": "label.canvas.redo",
    "remove": "label.canvas.remove",
    "copy": "label.canvas.copy",
    "zoom": "label.canvas.zoom",
    "hide": "label.canvas.hide",
    "help": "label.canvas.help",
    "close": "label.canvas.close",
    "cancel": "label.canvas.cancel",
    "save_saved": "label.canvas.saved",
    "save_saving": "label.canvas.saving",
    "save_unsaved": "label.canvas.unsaved",
    "save_conflict": "label.canvas.conflict",
    "labels": "label.canvas.labels",
    "no_labels": "label.canvas.no_labels",
    "boxes": "label.canvas.boxes",
    "boxes_count": "label.canvas.boxes_count",
    "draw_hint": "label.canvas.draw_hint",
    "suggestions": "label.canvas.suggestions",
    "accept_all": "label.canvas.accept_all",
    "faults": "label.canvas.faults",
    "repair": "label.canvas.repair",
    "repair_all": "label.canvas.repair_all",
    "done": "label.canvas.done",
    "nothing": "label.canvas.nothing",
    "is_done": "label.canvas.is_done",
    "is_nothing": "label.canvas.is_nothing",
    "open_again": "label.canvas.open_again",
    "nothing_why": "label.canvas.nothing_why",
    "nothing_removes": "label.canvas.nothing_removes",
    "conflict": "label.canvas.conflict",
    "conflict_text": "label.canvas.conflict_text",
    "conflict_drawn": "label.canvas.conflict_drawn",
    "conflict_both": "label.canvas.conflict_both",
    "conflict_theirs": "label.canvas.conflict_theirs",
    "conflict_mine": "label.canvas.conflict_mine",
}
KEYS = (
    ("1 – 9", "label.keys.label"),
    ("n  →", "label.keys.next"),
    ("p  ←", "label.keys.previous"),
    ("Enter", "label.keys.done"),
    ("0  x", "label.keys.nothing"),
    ("c", "label.keys.copy"),
    ("a", "label.keys.accept"),
    ("Ctrl+Z", "label.keys.undo"),
    ("Ctrl+Shift+Z  Ctrl+Y", "label.keys.redo"),
    ("Delete  ⌫", "label.keys.remove"),
    ("← → ↑ ↓", "label.keys.nudge"),
    ("Ctrl + ← → ↑ ↓", "label.keys.resize"),
    ("[  ]", "label.keys.beside"),
    ("Esc", "label.keys.let_go"),
    ("Shift", "label.keys.draw_over"),
    ("z", "label.keys.zoom"),
    ("Space", "label.keys.pan"),
    ("h", "label.keys.hide"),
    ("?", "label.keys.help"),
)


def canvas_words(t: Translator) -> dict[str, Any]:
    """Return all words of the canvas."""
    words: dict[str, Any] = {name: t(key) for name, key in WORDS.items()}
    words["keys"] = [[keys, t(meaning)] for keys, meaning in KEYS]
    return words


def reason_words(t: Translator) -> tuple[tuple[NothingReason, str], ...]:
    """Return why there can be nothing to draw, in words."""
    return (
        (NothingReason.NO_LANDMARK, t("label.nothing.no_landmark")),
        (NothingReason.WRONG_PLACE, t("label.nothing.wrong_place")),
        (NothingReason.PEOPLE, t("label.nothing.people")),
        (NothingReason.INDOORS, t("label.nothing.indoors")),
    )


def fault_words(t: Translator, fault: BoxFault) -> str:
    """Say what is wrong with a box, and what the repair does."""
    sentences = {
        FaultKind.OUTSIDE: t("label.fault.outside"),
        FaultKind.TOO_SMALL: t("label.fault.too_small"),
        FaultKind.DOUBLED: t("label.fault.doubled"),
        FaultKind.OTHER_PLACE: t("label.fault.other_place"),
    }
    return sentences[fault.kind]
