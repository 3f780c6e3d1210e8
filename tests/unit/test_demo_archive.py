"""The sample archive is what its pages say, and holds the mess it promises."""

from __future__ import annotations

import gzip
import itertools
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tracker.demo.build import ARCHIVE, build
from tracker.demo.render import render
from tracker.demo.timeline import DemoSite, load_sites
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from pathlib import Path

SITES = load_sites()
EACH_SITE = pytest.mark.parametrize("site", SITES, ids=lambda site: site.domain)


def test_the_committed_archive_is_a_fresh_build() -> None:
    # The records are compared unpacked: other zlibs pack the same bytes differently.
    fresh = build()
    assert gzip.decompress(fresh) == gzip.decompress(ARCHIVE.read_bytes()), (
        "run python -m tracker.demo.build"
    )
    assert fresh == build()


def test_the_archive_is_small_enough_to_ship() -> None:
    assert ARCHIVE.stat().st_size <= 300_000


@EACH_SITE
def test_every_version_is_seen_and_differs_from_the_one_before(site: DemoSite) -> None:
    observed = site.observed()
    assert all(captures for _, captures in observed)
    texts = [version.text.read_text(encoding="utf-8") for version, _ in observed]
    assert all(old != new for old, new in itertools.pairwise(texts))
    assert all(400 <= len(text.split()) <= 1200 for text in texts)


@EACH_SITE
def test_a_repeated_payload_is_that_of_its_own_version(site: DemoSite) -> None:
    for old, new in itertools.pairwise(each for each in site.captures if each.page == "policy"):
        if new.repeat:
            assert (old.url, old.shows_policy) == (new.url, True)
            assert site.version_at(old.moment) is site.version_at(new.moment)


@EACH_SITE
def test_fresh_payloads_differ_though_the_text_does_not(site: DemoSite) -> None:
    bodies = [render(site, each).body for each in site.captures if each.shows_policy]
    assert len(set(bodies)) == len(bodies) > len(site.versions)


def test_the_promised_mess_is_there() -> None:
    captures = [each for site in SITES for each in site.captures]
    assert {each.status for each in captures} == {200, 301, 403, 404, 503}
    noise = frozenset[str]().union(*(each.noise for each in captures))
    assert noise == {"banner-a", "banner-b", "modal", "notice", "windows-1252"}
    assert {"soft-404", "moved", "blog", "terms", "cookies", "home"} <= {e.page for e in captures}
    assert any(each.skin == "bot-wall" and each.status == 200 for each in captures)
    (tidewell,) = (site for site in SITES if site.domain == "tidewell-health.example")
    moments = [each.moment for each in tidewell.captures]
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert max(gaps) > timedelta(days=2 * 365)


@EACH_SITE
def test_home_pages_link_the_policy_of_their_time(site: DemoSite) -> None:
    homes = [each for each in site.captures if each.page == "home"]
    assert len(homes) >= 4
    for home in homes:
        policy = site.address_at(home.moment).policy
        assert f'href="{policy}">{site.policy_label}<'.encode() in render(site, home).body


def test_a_page_in_windows_1252_says_the_same_as_in_utf_8() -> None:
    (site,) = (site for site in SITES if site.language == "de")
    legacy = [each for each in site.captures if "windows-1252" in each.noise]
    assert len(legacy) == 2
    for each in legacy:
        text = render(site, each).body.decode("cp1252")
        assert "für" in text
        assert "charset" not in text


def test_a_folder_without_timelines_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(TrackerError, match="from a checkout"):
        load_sites(tmp_path)
