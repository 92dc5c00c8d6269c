"""Caps in bytes and time, and what becomes of answers that lie, drip or break off. Real time, short limits."""

import gzip
import time

import pytest

from core.errors import NetworkFailed
from core.network.fetch import Fetcher
from core.network.message import Request
from tests.support.doors import MakeDoor
from tests.support.loopback import CLOSE, RESET, Loopback, Steps, head, reply

SOON_S = 30.0


def failing(door: Fetcher, server: Loopback, steps: Steps, max_bytes: int = 2**20) -> NetworkFailed:
    """Return the error that an answer leads to."""
    server.answers["/photo"] = steps
    with pytest.raises(NetworkFailed) as failed:
        door.send(Request(f"{server.url}/photo", max_bytes=max_bytes))
    assert server.paths() == ["/photo"]
    return failed.value


def test_an_answer_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(door: Fetcher, server: Loopback) -> None:
    server.answers |= {"/fits": reply(body=b"x" * 1000), "/photo": reply(body=b"x" * 1001)}
    assert len(door.send(Request(f"{server.url}/fits", max_bytes=1000)).content) == 1000
    with pytest.raises(NetworkFailed) as failed:
        door.send(Request(f"{server.url}/photo", max_bytes=1000))
    assert failed.value.code == "network.too_large"


def test_a_stated_length_over_the_limit_is_refused_before_a_byte_is_read(door: Fetcher, server: Loopback) -> None:
    error = failing(door, server, (head(Content_Length=str(30 * 2**20)), 60.0), 20 * 2**20)
    assert error.code == "network.too_large" and error.values == {"host": "127.0.0.1", "limit_mb": 20}


def test_an_answer_without_end_is_cut_off(door: Fetcher, server: Loopback) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    assert failing(door, server, (head(Transfer_Encoding="chunked"), *(chunk,) * 2000)).code == "network.too_large"


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip"])
def test_bytes_are_counted_after_they_were_unpacked(door: Fetcher, server: Loopback, encoding: str) -> None:
    bomb = gzip.compress(bytes(50 * 2**20), 1)
    for _ in range(encoding.count(",")):
        bomb = gzip.compress(bomb)
    assert len(bomb) < 2**20
    steps = (head(Content_Encoding=encoding, Content_Length=str(len(bomb))) + bomb,)
    assert failing(door, server, steps).code == "network.too_large"


def test_a_packed_answer_is_unpacked(door: Fetcher, server: Loopback) -> None:
    server.answers["/api"] = reply(body=gzip.compress("성산".encode()), Content_Encoding="gzip")
    assert door.send(Request(f"{server.url}/api", source="commons")).text == "성산"
    assert server.seen[-1].headers["accept-encoding"] == "gzip"
    server.answers["/photo"] = reply()
    door.send(Request(f"{server.url}/photo"))
    assert server.seen[-1].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ((head(Content_Length="1000") + b"x" * 500, CLOSE), "network.truncated"),
        ((head(Content_Length="1000") + b"x" * 500, 0.1, RESET), "network.truncated"),
        ((head(Transfer_Encoding="chunked") + b"400\r\n" + b"x" * 500, CLOSE), "network.truncated"),
        ((head(Transfer_Encoding="chunked") + b"zz\r\n", CLOSE), "network.truncated"),
        ((*reply(body=b"no gzip at all", Content_Encoding="gzip"),), "network.garbled"),
    ],
    ids=["length", "reset", "chunk", "chunk size", "gzip"],
)
def test_an_answer_that_breaks_off_is_no_answer(door: Fetcher, server: Loopback, steps: Steps, code: str) -> None:
    assert failing(door, server, steps).code == code


@pytest.mark.parametrize(
    "steps",
    [
        (head(Content_Length="99"), *(b"x", 0.1) * 99),
        (*(bytes([byte]) for byte in b"HTTP/1.1 200 OK\r\n"), *(b"X: y\r\n", 0.1) * 99),
        (head(Transfer_Encoding="chunked"), *(b"1\r\nx\r\n", 0.1) * 99),
    ],
    ids=["bytes", "headers", "chunks"],
)
def test_a_drip_ends_at_the_limit_of_the_clock_on_the_wall(make_door: MakeDoor, server: Loopback, steps: Steps) -> None:
    began = time.monotonic()
    error = failing(make_door(total_s=0.5, api_hosts=frozenset({server.site})), server, steps)
    assert error.code == "network.slow" and 0.5 <= time.monotonic() - began < SOON_S


@pytest.mark.parametrize("steps", [(60.0,), (head(Content_Length="99") + b"x", 60.0)], ids=["headers", "bytes"])
def test_a_silence_ends_too(make_door: MakeDoor, server: Loopback, steps: Steps) -> None:
    error = failing(make_door(read_s=0.3, api_hosts=frozenset({server.site})), server, steps)
    assert error.code == "network.slow" and error.values == {"host": "127.0.0.1", "limit": 1}


@pytest.mark.parametrize(
    "steps",
    [(b"not http at all\r\n\r\n", CLOSE), (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 70_000 + b"\r\n\r\n", CLOSE)],
    ids=["no http", "long header"],
)
def test_what_is_not_http_is_no_answer(make_door: MakeDoor, server: Loopback, steps: Steps) -> None:
    assert failing(make_door(tries=1), server, steps).code == "network.no_answer"


def test_nothing_listens(make_door: MakeDoor, server: Loopback) -> None:
    site = "127.0.0.9:9"
    door = make_door(allow_private_hosts=frozenset({site}), api_hosts=frozenset({site}))
    with pytest.raises(NetworkFailed) as failed:
        door.send(Request(f"http://{site}/"))
    assert failed.value.code == "network.no_answer"


def test_an_empty_answer_is_an_answer(door: Fetcher, server: Loopback) -> None:
    server.answers["/photo"] = reply()
    assert door.send(Request(f"{server.url}/photo")).content == b""
