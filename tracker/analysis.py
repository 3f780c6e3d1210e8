"""Derives a site's versions, segments and changes from its kept snapshots, and saves them whole."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from crawler.wording import words
from storage import series, snapshots
from storage.records import Change, Decision, Version, VersionSegment, version_id
from storage.versions import DerivedVersion
from tracker.changes import change_between, change_of_source
from tracker.classified_languages import is_classified, no_labels
from tracker.classify.model import load
from tracker.dates import stated_date
from tracker.labels import LabelBook
from tracker.readability import reading_grade
from tracker.segment import SEGMENTER, segment
from tracker.standing import NewDerivation, derived_of, standing, take_its_place
from tracker.upgrades import upgrade_between
from tracker.versions.sources import derive_joined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from storage.database import Connection, Database
    from storage.records import Observation, Site
    from tracker.classify.model import Classifier
    from tracker.comparison import Classify
    from tracker.review_carrying import CarriedReviews
    from tracker.segment import Segment
    from tracker.standing import Standing
    from tracker.upgrades import Upgrade
    from tracker.versions.records import Derivation, Run


DERIVER = "1"
"""Version of the rules by which versions and changes are derived from documents: raise it with
every rule that gives another story, so that `tracker reprocess` derives the sites anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What a derivation gave: counts, and how it differs from the one before it.

    ``new`` are the ids of versions that a newly fetched capture told of. What the same captures
    are read as now is ``upgrade``'s: no news of the policy.
    """

    versions: int
    changes: int
    new: tuple[str, ...]
    upgrade: Upgrade
    reviews: CarriedReviews


@dataclass(frozen=True, slots=True, kw_only=True)
class _Derived:
    kept: DerivedVersion
    segments: tuple[Segment, ...]
    labels: Classify
    observation: Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What is derived of what is kept, and what stood there before."""

    derivation: Derivation
    before: Standing


def analyse(
    db: Database, site: Site, book: LabelBook | None = None, *, normalizer: str
) -> Analysis:
    """Derive everything about a site anew and put it in the place of what was derived before.

    ``normalizer`` is the version whose texts are compared, with the site's rules by hand
    (``Overrides.normalizer``): what another one made of a snapshot is left out.

    Reads, derives without holding a transaction, then writes in one: a reader sees the old
    derivation or the new one, never a mixture. Where another process has saved one meanwhile, it
    may have seen more than this one, which therefore begins again.
    """
    book = book or LabelBook(load)
    makers = made_by(normalizer, book.classifier)
    while True:
        found = db.retrieve(partial(_read, site, normalizer))
        new = _derive(site, found.derivation, book, makers)
        carried = db.transact(
            partial(take_its_place, site_id=site.id, before=found.before, new=new)
        )
        if carried is not None:
            break
    upgrade = upgrade_between(found.before.derived, derived_of(new))
    return Analysis(
        versions=len(new.versions),
        changes=len(new.changes),
        new=tuple(version.id for version in upgrade.new),
        upgrade=upgrade,
        reviews=carried,
    )


def made_by(normalizer: str, classifier: Classifier) -> dict[str, str]:
    """What a derivation of this moment is made by: what says so needs none."""
    return {
        "normalizer": normalizer,
        "segmenter": SEGMENTER,
        "classifier": classifier.version,
        "deriver": DERIVER,
    }


def _read(site: Site, normalizer: str, conn: Connection) -> _Found:
    observations = series.observations(conn, site.id, normalizer=normalizer)
    return _Found(
        derivation=derive_joined(observations, _Surroundings(conn)),
        before=standing(conn, site.id),
    )


def _derive(
    site: Site, derivation: Derivation, book: LabelBook, makers: Mapping[str, str]
) -> NewDerivation:
    # Of this site alone: another's labels must not decide, nor be remembered for ever.
    derived = _versions(site, derivation.runs, LabelBook(lambda: book.classifier))
    pairs = itertools.pairwise(derived)
    return NewDerivation(
        versions=[one.kept for one in derived],
        changes=[_change(old, new, derivation.seams) for old, new in pairs],
        decisions=[
            Decision(
                snapshot_id=decision.observation.snapshot_id,
                number=decision.number if decision.shows else None,
                reason=decision.reason,
            )
            for decision in derivation.decisions
        ],
        made_by=makers,
    )


class _Surroundings:
    """Gives the rest of a capture's page when two texts differ, read from what is kept."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def __call__(self, observation: Observation) -> tuple[str, ...]:
        return snapshots.surroundings(self._conn, observation.snapshot_id)


def _versions(site: Site, runs: Sequence[Run], book: LabelBook) -> list[_Derived]:
    derived = []
    seen: Counter[str] = Counter()
    for run, stated in zip(runs, _stated_dates(runs), strict=True):
        shown = run.observation
        digest = hashlib.sha256(shown.markdown.encode("utf-8", "surrogatepass")).hexdigest()
        seen[digest] += 1
        segments = segment(shown.markdown)
        english = is_classified(shown.language)
        labels: Classify = book if english else no_labels
        categories = labels(segments)
        version = Version(
            id=version_id(site.domain, digest, seen[digest]),
            number=run.number,
            url=shown.url,
            first_seen=run.first_seen,
            last_seen=run.last_seen,
            captures=run.captures,
            archive_url=_page(run),
            stated_date=stated,
            language=shown.language,
            words=len(words(shown.markdown)),
            text_sha256=digest,
            practices=_counted(categories),
            reason=run.reason,
            grade=reading_grade(segments) if english else None,
            live=sum(one.live for one in run.observations),
        )
        kept = DerivedVersion(
            version=version,
            snapshot_id=shown.snapshot_id,
            segments=tuple(
                VersionSegment(
                    text=one.text,
                    kind=one.kind.value,
                    level=one.level,
                    heading=one.heading,
                    categories=names,
                )
                for one, names in zip(segments, categories, strict=True)
            ),
        )
        derived.append(_Derived(kept=kept, segments=segments, labels=labels, observation=shown))
    return derived


def _page(run: Run) -> str:
    """Where a person looks at the version: in an archive, where one has shown it."""
    shown = run.observation
    archived = (one for one in run.observations if not one.live)
    return (next(archived, shown) if shown.live else shown).archive_url


def _stated_dates(runs: Sequence[Run]) -> list[date | None]:
    """The date that each version states; one that can be read two ways, by the others' help."""
    clear = [_stated_date(run, ()) for run in runs]
    known = tuple(day for day in clear if day)
    return [day or _stated_date(run, known) for run, day in zip(runs, clear, strict=True)]


def _stated_date(run: Run, others: tuple[date, ...]) -> date | None:
    shown = run.observation
    stated = stated_date(shown.markdown, shown.language, others=others, seen=run.first_seen.date())
    return stated.day if stated else None


def _counted(categories: Sequence[tuple[str, ...]]) -> dict[str, int]:
    counts = Counter(name for names in categories for name in names)
    return dict(sorted(counts.items()))


def _change(old: _Derived, new: _Derived, seams: frozenset[int]) -> Change:
    if new.kept.version.number in seams:
        return change_of_source(
            old.kept.version,
            new.kept.version,
            old.observation.markdown,
            new.observation.markdown,
        )
    return change_between(
        old.kept.version,
        new.kept.version,
        old.observation.markdown,
        new.observation.markdown,
        new.labels,
    )
