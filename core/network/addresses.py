"""Which addresses are asked at all: http(s), no credentials, usual ports, and only where every address is public.

A URL is judged twice: as it is written (`check_url`, here), and as a connection, when the name has been resolved and
the very address that was judged is connected to (`connections`). Only the second keeps a name out that changes.
"""

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from core.errors import AddressRefused, NetworkFailed
from core.network.policy import FetchPolicy

PORTS = {"http": 80, "https": 443}
LONGEST_URL = 8000  # more than any server takes; Source: RFC 9110, 4.1
LONGEST_HOST = 253
Resolver = Callable[[str, int], tuple[str, ...]]
# What `is_global` lets through, though a router on the way may take it home again; Source: RFC 6890, 7526.
NOT_PUBLIC_V4 = tuple(map(ipaddress.IPv4Network, ("192.0.0.0/24", "192.88.99.0/24")))
# Only global unicast is asked, less what carries an IPv4 address within (6to4, Teredo) or is for documents.
# Source: IANA IPv6 Special-Purpose Address Registry. NAT64, mapped and compatible addresses lie outside of 2000::/3.
GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
NOT_PUBLIC_V6 = tuple(map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be asked. host: a name or literal as it is connected to, lower-case."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def site(self) -> str:
        """The host, with its port where that is not the usual one: what is paced and paused."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a secret belongs to, and a robots.txt."""
        return f"{self.scheme}://{self.site}"


def check_url(url: str, policy: FetchPolicy) -> Target:
    """Judge a URL as it is written.

    Raises:
        AddressRefused: "network.address", not an http(s) URL; "network.credentials", a name or password in it;
            "network.port", a port that is not asked.
    """
    if len(url) > LONGEST_URL or any(not 0x20 <= ord(c) != 0x7F for c in url) or "\\" in url:
        raise AddressRefused("network.address")
    try:
        parsed = parse_url(url)
    except LocationParseError:
        raise AddressRefused("network.address") from None
    host = (parsed.host or "").strip("[]").rstrip(".").lower()
    if parsed.scheme not in PORTS or not host or len(host) > LONGEST_HOST or not _is_plain(host):
        raise AddressRefused("network.address")
    if parsed.auth is not None or "@" in (parsed.netloc or ""):
        raise AddressRefused("network.credentials", host=host)
    target = Target(url, parsed.scheme, host, parsed.port or PORTS[parsed.scheme])
    if target.port not in policy.ports and not is_listed(target, policy.allow_private_hosts):
        raise AddressRefused("network.port", host=host, port=target.port)
    return target


def is_listed(target: Target, hosts: frozenset[str]) -> bool:
    """Whether a list of hosts, each `name` or `name:port`, holds this one."""
    return target.host in hosts or target.site in hosts or f"{target.host}:{target.port}" in hosts


def is_public(address: str) -> bool:
    """Whether a literal address belongs to the open internet, and to no machine or network of ours."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        return ip in GLOBAL_V6 and ip.is_global and not any(ip in network for network in NOT_PUBLIC_V6)
    unusual = ip.is_multicast or ip.is_reserved or any(ip in network for network in NOT_PUBLIC_V4)
    return ip.is_global and not unusual


def resolve(host: str, port: int) -> tuple[str, ...]:
    """Return the addresses of a name, as the system orders them.

    Raises:
        NetworkFailed: code "network.name"; there is no such name.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NetworkFailed("network.name", host=host) from None
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked_addresses(host: str, port: int, resolver: Resolver, may_be_private: bool) -> tuple[str, ...]:
    """Return the addresses of a host; all of them must be public, unless it may be private.

    Raises:
        AddressRefused: code "network.private"; one of them is not.
        NetworkFailed: code "network.name"; there is none.
    """
    addresses = resolver(host, port)
    if not addresses:
        raise NetworkFailed("network.name", host=host)
    if not may_be_private and not all(map(is_public, addresses)):
        raise AddressRefused("network.private", host=host)
    return addresses


def _is_plain(host: str) -> bool:
    """Whether a host is letters, digits and what joins them; a zone of an address (`%eth0`) is none of it."""
    return all(c.isascii() and (c.isalnum() or c in "-._:") for c in host)
