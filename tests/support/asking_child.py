"""A process with a door of its own that asks a host: `python -m tests.support.asking_child URL DIR COUNT`."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

from core.network.fetch import Fetcher
from core.network.message import Request
from core.network.neighbours import Neighbours
from core.network.policy import FetchPolicy
from tests.support.doors import MemoryLedger

PACE_S = 0.15


def main(url: str, folder: str, count: str) -> None:
    hosts = frozenset({urlsplit(url).netloc})
    policy = FetchPolicy("crew@example.org", "0.1.0", hosts, pace_s=PACE_S, api_hosts=hosts)
    door = Fetcher(policy, MemoryLedger(), neighbours=Neighbours(Path(folder)))
    for _ in range(int(count)):
        door.send(Request(url))


if __name__ == "__main__":
    main(*sys.argv[1:])
