"""From evidence to a decision: a place, or none of these. Today by stated rules; see `rules`.

No model is opened here and no photo is read; `core/identify` gathers the evidence and calls `decide`.
"""

from core.fusion.rules import decide

__all__ = ["decide"]
