"""What is allowed at the door: who we say we are, how fast, how much, how long. Made by the composition roots."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import requests


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """The rules of one `Fetcher`. A host is written `name` or `name:port`.

    contact: an address or page where a person answers, told to every host. version: the project's.
    allow_private_hosts: hosts that may lie on this machine or its network, at any port: an operator's mirror, tests.
    pace_s: at least so many seconds between two requests to one host; paces: instead of it, by source; 0 for none.
    quotas: requests a day, by source. api_hosts: documented APIs, which robots.txt of the same host does not govern.
    ports: those of hosts that are not private.
    connect_s: until a connection stands; read_s: without a byte; total_s: for one answer, from first to last.
    longest_wait_s: a host that asks for a longer pause gets it, and the caller is told at once.
    ca_file: certificates that are trusted instead of the usual ones, such as an operator's own.
    tries: requests in all to a host that is overloaded. most_redirects: hops after the first address.
    """

    contact: str
    version: str
    allow_private_hosts: frozenset[str] = frozenset()
    pace_s: float = 1.0
    paces: Mapping[str, float] = field(default_factory=dict)
    quotas: Mapping[str, int] = field(default_factory=dict)
    api_hosts: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset({80, 443})
    connect_s: float = 10.0
    read_s: float = 15.0
    total_s: float = 20.0
    longest_wait_s: float = 120.0
    tries: int = 5
    most_redirects: int = 3
    ca_file: Path | None = None

    @property
    def user_agent(self) -> str:
        """Our honest name, in the form that Wikimedia's User-Agent policy asks for."""
        contact = "".join(c for c in self.contact if c.isascii() and c.isprintable() and c not in "()").strip()
        return f"Eodi/{self.version} ({contact or 'no contact given'}) python-requests/{requests.__version__}"

    def pace_of(self, source: str) -> float:
        """Return the least seconds between two requests of a source."""
        return self.paces.get(source, self.pace_s)
