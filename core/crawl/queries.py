"""What to search for to find a place: its names in Korean and English, alone and with its region.

Called by the crawl for a place without queries of its own, and by the crawl page, where they can be changed.
"""

import re

from core.domain.place import Place

# The ends of names of provinces and cities in Korean addresses: 제주특별자치도 → 제주, 서귀포시 stays.
PROVINCE = re.compile(r"(특별자치도|특별자치시|특별시|광역시|남도|북도|도)$")
ENGLISH_PROVINCE = re.compile(r"-(do|si)$")


def suggest_queries(place: Place) -> tuple[str, ...]:
    """Return queries, the most telling first, each once: 만장굴, Manjanggul, 제주 만장굴, Manjanggul Jeju."""
    korean, english = (" ".join(name.split()) for name in (place.name.ko, place.name.en))
    region_ko, region_en = _korean_region(place.address.ko), _english_region(place.address.en)
    with_region = (_joined(region_ko, korean), _joined(english, region_en))
    distinct = {query.casefold(): query for query in reversed((korean, english, *with_region)) if query}
    return tuple(reversed(distinct.values()))


def _korean_region(address: str) -> str:
    """Return the province at the beginning of a Korean address, as people call it; "" for none."""
    first = address.split()[:1]
    return PROVINCE.sub("", first[0]) if first and PROVINCE.search(first[0]) else ""


def _english_region(address: str) -> str:
    """Return the province at the end of an English address; "" for none."""
    last = [part.strip() for part in address.split(",") if part.strip()][-1:]
    return ENGLISH_PROVINCE.sub("", last[0]) if last and ENGLISH_PROVINCE.search(last[0]) else ""


def _joined(first: str, second: str) -> str:
    """Return both, "" where one is empty or stands in the other already."""
    if not first or not second or first.casefold() in second.casefold() or second.casefold() in first.casefold():
        return ""
    return f"{first} {second}"
