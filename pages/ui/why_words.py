"""A decision in words: the questions that led to it, and what would have to differ for another answer."""

from core.domain.answer import Identification
from core.fusion import words as fusion_words
from core.messages import Translator
from pages.ui import resources


def path_in_words(t: Translator, answer: Identification) -> tuple[str, ...]:
    """Return a sentence for each question of the tree, in their order; nothing where stated rules decided."""
    return fusion_words.path_in_words(answer.decision, _candidate(t, answer), t) if answer.decision else ()


def other_in_words(t: Translator, answer: Identification) -> str:
    """Say what would have to differ, "" where nothing is known to."""
    return fusion_words.other_in_words(answer.decision, _candidate(t, answer), t) if answer.decision else ""


def _candidate(t: Translator, answer: Identification) -> str:
    """Return the name of the place that the questions are about, whether it was named or not."""
    if answer.decision is None:
        return ""
    names = {place.class_id: place.name.get(t.language) for place in resources.places().list(include_retired=True)}
    return fusion_words.place_of(answer.decision, names)
