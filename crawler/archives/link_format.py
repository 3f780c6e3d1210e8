"""Links as RFC 8288 writes them, in a ``Link`` header or a document of ``application/link-format``.

Mementos are named so: in the header of a memento (RFC 7089, section 2.2), and in the timemap of a
page (section 5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = r"[\w!#$&+\-.^`|~*]+"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_LINK = re.compile(rf"<([^<>]*)>((?:\s*;\s*{_NAME}\s*=\s*(?:{_QUOTED}|[^\s\",;<]*))*)")
_PARAMETER = re.compile(rf"({_NAME})\s*=\s*({_QUOTED}|[^\s\",;<]*)")
_RAW_REPLAY = re.compile(r"/(\d{14})([a-z]{2}_)?/(https?:/{1,2}[^/].*)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A replay address, taken apart: ``<prefix>/<timestamp>/<original>``."""

    prefix: str
    timestamp: str
    original: str

    @property
    def raw(self) -> str:
        """The address that asks for the bytes as they were archived."""
        return f"{self.prefix}/{self.timestamp}id_/{self.original}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link: its target, its relations in lower case, its parameters."""

    url: str
    relations: frozenset[str]
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def moment(self) -> datetime | None:
        """When the memento that it leads to was captured, aware UTC; None if it says nothing."""
        said = self.parameters.get("datetime", "")
        for read in (parsedate_to_datetime, datetime.fromisoformat):
            try:
                moment = read(said)
            except ValueError:
                continue
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        return None


def read_links(text: str) -> Iterator[Link]:
    """The links of a header or document, in order; what is none is passed over."""
    for link in _LINK.finditer(text):
        target, said = link.groups()
        parameters: dict[str, str] = {}
        for name, value in _PARAMETER.findall(said):
            plain = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
            # The first of a name counts (RFC 8288, section 3.3).
            parameters.setdefault(name.lower(), plain)
        relations = frozenset(parameters.get("rel", "").lower().split())
        yield Link(url=target.strip(), relations=relations, parameters=parameters)


def replayed(address: str) -> Replayed | None:
    """What a replay address as the Wayback Machine and pywb form them says; None for any other."""
    found = _RAW_REPLAY.search(address)
    if found is None:
        return None
    original = re.sub(r"^(https?):/+", r"\1://", found[3], flags=re.IGNORECASE)
    return Replayed(prefix=address[: found.start()], timestamp=found[1], original=original)
