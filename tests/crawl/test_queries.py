"""What is searched for when nobody said it."""

from dataclasses import replace

import pytest

from core.crawl.queries import suggest_queries
from core.domain.place import LocalText
from tests.support.places import make_place

KOREAN, ENGLISH = "제주특별자치도 제주시 구좌읍 만장굴길 182", "182 Manjanggul-gil, Gujwa-eup, Jeju-si, Jeju-do"


@pytest.mark.parametrize(
    ("name", "address", "queries"),
    [
        (("만장굴", "Manjanggul"), (KOREAN, ENGLISH), ("만장굴", "Manjanggul", "제주 만장굴", "Manjanggul Jeju")),
        (("만장굴", ""), (KOREAN, ENGLISH), ("만장굴", "제주 만장굴")),
        (("Cafe", "cafe"), ("", ""), ("Cafe",)),
        (("제주 돌문화공원", "Jeju Stone Park"), (KOREAN, ENGLISH), ("제주 돌문화공원", "Jeju Stone Park")),
        (
            ("경복궁", "Gyeongbokgung"),
            ("서울특별시 종로구", "Jongno-gu, Seoul"),
            ("경복궁", "Gyeongbokgung", "서울 경복궁"),
        ),
        (("  ", ""), (KOREAN, ENGLISH), ()),
    ],
)
def test_names_in_both_languages_alone_and_with_the_region_each_once(
    name: tuple[str, str], address: tuple[str, str], queries: tuple[str, ...]
) -> None:
    place = replace(make_place(0, "a"), name=LocalText(*name), address=LocalText(*address))
    assert suggest_queries(place) == queries
