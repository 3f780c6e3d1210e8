"""Many sites at a glance: pages of sites with their state, changes of all in one order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage import crawls, overviews, reviews, sites
from tests.kept_texts import NORMALIZER, Told, keep_site
from tracker.analysis import analyse
from tracker.classify.model import load
from tracker.labels import LabelBook

if TYPE_CHECKING:
    from storage.database import Database

TEXTS = [
    "# Privacy\n\nLast updated: May 1, 2015\n\nWe keep your data for ten months.",
    "# Privacy\n\nLast updated: May 1, 2015\n\nWe keep your data for two years.",
    "# Privacy\n\nLast updated: May 1, 2016\n\nWe keep your data for two years, or longer.",
]


@pytest.fixture
def kept(db: Database) -> Database:
    book = LabelBook(load)
    keep_site(db, "alpha.example", TEXTS, book, Told(name="Alpha_One"))
    keep_site(db, "beta.example", TEXTS[:2], book, Told(reason="refused"))
    keep_site(db, "gamma.example", [], book)
    with db.write() as conn:
        sites.add(conn, "delta.example")
    return db


def test_a_page_of_sites_tells_their_state(kept: Database) -> None:
    with kept.read() as conn:
        found = overviews.page_of_sites(conn, limit=10)
        assert overviews.count_sites(conn) == 4
        assert overviews.count_versions(conn, found[0].id) == 3
        assert overviews.count_versions(conn, found[2].id) == 0
        assert overviews.count_failures(conn, found[0].id) == 0
        assert found[0] == overviews.state_of_site(conn, found[0].id)
    assert [(one.domain, one.versions, one.outcome, one.silent) for one in found] == [
        ("alpha.example", 3, "done", False),
        ("beta.example", 2, "failed", True),
        ("delta.example", 0, None, False),
        ("gamma.example", 0, "done", False),
    ]
    assert found[1].reason == "refused"
    assert found[0].first_seen
    assert found[0].changed
    assert found[0].first_seen < found[0].changed
    assert found[2].changed is found[2].crawled is None


def test_pages_follow_a_key_both_ways(kept: Database) -> None:
    with kept.read() as conn:
        after = overviews.page_of_sites(conn, after="alpha.example", limit=2)
        before = overviews.page_of_sites(conn, before="gamma.example", limit=2)
        named = overviews.page_of_sites(conn, match="a_one", limit=9)
        none = overviews.page_of_sites(conn, match="a%a", limit=9)
    assert [one.domain for one in after] == ["beta.example", "delta.example"]
    assert after == before
    assert [one.domain for one in named] == ["alpha.example"]
    assert none == []


def test_changes_of_all_sites_come_latest_first_and_page_by_page(kept: Database) -> None:
    with kept.read() as conn:
        every = overviews.recent_changes(conn, limit=9)
        pages = [overviews.recent_changes(conn, limit=1)]
        while pages[-1]:
            pages.append(overviews.recent_changes(conn, after=pages[-1][-1].place, limit=1))
        silent = overviews.recent_changes(conn, silent=True, limit=9)
        alpha = overviews.recent_changes(conn, site_id=every[0].site_id, limit=9)
        retention = overviews.recent_changes(conn, category="Data Retention", limit=2)
        nothing = overviews.recent_changes(conn, category="Nothing", limit=2)
        categories = {practice.category for one in every for practice in one.change.practices}
        for category in categories:
            plain = [one for one in every if category in {p.category for p in one.change.practices}]
            of = [overviews.recent_changes(conn, category=category, limit=1)]
            while of[-1]:
                here = of[-1][-1].place
                of.append(overviews.recent_changes(conn, category=category, after=here, limit=1))
            assert [one for page in of for one in page] == plain
    order = [(one.change.before, one.site_id, one.change.new_number) for one in every]
    assert order == sorted(order, reverse=True)
    assert len(every) == 3
    assert [one for page in pages for one in page] == every
    assert [one.change.silent for one in silent] == [True, True]
    assert [one.site for one in alpha] == ["alpha.example"] * 2
    assert len(retention) == 2
    assert nothing == []
    assert len({one.id for one in every}) == 3


def test_an_edition_is_another_after_anything_that_a_page_shows(kept: Database) -> None:
    def edition() -> overviews.Edition:
        return kept.retrieve(lambda conn: overviews.edition(conn, alpha.site_id))

    with kept.read() as conn:
        alpha = next(
            one for one in overviews.recent_changes(conn, limit=9) if one.site == "alpha.example"
        )
    seen = [edition()]
    assert edition() == seen[0]
    with kept.write() as conn:
        sites.add(conn, "alpha.example", name="Other")
    seen.append(edition())
    with kept.write() as conn:
        sites.add_url(conn, alpha.site_id, "http://alpha.example/other")
    seen.append(edition())
    with kept.write() as conn:
        crawl = crawls.start(conn, alpha.site_id)
    seen.append(edition())
    with kept.write() as conn:
        crawls.finish(conn, crawl, outcome="done", requests_cdx=0, requests_replay=0)
    seen.append(edition())
    with kept.write() as conn:
        reviews.add(
            conn,
            alpha.site_id,
            old="0" * 64,
            new="1" * 64,
            verdict=None,
            reviewer="ann",
            expected_revision=None,
        )
    seen.append(edition())
    with kept.read() as conn:
        site = sites.by_id(conn, alpha.site_id)
    assert site
    analyse(kept, site, normalizer=NORMALIZER)
    seen.append(edition())
    assert len(set(seen)) == len(seen)
