"""The address that was judged is the one that is connected to."""

import socket
from pathlib import Path

import pytest

from core.errors import AddressRefused, NetworkFailed
from core.network.message import Request
from tests.support.doors import HandClock, MakeDoor
from tests.support.loopback import CLOSE, Loopback, head, loopback, reply

PUBLIC = "93.184.215.14"


class Names:
    """A name server: each look-up takes the next answer, the last one stays."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> tuple[str, ...]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note every address that a socket connects to."""
    addresses: list[str] = []
    real = socket.socket.connect

    def connect(self: socket.socket, address: tuple[str, int]) -> None:
        addresses.append(address[0])
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    return addresses


def test_a_name_that_turns_private_at_the_second_look_up_is_refused(
    make_door: MakeDoor, server: Loopback, dialled: list[str]
) -> None:
    names = Names((PUBLIC,), ("127.0.0.1",))
    url = f"http://rebind.example:{server.port}/"
    door = make_door(resolver=names, ports=frozenset({server.port}), api_hosts=frozenset({"rebind.example"}))
    with pytest.raises(AddressRefused) as refused:
        door.send(Request(url))
    assert refused.value.code == "network.private" and dialled == [PUBLIC] and server.seen == []


def test_each_connection_is_made_with_one_look_up_to_the_address_that_was_judged(
    make_door: MakeDoor, server: Loopback, dialled: list[str]
) -> None:
    names = Names((PUBLIC,), (PUBLIC,), ("127.0.0.1",))
    door = make_door(resolver=names, ports=frozenset({server.port}), api_hosts=frozenset({"rebind.example"}))
    with pytest.raises(NetworkFailed) as failed:
        door.send(Request(f"http://rebind.example:{server.port}/"))
    assert failed.value.code == "network.no_answer"
    assert dialled == [PUBLIC, PUBLIC] and names.asked == ["rebind.example"] * 2 and server.seen == []


@pytest.mark.parametrize("addresses", [(PUBLIC, "127.0.0.1"), ("127.0.0.1", PUBLIC), ("::1",), ("10.1.2.3",)])
def test_one_private_address_among_several_is_enough_to_refuse(
    make_door: MakeDoor, dialled: list[str], addresses: tuple[str, ...]
) -> None:
    door = make_door(resolver=Names(addresses))
    with pytest.raises(AddressRefused):
        door.send(Request("http://mixed.example/"))
    assert dialled == []


def test_a_host_keeps_its_name_though_its_address_is_connected_to(make_door: MakeDoor, clock: HandClock) -> None:
    with loopback("127.0.0.2", clock.monotonic) as mirror:
        mirror.answers["/"] = reply(body=b"ok")
        names = Names(("127.0.0.3", "127.0.0.2"))  # nothing listens on the first
        site = f"mirror.example:{mirror.port}"
        door = make_door(resolver=names, allow_private_hosts=frozenset({"mirror.example"}), api_hosts=frozenset({site}))
        assert door.send(Request(f"http://{site}/")).content == b"ok"
        assert mirror.seen[0].headers["host"] == site


def test_a_kept_connection_that_the_host_closed_meanwhile_is_opened_anew(make_door: MakeDoor, server: Loopback) -> None:
    server.answers["/"] = (head(Content_Length="2") + b"ok", CLOSE)
    door = make_door(api_hosts=frozenset({server.site}))
    assert [door.send(Request(f"{server.url}/")).content for _ in range(3)] == [b"ok"] * 3
    assert len(server.seen) == server.connections == 3


def test_connections_are_kept_open_and_used_again(make_door: MakeDoor, server: Loopback) -> None:
    server.answers["/"] = reply(body=b"ok")
    door = make_door()
    for _ in range(5):
        door.send(Request(f"{server.url}/"))
    assert len(server.seen) == 6 and server.connections == 1


class TestHttps:
    def test_the_handshake_names_the_host_and_its_certificate_is_checked(
        self, make_door: MakeDoor, mirror: Loopback, certificate: tuple[Path, Path], greeted: list[str | None]
    ) -> None:
        hosts = frozenset({"mirror.example", "other.example"})
        door = make_door(
            resolver=Names(("127.0.0.1",)), allow_private_hosts=hosts, api_hosts=hosts, ca_file=certificate[0]
        )
        assert door.send(Request(f"https://mirror.example:{mirror.port}/")).content == b"ok"
        with pytest.raises(NetworkFailed) as failed:
            door.send(Request(f"https://other.example:{mirror.port}/"))
        assert failed.value.code == "network.certificate" and failed.value.values == {"host": "other.example"}
        assert greeted == ["mirror.example", "other.example"] and len(mirror.seen) == 1

    def test_a_certificate_that_nobody_vouches_for_is_refused(self, make_door: MakeDoor, mirror: Loopback) -> None:
        hosts = frozenset({"mirror.example"})
        door = make_door(resolver=Names(("127.0.0.1",)), allow_private_hosts=hosts, api_hosts=hosts)
        with pytest.raises(NetworkFailed) as failed:
            door.send(Request(f"https://mirror.example:{mirror.port}/"))
        assert failed.value.code == "network.certificate" and mirror.seen == []
