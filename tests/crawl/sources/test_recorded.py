"""Every source against its recorded answers: three pages, none, one, and each way of saying no."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from core.crawl.source import SourceInfo, SourcePage, SourceQuery
from core.crawl.sources.registry import SOURCES
from core.domain.place import Position
from core.errors import (
    SourceBlocked,
    SourceBusy,
    SourceFailed,
    SourceKeyError,
    SourceLayoutError,
    SourceQuotaSpent,
)
from core.network.message import Response
from tests.support.recorded import PATHS, Answer, Case, answer, cases

HERE = Position(33.4586, 126.9419)
STAND_IN = "http://127.0.0.1:9"
IMAGES = [f"http://127.0.0.1:9/photos/{number}.jpg" for number in range(1, 7)]
REFUSALS = {
    "blocked": SourceBlocked,
    "busy": SourceBusy,
    "changed": SourceLayoutError,
    "quota": SourceQuotaSpent,
    "bad_key": SourceKeyError,
    "refused": SourceFailed,
}
WITH_KEY = [name for name, source in SOURCES.items() if source.INFO.key_settings]
NO_QUOTA = {"flickr"}  # its limit is one of pace, and its answer to it is 429


def ask(name: str, cursor: dict[str, str] | None = None, **changes: Any) -> SourceQuery:
    """A query with keys for the source, in a state in which results are expected."""
    info = SOURCES[name].INFO
    keys = {setting: f"planted-{setting}" for setting in info.key_settings}
    start = {"tag": "178", "step": "1", "page": "0"} if name == "instagram-graph" else {}
    return SourceQuery(
        "성산일출봉", position=HERE, cursor=start if cursor is None else cursor, keys=keys, base_url=STAND_IN, **changes
    )


def respond(recorded: Answer, url: str = f"{STAND_IN}/answer") -> Response:
    status, headers, body = recorded
    return Response(status, url, {"date": "Mon, 23 Nov 2026 10:00:00 GMT", **headers}, body)


def parse(case: Case, cursor: dict[str, str] | None = None) -> SourcePage:
    return SOURCES[case.source].parse_response(respond(case.answer), ask(case.source, cursor))


def follow(name: str, images: list[str], per_page: int) -> list[SourcePage]:
    """Ask a stand-in page after page, as the crawl does."""
    pages: list[SourcePage] = []
    cursor: Any = {}
    while cursor is not None and len(pages) < 30:
        query = ask(name, cursor)
        request = SOURCES[name].build_request(query)
        recorded = answer(name, urlsplit(request.url).path, request.params, images, per_page)
        pages.append(SOURCES[name].parse_response(respond(recorded, request.url), query))
        cursor = pages[-1].next_cursor
    return pages


def test_every_source_has_its_recorded_cases() -> None:
    for name, source in SOURCES.items():
        kinds = {case.kind for case in cases(source=name)}
        needed = {"empty", "single", "blocked", "changed"}
        needed |= {"bad_key"} if source.INFO.key_settings else set()
        needed |= {"quota"} if source.INFO.key_settings and name not in NO_QUOTA else set()
        assert needed <= kinds, name


@pytest.mark.parametrize("name", SOURCES)
def test_three_pages_are_followed_to_their_end(name: str) -> None:
    pages = follow(name, IMAGES, per_page=2)
    found = [candidate for page in pages for candidate in page.candidates]
    assert [candidate.image_url for candidate in found] == IMAGES
    assert [len(page.candidates) for page in pages if page.candidates] == [2, 2, 2]
    assert len({candidate.key for candidate in found}) == len(IMAGES)
    assert all(candidate.source == name and candidate.query == "성산일출봉" for candidate in found)
    assert [candidate.rank for candidate in found] == sorted({candidate.rank for candidate in found})
    assert len(pages) <= 5


@pytest.mark.parametrize("case", cases("empty"), ids=str)
def test_no_results_are_none_and_the_end(case: Case) -> None:
    page = parse(case)
    assert page.candidates == ()
    assert page.next_cursor is None


@pytest.mark.parametrize("case", cases("single"), ids=str)
def test_one_result_is_one(case: Case) -> None:
    (candidate,) = parse(case).candidates
    assert candidate.image_url.startswith("http://img.test/")
    assert candidate.source == case.source


@pytest.mark.parametrize("case", [case for kind in REFUSALS for case in cases(kind)], ids=str)
def test_what_a_source_refuses_is_said_by_name_and_never_none_found(case: Case) -> None:
    with pytest.raises(REFUSALS[case.kind]) as caught:
        parse(case)
    assert type(caught.value) is REFUSALS[case.kind]
    assert caught.value.values["source"] == case.source
    info = SOURCES[case.source].INFO
    if case.kind == "bad_key":
        assert all(f"EODI_{name.upper()}" in str(caught.value.values["setting"]) for name in info.key_settings)
        assert caught.value.values["where"] == info.key_page
    if case.kind == "quota":
        until = datetime.fromisoformat(str(caught.value.values["until"]))
        assert until > datetime.fromisoformat("2026-11-23T10:00:00+00:00")
    if case.kind == "changed":
        assert caught.value.values["missing"]


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("path", ["/sorry/index", "/accounts/login/", "/nidlogin.login"])
def test_an_answer_from_where_a_wall_stands_is_a_block(name: str, path: str) -> None:
    nothing_found = respond(cases("empty", name)[0].answer, STAND_IN + path)
    with pytest.raises(SourceBlocked):
        SOURCES[name].parse_response(nothing_found, ask(name))


@pytest.mark.parametrize("name", SOURCES)
def test_a_request_goes_to_the_stand_in_and_names_what_is_secret(name: str) -> None:
    source = SOURCES[name]
    query = ask(name)
    request = source.build_request(query)
    assert request.url.startswith(STAND_IN + PATHS[name])
    assert request.source == name
    sent = {**request.params, **request.headers}
    planted = {field for field, value in sent.items() if "planted-" in value}
    assert planted == request.secret
    assert all(any(key in value for value in sent.values()) for key in query.keys.values())
    assert "planted-" not in request.url


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_asked_at_its_own_address_unless_another_is_given(name: str) -> None:
    source = SOURCES[name]
    query = SourceQuery("말", position=HERE, keys=ask(name).keys)
    host = urlsplit(source.build_request(query).url).hostname
    assert source.build_request(query).url.startswith("https://")
    assert host in source.INFO.hosts or (source.INFO.opt_in and not source.INFO.hosts)


@pytest.mark.parametrize("name", WITH_KEY)
def test_a_missing_key_is_named_with_where_to_get_it(name: str) -> None:
    source = SOURCES[name]
    for missing in source.INFO.key_settings:
        keys = {setting: "k" for setting in source.INFO.key_settings if setting != missing}
        with pytest.raises(SourceKeyError) as caught:
            source.build_request(SourceQuery("말", keys={**keys, missing: " "}))
        assert caught.value.code == "source.key_missing"
        assert caught.value.values == {
            "source": name,
            "setting": f"EODI_{missing.upper()}",
            "where": source.INFO.key_page,
        }


@pytest.mark.parametrize("name", [name for name in SOURCES if name != "commons-near"])
@pytest.mark.parametrize("text", ["", "  ", "\u200b\n"])
def test_an_empty_query_is_not_sent(name: str, text: str) -> None:
    with pytest.raises(SourceFailed) as caught:
        SOURCES[name].build_request(SourceQuery(text, position=HERE, keys=ask(name).keys))
    assert caught.value.code == "source.no_query"


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_stated_of_a_source_can_be_relied_on(name: str) -> None:
    info: SourceInfo = SOURCES[name].INFO
    assert info.name == name and info.title and info.pace_s >= 0.5
    assert info.home_url.startswith("https://") and info.terms_url.startswith("https://")
    assert info.key_page.startswith("https://") == bool(info.key_settings)
    assert 0 < info.page_size <= info.most_results
    assert not (info.hosts and info.opt_in)


def test_recorded_answers_hold_no_address_of_the_world() -> None:
    allowed = ("creativecommons.org", "commons.wikimedia.org", "www.google.com")
    for case in cases():
        text = case.file.read_text(encoding="utf-8")
        hosts = {part.split("/")[0].split('"')[0] for part in text.replace("\\/", "/").split("://")[1:]}
        assert all(host.endswith(".test") or host in allowed for host in hosts), (str(case), hosts)


def test_a_recorded_json_is_json() -> None:
    for case in cases():
        if case.file.suffix == ".json":
            json.loads(case.file.read_bytes())
