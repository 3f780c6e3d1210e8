"""WARC and WACZ files that others wrote: whose policies they may hold."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.archives.warc_index import WarcIndex
from crawler.urls import registrable, site_of

if TYPE_CHECKING:
    from pathlib import Path

PAGES = {"text/html", "application/xhtml+xml", "application/pdf", "text/plain"}


def domains_in(path: Path) -> tuple[list[str], list[str]]:
    """The sites of which the files hold a page, those with most first; and what is damaged.

    Raises:
        ArchiveError: there is no capture at all.
    """
    index = WarcIndex(path)
    found: Counter[str] = Counter()
    for capture in index.captures():
        if capture.mimetype in PAGES and (capture.statuscode or 200) < 400:
            try:
                found[registrable(site_of(urlsplit(capture.original).netloc))] += 1
            except ValueError:
                continue
    return [domain for domain, _ in found.most_common()], index.damaged
