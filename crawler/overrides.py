"""Rules by hand for the one site in a hundred that the normalizer reads wrongly.

A rule says which parts of a site's pages are selected or removed, by CSS selectors, for which of
its URLs and between which days. Of the rules for a capture the first one counts.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from crawler.errors import SelectorError
from crawler.normalize.document import NORMALIZER
from crawler.normalize.selectors import Range, check_selector
from storage.records import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.normalize.selectors import Selector

KEYS = ("site", "url", "select", "remove", "from", "to")
_RANGE_KEYS = ("startBefore", "startAfter", "endBefore", "endAfter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One rule.

    Attributes:
        select: what alone is the policy, in this order; empty for what the normalizer chooses.
        remove: what is taken out of the page before.
        site: the tracked domain it is for, None for any.
        url: the URLs it is for, None for all; ``*`` stands for anything. Scheme, ``www.``, a last
            slash and, where the pattern has none, the query do not count.
        first: the first day it is for, None for no bound.
        last: the last day.
    """

    select: tuple[Selector, ...] = ()
    remove: tuple[Selector, ...] = ()
    site: str | None = None
    url: str | None = None
    first: date | None = None
    last: date | None = None

    def covers(self, url: str, day: date | None) -> bool:
        """Whether it is for a capture of this URL on this day (None: no day is known)."""
        if day is None:
            return (self.url is None or _matches(self.url, url)) and self.last is None
        if (self.first and day < self.first) or (self.last and day > self.last):
            return False
        return self.url is None or _matches(self.url, url)

    def __str__(self) -> str:
        said = [f"select {', '.join(map(str, self.select))}"] if self.select else []
        said += [f"remove {', '.join(map(str, self.remove))}"] if self.remove else []
        return "; ".join(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """The rules of one site, in the order in which they are asked."""

    rules: tuple[Override, ...] = ()

    @property
    def normalizer(self) -> str:
        """The normalizer's version together with the rules: other rules make other texts."""
        if not self.rules:
            return NORMALIZER
        said = json.dumps([override_document(rule) for rule in self.rules], sort_keys=True)
        return f"{NORMALIZER}+{sha256(said.encode()).hexdigest()[:12]}"

    def at(self, url: str, timestamp: str) -> Override | None:
        """The rule for a capture, by its URL and its 14-digit timestamp."""
        return self.on(url, parse_timestamp(timestamp).date()) if self.rules else None

    def on(self, url: str, day: date | None) -> Override | None:
        """The rule for a URL on a day; without a day, one that has not ended."""
        return next((rule for rule in self.rules if rule.covers(url, day)), None)

    def of_site(self, domain: str) -> Overrides:
        """The rules that are for a site, for the domain that it is part of, or for any."""
        host = f".{domain.lower()}"
        return Overrides(
            rules=tuple(r for r in self.rules if r.site is None or host.endswith(f".{r.site}"))
        )


NO_OVERRIDES = Overrides()


def override_of(raw: Mapping[str, Any]) -> Override:
    """A rule as configurations and declarations write it, with the keys of ``KEYS``.

    ``select`` and ``remove`` are one selector or a list; a range is a table with ``startBefore`` or
    ``startAfter`` and ``endBefore`` or ``endAfter``. Days are dates or ISO texts.

    Raises:
        SelectorError: a key is unknown, a selector is no CSS, or there is none.
    """
    for key in raw:
        if key not in KEYS:
            raise SelectorError(f"unknown key {key!r}; known: {', '.join(KEYS)}")
    rule = Override(
        select=selectors_of(raw.get("select")),
        remove=selectors_of(raw.get("remove")),
        site=_text(raw, "site", lower=True),
        url=_text(raw, "url"),
        first=_day(raw, "from"),
        last=_day(raw, "to"),
    )
    if not rule.select and not rule.remove:
        raise SelectorError("neither 'select' nor 'remove' names a selector")
    if rule.first and rule.last and rule.first > rule.last:
        raise SelectorError(f"'from' {rule.first} lies after 'to' {rule.last}")
    return rule


def override_document(rule: Override) -> dict[str, Any]:
    """A rule as JSON; ``override_of`` reads it."""
    found: dict[str, Any] = {
        "site": rule.site,
        "url": rule.url,
        "select": [_selector_document(selector) for selector in rule.select],
        "remove": [_selector_document(selector) for selector in rule.remove],
        "from": rule.first and rule.first.isoformat(),
        "to": rule.last and rule.last.isoformat(),
    }
    return {key: value for key, value in found.items() if value}


def selectors_of(raw: object) -> tuple[Selector, ...]:
    """Selectors as they are written: none, one, or a list of them.

    Raises:
        SelectorError: one is no CSS, or no range.
    """
    if raw is None:
        return ()
    found = tuple(map(_selector, raw if isinstance(raw, list | tuple) else [raw]))
    for selector in found:
        check_selector(selector)
    return found


def _selector(raw: object) -> Selector:
    if isinstance(raw, str):
        return raw
    if not isinstance(raw, dict):
        raise SelectorError(f"a selector is a text or a range, not {raw!r}")
    starts = [key for key in _RANGE_KEYS[:2] if key in raw]
    ends = [key for key in _RANGE_KEYS[2:] if key in raw]
    known = set(raw) <= set(_RANGE_KEYS) and all(isinstance(css, str) for css in raw.values())
    if not known or len(starts) != 1 or len(ends) != 1:
        raise SelectorError(
            "a range has one of startBefore and startAfter and one of endBefore and endAfter, "
            f"each a CSS selector: {raw!r}"
        )
    return Range(
        start=raw[starts[0]],
        end=raw[ends[0]],
        after_start=starts[0] == "startAfter",
        after_end=ends[0] == "endAfter",
    )


def _selector_document(selector: Selector) -> str | dict[str, str]:
    if isinstance(selector, str):
        return selector
    return {
        "startAfter" if selector.after_start else "startBefore": selector.start,
        "endAfter" if selector.after_end else "endBefore": selector.end,
    }


def _text(raw: Mapping[str, Any], key: str, *, lower: bool = False) -> str | None:
    value = raw.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise SelectorError(f"{key!r} must be a text, not {value!r}")
    return value.strip().lower() if lower else value.strip()


def _day(raw: Mapping[str, Any], key: str) -> date | None:
    value = raw.get(key)
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return datetime.fromisoformat(str(value)).date()
    except ValueError as error:
        raise SelectorError(f"{key!r} must be a date such as 2019-05-12, not {value!r}") from error


@lru_cache(maxsize=4096)
def _matches(pattern: str, url: str) -> bool:
    wanted, shown = _bare(pattern), _bare(url)
    if "?" not in wanted:
        shown = shown.partition("?")[0].rstrip("/")
    return re.fullmatch(".*".join(map(re.escape, wanted.split("*"))), shown) is not None


def _bare(url: str) -> str:
    """A URL without what does not tell pages apart."""
    rest = url.partition("#")[0].partition("://")[2] or url.partition("#")[0]
    host, slash, path = rest.partition("/")
    return f"{_host(host)}{slash}{path}".rstrip("/")


def _host(host: str) -> str:
    return host.lower().removeprefix("www.").removesuffix(":80").removesuffix(":443")
