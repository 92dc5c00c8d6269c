"""Where a redirect leads: judged as any address, followed with or without what is secret, or not at all."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urljoin, urlsplit

from core.errors import AddressRefused
from core.network.addresses import Target, check_url
from core.network.masking import holds_secret
from core.network.policy import FetchPolicy
from core.network.transport import full_url

NOTHING: Mapping[str, str] = MappingProxyType({})
# A redirect to a captcha or a login is a "no"; its page is not asked for.
# Source: SearXNG `detect_google_sorry`, instaloader; `core/crawl/sources` knows the same addresses as refusals.
WALL_PATH = re.compile(r"/(sorry|accounts/login|nidlogin|login|signin|captcha|challenge|checkpoint)(?=[/.]|$)", re.I)
WALL_HOSTS = frozenset(
    {"sorry.google.com", "consent.google.com", "accounts.google.com", "nid.naver.com", "accounts.kakao.com"}
)


def next_address(current: Target, location: str) -> str:
    """Return the complete address that a `Location` names.

    Raises:
        AddressRefused: code "network.address"; it names none.
    """
    try:
        return urljoin(current.url, location)
    except ValueError:
        raise AddressRefused("network.address") from None


def is_wall(url: str) -> bool:
    """Whether an address is that of a captcha or a login."""
    try:
        parts = urlsplit(url)
        return parts.hostname in WALL_HOSTS or WALL_PATH.match(parts.path) is not None
    except ValueError:
        return False


def judged(url: str, policy: FetchPolicy, params: Mapping[str, str] = NOTHING) -> Target:
    """Judge an address as it is written, and once more as it is sent: parsers differ, and a backslash is enough.

    Raises:
        AddressRefused: it is never asked.
    """
    check_url(url, policy)
    return check_url(full_url(url, params), policy)


def may_know(target: Target, home: Target) -> bool:
    """Whether what is secret may go on from `home`: to the same origin, or to the same host's https."""
    is_upgrade = (home.scheme, home.site) == ("http", target.site) and target.scheme == "https"
    return target.origin == home.origin or is_upgrade


def check_secrets(target: Target, home: Target, secrets: frozenset[str]) -> None:
    """Refuse an address that carries a secret on to another host: some hosts repeat the query in their redirects.

    Raises:
        AddressRefused: code "network.secret".
    """
    if not may_know(target, home) and holds_secret(target.url, secrets):
        raise AddressRefused("network.secret", host=target.host)
