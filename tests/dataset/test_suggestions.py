from core.dataset.suggestions import Suggestion, accept, merge_suggestions, suggestions_from
from core.domain.answer import Detection
from core.domain.label import Box, BoxOrigin, Label
from core.domain.place import LocalText

DRAWN = Box("1" * 32, 1, (0.0, 0.0, 0.5, 1.0))
OVER_BY_SEVEN_TENTHS = (0.0, 0.0, 0.35, 1.0)  # of the drawn box: IoU 0.7
OVER_BY_LESS = (0.0, 0.0, 0.34, 1.0)


def test_a_suggestion_over_a_persons_box_is_not_offered_whatever_its_label() -> None:
    offered = merge_suggestions(
        [DRAWN],
        [Suggestion(1, OVER_BY_SEVEN_TENTHS, 0.9), Suggestion(2, DRAWN.xyxyn, 0.99), Suggestion(1, OVER_BY_LESS, 0.5)],
    )
    assert offered == (Suggestion(1, OVER_BY_LESS, 0.5),)


def test_of_suggestions_for_one_part_the_surest_is_offered_and_the_surest_comes_first() -> None:
    weak, sure = Suggestion(1, (0.0, 0.0, 0.5, 1.0), 0.4), Suggestion(1, (0.0, 0.0, 0.49, 1.0), 0.8)
    other = Suggestion(2, (0.0, 0.0, 0.5, 1.0), 0.6)
    assert merge_suggestions([], [weak, other, sure]) == (sure, other)


def test_a_detectors_answer_becomes_suggestions_on_the_photo() -> None:
    name = LocalText("", "Part")
    labels = [
        Label(4, "cave", "column", name, "#000000", 0),
        Label(5, "cave", "roof", name, "#000000", 1, retired=True),
    ]
    answer = [
        Detection(1, "column", 0.9, (-10.0, 20.0, 320.0, 240.0)),
        Detection(1, "roof", 0.9, (0.0, 0.0, 9.0, 9.0)),
        Detection(2, "stranger", 0.9, (0.0, 0.0, 9.0, 9.0)),
    ]
    assert suggestions_from(answer, labels, 640, 480) == (Suggestion(4, (0.0, 20 / 480, 0.5, 0.5), 0.9),)


def test_a_box_remembers_who_drew_it() -> None:
    (taken,) = accept([Suggestion(1, OVER_BY_LESS, 0.5)])
    assert (taken.origin, taken.xyxyn, len(taken.box_id)) == (BoxOrigin.ACCEPTED, OVER_BY_LESS, 32)
