"""Who may use the web app: under which names it answers, and how a user is known.

Pure decisions about strings, so that they can be read and tested in one place. A page that someone
else's site makes a browser ask for names that site in its Host header (DNS rebinding): only names
that are this server's own, or bare addresses, are answered.
"""

from __future__ import annotations

import hmac
import ipaddress
from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from tracker.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.web_config import WebConfig

SHORTEST_TOKEN = 16
"""Characters; a shorter one could be guessed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Whoever asks: ``name`` is what a reverse proxy says, None where none is configured."""

    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The rules: names in lower case, ``token`` and ``user_header`` None where not asked for."""

    hosts: frozenset[str] = frozenset()
    token: str | None = None
    user_header: str | None = None
    proxies: frozenset[str] = frozenset()

    def answers_to(self, host: str) -> bool:
        """Whether a Host header names this server; the port does not matter."""
        name = name_of(host)
        return name == "localhost" or name in self.hosts or is_address(name)

    def user(self, headers: Mapping[str, str], cookie: str | None, peer: str) -> User | None:
        """Who is asking; None where nobody who may.

        ``headers`` by names in lower case. A user header counts only from a known proxy.
        """
        if self.user_header and self.is_proxy(peer):
            name = headers.get(self.user_header.lower(), "").strip()
            if name:
                return User(name=name[:200])
        if self.token is None:
            return None if self.user_header else User()
        if cookie is not None and _same(cookie, self.cookie):
            return User()
        given = _credentials(headers.get("authorization", ""))
        return User() if given is not None and self.accepts(given) else None

    def is_proxy(self, peer: str) -> bool:
        """Whether what this address says of its users and of its own scheme is believed."""
        return peer in self.proxies

    def accepts(self, token: str) -> bool:
        """Whether this is the token; takes as long for a wrong one."""
        return self.token is not None and _same(token, self.token)

    @property
    def cookie(self) -> str:
        """What a browser keeps instead of the token, which cannot be told from it."""
        return hmac.new((self.token or "").encode(), b"tracker-signed-in", sha256).hexdigest()


def access(config: WebConfig, token: str | None) -> Access:
    """The rules for a server that listens where the configuration says.

    Raises:
        RequestError: it would be open to anyone, or the token is too short.
    """
    if token is not None and len(token) < SHORTEST_TOKEN:
        raise RequestError(
            f"TRACKER_TOKEN must have at least {SHORTEST_TOKEN} characters: "
            "`openssl rand -hex 16` makes one"
        )
    if not is_loopback(config.host) and token is None and not config.user_header:
        raise RequestError(
            f"{config.host} can be reached from elsewhere: set TRACKER_TOKEN in the environment "
            "(`openssl rand -hex 16` makes one), or [web] user_header behind a reverse proxy"
        )
    return Access(
        hosts=frozenset(name.lower() for name in (config.host, *config.hosts.split())),
        token=token,
        user_header=config.user_header or None,
        proxies=frozenset(config.proxies.split()),
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    return host == "localhost" or (is_address(host) and ipaddress.ip_address(host).is_loopback)


def is_address(name: str) -> bool:
    """Whether a host is an IP address, which no foreign name server can make its own."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def name_of(host: str) -> str:
    """The name in a Host header or an authority, in lower case, without its port and brackets."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _credentials(header: str) -> str | None:
    """The token in an Authorization header: Bearer, or the password of Basic (feed readers)."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(value, validate=True).decode().partition(":")[2]
    except (Base64Error, UnicodeDecodeError):
        return None


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode(), known.encode())
