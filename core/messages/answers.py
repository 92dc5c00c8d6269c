"""Put an answer's reason in words."""

from core.domain.answer import Identification
from core.domain.place import Language
from core.messages.translate import translator


def explain(answer: Identification, language: Language) -> str:
    """Say in one sentence why the answer is what it is."""
    words = translator(language)
    shares = {
        name: words.probability(float(answer.reason_values[name]))
        for name in ("probability", "threshold", "acceptance")
        if name in answer.reason_values
    }
    class_id = answer.reason_values.get("class_id")
    names = [score.place.name.get(language) for score in answer.scores if score.place.class_id == class_id]
    return words(answer.reason, place=names[0] if names else "", **shares)
