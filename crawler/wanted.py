"""What discovery may want of an archive: a query of its index, or one memento."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from storage.records import Capture

_LAST_RESORT_ROWS: Final = 20_000
# The flag is scoped, since an archive or its adapter may set the expression within another.
_LAST_RESORT_FILTER: Final = (
    r".*(?i:privacy|priva[ct]i[dt]|datenschutz|confiden[ct]ial|dataprotection|data-protection|"
    r"vie-?privee|personvern|privatliv|integritet|tietosuoja|prywatno|adatv|gizlilik|soukromi|"
    r"osobni|privasi|riservatezza|gdpr|rgpd).*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexQuery:
    """One query of the archive's index.

    ``filter`` and ``statuscode`` are full-match regular expressions on the index's fields
    ``original`` and ``statuscode``. ``limit`` is a total, None asks for all rows. ``collapse`` and
    ``statuscode`` only make the answer small: an archive that has no such thing may ignore them.
    """

    url: str
    match: Literal["exact", "prefix", "domain"]
    purpose: Literal["home", "hub", "policy", "last-resort"]
    filter: str | None = None
    limit: int | None = None
    statuscode: str | None = None
    collapse: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The raw memento of one index row; its redirect, if it is one, not followed."""

    capture: Capture
    purpose: Literal["home", "hub", "moved"]


Wanted = IndexQuery | Replay


def whole_domain(site: str) -> IndexQuery:
    """Every URL of a domain whose spelling speaks of privacy: dear for the archive."""
    return IndexQuery(
        url=site,
        match="domain",
        purpose="last-resort",
        filter=_LAST_RESORT_FILTER,
        limit=_LAST_RESORT_ROWS,
    )


def a_row_a_month(query: IndexQuery) -> IndexQuery:
    """For a home page of very many captures; without redirects, as many a month begins with one."""
    return replace(query, limit=None, statuscode="200", collapse="timestamp:6")


def likely_paths(query: IndexQuery, site: str) -> IndexQuery:
    """What to ask where a query over a whole domain is more than the archive can bear."""
    return replace(query, url=f"http://{site}/privacy", match="prefix", filter=None)
