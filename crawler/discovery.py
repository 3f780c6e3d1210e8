"""Find which URLs held a site's privacy policy over the years, from the domain alone.

A state machine without I/O: it says what it wants of the archive (``wanted``), takes the answers
in any order, and ends with the policies, each with its span and evidence, and what it passed over.
Sources in order of cost: a few mementos of the home page, pages their links lead to, the policy
URL's own index rows (which the crawl needs anyway) with its archived redirects, and only where
these give nothing one index query over the whole domain. See docs/decisions/0006-discovery.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal

from crawler.link_ranking import HUB_SCORE, Ranked, heading_policy, rank, telling
from crawler.links import page_links
from crawler.sightings import (
    Domain,
    FoundPolicy,
    PassedOver,
    Sighting,
    Track,
    succession,
)
from crawler.trails import Trail
from crawler.urls import canonical, original_location, url_key
from crawler.wanted import IndexQuery, Replay, Wanted, a_row_a_month, likely_paths, whole_domain

if TYPE_CHECKING:
    from storage.records import Capture

__all__ = [
    "Discovery",
    "FoundPolicy",
    "IndexQuery",
    "PassedOver",
    "Replay",
    "Wanted",
]

MAX_REQUESTS: Final = 40
_MAX_POLICIES: Final = 8
_MAX_HUBS: Final = 2
_MAX_PASSED_OVER: Final = 60
_HOME_ROWS: Final = 20_000


class Discovery:
    """The search for one site's policy URLs.

    ``site`` is a domain as ``crawler.urls.site_of`` gives it. ``given`` are policy URLs that the
    user names: they are taken as they are, only their redirects are followed.

    Raises:
        ValueError: site or a given URL is no web address.
    """

    def __init__(self, site: str, given: Sequence[str] = ()) -> None:
        self._site = site
        self._wanted: dict[Wanted, str] = {}
        self._asked: set[Wanted] = set()
        self._trails: dict[str, Trail] = {}
        self._tracks: dict[str, Track] = {}
        self._sightings: list[Sighting] = []
        self._passed: dict[tuple[str, str], PassedOver] = {}
        self._domain: Domain | None = None
        home = canonical(f"http://{site}/")
        for url in given:
            self._follow(
                Sighting(url=canonical(url), how="given", score=1.0, line="named by the user")
            )
        if not given:
            self._walk(home, "home", depth=0)
        self._advance()

    @property
    def done(self) -> bool:
        """Whether nothing is wanted any more; ``policies`` is then final."""
        return not self._wanted

    def wanted(self) -> tuple[Wanted, ...]:
        """Everything asked for and not yet answered; the answers may come in any order."""
        return tuple(self._wanted)

    def feed_index(self, wanted: IndexQuery, captures: Iterable[Capture]) -> None:
        """Give the rows of an index query, read once and not kept.

        Raises:
            ValueError: this was not wanted.
        """
        key = self._answered(wanted)
        if wanted.purpose == "last-resort":
            self._domain = Domain.read(captures, self._site)
        else:
            track = self._tracks.setdefault(key, Track(url=wanted.url))
            trail = self._trails.get(key)
            rows = 0
            for capture in captures:
                rows += 1
                track.add(capture)
                if trail is not None:
                    trail.add(capture)
            track.listed = wanted.limit is None and wanted.collapse is None
            if trail is not None:
                trail.listed = True
            if wanted.limit is not None and rows >= wanted.limit:
                self._ask(a_row_a_month(wanted), key)
        self._advance()

    def feed_page(
        self,
        wanted: Replay,
        *,
        url: str,
        status: int,
        headers: Sequence[tuple[str, str]] | Mapping[str, str],
        body: bytes,
    ) -> None:
        """Give a memento: the original URL, status, headers and body as the archive replayed them.

        Raises:
            ValueError: this was not wanted.
        """
        key = self._answered(wanted)
        pairs = headers.items() if isinstance(headers, Mapping) else headers
        named = {name.lower(): value for name, value in pairs}
        target = _redirect_target(status, named, url)
        if wanted.purpose == "moved":
            self._moved(key, wanted.capture, status, target)
        elif target is not None:
            self._led_on(self._trails[key], wanted.capture, target)
        elif status != 200:
            self._trails[key].spoil(wanted.capture)
        else:
            self._read(self._trails[key], wanted.capture, url, body, named.get("content-type"))
        self._advance()

    def feed_failure(self, wanted: Wanted) -> None:
        """Say that the archive could not give what was wanted.

        Raises:
            ValueError: this was not wanted.
        """
        key = self._answered(wanted)
        if isinstance(wanted, IndexQuery):
            if wanted.match == "domain":
                self._ask(likely_paths(wanted, self._site), "")
            elif wanted.purpose == "last-resort":
                self._domain = Domain()
            elif key in self._trails:
                self._trails[key].listed = True
            self._tracks.setdefault(key, Track(url=wanted.url)).failed = True
        elif wanted.purpose != "moved":
            self._trails[key].spoil(wanted.capture)
        self._advance()

    def policies(self) -> tuple[FoundPolicy, ...]:
        """The URLs that held the policy, oldest first; their spans do not overlap."""
        found, _ = succession(self._sightings, self._tracks)
        return found

    def passed_over(self) -> tuple[PassedOver, ...]:
        """Links and URLs that looked somewhat like a policy and were not taken, with the reason."""
        found, dropped = succession(self._sightings, self._tracks)
        taken = {url_key(policy.url) for policy in found}
        others = (p for p in (*dropped, *self._passed.values()) if url_key(p.url) not in taken)
        first = {url_key(p.url): p for p in reversed(list(others))}
        return tuple(reversed(first.values()))[:_MAX_PASSED_OVER]

    # What comes next

    def _answered(self, wanted: Wanted) -> str:
        try:
            return self._wanted.pop(wanted)
        except KeyError:
            raise ValueError(f"this was not wanted: {wanted}") from None

    def _ask(self, wanted: Wanted, key: str) -> None:
        if wanted not in self._asked and len(self._asked) < MAX_REQUESTS:
            self._asked.add(wanted)
            self._wanted[wanted] = key

    def _advance(self) -> None:
        """Ask for the next round, cheapest source first, once the last one is answered."""
        if self._wanted:
            return
        for trail in list(self._trails.values()):
            for capture in trail.next_samples():
                self._ask(Replay(capture=capture, purpose=trail.purpose), trail.key)
        if not self._wanted:
            self._open_hubs(HUB_SCORE)
        if not self._wanted:
            self._list_policies()
        if not self._wanted:
            self._follow_moves()
        if not self._wanted and self._domain is None and self._has_gap():
            self._ask(whole_domain(self._site), "")
        elif not self._wanted and self._domain is not None:
            self._take_from_domain(self._domain)

    def _walk(self, url: str, purpose: Literal["home", "hub"], *, depth: int) -> Trail | None:
        """Start reading the history of a page for its links."""
        key = url_key(url)
        if key not in self._trails and depth <= 2:
            self._trails[key] = Trail(url=url, key=key, purpose=purpose, depth=depth)
            limit = _HOME_ROWS if purpose == "home" else None
            self._ask(IndexQuery(url=url, match="exact", purpose=purpose, limit=limit), key)
        return self._trails.get(key)

    def _open_hubs(self, least: float) -> None:
        """Where a page showed no policy link, read the legal pages that it names."""
        for trail in list(self._trails.values()):
            if trail.depth >= 2 or least in trail.hubs_opened:
                continue
            trail.hubs_opened.add(least)
            for ranked, moments in trail.best_hubs(_MAX_HUBS, least):
                hub = self._walk(ranked.link.url, "hub", depth=trail.depth + 1)
                if hub is not None:
                    hub.linked_at.update(moments)

    def _list_policies(self) -> None:
        for sighting in sorted(self._sightings, key=lambda s: (-s.score, s.url)):
            key = url_key(sighting.url)
            known = self._tracks.get(key)
            listed = known is not None and (known.listed or known.failed)
            if not listed and len(self._policy_keys() - {key}) < _MAX_POLICIES:
                self._ask(IndexQuery(url=sighting.url, match="exact", purpose="policy"), key)

    def _policy_keys(self) -> set[str]:
        listed = {key for key, track in self._tracks.items() if track.listed}
        return {url_key(s.url) for s in self._sightings} & listed

    def _follow_moves(self) -> None:
        for key in {url_key(s.url): None for s in self._sightings}:
            track = self._tracks.get(key)
            for capture in track.telling_redirects() if track else ():
                self._ask(Replay(capture=capture, purpose="moved"), key)

    def _has_gap(self) -> bool:
        """No policy found, or home pages without a policy link in years that none covers."""
        found = self.policies()
        if not found:
            return True
        if any(s.how == "given" for s in self._sightings):
            return False
        year = timedelta(days=365)
        blind = [m for t in self._trails.values() if t.purpose == "home" for m in t.blind_moments()]
        spans = [(p.first, p.last) for p in found if p.first and p.last]
        return any(
            all(moment < first - year or moment > last + year for first, last in spans)
            for moment in blind
        )

    def _take_from_domain(self, domain: Domain) -> None:
        found = self.policies()
        covered = [(p.first, p.last) for p in found if p.first and p.last]
        for sighting in domain.best(covered):
            self._follow(sighting)
        for passed in domain.others():
            self._pass_over(passed)
        domain.settle()
        self._list_policies()
        if not self._wanted:
            self._follow_moves()
        if not self._wanted and not self.policies():
            self._open_hubs(0.0)

    # What an answer says

    def _follow(self, sighting: Sighting) -> None:
        self._sightings.append(sighting)

    def _pass_over(self, passed: PassedOver) -> None:
        if len(self._passed) < 4 * _MAX_PASSED_OVER:
            self._passed.setdefault((passed.url, passed.text), passed)

    def _read(
        self, trail: Trail, capture: Capture, url: str, body: bytes, content_type: str | None
    ) -> None:
        page = page_links(body, url, content_type, telling=telling)
        if page.refresh is not None and url_key(page.refresh) != trail.key and not page.links:
            self._led_on(trail, capture, page.refresh)
            return
        ranking = rank(page, url, self._site, may_hold_it=trail.purpose == "hub")
        for refused in ranking.refused:
            link = refused.link
            self._pass_over(PassedOver(url=link.url, text=link.text, why=refused.why))
        if ranking.policy is None and trail.purpose == "hub":
            ranking = replace(ranking, policy=heading_policy(page.headings, trail.url))
        trail.note(capture, ranking)
        if ranking.policy is not None:
            self._sight(trail, capture, ranking.policy)

    def _sight(self, trail: Trail, capture: Capture, ranked: Ranked) -> None:
        link, here = ranked.link, url_key(ranked.link.url) == trail.key
        page = {"home": "home page", "hub": "legal page"}[trail.purpose]
        place = f"{capture.moment:%Y-%m-%d}: the {page} {capture.original}"
        if trail.purpose == "hub" and here:
            how, line = "single page", f"{place} itself holds “{link.text}”"
        else:
            where = " in its footer" if link.in_footer else ""
            how, line = f"{trail.purpose} page link", f"{place} links “{link.text}”{where}"
        self._follow(
            Sighting(
                url=trail.url if here else link.url,
                how=how,
                score=ranked.score,
                line=f"{line}; {ranked.why}",
                moment=capture.moment,
                text=link.text,
            )
        )

    def _led_on(self, trail: Trail, capture: Capture, target: str) -> None:
        """A home or hub page that redirects: read where it leads, unless that is the same page."""
        trail.spoil(capture)
        if url_key(target) != trail.key:
            trail.redirected = True
            onward = self._walk(target, trail.purpose, depth=trail.depth + 1)
            if onward is not None:
                onward.linked_at.update(trail.linked_at)

    def _moved(self, key: str, capture: Capture, status: int, target: str | None) -> None:
        track = self._tracks[key]
        if target is None or url_key(target) == key:
            return
        day = f"{capture.moment:%Y-%m-%d}"
        track.evidence.append(f"{day}: redirects ({status}) to {target}")
        if url_key(target).endswith(")/"):
            why = f"{track.url} redirects there: a home page, so the policy was gone"
            self._pass_over(PassedOver(url=target, text="", why=why))
            return
        track.moved_to.append((capture.moment, url_key(target)))
        origin = max((s.score for s in self._sightings if url_key(s.url) == key), default=0.5)
        self._follow(
            Sighting(
                url=target,
                how="redirect",
                score=0.95 * origin,
                line=f"{day}: {track.url} redirects here",
                moment=capture.moment,
            )
        )


def _redirect_target(status: int, headers: Mapping[str, str], url: str) -> str | None:
    location = headers.get("location")
    if not 300 <= status < 400 or not location:
        return None
    try:
        return original_location(location, url)
    except ValueError:
        return None
