"""Which of a page's links leads to the privacy policy, judged by words, URL and place.

No rule names a site: words (``link_words``), the URL's spelling, and where the link stands decide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from crawler.link_words import (
    ASSET,
    CENTRE,
    HUB,
    NAMES,
    READING,
    READING_HOST,
    READING_SEGMENT,
    SUBJECT,
    TERMS,
    TOOL,
    URL_NAME,
    URL_OTHER,
    URL_SUBJECT,
    URL_TOOL,
    URL_VARIANT,
    VARIANT,
    WEAK_HUB,
    plain_text,
    words_in,
)
from crawler.links import Link
from crawler.urls import registrable, url_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.links import PageLinks

POLICY_SCORE: Final = 0.5
HUB_SCORE: Final = 0.45
_WEAK_HUB_SCORE: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A link and how well it fits (0..1), with the reason that counted most."""

    link: Link
    score: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """What a page tells: its best policy link, its hub links (best first), and what was refused."""

    policy: Ranked | None = None
    hubs: tuple[Ranked, ...] = ()
    refused: tuple[Ranked, ...] = field(default=())


def telling(text: str, url: str, rel: str) -> bool:
    """Whether a link is worth a look at all."""
    if rel == "privacy-policy" or URL_SUBJECT.search(_readable(url)):
        return True
    plain = plain_text(text)
    return bool(
        NAMES.search(plain)
        or SUBJECT.search(plain)
        or HUB.fullmatch(plain)
        or WEAK_HUB.fullmatch(plain)
    )


def rank(page: PageLinks, url: str, site: str, *, may_hold_it: bool = False) -> Ranking:
    """Rank the links of the page at ``url``, in search of the policy of the domain ``site``.

    ``may_hold_it``: a link back to the page itself counts (a legal page with parts); of a home page
    it is a script's button.
    """
    policies, hubs, refused = [], [], []
    for link in page.links:
        policy = policy_score(link, site)
        hub = _hub_score(link, site)
        itself = url_key(link.url) == url_key(url)
        if itself and not may_hold_it:
            why = "leads back to the page it stands on"
            refused.append(Ranked(link=link, score=policy.score, why=why))
        elif policy.score >= POLICY_SCORE:
            policies.append(policy)
        elif hub.score >= _WEAK_HUB_SCORE and not itself:
            hubs.append(hub)
        else:
            refused.append(policy)
    policies.sort(key=lambda ranked: -ranked.score)
    hubs.sort(key=lambda ranked: -ranked.score)
    best = policies[0] if policies else None
    lesser = [
        Ranked(link=r.link, score=r.score, why="a better link stands beside it")
        for r in policies[1:]
        if best and url_key(r.link.url) != url_key(best.link.url)
    ]
    return Ranking(policy=best, hubs=tuple(hubs), refused=(*lesser, *refused))


def text_score(text: str) -> tuple[float, str]:
    """How surely a link's words name a privacy policy (0..1), and why not more."""
    plain = plain_text(text)
    named, subject = NAMES.search(plain), SUBJECT.search(plain)
    match = named or subject
    if match is None:
        return 0.0, "its text names another document"
    extra = words_in(plain) - words_in(match[0])
    score = max(0.1, 1.0 - 0.07 * extra if named else 0.85 - 0.11 * extra)
    why = "its text names the document" if named else "its text names the subject"
    if "policies" in match[0]:
        score, why = score * 0.9, "its text names several documents"
    if extra > 4:
        why = "its text reads like a headline"
    rest = plain.replace(match[0], " ")
    for pattern, factor, reason in (
        (TOOL, 0.3, "a form or settings, not the policy"),
        (VARIANT, 0.5, "a notice for some readers or of another time, not the policy"),
        (READING, 0.6, "reading matter about privacy"),
        (TERMS, 0.55, "named together with other terms"),
        (CENTRE, 0.6, "a place that leads on to several documents"),
    ):
        if pattern.search(rest):
            score, why = score * factor, reason
    return score, why


def url_score(url: str, site: str = "") -> tuple[float, str]:
    """How surely a URL's spelling names a privacy policy: 0.4 where it says nothing either way.

    A blog's or forum's host counts against it, unless that is the ``site`` itself.
    """
    readable, parts = _readable(url), urlsplit(url)
    path = unquote(parts.path).lower()
    if ASSET.search(path):
        return 0.0, "a file that is no document"
    segments = [segment for segment in path.split("/") if segment]
    last = re.sub(
        r"\.(?:[sp]?html?|php\d?|aspx?|jsp|cfm|pdf|do)$", "", segments[-1] if segments else ""
    )
    score, why = _path_score(readable, last, segments)
    host = (parts.hostname or "").removeprefix("www.")
    if (host != site and READING_HOST.search(host)) or any(
        READING_SEGMENT.fullmatch(segment) for segment in segments[:-1]
    ):
        score, why = score * 0.3, "a blog post or news item"
    if URL_TOOL.search(last):
        score, why = score * 0.3, "a form or settings, not the policy"
    elif URL_VARIANT.search(path):
        score, why = score * 0.5, "a notice for some readers or of another time, not the policy"
    return score, why


def _path_score(readable: str, last: str, segments: list[str]) -> tuple[float, str]:
    words = len(re.findall(r"[^\W_]+", last))
    if URL_NAME.search(last):
        return max(0.3, 1.0 - 0.1 * max(0, words - 5)), "its URL names the document"
    if URL_SUBJECT.search(last):
        return max(0.2, 0.95 - 0.15 * (words - 1)), "its URL names the subject"
    if URL_OTHER.search(last):
        return 0.1, "its URL names another document"
    if URL_NAME.search(readable) or URL_SUBJECT.search(readable):
        return 0.6 if len(segments) < 5 else 0.4, "its URL holds the subject"
    return 0.4, "its URL says nothing"


def heading_policy(headings: Sequence[str], url: str) -> Ranked | None:
    """The page at ``url`` itself as the policy, where a heading of it names the document."""
    for heading in headings:
        score, _ = text_score(heading)
        if score >= 0.8:
            link = Link(url=url, text=heading)
            return Ranked(link=link, score=0.8 * score, why="a heading names the document")
    return None


def policy_score(link: Link, site: str) -> Ranked:
    """How well a link fits as the site's privacy policy."""
    text, text_why = text_score(link.text)
    address, url_why = url_score(link.url, site)
    if ASSET.search(urlsplit(link.url).path.lower()):
        return Ranked(link=link, score=0.0, why=url_why)
    if text:
        score, why = 0.7 * text + 0.3 * address, text_why if text < 0.6 else url_why
    else:
        named = TERMS.search(plain_text(link.text)) or "cookie" in link.text.casefold()
        score, why = (0.2 if named else 0.6) * address, text_why
    if "blog post" in url_why or "a form" in url_why:
        score, why = score * 0.5, url_why
    score += 0.05 if link.in_footer else 0.0
    if link.rel == "privacy-policy":
        score = max(score, 0.95)
    if not _belongs(link.url, site):
        score *= 0.25 if link.named_in_prose else 0.85
        why = "another company's, named in a notice" if link.named_in_prose else why
    return Ranked(link=link, score=min(1.0, score), why=why)


def _hub_score(link: Link, site: str) -> Ranked:
    plain = plain_text(link.text)
    score = 0.0
    if HUB.fullmatch(plain):
        score = 0.8 if SUBJECT.search(plain) is None else 0.9
    elif WEAK_HUB.fullmatch(plain):
        score = 0.3
    elif SUBJECT.search(plain) and TERMS.search(plain) and words_in(plain) <= 6:
        score = 0.85
    if not _belongs(link.url, site):
        score *= 0.6
    if link.named_in_prose or "blog post" in url_score(link.url, site)[1]:
        score *= 0.4
    score += 0.05 if link.in_footer and score else 0.0
    return Ranked(link=link, score=score, why="it may lead on to the policy")


def _belongs(url: str, site: str) -> bool:
    host, home = registrable(urlsplit(url).hostname or ""), registrable(site)
    brand, other = home.split(".")[0], host.split(".")[0]
    return (
        host == home or (len(brand) > 3 and brand in other) or (len(other) > 3 and other in brand)
    )


def _readable(url: str) -> str:
    parts = urlsplit(url)
    return unquote(f"{parts.path}?{parts.query}").lower()
