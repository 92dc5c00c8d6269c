"""Connections that go to the very address that was judged; requests' adapter, urllib3's pools, nothing else.

A name is resolved once, all its addresses are judged, and one of those is connected to, so no second look-up can say
something else. `Host`, SNI and the certificate's name stay those of the URL. Used by `transport`.
"""

import socket
import threading
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.connection import create_connection

from core.errors import JobStopped, NetworkFailed
from core.network.addresses import Resolver, Target, checked_addresses, is_listed
from core.network.policy import FetchPolicy

HOSTS_KEPT = 64  # connections kept open; one request at a time goes to each host


class Line:
    """One exchange as its two threads see it: one that talks, one that may hang up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._connection: Any = None
        self._is_over = False

    def hold(self, held: socket.socket | None = None, connection: Any = None) -> None:
        """Note what to shut on hanging up.

        Raises:
            JobStopped: it was hung up already.
        """
        with self._lock:
            self._socket = held or self._socket
            self._connection = connection or self._connection
            if self._is_over:
                raise JobStopped

    def hang_up(self) -> None:
        """End the exchange from outside: whoever reads or writes on it fails at once."""
        with self._lock:
            self._is_over = True
            for held in (self._socket, getattr(self._connection, "sock", None)):
                if held is not None:
                    _shut(held)


def _shut(held: socket.socket) -> None:
    try:
        # Not the method of a TLS socket: that would take the session away under the thread that reads.
        socket.socket.shutdown(held, socket.SHUT_RDWR)
    except OSError:  # not connected yet, or closed: then nothing is read from it
        return


class Doorway:
    """Opens every connection: resolves, judges, connects. `line` is that of the thread that asks."""

    def __init__(self, policy: FetchPolicy, resolver: Resolver) -> None:
        self._policy, self._resolver = policy, resolver
        self._here = threading.local()

    @property
    def line(self) -> Line:
        """The exchange of this thread."""
        line: Line = self._here.line
        return line

    @line.setter
    def line(self, line: Line) -> None:
        self._here.line = line

    def connect(self, connection: HTTPConnection, scheme: str) -> socket.socket:
        """Return a socket that is connected to a judged address of the connection's host.

        Raises:
            AddressRefused: an address of the host is private.
            NetworkFailed: the name is unknown, or nothing answers there.
            JobStopped: the line was hung up.
        """
        target = Target("", scheme, connection.host, connection.port or 0)
        may_be_private = is_listed(target, self._policy.allow_private_hosts)
        addresses = checked_addresses(target.host, target.port, self._resolver, may_be_private)
        self.line.hold()
        for address in addresses:
            try:
                opened = create_connection(
                    (address, target.port), self._policy.connect_s, socket_options=connection.socket_options
                )
            except OSError:
                continue
            self.line.hold(opened)
            return opened
        raise NetworkFailed("network.no_answer", host=target.host)


class _Http(HTTPConnection):
    doorway: Doorway

    def _new_conn(self) -> socket.socket:
        return self.doorway.connect(self, "http")

    def request(self, *arguments: Any, **options: Any) -> None:
        self.doorway.line.hold(connection=self)
        super().request(*arguments, **options)


class _Https(HTTPSConnection):
    doorway: Doorway

    def _new_conn(self) -> socket.socket:
        return self.doorway.connect(self, "https")

    def request(self, *arguments: Any, **options: Any) -> None:
        self.doorway.line.hold(connection=self)
        super().request(*arguments, **options)


class _Pools(PoolManager):
    """Pools whose connections know the doorway."""

    def __init__(self, doorway: Doorway, **options: Any) -> None:
        self._doorway = doorway
        super().__init__(**options)

    def _new_pool(self, scheme: str, host: str, port: int, request_context: Any = None) -> HTTPConnectionPool:
        pool = super()._new_pool(scheme, host, port, request_context)
        kind = _Https if isinstance(pool, HTTPSConnectionPool) else _Http
        pool.ConnectionCls = type(kind.__name__, (kind,), {"doorway": self._doorway})
        return pool


class JudgingAdapter(HTTPAdapter):
    """requests' adapter over such pools; no retries, no proxies."""

    def __init__(self, doorway: Doorway) -> None:
        self._doorway = doorway
        super().__init__(pool_connections=HOSTS_KEPT, pool_maxsize=1)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        """Make the pools."""
        self.poolmanager = _Pools(self._doorway, num_pools=connections, maxsize=maxsize, block=block, **options)
