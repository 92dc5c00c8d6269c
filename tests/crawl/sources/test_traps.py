"""The traps of each source, one by one: what its documents or its users warn of."""

import json
from typing import Any

import pytest

from core.crawl.source import SourcePage, SourceQuery
from core.crawl.sources import commons_search, flickr, google_api, kakao, naver_api, openverse
from core.crawl.sources.registry import SOURCES
from core.dataset.licences import is_free
from core.domain.crawl import Candidate
from core.domain.place import Position
from core.errors import SourceBusy, SourceFailed, SourceKeyError, SourceLayoutError, SourceQuotaSpent
from core.network.message import Response
from tests.support.recorded import RECORDED, render

URL = "http://127.0.0.1:9/answer"


def parse(source: str, body: Any, cursor: dict[str, str] | None = None, **response: Any) -> SourcePage:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = Response(response.pop("status", 200), URL, response.pop("headers", {}), content)
    return SOURCES[source].parse_response(answer, SourceQuery("말", cursor=cursor or {}, **response))


def first_of(source: str, image_url: str = "http://img.test/a.jpg", **fields: Any) -> Candidate:
    """The candidate of the recorded item, with some fields of it changed; None takes a field away."""
    _, _, body = render(source, "말", 1, [image_url], 1)
    answer = json.loads(body)
    rows = answer
    for name in (
        "response",
        "body",
        "items",
        "item",
        "query",
        "pages",
        "photos",
        "photo",
        "documents",
        "results",
        "data",
    ):
        rows = rows[name] if isinstance(rows, dict) and name in rows else rows
    item = rows[0]
    for name, value in fields.items():
        item.pop(name) if value is None else item.update({name: value})
    cursor = {"tag": "1", "step": "0", "page": "0"} if source == "instagram-graph" else {}
    (candidate,) = parse(source, answer, cursor).candidates
    return candidate


def test_sizes_are_read_from_text_and_titles_become_plain() -> None:
    candidate = first_of("naver-api", title="<b>성산</b>  &lt;일출&gt; &amp; <i\nx='>'>산책")
    assert (candidate.width_px, candidate.height_px) == (1620, 1080)
    assert candidate.title.startswith("성산 <일출> & ")
    for nonsense in ("about 3", "-1", "0", "1e999", "nan", 10**9, True, None):
        assert first_of("naver-api", sizewidth=nonsense).width_px is None


@pytest.mark.parametrize(
    ("written", "fetched"),
    [
        ("//img.test/x.jpg", "http://img.test/x.jpg"),
        ("HTTP://IMG.test/x.jpg#part", "http://img.test/x.jpg"),
        ("https://img.test/성산.jpg?q=한%20글", "https://img.test/%EC%84%B1%EC%82%B0.jpg?q=%ED%95%9C%20%EA%B8%80"),
        ("https://img.test/%EC%84%B1.jpg", "https://img.test/%EC%84%B1.jpg"),
        ("https://제주.test/a.jpg", "https://xn--" + "제주".encode("punycode").decode() + ".test/a.jpg"),
        ("http://img.test:8080/a.jpg", "http://img.test:8080/a.jpg"),
    ],
)  # fmt: skip
def test_addresses_become_absolute_and_ascii(written: str, fetched: str) -> None:
    assert first_of("kakao", image_url=written).image_url == fetched


@pytest.mark.parametrize(
    "address",
    ["data:image/png;base64,AA", "blob:http://x/1", "file:///etc/passwd", "javascript:alert(1)", "ftp://h/a.jpg",
     "a.jpg", "http://", "http://[", "http://u:p@h.test/a.jpg", "http://h.test/a b.jpg",
     "http://h.test\\@x/a.jpg", "http://h:99999/a",
     "http://h.test/" + "a" * 3000, 7, None, ["http://h.test/a.jpg"]],
)  # fmt: skip
def test_what_is_no_web_address_is_passed_over(address: Any) -> None:
    good = {"title": "t", "link": "http://img.test/good.jpg"}
    page = parse("naver-api", {"total": 2, "items": [{"title": "t", "link": address}, good]})
    assert [candidate.image_url for candidate in page.candidates] == ["http://img.test/good.jpg"]


def test_naver_reaches_no_further_than_its_last_start() -> None:
    full = [{"link": f"http://img.test/{n}.jpg"} for n in range(100)]
    starts, cursor = [], {}
    while cursor is not None and len(starts) < 20:
        starts.append(cursor.get("start", "1"))
        cursor = parse("naver-api", {"total": 52311, "items": full}, cursor).next_cursor
    assert starts == ["1", *(str(n * 100 + 1) for n in range(1, 10)), "1000"]
    keys = {"naver_client_id": "i", "naver_client_secret": "s"}
    request = naver_api.build_request(SourceQuery("말", cursor={"start": "5000"}, keys=keys))
    assert request.params["start"] == "1000"


def test_kakao_stops_at_its_last_page_and_at_an_empty_one() -> None:
    more = {"meta": {"is_end": False, "pageable_count": 9999}, "documents": [{"image_url": "http://img.test/1.jpg"}]}
    assert parse("kakao", more, {"page": "49"}).next_cursor == {"page": "50"}
    assert parse("kakao", more, {"page": "50"}).next_cursor is None
    assert parse("kakao", {**more, "documents": []}, {"page": "3"}).next_cursor is None


def test_kakao_says_a_spent_quota_with_400_and_it_begins_anew_at_midnight_in_korea() -> None:
    with pytest.raises(SourceQuotaSpent) as caught:
        parse("kakao", {"code": -10}, status=400, headers={"date": "Mon, 23 Nov 2026 14:59:00 GMT"})
    assert caught.value.values["until"] == "2026-11-23T15:00:00+00:00"


def test_google_begins_anew_at_midnight_in_california() -> None:
    with pytest.raises(SourceQuotaSpent) as caught:
        parse("google-api", {}, status=429, headers={"date": "Mon, 23 Nov 2026 10:00:00 GMT"})
    assert caught.value.values["until"] == "2026-11-24T08:00:00+00:00"


def test_google_asks_for_no_more_than_a_hundred_and_takes_the_refusal_there_for_the_end() -> None:
    keys = {"google_key": "k", "google_cx": "c"}
    first = google_api.build_request(SourceQuery("말", keys=keys)).params
    last = google_api.build_request(SourceQuery("말", keys=keys, cursor={"start": "91"})).params
    assert (first["start"], first["num"], last["start"], last["num"]) == ("1", "10", "91", "9")
    refusal = {"error": {"code": 400, "message": "Request contains an invalid argument."}}
    assert parse("google-api", refusal, {"start": "91"}, status=400) == SourcePage((), None)
    with pytest.raises(SourceFailed):
        parse("google-api", refusal, {"start": "81"}, status=400)
    wrong = {"error": {"code": 400, "message": "API key not valid."}}
    with pytest.raises(SourceKeyError):
        parse("google-api", wrong, {"start": "91"}, status=400)


@pytest.mark.parametrize(
    ("code", "free"),
    [("by", True), ("by-sa", True), ("cc0", True), ("pdm", True), ("by-nc", False), ("by-nd", False),
     ("by-nc-sa", False),
     ("by-nc-nd", False), ("sampling+", False), ("nc-sampling+", False), ("", False), ("unheard-of", False)],
)  # fmt: skip
def test_licences_of_openverse_are_free_or_not(code: str, free: bool) -> None:
    assert is_free(first_of("openverse", license=code, license_version="2.0").licence) is free
    assert is_free(first_of("openverse", license=code, license_version=None).licence) is free


@pytest.mark.parametrize(("number", "free"), [*((str(n), n in (4, 5, 7, 9, 10)) for n in range(17)), ("", False)])
def test_licences_of_flickr_are_free_or_not(number: str, free: bool) -> None:
    assert is_free(first_of("flickr", license=number).licence) is free


def test_flickr_is_asked_for_exactly_the_licences_that_are_free() -> None:
    request = flickr.build_request(SourceQuery("말", keys={"flickr_key": "k"}, free_only=True))
    free = {number for number, (name, _) in flickr.LICENCES.items() if is_free(name)}
    assert set(request.params["license"].split(",")) == free


@pytest.mark.parametrize(
    ("code", "free"), [("Type1", True), ("Type2", False), ("Type3", False), ("Type4", False), (None, False)]
)
def test_licences_of_the_tourism_organization_are_free_or_not(code: str | None, free: bool) -> None:
    assert is_free(first_of("kto-gallery", cpyrhtDivCd=code).licence) is free


@pytest.mark.parametrize(
    ("name", "free"),
    [("CC BY-SA 4.0", True), ("CC BY 2.0", True), ("CC0", True), ("Public domain", True), ("CC BY-NC 2.0", False)],
)
def test_licences_of_commons_are_free_or_not(name: str, free: bool) -> None:
    image = commons_image(extmetadata={"LicenseShortName": {"value": name}})
    assert is_free(parse("commons-search", commons_pages([image])).candidates[0].licence) is free


def test_openverse_is_asked_for_no_more_than_it_gives_without_a_key() -> None:
    request = openverse.build_request(SourceQuery("말", cursor={"page": "99"}, free_only=True))
    assert (request.params["page_size"], request.params["page"]) == ("20", "20")
    assert request.params["license"] == "by,by-sa,cc0,pdm"
    many = {"page_count": 500, "result_count": 9000, "results": [{"url": "http://img.test/1.jpg"}]}
    assert parse("openverse", many, {"page": "20"}).next_cursor is None


def test_flickr_repeats_itself_after_four_thousand_so_it_ends_there() -> None:
    item = {"id": "1", "license": "4", "url_l": "http://img.test/1.jpg"}
    many = {"stat": "ok", "photos": {"pages": 99, "total": "24000", "photo": [item]}}
    assert parse("flickr", many, {"page": "15"}).next_cursor == {"page": "16"}
    assert parse("flickr", many, {"page": "16"}).next_cursor is None


def test_flickr_without_a_size_that_may_be_fetched_gives_nothing_and_without_a_position_none() -> None:
    hidden = {"stat": "ok", "photos": {"pages": 1, "total": 1, "photo": [{"id": "1", "license": "0"}]}}
    assert parse("flickr", hidden).candidates == ()
    assert first_of("flickr", latitude=0, longitude="0").position is None
    placed = first_of("flickr")
    assert placed.position == Position(33.5283, 126.7714)
    assert placed.page_url == "https://www.flickr.com/photos/1@N00/5300001/"
    assert str(placed.taken_at) == "2021-05-01 10:00:00"
    assert first_of("flickr", datetaken="0000-00-00 00:00:00").taken_at is None
    assert first_of("flickr", owner="../x").page_url == ""


def commons_image(**fields: Any) -> dict[str, Any]:
    item = json.loads((RECORDED / "commons-search" / "item.json").read_bytes())["imageinfo"][0]
    addresses = {"thumburl": "http://img.test/960px-a.jpg", "url": "http://img.test/a.jpg"}
    return {**item, **addresses, **fields}


def commons_pages(images: list[dict[str, Any] | None], first: int = 1, **answer: Any) -> dict[str, Any]:
    pages = [
        {"pageid": number, "index": number, "title": f"File:{number}.jpg", **({"imageinfo": [image]} if image else {})}
        for number, image in enumerate(images, start=first)
    ]
    return {"batchcomplete": True, **answer, "query": {"pages": pages}}


def test_commons_writes_authors_in_html_which_is_stripped() -> None:
    said = {
        "Artist": {"value": '<a href="//x" onclick="alert(1)">Kim &amp; Lee</a><style>p{}</style><script>x()</script>'},
        "LicenseShortName": {"value": "CC BY-SA 4.0"},
        "LicenseUrl": {"value": "//creativecommons.org/licenses/by-sa/4.0"},
    }
    (found,) = parse("commons-search", commons_pages([commons_image(extmetadata=said)])).candidates
    assert (found.author, found.licence) == ("Kim & Lee", "CC BY-SA 4.0")
    assert found.licence_url == "http://creativecommons.org/licenses/by-sa/4.0"
    (bare,) = parse("commons-search", commons_pages([commons_image(extmetadata=None)])).candidates
    assert (bare.author, bare.licence, bare.licence_url) == ("Tester", "", "")


def test_commons_gives_thumbnails_of_standard_widths_and_never_the_original() -> None:
    small = commons_search.build_request(SourceQuery("말", min_size_px=320)).params
    large = commons_search.build_request(SourceQuery("말", min_size_px=700)).params
    assert (small["iiurlwidth"], large["iiurlwidth"]) == ("960", "1280")
    tiny = commons_image(thumburl="http://img.test/a.jpg")
    drawing = commons_image(mime="image/svg+xml")
    page = parse("commons-search", commons_pages([tiny, drawing, commons_image()]))
    assert [candidate.image_url for candidate in page.candidates] == ["http://img.test/960px-a.jpg"]
    assert (page.candidates[0].width_px, page.candidates[0].height_px) == (960, 540)


def test_commons_sends_a_page_without_its_image_first_and_with_it_later_which_is_one_candidate() -> None:
    first = parse(
        "commons-search",
        commons_pages([commons_image(), None], **{"continue": {"iicontinue": "2|x", "continue": "||"}}),
    )
    assert first.next_cursor is not None
    asked = commons_search.build_request(SourceQuery("말", cursor=first.next_cursor)).params
    assert (asked["iicontinue"], asked["continue"]) == ("2|x", "||")
    assert "seen" not in asked
    second = parse("commons-search", commons_pages([commons_image()], first=2), dict(first.next_cursor))
    assert [c.source_id for c in (*first.candidates, *second.candidates)] == ["1", "2"]
    assert second.next_cursor is None


def test_commons_that_would_repeat_itself_has_ended_and_cannot_change_the_question() -> None:
    same = {"continue": {"gsroffset": 50, "continue": "||"}}
    assert (
        parse(
            "commons-search", commons_pages([], **same), {"gsroffset": "50", "continue": "||", "seen": "50"}
        ).next_cursor
        is None
    )
    evil = {"continue": {"action": "edit", "format": "xml", "gsroffset": 50}}
    assert parse("commons-search", commons_pages([], **evil)).next_cursor == {"gsroffset": "50", "seen": "0"}
    asked = commons_search.build_request(SourceQuery("말", cursor={"action": "edit", "gsroffset": "50"})).params
    assert (asked["action"], asked["gsroffset"]) == ("query", "50")


@pytest.mark.parametrize(
    ("stated", "wait_s"), [("7", 7.0), ("1", 5.0), ("nonsense", 60.0), ("-3", 60.0), ("99999", 60.0)]
)
def test_commons_that_lags_is_asked_again_after_what_it_says_but_five_seconds_at_least(
    stated: str, wait_s: float
) -> None:
    with pytest.raises(SourceBusy) as caught:
        parse("commons-search", {"error": {"code": "maxlag", "lag": 7.2}}, headers={"retry-after": stated})
    assert caught.value.values["wait_s"] == wait_s


def test_places_without_a_position_cannot_be_searched_around() -> None:
    with pytest.raises(SourceFailed) as caught:
        SOURCES["commons-near"].build_request(SourceQuery("말"))
    assert caught.value.code == "source.no_position"


def test_the_tourism_organizations_key_goes_as_it_was_given() -> None:
    request = SOURCES["kto-gallery"].build_request(SourceQuery("말", keys={"data_go_kr_key": "a+b/c=="}))
    assert request.params["serviceKey"] == "a+b/c=="


def test_keys_stand_in_no_address_and_no_error() -> None:
    request = kakao.build_request(SourceQuery("말", keys={"kakao_key": "planted"}))
    assert "planted" not in request.url + str(dict(request.params))
    assert request.headers["Authorization"] == "KakaoAK planted"


def test_a_list_of_something_else_than_results_is_a_changed_layout() -> None:
    with pytest.raises(SourceLayoutError):
        parse("naver-api", {"total": 2, "items": ["http://img.test/1.jpg", 7]})
    mixed = {"total": 2, "items": [None, {"link": "http://img.test/1.jpg"}]}
    assert len(parse("naver-api", mixed).candidates) == 1
