"""From evidence to a decision: a place, or none of these; by a fitted tree (`tree`) or by stated rules (`rules`).

`features` says what is asked, `decide` decides, `words` tells it. `train fusion` is `records` (what runs said of photos
that they had not seen), `fit` and `judge`. No model is opened here and no photo is read; `core/identify` gathers the
evidence.
"""

from core.fusion.decide import decide
from core.fusion.features import Frame

__all__ = ["Frame", "decide"]
