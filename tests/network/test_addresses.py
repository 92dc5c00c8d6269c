"""Addresses that are never asked: none of them opens a connection, however it is spelled."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.errors import AddressRefused, EodiError, RobotsRefused
from core.network.addresses import check_url, is_public, resolve
from core.network.fetch import Fetcher
from core.network.message import Request
from core.network.policy import FetchPolicy
from tests.browser.canary import Canary, canary
from tests.support.doors import MakeDoor
from tests.support.loopback import Loopback, redirect, reply

# Spellings of this machine; {port} is the canary's.
LOOPBACK = [
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://localhost.:{port}/",
    "http://LOCALHOST:{port}/",
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.0.0.1:{port}/",
    "http://017700000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://0.0.0.0:{port}/",
    "http://0:{port}/",
    "http://①②⑦.0.0.1:{port}/",
    "http://[::1]:{port}/",
    "http://[::]:{port}/",
    "http://[0:0:0:0:0:0:0:1]:{port}/",
]
PRIVATE = [
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/",
    "http://100.64.0.1/",
    "http://198.18.0.1/",
    "http://192.0.0.8/",
    "http://192.88.99.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://240.0.0.1/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[::7f00:1]:{port}/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fec0::1]/",
    "http://[fc00::1]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
]
NOT_HTTP = [
    "file:///etc/passwd",
    "ftp://127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/_GET",
    "data:text/html,hello",
    "javascript:alert(1)",
    "blob:http://127.0.0.1:{port}/1",
    "ws://127.0.0.1:{port}/",
    "\\\\127.0.0.1\\share",
    "//127.0.0.1:{port}/",
    "127.0.0.1:{port}/",
    "/etc/passwd",
    "",
    "http://",
    "http:///path",
]
DISGUISED = [
    "http://127.0.0.1:{port}\\@example.com/",
    "http://example.com\\@127.0.0.1:{port}/",
    "http://user:password@127.0.0.1:{port}/",
    "http://example.com@127.0.0.1:{port}/",
    "http://@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@example.com/",
    "http://127.0.0.1:{port}?@example.com/",
    "http://127.0.0.1%00.example.com:{port}/",
    "http://127.0.0.1:{port}\t/",
    "http://127.0.0.1:{port}\n/",
    "http://127.0.0.1:{port}/\r\nX-Header: 1",
    "http://127.0.0.1:{port} /",
    "http://127.0.0.1:99999/",
    "http://" + "a" * 300 + ".example/",
    "http://example.com/" + "a" * 9000,
]
OTHER_PORTS = ["http://example.com:22/", "https://example.com:3306/"]
EVERY = [*LOOPBACK, *PRIVATE, *NOT_HTTP, *DISGUISED, *OTHER_PORTS]


@pytest.fixture(scope="module")
def bird() -> Iterator[Canary]:
    with canary() as listening:
        yield listening


@pytest.fixture(autouse=True)
def nothing_is_heard(bird: Canary) -> Iterator[None]:
    """Hold each test of this file to it that no connection reaches the canary."""
    yield
    assert bird.heard == []


@pytest.mark.parametrize("url", EVERY, ids=lambda url: url[:60])
def test_no_spelling_of_a_private_address_opens_a_connection(make_door: MakeDoor, bird: Canary, url: str) -> None:
    door = make_door(allow_private_hosts=frozenset(), ports=frozenset({80, 443, bird.port}))
    with pytest.raises(AddressRefused):
        door.send(Request(url.replace("{port}", str(bird.port))))


@pytest.mark.parametrize("before", ["user:password@", "user@", "127.0.0.1:80@", "user%40:p@"])
def test_an_address_with_a_name_or_password_is_refused_wherever_it_leads(door: Fetcher, before: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        door.send(Request(f"http://{before}93.184.215.14/"))
    assert (refused.value.code, refused.value.values) == ("network.credentials", {"host": "93.184.215.14"})


def test_the_table_of_refused_addresses_is_as_long_as_it_says() -> None:
    assert len(EVERY) == len(set(EVERY)) >= 60


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "to", ["http://127.0.0.1:{port}/", "//127.0.0.1:{port}/", "http://169.254.169.254/", "file:///etc/passwd"]
)
def test_a_redirect_is_judged_like_any_address(
    make_door: MakeDoor, server: Loopback, policy: FetchPolicy, bird: Canary, status: int, to: str
) -> None:
    server.answers["/photo.jpg"] = redirect(to.replace("{port}", str(bird.port)), status)
    with pytest.raises(AddressRefused):
        make_door(ports=policy.ports | {bird.port}).send(Request(f"{server.url}/photo.jpg"))
    assert server.paths() == ["/photo.jpg"]


def test_a_page_that_asks_for_a_refresh_is_an_answer_and_no_redirect(
    door: Fetcher, server: Loopback, bird: Canary
) -> None:
    page = f'<meta http-equiv="refresh" content="0;url={bird.url}">'.encode()
    server.answers["/page"] = reply(body=page, Refresh=f"0;url={bird.url}")
    assert door.send(Request(f"{server.url}/page")).content == page


def test_robots_of_a_public_host_that_redirects_to_this_machine_keeps_us_out(
    make_door: MakeDoor, server: Loopback, policy: FetchPolicy, bird: Canary
) -> None:
    server.answers["/robots.txt"] = redirect(f"{bird.url}/robots.txt")
    door = make_door(ports=policy.ports | {bird.port})
    for _ in range(2):
        with pytest.raises(RobotsRefused) as refused:
            door.send(Request(f"{server.url}/photo.jpg"))
        assert refused.value.code == "network.robots_unread"
    assert [one.path for one in server.seen] == ["/robots.txt"]


@pytest.mark.parametrize("address", ["8.8.8.8", "142.250.206.196", "2606:4700::6810:84e5", "2404:6800:4004::200e"])
def test_addresses_on_the_open_internet_are_public(address: str) -> None:
    assert is_public(address)


def test_a_text_that_is_no_address_is_not_public() -> None:
    assert not is_public("example.com") and not is_public("") and not is_public("127.1")


def test_a_target_names_its_site_and_origin() -> None:
    policy = FetchPolicy("c", "1", ports=frozenset({80, 443, 8080}))
    plain = check_url("HTTP://Example.COM./a?b#c", policy)
    assert (plain.site, plain.origin) == ("example.com", "http://example.com")
    other = check_url("https://[2606:4700::1]:8080/", policy)
    assert (other.site, other.origin) == ("[2606:4700::1]:8080", "https://[2606:4700::1]:8080")
    assert check_url("https://www.한국.kr/", policy).host == "www.xn--3e0b707e.kr"


def test_an_allowed_private_host_may_be_named_with_or_without_its_port() -> None:
    policy = FetchPolicy("c", "1", frozenset({"mirror", "other:8080"}))
    for url in ("http://mirror:81/", "http://other:8080/"):
        assert check_url(url, policy).url == url
    for changed in (replace(policy, allow_private_hosts=frozenset()), policy):
        with pytest.raises(AddressRefused) as refused:
            check_url("http://other:8081/", changed)
        assert refused.value.code == "network.port"


def test_an_unknown_name_says_so() -> None:
    with pytest.raises(EodiError) as unknown:
        resolve("no-such-host.invalid", 80)
    assert unknown.value.code == "network.name"


def test_canaries_sing() -> None:
    """The witness of all these tests hears a connection when there is one."""
    import requests

    with canary() as other:
        requests.get(other.url, timeout=5)
        assert len(other.heard) == 1
