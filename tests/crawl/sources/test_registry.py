"""The table of sources: which serve at once, which wait for a key, which are off."""

import pytest

from core.crawl.sources.registry import (
    FILE_SOURCES,
    SOURCES,
    available,
    default_sources,
    help_key,
    missing_keys,
)
from core.domain.place import LANGUAGES, Language
from core.messages import translator


def test_without_any_key_commons_and_openverse_serve() -> None:
    assert default_sources() == ("commons-search", "commons-near", "openverse")
    assert {info.name for info in available({})} == {*default_sources(), "commons-category"}
    assert all(SOURCES[name].INFO.states_licence for name in default_sources())


def test_a_key_adds_its_source_and_half_a_key_does_not() -> None:
    assert "kakao" in {info.name for info in available({"kakao_key": "k"})}
    assert missing_keys(SOURCES["naver-api"].INFO, {"naver_client_id": "i"}) == ("naver_client_secret",)
    assert "naver-api" not in {info.name for info in available({"naver_client_id": "i"})}


def test_result_pages_are_off_until_they_are_switched_on() -> None:
    pages = {"naver-page", "google-page"}
    assert not pages & {info.name for info in available({})}
    assert pages <= {info.name for info in available({}, frozenset(pages))}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_source_says_what_it_offers(language: Language) -> None:
    say = translator(language)
    sentences = {name: say(help_key(name)) for name in {*SOURCES, *FILE_SOURCES}}
    assert all(sentence and sentence != help_key(name) for name, sentence in sentences.items())
    assert "2027" in sentences["google-api"]
