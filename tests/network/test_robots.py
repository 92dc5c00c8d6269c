"""What a robots.txt allows, and above all what a missing, broken or disguised one does not."""

from urllib.parse import quote

import pytest

from core.errors import RobotsRefused
from core.network.fetch import Fetcher
from core.network.message import Request
from core.network.robots import MOST_BYTES, read_rules
from core.network.transport import Answer
from tests.support.doors import HandClock, MakeDoor
from tests.support.loopback import RESET, Loopback, head, loopback, redirect, reply

RULES = b"User-agent: *\nDisallow: /private\nAllow: /private/open\n"
TEXT = {"content_type": "text/plain; charset=utf-8"}
HTML = b"<!DOCTYPE html><html><body>Not found</body></html>"
NOTHING_READ = [
    ("500", reply(500)),
    ("503 with a date", reply(503, Retry_After="5")),
    ("429", reply(429)),
    ("html", reply(body=HTML, content_type="text/html")),
    ("html said to be text", reply(body=HTML, **TEXT)),
    ("html after blanks", reply(body=b"\xef\xbb\xbf\n  <HTML>", **TEXT)),
    ("a picture", reply(body=b"\x89PNG\r\n\x1a\n\0\0", content_type="image/png")),
    ("bytes said to be text", reply(body=b"User-agent: *\n\0\0", **TEXT)),
    ("cut off", (head(Content_Length="500", **TEXT) + RULES, "close")),
    ("reset", (RESET,)),
    ("redirect loop", redirect("/robots.txt")),
    ("redirect to a file", redirect("file:///etc/passwd")),
    ("redirect to nowhere", redirect("http://[::1]:1/robots.txt")),
    ("too slow", (30.0,)),
]


def allows(door: Fetcher, server: Loopback, path: str) -> bool:
    server.answers.setdefault(path, reply(body=b"x"))
    try:
        door.send(Request(server.url + path))
    except RobotsRefused:
        return False
    return True


def test_rules_are_kept_and_what_they_forbid_never_arrives(door: Fetcher, server: Loopback) -> None:
    server.answers["/robots.txt"] = reply(body=RULES, **TEXT)
    assert [allows(door, server, path) for path in ("/", "/private/x", "/private/open/x")] == [True, False, True]
    assert server.paths() == ["/", "/private/open/x"] and len(server.times("/robots.txt")) == 1


def test_a_refusal_says_which_host_it_was(door: Fetcher, server: Loopback) -> None:
    server.answers["/robots.txt"] = reply(body=RULES, **TEXT)
    with pytest.raises(RobotsRefused) as refused:
        door.send(Request(f"{server.url}/private"))
    assert (refused.value.code, refused.value.values) == ("network.robots", {"host": "127.0.0.1"})


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_without_a_file_there_are_no_rules(door: Fetcher, server: Loopback, status: int) -> None:
    server.answers["/robots.txt"] = reply(status, RULES, **TEXT)
    assert allows(door, server, "/private/x")


def test_an_empty_file_has_no_rules(door: Fetcher, server: Loopback) -> None:
    server.answers["/robots.txt"] = reply(**TEXT)
    assert allows(door, server, "/private/x")


@pytest.mark.parametrize("answer", [answer for _, answer in NOTHING_READ], ids=[name for name, _ in NOTHING_READ])
def test_what_cannot_be_read_keeps_us_out(make_door: MakeDoor, server: Loopback, answer: tuple[bytes, ...]) -> None:
    server.answers["/robots.txt"] = answer
    door = make_door(read_s=0.3)
    with pytest.raises(RobotsRefused) as refused:
        door.send(Request(f"{server.url}/photo"))
    assert refused.value.code == "network.robots_unread" and server.paths() == []
    assert not allows(door, server, "/other"), "it is remembered, too"


def test_a_host_that_was_out_of_order_is_looked_at_again(door: Fetcher, server: Loopback, clock: HandClock) -> None:
    server.answers["/robots.txt"] = [reply(500), reply(404)]
    assert not allows(door, server, "/photo")
    clock.sleep(601)
    assert allows(door, server, "/photo")


def test_a_byte_order_mark_hides_no_rule(door: Fetcher, server: Loopback) -> None:
    server.answers["/robots.txt"] = reply(body=b"\xef\xbb\xbf" + RULES, **TEXT)
    assert not allows(door, server, "/private/x")


def test_rules_that_are_said_to_be_html_are_kept(door: Fetcher, server: Loopback) -> None:
    server.answers["/robots.txt"] = reply(body=RULES, content_type="text/html")
    assert not allows(door, server, "/private/x") and allows(door, server, "/x")


def test_the_first_500_kib_of_a_long_file_count_and_its_last_line_is_no_half_rule(
    door: Fetcher, server: Loopback
) -> None:
    filler = b"# a comment of many words, all of them of no use to anybody\n" * 12_000
    server.answers["/robots.txt"] = reply(body=RULES + filler + b"User-agent: *\nDisallow: /late\n", **TEXT)
    assert not allows(door, server, "/private/x") and allows(door, server, "/late")
    line = b"\nDisallow: /"  # and it went on: pictures
    assert read_rules(Answer(200, {}, (RULES + filler)[: MOST_BYTES - len(line)] + line)).allows("http://x/anything")


def test_a_redirect_is_followed_to_another_host_and_rules_the_first(make_door: MakeDoor, server: Loopback) -> None:
    with loopback("127.0.0.2") as other:
        server.answers["/robots.txt"] = redirect(f"{other.url}/rules.txt")
        other.answers["/rules.txt"] = reply(body=RULES, **TEXT)
        door = make_door(allow_private_hosts=frozenset({server.site, other.site}))
        assert not allows(door, server, "/private/x") and allows(door, server, "/x")
        assert len(other.paths()) == 1


def test_a_delay_that_is_asked_for_is_kept(make_door: MakeDoor, server: Loopback) -> None:
    server.answers["/robots.txt"] = reply(body=b"User-agent: *\nCrawl-delay: 2\n", **TEXT)
    door = make_door(pace_s=0.1)
    assert all(allows(door, server, "/x") for _ in range(4))
    assert all(2 <= gap <= 2.3 for gap in server.gaps("/x"))


def test_a_rate_is_a_delay_too(door: Fetcher, server: Loopback) -> None:
    server.answers["/robots.txt"] = reply(body=b"User-agent: *\nRequest-rate: 1/10\n", **TEXT)
    assert all(allows(door, server, "/x") for _ in range(2)) and server.gaps("/x")[0] >= 10


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("User-agent: *\nDisallow: /\n\nUser-agent: Eodi\nDisallow: /own\n", (True, False)),
        ("User-agent: EODI\nAllow: /\n\nUser-agent: *\nDisallow: /\n", (True, True)),
        ("User-agent: *\nAllow: /\n\nUser-agent: eodi\nDisallow: /\n", (False, False)),
        ("User-agent: EodiPictures\nDisallow: /\n\nUser-agent: *\nAllow: /\n", (True, True)),
        ("User-agent: Other\nUser-agent: Eodi\nDisallow: /own\n", (True, False)),
    ],
)
def test_a_group_that_names_us_counts_before_that_for_all(
    door: Fetcher, server: Loopback, rules: str, expected: tuple[bool, bool]
) -> None:
    server.answers["/robots.txt"] = reply(body=rules.encode(), **TEXT)
    assert (allows(door, server, "/x"), allows(door, server, "/own/x")) == expected


@pytest.mark.parametrize("rule", ["/사진", quote("/사진"), quote("/사진").lower()])
def test_korean_paths_are_meant_however_they_are_written(door: Fetcher, server: Loopback, rule: str) -> None:
    server.answers["/robots.txt"] = reply(body=f"User-agent: *\nDisallow: {rule}\n".encode(), **TEXT)
    for path in ("/사진/1.jpg", quote("/사진/1.jpg"), quote("/사진/1.jpg").lower()):
        with pytest.raises(RobotsRefused):
            door.send(Request(server.url + path))
    assert allows(door, server, quote("/그림/1.jpg")) and server.paths() == [quote("/그림/1.jpg")]


def test_a_documented_api_is_exempt_by_name_only(make_door: MakeDoor, server: Loopback) -> None:
    server.answers["/robots.txt"] = reply(body=b"User-agent: *\nDisallow: /", **TEXT)
    assert allows(make_door(api_hosts=frozenset({server.site})), server, "/w/api.php")
    assert server.times("/robots.txt") == []
    assert not allows(make_door(api_hosts=frozenset({"api.example"})), server, "/w/api.php")


def test_rules_are_asked_for_again_after_a_day(door: Fetcher, server: Loopback, clock: HandClock) -> None:
    server.answers["/robots.txt"] = [reply(404), reply(body=RULES, **TEXT)]
    assert allows(door, server, "/private/x")
    clock.sleep(23 * 3600)
    assert allows(door, server, "/private/x")
    clock.sleep(2 * 3600)
    assert not allows(door, server, "/private/x")
