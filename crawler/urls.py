"""URLs as an archive sees them: which spellings are one page, which text names a site.

The Wayback Machine files captures under a SURT key (Sort-friendly URI Reordering Transform, of the
Heritrix crawler), which merges scheme, ``www.``, case and trailing slash. What is the same here is
the same there.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urljoin, urlsplit, urlunsplit

import idna

_TRACKING: Final = re.compile(
    r"utm_\w+|gclid|gclsrc|dclid|fbclid|msclkid|yclid|mc_[ce]id|_ga|_gl|_hs\w+|hs\w*track\w*|igshid"
    r"|ref_src|trk|jsessionid|phpsessid|aspsessionid\w*|sid|session_?id|cfid|cftoken|osCsid|zenid",
    re.IGNORECASE,
)
_PATH_SESSION: Final = re.compile(r";(?:jsessionid|sid|phpsessid)=[^/?#;]*", re.IGNORECASE)
_ARCHIVED: Final = re.compile(r"/\d{4,14}(?:[a-z]{2}_)?/(https?:/{1,2}[^/].*)$", re.IGNORECASE)
_ARCHIVED_RELATIVE: Final = re.compile(r"/\d{14}id_/(.*)$")
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d+(?:[/?#]|$))", re.IGNORECASE)
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_WWW: Final = re.compile(r"^www\d*\.(?=[^.]+\.)")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_SAFE_PATH: Final = "%/:@!$&'()*+,;=~-._"
# Second labels under which registries sell names; a public suffix list would weigh more than it
# decides here (whether two hosts belong together is one hint of several).
_GENERIC_SECOND: Final = re.compile(
    r"ac|com?|edu|go[bv]?|gouv|govt|gv|ltd|me|mil|net?|nom|or|org|plc|sch"
)


def site_of(text: str) -> str:
    """The site that a text names: ``picroma.com`` for a domain or for any URL on it.

    Lower case, IDN as punycode, without ``www.``; a port stays unless it is 80 or 443; an address
    of an archive's replay gives the site that it replays.

    Raises:
        ValueError: the text names no host of the web; the message says what was expected.
    """
    asked = text.strip()
    if not asked or re.search(r"[\s\x00-\x1f\x7f]", asked):
        raise ValueError(f"not a domain or URL: {text!r}")
    url = _with_scheme(asked)
    if archived := _ARCHIVED.search(url):
        url = _mend_slashes(archived[1])
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError(f"not a domain or URL: {text!r} ({error})") from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise ValueError(f"only http and https sites are archived: {text!r}")
    if "@" in parts.netloc and "://" not in asked:
        raise ValueError(f"an e-mail address, where a domain is expected: {text!r}")
    host = _WWW.sub("", _checked_host(host, text))
    return host if port in (None, 80, 443) else f"{host}:{port}"


def canonical(url: str, base: str | None = None) -> str:
    """The one spelling of a URL: absolute, without fragment, session or tracking parameters.

    ``url`` may be a reference relative to ``base``. Scheme and path case are kept, since only the
    archive's key merges them.

    Raises:
        ValueError: it is no http(s) URL, or cannot be parsed.
    """
    given = re.sub(r"[\t\r\n]", "", url).strip()
    absolute = urljoin(base, given) if base else _with_scheme(given)
    parts = urlsplit(absolute)
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"no http(s) URL: {url!r}")
    host = _ascii_host(parts.hostname)
    port = parts.port
    if ":" in host:
        host = f"[{host}]"
    netloc = host if port in (None, _DEFAULT_PORTS[scheme]) else f"{host}:{port}"
    path = quote(_PATH_SESSION.sub("", _without_dots(parts.path)), safe=_SAFE_PATH)
    query = "&".join(
        piece
        for piece in parts.query.split("&")
        if piece and not _TRACKING.fullmatch(piece.partition("=")[0])
    )
    return urlunsplit((scheme, netloc, path or "/", quote(query, safe=_SAFE_PATH + "?"), ""))


def url_key(url: str) -> str:
    """A URL's identity in the archive: its SURT, ``com,picroma)/privacy``.

    Raises:
        ValueError: it is no http(s) URL.
    """
    parts = urlsplit(canonical(url))
    host = _WWW.sub("", parts.hostname or "")
    try:
        ipaddress.ip_address(host)
        turned = host
    except ValueError:
        turned = ",".join(reversed(host.split(".")))
    port = "" if parts.port in (None, 80, 443) else f":{parts.port}"
    path = re.sub(r"/{2,}", "/", unquote(parts.path)).lower().rstrip("/") or "/"
    pairs = sorted(parse_qsl(parts.query.lower(), keep_blank_values=True))
    query = "?" + "&".join(f"{name}={value}" for name, value in pairs) if pairs else ""
    return f"{turned}{port}){path}{query}"


def original_location(location: str, base: str) -> str:
    """The URL that an archived redirect led to, whether or not the archive rewrote its Location.

    ``base`` is the original URL of the redirecting capture.

    Raises:
        ValueError: it leads to no http(s) URL.
    """
    archived = _ARCHIVED.search(location)
    if archived is not None:
        return canonical(_mend_slashes(archived[1]), base)
    relative = _ARCHIVED_RELATIVE.search(location)
    return canonical(relative[1] if relative else location, base)


def registrable(host: str) -> str:
    """About the part of a host that is sold: ``github.com`` of ``docs.github.com``."""
    bare = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
    labels = bare.lower().split(".")
    if labels[-1].isdigit() or ":" in bare:
        return bare
    deep = len(labels) > 2 and len(labels[-1]) == 2 and _GENERIC_SECOND.fullmatch(labels[-2])
    return ".".join(labels[-3 if deep else -2 :])


def _with_scheme(text: str) -> str:
    if text.startswith("//"):
        return f"http:{text}"
    return text if _SCHEME.match(text) else f"http://{text}"


def _mend_slashes(url: str) -> str:
    return re.sub(r"^(https?):/+", r"\1://", url, flags=re.IGNORECASE)


def _ascii_host(host: str) -> str:
    host = host.lower().rstrip(".")
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise ValueError(f"no host name: {host!r} ({error})") from error


def _checked_host(host: str, text: str) -> str:
    host = _ascii_host(host)
    labels = host.split(".")
    if ":" in host or labels[-1].isdigit():
        try:
            address = ipaddress.ip_address(host)
        except ValueError as error:
            raise ValueError(f"not an IP address: {text!r}") from error
        return str(address) if address.version == 4 else f"[{address}]"
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"not a domain or URL: {text!r}")
    if len(labels) < 2 and host != "localhost":
        raise ValueError(f"not a domain (one has a dot, as picroma.com): {text!r}")
    return host


def _without_dots(path: str) -> str:
    """Dot segments resolved as RFC 3986, section 5.2.4 has it; above the root is the root."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    joined = "/".join(kept)
    return joined if joined.startswith("/") else f"/{joined}"
