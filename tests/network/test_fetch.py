"""The door from outside: what it says of us, where it follows, what it hands back, how it is stopped."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from statistics import median
from urllib.parse import quote

import pytest
import requests

from core.errors import AddressRefused, JobStopped, NetworkFailed
from core.network.clock import Stop
from core.network.fetch import Fetcher
from core.network.message import Request
from core.network.policy import FetchPolicy
from tests.browser.canary import canary
from tests.support.doors import HandClock, MakeDoor, MemoryLedger
from tests.support.loopback import Loopback, Seen, Steps, head, loopback, redirect, reply

SOON_S = 30.0  # far more than a stop takes, far less than what it ends


def test_an_answer_comes_back_as_it_was_sent(door: Fetcher, server: Loopback) -> None:
    server.answers["/사진"] = reply()
    server.answers["/" + quote("사진 1.jpg")] = reply(body=b"\xff\xd8bytes", Content_Type="Image/JPEG; q=1")
    response = door.send(Request(f"{server.url}/사진 1.jpg", {"q": "성산 일출봉"}))
    assert (response.status, response.content, response.media_type) == (200, b"\xff\xd8bytes", "image/jpeg")
    assert response.url == f"{server.url}/{quote('사진 1.jpg')}?q={quote('성산')}+{quote('일출봉')}"


@pytest.mark.parametrize("status", [204, 304, 400, 401, 403, 404, 410, 418])
def test_any_other_status_is_handed_back_after_one_request(door: Fetcher, server: Loopback, status: int) -> None:
    server.answers["/api"] = reply(status, b"" if status in {204, 304} else b'{"error": "key"}')
    assert door.send(Request(f"{server.url}/api", source="naver")).status == status
    assert server.paths() == ["/api"]


def test_we_say_who_we_are_and_nothing_of_others(door: Fetcher, server: Loopback) -> None:
    server.answers["/"] = reply(body=b"x", Set_Cookie="id=1; Path=/")
    for _ in range(2):
        door.send(Request(f"{server.url}/", headers={"X-Wanted": "yes", "User-Agent": "Mozilla/5.0"}))
    for seen in server.seen:
        assert seen.headers["user-agent"] == f"Eodi/0.1.0 (crew@example.org) python-requests/{requests.__version__}"
        assert not {"cookie", "referer", "authorization"} & set(seen.headers)
    assert server.seen[-1].headers["x-wanted"] == "yes"


@pytest.mark.parametrize("contact", ["", "a\r\nX-Evil: 1", "(mail) 제주"])
def test_a_contact_cannot_break_the_header(contact: str) -> None:
    agent = FetchPolicy(contact, "1").user_agent
    assert agent.isascii() and agent.isprintable() and agent.count("(") == agent.count(")") == 1


def test_proxies_and_keys_of_the_surroundings_are_ignored(
    make_door: MakeDoor, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    with canary() as bird:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, bird.url)
        server.answers["/"] = reply(body=b"x")
        assert make_door().send(Request(f"{server.url}/")).content == b"x"
        assert bird.heard == []


class TestRedirects:
    def test_three_are_followed_and_the_address_that_answered_is_told(self, door: Fetcher, server: Loopback) -> None:
        server.answers |= {"/1": redirect("/2"), "/2": redirect("3", 301), "/3": redirect("/끝?a=b", 308)}
        server.answers[f"/{quote('끝')}"] = reply(body=b"end")
        response = door.send(Request(f"{server.url}/1"))
        assert response.content == b"end" and response.url == f"{server.url}/{quote('끝')}?a=b"

    def test_a_fourth_is_not(self, door: Fetcher, server: Loopback) -> None:
        server.answers |= {f"/{n}": redirect(f"/{n + 1}") for n in range(1, 10)}
        with pytest.raises(AddressRefused) as refused:
            door.send(Request(f"{server.url}/1"))
        assert refused.value.code == "network.redirects" and server.paths() == ["/1", "/2", "/3", "/4"]

    def test_a_loop_ends(self, door: Fetcher, server: Loopback) -> None:
        server.answers["/"] = redirect("/")
        with pytest.raises(AddressRefused):
            door.send(Request(f"{server.url}/"))
        assert server.paths() == ["/"] * 4

    @pytest.mark.parametrize(
        "wall",
        ["/accounts/login/?next=%2F", "/sorry/index?continue=x", "/login.php", "https://nid.naver.com/nidlogin.login"],
    )
    def test_a_login_or_a_captcha_is_not_asked_for_but_handed_back(
        self, door: Fetcher, server: Loopback, wall: str
    ) -> None:
        server.answers["/tags"] = redirect(wall)
        response = door.send(Request(f"{server.url}/tags", source="instagram"))
        assert response.status == 302 and response.url.endswith(wall) and server.paths() == ["/tags"]

    def test_a_redirect_without_an_address_is_an_answer(self, door: Fetcher, server: Loopback) -> None:
        server.answers["/"] = reply(302)
        assert door.send(Request(f"{server.url}/")).status == 302

    def test_its_body_is_never_read(self, door: Fetcher, server: Loopback) -> None:
        server.answers["/"] = (head(302, Location="/end", Content_Length=str(2**40)), b"x" * 1000, 60.0)
        server.answers["/end"] = reply(body=b"end")
        assert door.send(Request(f"{server.url}/")).content == b"end"

    def test_robots_of_the_next_host_counts_too(self, make_door: MakeDoor, server: Loopback) -> None:
        with loopback("127.0.0.2") as other:
            other.answers |= {"/robots.txt": reply(body=b"User-agent: *\nDisallow: /"), "/photo": reply(body=b"x")}
            server.answers["/"] = redirect(f"{other.url}/photo")
            door = make_door(allow_private_hosts=frozenset({server.site, other.site}))
            with pytest.raises(NetworkFailed) as refused:
                door.send(Request(f"{server.url}/"))
            assert refused.value.code == "network.robots" and other.paths() == []


class TestKeys:
    SECRET = "s3cret-key-value"

    def request(self, url: str) -> Request:
        return Request(url, {"key": self.SECRET, "q": "x"}, {"X-Key": self.SECRET}, frozenset({"key", "X-Key"}))

    @pytest.fixture
    def other(self, clock: HandClock) -> object:
        with loopback("127.0.0.2", clock.monotonic) as running:
            running.answers["/"] = reply(body=b"x")
            yield running

    def test_they_reach_the_host_that_they_are_for_and_not_the_address_that_is_told(
        self, door: Fetcher, server: Loopback
    ) -> None:
        server.answers["/api"] = reply(X_Echo=f"you sent {self.SECRET}")
        response = door.send(self.request(f"{server.url}/api"))
        assert server.seen[-1].path == f"/api?key={self.SECRET}&q=x"
        assert server.seen[-1].headers["x-key"] == self.SECRET
        assert response.url == f"{server.url}/api?q=x" and self.SECRET not in repr(response)

    def test_they_follow_a_redirect_on_the_same_host(self, door: Fetcher, server: Loopback) -> None:
        server.answers |= {"/a": redirect("/b"), "/b": reply()}
        door.send(self.request(f"{server.url}/a"))
        assert server.seen[-1].headers["x-key"] == self.SECRET

    def test_they_do_not_follow_one_to_another_host(
        self, make_door: MakeDoor, server: Loopback, other: Loopback
    ) -> None:
        server.answers["/a"] = redirect(f"{other.url}/")
        make_door(allow_private_hosts=frozenset({server.site, other.site})).send(self.request(f"{server.url}/a"))
        assert other.paths() == ["/"] and all("x-key" not in seen.headers for seen in other.seen)

    def test_an_address_that_carries_one_on_to_another_host_is_not_asked(
        self, make_door: MakeDoor, server: Loopback, other: Loopback
    ) -> None:
        server.answers["/a"] = redirect(f"{other.url}/?back={quote(self.SECRET)}")
        door = make_door(allow_private_hosts=frozenset({server.site, other.site}))
        with pytest.raises(AddressRefused) as refused:
            door.send(self.request(f"{server.url}/a"))
        assert refused.value.code == "network.secret" and other.seen == []

    @pytest.mark.parametrize("value", ["two\nlines", "열쇠", "tab\there"])
    def test_one_that_no_header_holds_is_told_without_its_value(
        self, door: Fetcher, server: Loopback, value: str
    ) -> None:
        with pytest.raises(NetworkFailed) as failed:
            door.send(Request(f"{server.url}/", headers={"X-Key": value}, secret=frozenset({"X-Key"})))
        assert failed.value.code == "network.header" and failed.value.values == {"name": "X-Key"}
        assert server.paths() == []


class TestTurns:
    def test_one_request_at_a_time_goes_to_a_host_whatever_threads_want(
        self, make_door: MakeDoor, server: Loopback
    ) -> None:
        server.answers["/"] = (0.01, *reply(body=b"x"))
        door = make_door()
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda _: door.send(Request(f"{server.url}/")), range(24)))
        assert server.most_at_once == 1 and len(server.paths()) == 24

    def test_two_hosts_are_asked_side_by_side(self, make_door: MakeDoor, server: Loopback) -> None:
        meet = threading.Barrier(2, timeout=SOON_S)

        def answer(_: Seen) -> Steps:
            meet.wait()
            return reply(body=b"x")

        with loopback("127.0.0.2") as other:
            for host in (server, other):
                host.answers["/"] = answer
            door = make_door(allow_private_hosts=frozenset({server.site, other.site}))
            with ThreadPoolExecutor(2) as threads:
                answers = list(threads.map(lambda host: door.send(Request(f"{host.url}/")), (server, other)))
        assert [answer.content for answer in answers] == [b"x", b"x"]


class TestStop:
    """Everything that may take long ends soon after a stop; each of these would take minutes without."""

    @pytest.fixture
    def patient(self, policy: FetchPolicy, memory: MemoryLedger) -> MakeDoor:
        """Make doors with a real clock that wait for minutes."""
        limits = replace(policy, total_s=600.0, read_s=600.0)
        return lambda **changes: Fetcher(replace(limits, **changes), memory)

    def test_before_anything_is_sent(self, door: Fetcher, server: Loopback) -> None:
        with pytest.raises(JobStopped):
            door.send(Request(f"{server.url}/"), lambda: True)
        assert server.seen == []

    @pytest.mark.parametrize(
        "steps", [(600.0,), (head(Content_Length="99"), *(b"x", 0.05) * 99, 600.0)], ids=["headers", "bytes"]
    )
    def test_while_an_answer_is_awaited_or_streams(self, patient: MakeDoor, server: Loopback, steps: Steps) -> None:
        server.answers["/"] = steps
        check_that_it_stops(patient(), f"{server.url}/")

    def test_while_the_pace_is_awaited(self, patient: MakeDoor, server: Loopback) -> None:
        server.answers["/"] = reply()
        check_that_it_stops(patient(pace_s=100.0), f"{server.url}/")
        assert server.paths() == []  # the pace counts from the request for robots.txt

    def test_while_a_busy_host_is_given_time(self, patient: MakeDoor, server: Loopback) -> None:
        server.answers["/"] = reply(429, Retry_After="100")
        check_that_it_stops(patient(), f"{server.url}/")
        assert server.paths() == ["/"]

    def test_while_another_thread_has_the_turn(self, patient: MakeDoor, server: Loopback) -> None:
        server.answers["/slow"] = (600.0,)
        door, over = patient(), threading.Event()
        holder = Sending(door, f"{server.url}/slow", over.is_set)
        while server.paths() != ["/slow"]:
            time.sleep(0.01)
        check_that_it_stops(door, f"{server.url}/other")
        over.set()
        assert isinstance(holder.end(), JobStopped) and server.paths() == ["/slow"]


class Sending:
    """A request in a thread of its own, which ends with the test whatever becomes of it."""

    def __init__(self, door: Fetcher, url: str, stop: Stop) -> None:
        self.door, self.request, self.stop = door, Request(url), stop
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        try:
            self.door.send(self.request, self.stop)
        except BaseException as error:  # noqa: BLE001  # looked at in the test's thread
            self.error = error

    def end(self) -> BaseException | None:
        self.thread.join(SOON_S)
        return self.error


def check_that_it_stops(door: Fetcher, url: str) -> None:
    """Let a request wait for a while, ask for a stop, and look how often it had asked and that it ends."""
    asked: list[float] = []
    when = threading.Event()

    def stop() -> bool:
        asked.append(time.monotonic())
        return when.is_set()

    sending = Sending(door, url, stop)
    give_up = time.monotonic() + SOON_S
    while len(asked) < 10 and time.monotonic() < give_up:
        time.sleep(0.01)
    when.set()
    assert isinstance(sending.end(), JobStopped)
    assert median(later - earlier for earlier, later in pairwise(asked)) <= 0.2
