"""What the grid is told of each photo: its picture, where it stands, and what is striking about it."""

import base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.dataset.thumbnails import thumbnail
from core.db.places import UNKNOWN
from core.domain.library import Opinion
from core.domain.photo import PhotoRecord
from core.errors import EodiError
from core.messages import Translator
from pages.ui import resources

FILLS = (1.1, 1.65)  # width to height: fills a 4:3 tile with at most a fifth cut off; others are shown whole
HASH_SENT = 16  # digits of a hash by which the browser says which pictures it holds


@dataclass(frozen=True, slots=True)
class TileLook:
    """How tiles are drawn. strips: near-duplicates lie together. there: pictures that the browser holds, by hash."""

    hide_place: bool
    strips: bool
    there: Collection[str] = ()


def tiles(
    t: Translator,
    records: Sequence[PhotoRecord],
    names: Mapping[str, str],
    opinions: Mapping[str, Opinion],
    look: TileLook,
) -> list[dict[str, Any]]:
    """Return the tiles of photos, in order.

    names: of places by slug, with those of "unknown" and of "" for none yet. A picture that the browser holds already
    is not sent again.
    """
    return [
        {
            **tile(t, record, names, opinions.get(record.sha256)),
            **({"place": ""} if look.hide_place else {}),
            "group": record.look_id if look.strips else "",
            "url": None if record.sha256[:HASH_SENT] in look.there else picture_url(thumbnail_of(record), "image/webp"),
        }
        for record in records
    ]


def tile(t: Translator, record: PhotoRecord, names: Mapping[str, str], opinion: Opinion | None) -> dict[str, Any]:
    """Return what the grid says of one photo, but for its picture."""
    differs = opinion is not None and disagrees(record, opinion)
    worth_saying = opinion is not None and (differs or record.place_slug is None)
    return {
        "sha": record.sha256,
        "status": record.status.value,
        "place": names.get(record.place_slug or "", record.place_slug or ""),
        "opinion": opinion_in_words(t, opinion, names) if opinion is not None and worth_saying else "",
        "disagrees": differs,
        "twins": bool(record.look_id),
        "fills": FILLS[0] <= record.width_px / record.height_px <= FILLS[1],
    }


def disagrees(record: PhotoRecord, opinion: Opinion) -> bool:
    """Whether a model denies where a photo is filed; the filter `Concern.DISAGREES` finds the same photos."""
    if record.place_slug is None:
        return False
    if record.place_slug == UNKNOWN:
        return opinion.answer_slug is not None
    if opinion.answer_slug is None:
        return opinion.own_probability is not None
    return opinion.answer_slug != record.place_slug


def opinion_in_words(t: Translator, opinion: Opinion, names: Mapping[str, str]) -> str:
    """Say which place a model names, and how sure it is."""
    slug = opinion.answer_slug
    place = t("scores.none") if slug is None else names.get(slug, slug)
    return t("review.opinion", place=place, share=t.probability(opinion.confidence))


def thumbnail_of(record: PhotoRecord) -> bytes | None:
    """Return a photo's thumbnail, None when there is none and none can be made."""
    try:
        return thumbnail(record, resources.library())
    except EodiError:
        return None


def picture_url(content: bytes | None, mime: str) -> str:
    """Return a derivative as an address that holds it, "" for none.

    Measured against Streamlit's media endpoint with 48 thumbnails of 15 KB: a page is complete in half the time.
    """
    return f"data:{mime};base64,{base64.b64encode(content).decode()}" if content else ""
