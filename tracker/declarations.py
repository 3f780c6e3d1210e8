"""Declarations of Open Terms Archive: a service's terms, where they stand, what of the page counts.

The format: https://docs.opentermsarchive.org/contributing-terms/ (``documents`` in older ones),
with what was valid earlier in ``NAME.history.json`` beside ``NAME.json``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler.errors import SelectorError
from crawler.overrides import Override, override_of
from tracker.errors import RequestError, TrackerError
from tracker.targets import policy_url, site_in

if TYPE_CHECKING:
    from pathlib import Path

TERMS = "Privacy Policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A service's privacy policy: its URLs, those in force first, and the rules for its pages.

    ``remarks`` say what of the declaration is not followed.
    """

    domain: str
    name: str
    urls: tuple[str, ...]
    rules: tuple[Override, ...]
    remarks: tuple[str, ...]


def read_declaration(path: Path) -> Declaration:
    """Read a service's declaration, and its history where that stands beside it.

    Raises:
        TrackerError: it cannot be read, declares no privacy policy, or has a wrong selector.
    """
    service = _load(path)
    name = service.get("name")
    history = path.with_name(f"{path.stem}.history.json")
    try:
        earlier = _terms(_load(history)) if history.exists() else []
        current = _declared(service)
        # The first rule for a day counts: what ended earliest goes first.
        dated = sorted(earlier, key=lambda entry: str(entry.get("validUntil", "")))
        pages = [_page(entry) for entry in (*dated, *current)]
        rules = tuple(rule for page in pages if (rule := _rule(page)) is not None)
        urls = tuple(dict.fromkeys(_address(page) for page in reversed(pages)))
    except (SelectorError, RequestError) as error:
        raise TrackerError(f"{path}: {error}") from error
    return Declaration(
        domain=site_in(urls[0]),
        name=name if isinstance(name, str) else path.stem,
        urls=urls,
        rules=rules,
        remarks=tuple(f"{path}: {remark}" for remark in _remarks(current[0])),
    )


def _load(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise TrackerError(f"cannot read {path}: {error}") from error
    except ValueError as error:
        raise TrackerError(f"{path} is not valid JSON: {error}") from error
    if not isinstance(found, dict):
        raise TrackerError(f"{path} is no declaration: not an object")
    return found


def _declared(service: dict[str, Any]) -> list[dict[str, Any]]:
    found = _terms(service.get("terms") or service.get("documents"))
    if not found:
        raise RequestError(f"declares no {TERMS!r}")
    return found


def _terms(declared: object) -> list[dict[str, Any]]:
    """What a service or its history says of its privacy policy: one entry, or one for each time."""
    if not isinstance(declared, dict):
        raise RequestError("has no 'terms'")
    for name, entries in declared.items():
        if name.casefold() == TERMS.casefold():
            found = entries if isinstance(entries, list) else [entries]
            if all(isinstance(entry, dict) for entry in found):
                return found
            raise RequestError(f"{name!r} is no object")
    return []


def _page(entry: dict[str, Any]) -> dict[str, Any]:
    """The page of an entry, the first of those that it combines; what all of them share is said
    above them."""
    combined = entry.get("combine")
    if not combined:
        return entry
    if not isinstance(combined, list) or not isinstance(combined[0], dict):
        raise RequestError("'combine' is no list of pages")
    return {**entry, **combined[0]}


def _address(page: dict[str, Any]) -> str:
    if not isinstance(page.get("fetch"), str):
        raise RequestError(f"{TERMS!r} has no 'fetch'")
    return policy_url(page["fetch"])


def _rule(page: dict[str, Any]) -> Override | None:
    """The rule for a page; none where it has no selectors, as for a PDF."""
    said = {key: page[key] for key in ("select", "remove") if page.get(key)}
    if not said:
        return None
    return override_of({**said, "url": _address(page), "to": page.get("validUntil")})


def _remarks(entry: dict[str, Any]) -> list[str]:
    page, found = _page(entry), []
    if filters := page.get("filter") or page.get("filters"):
        listed = filters if isinstance(filters, list) else [filters]
        names = [next(iter(one)) if isinstance(one, dict) and one else one for one in listed]
        found.append(f"filters are programs and not run: {', '.join(map(str, names))}")
    if len(entry.get("combine") or ()) > 1:
        found.append(f"of the pages it combines only the first is tracked: {_address(page)}")
    if page.get("executeClientScripts"):
        found.append("scripts of archived pages are not run; what they fill in is missing")
    return found
