"""What goes through the door: a request as values, an answer as bytes. No connection is opened here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_BYTES = 20 * 2**20  # an answer of a search is far smaller; a photo of 50 megapixels is not


@dataclass(frozen=True, slots=True)
class Request:
    """A GET. params, headers: plain values; those named in `secret` are never logged, shown or put into an error.

    source: whose pace and quota it counts against; "" for the host's alone.
    max_bytes: an answer that is longer is refused.
    explains_429: the source says in the body what a 429 means, such as a spent quota; one without Retry-After is
        returned instead of asked again.
    """

    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    secret: frozenset[str] = frozenset()
    source: str = ""
    max_bytes: int = MOST_BYTES
    explains_429: bool = False


@dataclass(frozen=True, slots=True)
class Response:
    """An answer of any status but those that the door deals with itself: 429 (see `Request`), 5xx and redirects.

    A redirect to a captcha or a login is not followed: its status comes back, with the address of that page as `url`.
    url: the address that answered, without secret parameters. headers: lower-case names. Secrets that the host sent
    back are masked everywhere.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    content: bytes

    @property
    def media_type(self) -> str:
        """The type that the server claims, lower-case, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as UTF-8, a byte order mark removed; what is not UTF-8 is replaced."""
        return self.content.decode("utf-8-sig", errors="replace")
