"""Put an answer's reason in words."""

from core.domain.answer import Identification
from core.domain.place import Language
from core.messages.translate import translator

SHARES = ("probability", "threshold", "acceptance", "box", "score", "needed")
SIMILARITIES = ("similarity",)  # cosines, which are no shares of anything
COUNTS = ("photos",)


def explain(answer: Identification, language: Language) -> str:
    """Say in one sentence why the answer is what it is."""
    words, values = translator(language), answer.reason_values
    said = {name: words.probability(float(values[name])) for name in SHARES if name in values}
    said |= {name: words.number(float(values[name]), 2) for name in SIMILARITIES if name in values}
    said |= {name: words.number(float(values[name])) for name in COUNTS if name in values}
    places = [score.place for score in answer.scores] + ([answer.place] if answer.place else [])
    names = [place.name.get(language) for place in places if place.class_id == values.get("class_id")]
    return words(answer.reason, place=names[0] if names else "", **said)
