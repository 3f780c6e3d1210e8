"""One request, one answer: for what is asked now and then, outside a crawl.

No redirect is followed, no body is read without end. Where the address may come from somebody
else's page, ``public_only`` refuses hosts of one's own network (server-side request forgery): the
connection goes to the very address that was looked at.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import urllib.error
import urllib.request
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawler.archives.base import Answer
from crawler.archives.decoding import MAX_BODY, TooLargeError
from crawler.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Mapping


class LateAnswerError(ArchiveError):
    """No answer in time: what was asked for may have been done all the same."""


class PrivateAddressError(ArchiveError):
    """A host that is, or resolves to, an address that is not of the public internet."""


def ask(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout: float = 60.0,
    public_only: bool = False,
) -> Answer:
    """Send a request; whatever status comes back is an answer, content encodings still in place.

    ``timeout`` is in seconds and holds for each wait, not for all of them together.

    Raises:
        ArchiveError: no answer, or no http(s) URL; it shows the host, nothing else of the URL.
        LateAnswerError: no answer in time.
        PrivateAddressError: as said.
        TooLargeError: the body has more than `MAX_BODY` bytes.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ArchiveError("no http(s) address")
    request = urllib.request.Request(url, body, dict(headers or {}), method=method)  # noqa: S310 - http(s), see above
    try:
        with (_PUBLIC if public_only else _ANY).open(request, timeout=timeout) as answer:
            return _read(url, answer)
    except urllib.error.HTTPError as error:
        with error:
            return _read(url, error)
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        kind = LateAnswerError if isinstance(reason, TimeoutError) else ArchiveError
        raise kind(f"{parts.hostname} does not answer: {_words(reason)}", transient=True) from error


def _read(url: str, answer: Any) -> Answer:
    body = answer.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise TooLargeError(f"the body is larger than {MAX_BODY} bytes")
    return Answer(url=url, status=answer.status, headers=tuple(answer.headers.items()), body=body)


def _words(reason: object) -> str:
    return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__


class _AsItIs(urllib.request.HTTPRedirectHandler):
    """Makes a redirect an answer like any other."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> None:
        """Answers that there is nothing more to ask."""


def _public_address(host: str, port: int) -> str:
    """The first address of a host, all of which are public.

    Raises:
        PrivateAddressError: one is not.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    for address in addresses:
        if not _is_public(ip_address(address)):
            raise PrivateAddressError(f"{host} is {address}, no address of the public internet")
    return addresses[0]


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    if isinstance(ip, IPv6Address) and (ip.ipv4_mapped or ip.sixtofour or ip.teredo):
        # They name an IPv4 address, any one.
        return False
    return ip.is_global and not ip.is_multicast


class _PublicHTTP(http.client.HTTPConnection):
    """A connection to the address that was looked at, and to no other."""

    def connect(self) -> None:
        """Connect."""
        address = _public_address(self.host, self.port)
        self.sock = socket.create_connection((address, self.port), self.timeout)


class _PublicHTTPS(http.client.HTTPSConnection):
    """The same over TLS; the certificate is the host's."""

    def connect(self) -> None:
        """Connect."""
        address = _public_address(self.host, self.port)
        plain = socket.create_connection((address, self.port), self.timeout)
        context = ssl.create_default_context()
        self.sock = context.wrap_socket(plain, server_hostname=self.host)


class _OpenPublicHTTP(urllib.request.HTTPHandler):
    """Opens http: so."""

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Open it."""
        return self.do_open(_PublicHTTP, req)


class _OpenPublicHTTPS(urllib.request.HTTPSHandler):
    """Opens https: so."""

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Open it."""
        return self.do_open(_PublicHTTPS, req)


_ANY = urllib.request.build_opener(_AsItIs)
# Through a proxy nobody could say whom the request reaches.
_PUBLIC = urllib.request.build_opener(
    _AsItIs, urllib.request.ProxyHandler({}), _OpenPublicHTTP, _OpenPublicHTTPS
)
