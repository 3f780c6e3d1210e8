"""What earlier crawls learned of where a site's policy is, and whether that is enough to go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.urls import url_key
from storage import index_queries, sites

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.database import Connection
    from storage.records import IndexQuery, PolicyUrl


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPolicies:
    """A site's policy URLs, and the last complete answer of one archive's index to each.

    ``given`` are those that the user named, now or earlier.
    """

    policies: tuple[PolicyUrl, ...]
    given: tuple[str, ...]
    answered: dict[str, IndexQuery | None]

    @property
    def settled(self) -> bool:
        """Whether no discovery is needed: only what is newer has to be asked for."""
        return any(self.answered.values()) and all(self.answered.get(url) for url in self.given)

    @property
    def current(self) -> tuple[PolicyUrl, ...]:
        """The URLs that may hold the policy today: those given, and where it was seen last."""
        discovered = [policy for policy in self.policies if not policy.given]
        last = max(
            discovered,
            key=lambda p: (p.last is not None, p.last and p.last.timestamp()),
            default=None,
        )
        chosen = [policy for policy in self.policies if policy.given or policy is last]
        return tuple({url_key(policy.url): policy for policy in chosen}.values())

    def span(self, policy: PolicyUrl) -> tuple[datetime | None, datetime | None]:
        """Between which moments a URL held the policy (from, before); None where it is open.

        Nothing came before the first one, and the current ones go on.
        """
        if policy.given:
            return None, None
        firsts = [one.first for one in self.policies if one.first is not None]
        since = None if policy.first in (None, min(firsts, default=None)) else policy.first
        return since, None if policy in self.current else policy.last


def known_policies(
    conn: Connection, site_id: int, archive: str, urls: Sequence[str] = ()
) -> KnownPolicies:
    """Read what is known; ``urls`` are given for this crawl alone."""
    policies = tuple(sites.policy_urls(conn, site_id))
    given = tuple(dict.fromkeys((*urls, *(policy.url for policy in policies if policy.given))))
    asked = {*given, *(policy.url for policy in policies)}
    answered = {url: index_queries.latest(conn, site_id, archive, url) for url in asked}
    return KnownPolicies(policies=policies, given=given, answered=answered)
