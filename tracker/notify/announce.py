"""Puts what there is to tell into the outbox; `tracker.notify.deliver` sends it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from storage import decisions, outbox, snapshots, tags, versions, watches
from storage.notices import KnownChange, NewNotice, NoticeKind, Watch
from storage.records import SOURCE
from tracker.classified_languages import is_classified
from tracker.comparison import compare
from tracker.kept import history_of
from tracker.notify.news import News, news, with_known
from tracker.notify.payload import change_payload, health_payload
from tracker.notify.rules import concerns_site, due, wants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from storage.database import Connection, Database
    from storage.records import Change, Site, Version
    from tracker.analysis import Analysis
    from tracker.config import Config
    from tracker.history import History
    from tracker.notification_config import NotifyRule


MAKERS = ("normalizer", "deriver")
"""What decides which versions there are; the other programs only describe them."""


NOTHING_KNOWN = Watch(made_by=None, until=None, changes=())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is to be written, and what was known when it was read."""

    before: Watch | None
    after: Watch
    notices: tuple[NewNotice, ...]


def announce(
    db: Database,
    config: Config,
    site: Site,
    analysis: Analysis,
    *,
    first: bool,
    clock: Callable[[], datetime],
    ours: Callable[[Connection], bool] | None = None,
) -> int:
    """Put the notices that the rules want of a site's changes into the outbox; answers how many.

    What is new is told from what is kept, not from the analysis alone: a run that was killed
    between its analysis and this leaves nothing untold. Notices, and that the changes are known
    from now on, are one transaction; doing it again adds nothing.

    Args:
        db: the database.
        config: its rules.
        site: whose changes.
        analysis: what this run derived; needed where the site's watch begins.
        first: the site's history is still being filled in. It is known from then on without a
            word, but to rules that ask for history.
        clock: the time, aware UTC.
        ours: asked in the transaction that writes. Where it says no, another worker has taken the
            run over and tells in its place: nothing is written.

    Raises:
        StorageError: the database fails.
    """
    while True:
        plan = db.retrieve(partial(_plan, config, site, analysis, first, clock()))
        if plan.before == plan.after and not plan.notices:
            return 0
        added = db.transact(partial(_keep, site, plan, ours))
        if added is not None:
            return added


def begin_watch(
    db: Database,
    config: Config,
    site: Site,
    clock: Callable[[], datetime],
    *,
    ours: Callable[[Connection], bool] | None = None,
) -> int:
    """Note what is known of a site before a run, unless its watch has begun: the rest is news.

    Rules that ask for history are told it; answers how many notices that makes. ``ours`` is as of
    `announce`.

    Raises:
        StorageError: the database fails.
    """
    while True:
        plan = db.retrieve(partial(_beginning, config, site, clock()))
        if plan is None:
            return 0
        added = db.transact(partial(_keep, site, plan, ours))
        if added is not None:
            return added


def preview(
    conn: Connection, config: Config, site: Site, now: datetime, *, since: datetime | None = None
) -> list[NewNotice]:
    """What the rules would want of a site's changes if they were new: since then, or the last."""
    history = history_of(conn, site)
    chosen = [
        News(at=at, known_as=one, nth=0, late=False)
        for at, one in enumerate(_known_changes(history))
        if since is None or one.before >= since
    ]
    fresh = chosen if since else chosen[-1:]
    return list(_notices(conn, config, site, history, fresh, False, now))


def announce_health(
    db: Database,
    config: Config,
    site: Site,
    kind: NoticeKind | str,
    reason: str,
    clock: Callable[[], datetime],
) -> int:
    """Tell that a site was quarantined, or that it recovered; answers how many notices are new.

    Raises:
        StorageError: the database fails.
    """
    return db.transact(
        lambda conn: health_notices(conn, config, site, NoticeKind(kind), reason, clock())
    )


def health_notices(
    conn: Connection, config: Config, site: Site, kind: NoticeKind, reason: str, now: datetime
) -> int:
    """The same within a transaction, beside what it tells of.

    A second quarantine without a recovery in between is none, nor is a recovery from nothing.
    """
    versions.hold(conn, site.id)
    payload = health_payload(site, kind.value, reason, now)
    return outbox.add(conn, _health(conn, config, site, kind, payload, now))


def _health(
    conn: Connection,
    config: Config,
    site: Site,
    kind: NoticeKind,
    payload: dict[str, Any],
    now: datetime,
) -> Iterator[NewNotice]:
    for rule, channel in _channels(conn, config, site):
        told = outbox.health_of(conn, channel, site.id)
        ill = bool(told) and told[-1] is NoticeKind.QUARANTINE
        if rule.health and ill is (kind is NoticeKind.RECOVERY):
            key = _key(kind.value, channel, site.domain, str(len(told)))
            yield _notice(key, channel, rule, kind, site, payload, now)


def _plan(
    config: Config, site: Site, analysis: Analysis, first: bool, now: datetime, conn: Connection
) -> _Plan:
    history = history_of(conn, site)
    before = watches.of_site(conn, site.id)
    after = _everything(conn, site, history, before)
    # What came in before the first run, by an import say, is history as well.
    unnoted = NOTHING_KNOWN if first else _known_before(history, analysis, after)
    known = before or unnoted
    fresh = news(known, _known_changes(history), made_by=after.made_by)
    # Earlier runs may have ended in order without having found a policy.
    first = first or known.until is None
    notices = _notices(conn, config, site, history, fresh, first, now)
    return _Plan(before=before, after=after, notices=tuple(notices))


def _beginning(config: Config, site: Site, now: datetime, conn: Connection) -> _Plan | None:
    history = history_of(conn, site)
    if watches.of_site(conn, site.id) is not None or not history.versions:
        return None
    after = _everything(conn, site, history, None)
    fresh = news(NOTHING_KNOWN, _known_changes(history), made_by=after.made_by)
    notices = _notices(conn, config, site, history, fresh, True, now)
    return _Plan(before=None, after=after, notices=tuple(notices))


def _keep(
    site: Site, plan: _Plan, ours: Callable[[Connection], bool] | None, conn: Connection
) -> int | None:
    """Write a plan; None where somebody else has told something since it was made."""
    versions.hold(conn, site.id)
    if ours is not None and not ours(conn):
        return 0
    if watches.of_site(conn, site.id) != plan.before:
        return None
    watches.keep(conn, site.id, plan.after)
    return outbox.add(conn, plan.notices)


def _everything(conn: Connection, site: Site, history: History, before: Watch | None) -> Watch:
    made_by = versions.made_by(conn, site.id) or {}
    return with_known(
        before,
        _known_changes(history),
        made_by=" ".join(made_by[part] for part in MAKERS if part in made_by) or None,
        until=max((version.last_seen for version in history.versions), default=None),
    )


def _known_before(history: History, analysis: Analysis, now: Watch) -> Watch:
    """What was known before this run's analysis, where nobody has noted it."""
    new = set(analysis.new)
    numbers = {version.number for version in history.versions if version.id in new}
    known = [
        one
        for one, change in zip(_known_changes(history), history.changes, strict=True)
        if not {change.old_number, change.new_number} & numbers
    ]
    seen = [version.last_seen for version in history.versions if version.id not in new]
    return Watch(made_by=now.made_by, until=max(seen, default=None), changes=tuple(known))


def _known_changes(history: History) -> list[KnownChange]:
    texts = {version.number: version.text_sha256 for version in history.versions}
    return [
        KnownChange(
            old=texts[change.old_number][: watches.DIGITS],
            new=texts[change.new_number][: watches.DIGITS],
            after=change.after,
            before=change.before,
        )
        for change in history.changes
    ]


def _notices(
    conn: Connection,
    config: Config,
    site: Site,
    history: History,
    fresh: Sequence[News],
    first: bool,
    now: datetime,
) -> Iterator[NewNotice]:
    rules = list(_channels(conn, config, site))
    for one in fresh:
        change = history.changes[one.at]
        if change.kind == SOURCE:
            # Another collector tells from here on, which says nothing of the policy.
            continue
        told: set[str] = set()
        payload: dict[str, Any] | None = None
        for rule, channel in rules:
            if (first and not rule.history) or channel in told or not wants(rule, change):
                continue
            told.add(channel)
            payload = payload or _payload(conn, site, history, change, late=one.late and not first)
            known = one.known_as
            key = _key("change", channel, site.domain, known.old, known.new, str(one.nth))
            yield _notice(key, channel, rule, NoticeKind.CHANGE, site, payload, now)


def _channels(conn: Connection, config: Config, site: Site) -> Iterator[tuple[NotifyRule, str]]:
    """Where news of a site may go, by which rule, in the configuration's order."""
    own = tags.of_site(conn, site.id)
    for rule in config.notify:
        if concerns_site(rule, site.domain, own):
            for channel in rule.to:
                yield rule, channel


def _payload(
    conn: Connection, site: Site, history: History, change: Change, *, late: bool
) -> dict[str, Any]:
    old, new = (
        next(version for version in history.versions if version.number == number)
        for number in (change.old_number, change.new_number)
    )
    # Its categories were counted when it was derived; here only the words are wanted.
    comparison = compare(
        versions.document(conn, old.id).markdown,
        versions.document(conn, new.id).markdown,
        directions=is_classified(new.language),
    )
    last = _last_archived(conn, site, old)
    return change_payload(site, change, old, new, comparison["segments"], after_url=last, late=late)


def _last_archived(conn: Connection, site: Site, version: Version) -> str:
    """Where the last capture that shows a version is looked at.

    A live one's address leads to the page as it is now, which may show the next version.
    """
    for shown in reversed(decisions.of_site(conn, site.id, number=version.number)):
        snapshot = snapshots.by_id(conn, shown.snapshot_id)
        if not snapshot.live:
            return snapshot.archive_url
    return version.archive_url


def _notice(
    key: str,
    channel: str,
    rule: NotifyRule,
    kind: NoticeKind,
    site: Site,
    payload: dict[str, Any],
    now: datetime,
) -> NewNotice:
    return NewNotice(
        key=key,
        channel=channel,
        rule=rule.name,
        kind=kind,
        site_id=site.id,
        payload=payload,
        created=now,
        due=due(rule, now),
        digest=rule.digest != "now",
    )


def _key(*parts: str) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()
