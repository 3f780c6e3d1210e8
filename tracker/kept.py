"""Finding what is kept by the names that people use: sites, versions, their texts."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from crawler.urls import site_of
from storage import captures, changes, review_queue, series, sites, tags, versions
from storage.records import CaptureState, parse_timestamp
from tracker.errors import TrackerError
from tracker.history import History
from tracker.targets import NO_ARCHIVE

if TYPE_CHECKING:
    from storage.database import Connection, Database
    from storage.records import Site, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVersion:
    """A version with its site and its text.

    ``doubt`` says where the archive cannot tell which version was in force at the moment asked for.
    """

    site: Site
    version: Version
    markdown: str
    doubt: str | None = None


def find_site(conn: Connection, key: str) -> Site:
    """The tracked site of a domain, a policy URL or a service's name.

    Raises:
        TrackerError: none is tracked under it.
    """
    found = sites.get(conn, key)
    if found is None:
        try:
            found = sites.get(conn, site_of(key))
        except ValueError:
            found = None
    if found is None:
        raise TrackerError(f"{key} is not tracked yet: run `tracker crawl {key}` first")
    return found


def must_have_domain(site: Site) -> None:
    """See to it that an archive can be asked for a site.

    Raises:
        TrackerError: it was imported without its domain.
    """
    if not sites.is_crawlable(site):
        raise TrackerError(f"{site.domain}: {NO_ARCHIVE}")


def known_tag(conn: Connection, tag: str) -> str:
    """A tag that some site has.

    Raises:
        TrackerError: none has it.
    """
    if not tags.site_ids(conn, tag):
        raise TrackerError(f"no site is tagged {tag}")
    return tag


def last_policy_url(conn: Connection, site: Site) -> str | None:
    """Where a site's policy is now, as far as is known.

    That is a page that the user named and no version has shown yet, else where the newest version
    was, else where discovery saw it last.
    """
    found = versions.of_site(conn, site.id)
    shown = {version.url for version in found}
    known = sites.policy_urls(conn, site.id)
    named = [policy.url for policy in known if policy.given and policy.url not in shown]
    if named or found:
        return named[-1] if named else found[-1].url
    open_ended = [policy.url for policy in known if policy.last is None]
    likely = open_ended or [policy.url for policy in known]
    return likely[-1] if likely else None


def load_history(db: Database, key: str) -> History:
    """A site's story.

    Raises:
        TrackerError: the site is not tracked.
    """
    with db.read() as conn:
        return history_of(conn, find_site(conn, key))


def history_of(conn: Connection, site: Site) -> History:
    """The story of a site that was found."""
    return History(
        site=site.domain,
        policies=tuple(sites.policy_urls(conn, site.id)),
        versions=tuple(versions.of_site(conn, site.id)),
        changes=tuple(changes.of_site(conn, site.id)),
        unread=captures.unread(conn, site.id),
        reviews=review_queue.of_site(conn, site.id),
    )


def capture_times(
    conn: Connection, site: Site, state: CaptureState = CaptureState.FETCHED
) -> tuple[datetime, ...]:
    """When the archive captured the site's policy, as far as captures were fetched, or not yet."""
    return tuple(parse_timestamp(stamp) for stamp in series.timestamps(conn, site.id, state=state))


def find_version(conn: Connection, spec: str) -> KeptVersion:
    """The version that ``SITE@2015-05-12``, ``SITE#3`` or a version id means.

    Raises:
        TrackerError: the site is not tracked or has no such version.
    """
    if match := re.fullmatch(r"(.+)#(\d+)", spec):
        site = find_site(conn, match[1])
        version = versions.by_number(conn, site.id, int(match[2]))
        return _kept(conn, site, version, f"{site.domain} has no version {match[2]}")
    if match := re.fullmatch(r"(.+)@([^@]+)", spec):
        site = find_site(conn, match[1])
        moment = _moment(match[2])
        version = versions.at(conn, site.id, moment)
        kept = _kept(conn, site, version, f"{site.domain} has no version in force at {match[2]}")
        return replace(kept, doubt=_doubt(conn, kept, moment))
    found = versions.by_id(conn, spec)
    site_found = sites.by_id(conn, found[0]) if found else None
    if found is None or site_found is None:
        raise TrackerError(f"no version {spec!r}: write SITE@2015-05-12, SITE#3 or a version's id")
    return _kept(conn, site_found, found[1], "")


def _doubt(conn: Connection, kept: KeptVersion, moment: datetime) -> str | None:
    """What the archive leaves open: after the last capture of a version another may have come."""
    shown = kept.version
    if moment.date() <= shown.last_seen.date():
        return None
    seen = f"version {shown.number} was last seen on {shown.last_seen:%Y-%m-%d}"
    following = versions.by_number(conn, kept.site.id, shown.number + 1)
    if following is None:
        return f"{seen}; nothing later is known"
    states = f" and states {following.stated_date}" if following.stated_date else ""
    return (
        f"{seen}; version {following.number} was first seen on "
        f"{following.first_seen:%Y-%m-%d}{states}: either may have been in force"
    )


def _moment(text: str) -> datetime:
    """A day means its end: the version in force on that day is the last one seen by then."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise TrackerError(f"{text!r} is no date: write it as 2015-05-12") from error
    if len(text) == len("2015-05-12"):
        moment = datetime.combine(moment, time.max)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _kept(conn: Connection, site: Site, version: Version | None, missing: str) -> KeptVersion:
    if version is None:
        raise TrackerError(f"{missing}: `tracker history {site.domain}` lists them")
    markdown = versions.document(conn, version.id).markdown
    return KeptVersion(site=site, version=version, markdown=markdown)
