"""The theme's chart colours by what they are for, so that a chart is right in light and in dark without asking which.

Streamlit gives a chart the `chartCategoricalColors` of the light or the dark theme (`.streamlit/config.toml`) in the
browser; a chart refers to them by their place in that list, through the order of a scale's domain.
"""

import json
from collections.abc import Sequence

import altair as alt

COLOURS = 5  # accent, three for kinds, and the colour of text
INK = "\u200b"  # the fifth entry of every domain: a name that nothing else has and that shows as nothing


def colour_names(names: Sequence[str]) -> list[str]:
    """Return the domain that gives the accent to the first name, the kinds' colours to up to three more."""
    unused = [INK * (place + 2) for place in range(len(names), COLOURS - 1)]
    return [*names, *unused, INK]


def write_in_ink(text: alt.Chart, names: Sequence[str] = ()) -> alt.Chart:
    """Give a layer of text the theme's own text colour; `names` as for the marks that it lies over."""
    colour = alt.Color("ink:N", scale=alt.Scale(domain=colour_names(names)), legend=None)
    return text.transform_calculate(ink=json.dumps(INK)).encode(color=colour)
