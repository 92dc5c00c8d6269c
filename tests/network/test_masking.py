"""Keys are in no log, no error, no address that is kept, whatever happens to the request that carries them."""

import logging
import traceback
from urllib.parse import quote, quote_plus

import pytest

from core.errors import EodiError
from core.network.masking import holds_secret, masked, without_secrets
from core.network.message import Request
from tests.support.doors import MakeDoor
from tests.support.loopback import CLOSE, RESET, Loopback, Steps, head, redirect, reply

# Twelve keys, in shapes that sources give out; half go in the query, half in a header.
KEYS = [
    "AIzaSyA-planted_key_1",
    "planted+key/2==",
    "planted key 3",
    "planted%2Bkey%3D4",
    "planted&key=5",
    "planted:key@6",
    "IGQVJ_planted_7",
    "KakaoAK planted8",
    "planted.9.jwt-like",
    "Bearer planted-10",
    "planted'11\"",
    "planted#12?x",
]
HAPPENINGS: dict[str, Steps] = {
    "200": reply(body=b"x"),
    "401": reply(401),
    "429": reply(429),
    "500": reply(500),
    "time-out": (60.0,),
    "reset": (RESET,),
    "cut": (head(Content_Length="99") + b"x", CLOSE),
    "gzip": reply(body=b"x", Content_Encoding="gzip"),
    "bad header": (b"HTTP/1.1 200 OK\r\n: x\r\nbad\r\nContent-Length: 0\r\n\r\n",),
    "redirect": redirect("/other?{query}"),
    "redirect away": redirect("http://127.0.0.1:1/?{query}"),
    "redirect to itself": redirect("/api?{query}"),
}


def spellings(key: str) -> set[str]:
    return {key, quote(key), quote(key, safe=""), quote_plus(key)}


@pytest.mark.parametrize("happening", [*HAPPENINGS, "unknown name", "bad certificate"])
def test_no_key_is_seen_whatever_happens(
    make_door: MakeDoor, server: Loopback, mirror: Loopback, caplog: pytest.LogCaptureFixture, happening: str
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "urllib3.connectionpool", "urllib3.connection", "requests", "core"):
        caplog.set_level(logging.DEBUG, name)
    hosts = frozenset({server.site, mirror.site, "no-such-host.invalid"})
    door = make_door(read_s=0.2, tries=2, api_hosts=hosts, allow_private_hosts=hosts)
    elsewhere = {"unknown name": "http://no-such-host.invalid/api", "bad certificate": f"{mirror.url}/api"}
    url = elsewhere.get(happening, f"{server.url}/api")
    told: list[str] = []
    for number, key in enumerate(KEYS[:2] if happening in {"time-out", "bad header"} else KEYS):
        server.answers["/api"] = tuple(
            step.replace(b"{query}", b"key=" + quote(key, safe="").encode()) if isinstance(step, bytes) else step
            for step in HAPPENINGS.get(happening, ())
        )
        in_query = {"key": key} if number % 2 == 0 else {}
        in_header = {} if in_query else {"X-Key": key}
        try:
            told.append(repr(door.send(Request(url, in_query, in_header, frozenset({"key", "X-Key"}), "naver"))))
        except EodiError as error:
            told.append("".join(traceback.format_exception(error)) + repr(error.values) + repr(error.__context__))
    told += [f"{record.getMessage()} {record.args} {record.exc_text}" for record in caplog.records]
    told += [caplog.text]
    assert [key for key in KEYS for form in spellings(key) for text in told if form in text] == []
    assert happening in elsewhere or any(seen.headers.get("x-key") == KEYS[1] for seen in server.seen)


def test_other_addresses_in_the_log_stay_readable(
    make_door: MakeDoor, server: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "urllib3.connectionpool")
    make_door().send(Request(f"{server.url}/api", {"q": "x"}))
    assert '"GET /api?***' in caplog.text


def test_an_address_loses_its_secret_parameters_only() -> None:
    request = Request("http://x/", {"key": "key 12", "q": "성산"}, {"X-Id": "abcdef"}, frozenset({"key", "X-Id"}))
    assert without_secrets("http://x/a?key=key+12&q=%EC%84%B1&n=", request) == "http://x/a?q=%EC%84%B1&n="
    assert without_secrets("http://x/a?other=key+12", request) == "http://x/a"
    assert without_secrets("http://x/abcdef/key%2012", request) == "http://x/***/***"
    assert without_secrets("http://x/login?next=%2Fa%3Fkey%3Dkey%252012", request) == "http://x/login"
    assert without_secrets("http://x/a?q=%ec%84%b1", request) == "http://x/a?q=%ec%84%b1"


def test_a_secret_is_found_however_it_is_written() -> None:
    assert holds_secret("http://x/?k=abc%2Bdef", {"abc+def"}) and holds_secret("http://x/?k=abc+def", {"abc def"})
    assert not holds_secret("http://x/", {"abc+def"}) and masked("abc+def abc%2Bdef", ["abc+def"]) == "*** ***"


def test_a_value_too_short_for_a_key_garbles_no_answer(make_door: MakeDoor, server: Loopback) -> None:
    server.answers["/api"] = reply(body=b'{"total": 1}', Content_Type="image/x")
    response = make_door().send(Request(f"{server.url}/api", {"key": "1"}, {"X-Id": "x"}, frozenset({"key", "X-Id"})))
    assert (response.content, response.media_type, response.url) == (b'{"total": 1}', "image/x", f"{server.url}/api")


def test_a_key_that_a_host_sends_back_is_masked_in_its_answer(make_door: MakeDoor, server: Loopback) -> None:
    server.answers["/api"] = reply(
        body=b'{"next": "http:\\/\\/x?t=IGQ%2Fplanted", "a": "IGQ\\/planted", "b": "IGQ/planted"}'
    )
    request = Request(f"{server.url}/api", {"t": "IGQ/planted"}, secret=frozenset({"t"}))
    answer = make_door().send(request).text
    assert answer == '{"next": "http:\\/\\/x?t=***", "a": "***", "b": "***"}'
