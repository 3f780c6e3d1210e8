"""Lists of sites as people have them: a domain a line, Tranco's ``rank,domain`` CSV, or JSONL."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler.urls import site_of
from tracker.errors import RequestError, TrackerError
from tracker.targets import policy_url, policy_url_in

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One site of a list, with what the list says of it."""

    domain: str
    name: str | None = None
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteList:
    """What a list holds: its sites, and of each line that is none which it is and why."""

    sites: tuple[Listed, ...]
    refused: tuple[str, ...]


def read_list(path: Path) -> SiteList:
    """Read a file that holds a list; a line that is no site costs itself alone.

    Raises:
        TrackerError: it cannot be read, or no line of it is a site.
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            found = read_sites(lines, str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise TrackerError(f"cannot read {path}: {error}") from error
    if found.refused and not found.sites:
        raise TrackerError(found.refused[0])
    return found


def read_sites(lines: Iterable[str], source: str) -> SiteList:
    """Read a list, whatever of the three forms each line has; ``#`` begins a comment.

    A JSON line is ``{"domain", "name"?, "urls"?}``.
    """
    sites, refused = [], []
    for number, line in enumerate(lines, start=1):
        text = line.strip().lstrip("\ufeff")
        if not text or text.startswith("#") or text.lower() in {"domain", "rank,domain"}:
            continue
        try:
            sites.append(_from_json(text) if text.startswith("{") else _from_csv(text))
        except (ValueError, KeyError, TypeError, RequestError) as error:
            refused.append(f"{source}, line {number}: no site: {error}")
    return SiteList(sites=tuple(sites), refused=tuple(refused))


def _from_json(text: str) -> Listed:
    row: dict[str, Any] = json.loads(text)
    if "domain" not in row:
        raise ValueError('a JSON line needs a "domain", and may have a "name" and "urls"')
    urls = tuple(policy_url(str(url)) for url in row.get("urls", ()))
    return Listed(domain=site_of(str(row["domain"])), name=row.get("name"), urls=urls)


def _from_csv(text: str) -> Listed:
    fields = next(csv.reader([text]))
    if len(fields) > 1 and fields[0].strip().isdigit():
        fields = fields[1:]
    given = fields[0].strip()
    own = policy_url_in(given)
    return Listed(domain=site_of(given), urls=(own,) if own else ())
