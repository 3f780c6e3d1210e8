"""Discovery over time, driven against an archive in memory."""

from __future__ import annotations

import itertools
import random
import re
import tracemalloc

import pytest

from crawler.discovery import MAX_REQUESTS, Discovery, IndexQuery, Replay
from crawler.urls import url_key
from crawler.wanted import whole_domain
from storage.records import Capture
from tests.memory_archive import MemoryArchive


def footer(*links: tuple[str, str]) -> str:
    items = "".join(f'<li><a href="{url}">{text}</a></li>' for text, url in links)
    return f"<html><body><h1>Shop</h1><footer><ul>{items}</ul></footer></body></html>"


def yearly(first: int, last: int, month_day: str = "03-01") -> list[str]:
    return [f"{year}-{month_day}" for year in range(first, last + 1)]


def spans(machine: Discovery) -> list[tuple[str, int | None, int | None]]:
    return [
        (p.url, p.first.year if p.first else None, p.last.year if p.last else None)
        for p in machine.policies()
    ]


@pytest.fixture
def archive() -> MemoryArchive:
    return MemoryArchive()


def test_an_unchanging_site_costs_four_requests(archive: MemoryArchive) -> None:
    archive.add("http://a.com/", *yearly(2012, 2015), html=footer(("Privacy", "/privacy")))
    archive.add("http://a.com/privacy", *yearly(2012, 2015))
    machine = archive.drive(Discovery("a.com"))
    assert spans(machine) == [("http://a.com/privacy", 2012, 2015)]
    assert archive.log == ["index home", "replay home", "replay home", "index policy"]
    (policy,) = machine.policies()
    assert policy.how == "home page link"
    assert policy.listed
    assert (policy.since, policy.until) == (None, None)
    assert any("“Privacy” in its footer" in line for line in policy.evidence)


def test_a_policy_that_moved_twice_is_one_history(archive: MemoryArchive) -> None:
    for years, path in (
        ((2006, 2010), "/p.asp"),
        ((2011, 2014), "/privacy"),
        ((2015, 2022), "/l/pp"),
    ):
        home = footer(("Privacy policy", path), ("Terms", "/terms"))
        archive.add("http://a.com/", *yearly(*years), html=home)
        archive.add(f"http://a.com{path}", *yearly(*years))
    archive.add("http://a.com/p.asp", "2012-01-01", status=301, location="http://a.com/privacy")
    machine = archive.drive(Discovery("a.com"))
    assert spans(machine) == [
        ("http://a.com/p.asp", 2006, 2010),
        ("http://a.com/privacy", 2011, 2014),
        ("http://a.com/l/pp", 2015, 2022),
    ]
    bounds = [(p.since, p.until) for p in machine.policies()]
    assert bounds[0][0] is None
    assert bounds[-1][1] is None
    assert all(one[1] == other[0] for one, other in itertools.pairwise(bounds))
    assert "redirects (301) to http://a.com/privacy" in " ".join(machine.policies()[0].evidence)


def test_a_stale_copy_ends_where_its_successor_is_linked(archive: MemoryArchive) -> None:
    for years, path in (((2010, 2014), "/old/privacy"), ((2015, 2020), "/privacy")):
        archive.add("http://a.com/", *yearly(*years), html=footer(("Privacy", path)))
    archive.add("http://a.com/old/privacy", *yearly(2010, 2020, "04-01"))
    archive.add("http://a.com/privacy", *yearly(2015, 2020))
    machine = archive.drive(Discovery("a.com"))
    assert spans(machine) == [
        ("http://a.com/old/privacy", 2010, 2014),
        ("http://a.com/privacy", 2015, 2020),
    ]


def test_a_policy_follows_its_redirect_to_another_host(archive: MemoryArchive) -> None:
    archive.add("http://old.com/", "2010-01-01", html=footer(("Privacy", "/privacy")))
    archive.add("http://old.com/privacy", *yearly(2010, 2012))
    archive.add(
        "http://old.com/privacy",
        *yearly(2014, 2016),
        status=302,
        location="https://new.io/legal/pp",
    )
    archive.add("https://new.io/legal/pp", *yearly(2009, 2018))
    machine = archive.drive(Discovery("old.com"))
    assert spans(machine) == [
        ("http://old.com/privacy", 2010, 2012),
        ("https://new.io/legal/pp", 2013, 2018),
    ]
    assert machine.policies()[1].how == "redirect"


def test_a_link_that_only_redirects_leads_to_its_target(archive: MemoryArchive) -> None:
    archive.add("http://a.com/", *yearly(2018, 2020), html=footer(("Privacy", "/privacy")))
    archive.add("http://a.com/privacy", *yearly(2018, 2020), status=302, location="/en/privacy")
    archive.add("http://a.com/en/privacy", *yearly(2018, 2021))
    machine = archive.drive(Discovery("a.com"))
    assert spans(machine) == [("http://a.com/en/privacy", 2018, 2021)]
    assert [p.url for p in machine.passed_over()] == ["http://a.com/privacy"]


def test_a_redirect_to_the_home_page_is_the_policys_end(archive: MemoryArchive) -> None:
    archive.add("http://a.com/", *yearly(2010, 2012), html=footer(("Privacy", "/privacy")))
    archive.add("http://a.com/privacy", *yearly(2010, 2012))
    archive.add("http://a.com/privacy", "2015-01-01", status=301, location="http://a.com/")
    machine = archive.drive(Discovery("a.com"))
    assert spans(machine) == [("http://a.com/privacy", 2010, 2012)]


def test_two_hops_over_a_page_of_policies(archive: MemoryArchive) -> None:
    archive.add("http://a.com/", *yearly(2018, 2020), html=footer(("Legal", "/legal")))
    hub = footer(("Cookies", "/legal/cookies"), ("Privacy notice", "https://docs.a.com/legal/7"))
    archive.add("http://a.com/legal", *yearly(2018, 2020), html=hub)
    archive.add("https://docs.a.com/legal/7", *yearly(2018, 2020))
    machine = archive.drive(Discovery("a.com"))
    assert spans(machine) == [("https://docs.a.com/legal/7", 2018, 2020)]
    assert machine.policies()[0].how == "hub page link"


@pytest.mark.parametrize(
    "page",
    [
        "<h1>Legal</h1><h2>Terms of use</h2><p>…<h2>Privacy Policy</h2><p>We collect…",
        '<a href="#terms">Terms</a><a href="/legal#pp">Privacy policy</a><h2>Terms</h2><p>…',
    ],
    ids=["headings", "links to its own parts"],
)
def test_one_page_that_holds_all_documents(archive: MemoryArchive, page: str) -> None:
    archive.add("http://a.com/", *yearly(2018, 2020), html=footer(("Legal", "/legal")))
    archive.add("http://a.com/legal", *yearly(2018, 2020), html=page)
    machine = archive.drive(Discovery("a.com"))
    assert spans(machine) == [("http://a.com/legal", 2018, 2020)]
    assert machine.policies()[0].how == "single page"
    assert archive.log.count("index policy") == 0


def test_a_home_page_without_links_is_helped_by_the_domains_index(archive: MemoryArchive) -> None:
    archive.add("http://a.com/", *yearly(2016, 2020), html="<div id=app></div>")
    for url, days in {
        "http://a.com/privacy": yearly(2016, 2020),
        "http://a.com/privacy?from=mail": yearly(2017, 2020),
        "http://a.com/static/privacy.css": yearly(2016, 2020),
        "http://a.com/blog/2018/our-privacy-story": yearly(2018, 2020),
        "http://a.com/privacy-settings": yearly(2018, 2020),
        "http://a.com/user/privacy/help/article/12": yearly(2018, 2020),
    }.items():
        archive.add(url, *days, mimetype="text/css" if url.endswith("css") else "text/html")
    machine = archive.drive(Discovery("a.com"))
    assert spans(machine) == [("http://a.com/privacy", 2016, 2020)]
    assert machine.policies()[0].how == "index"
    assert archive.log.count("index last-resort") == 1
    passed = {p.url: p.why for p in machine.passed_over()}
    assert "blog post" in passed["http://a.com/blog/2018/our-privacy-story"]
    assert "a form" in passed["http://a.com/privacy-settings"]


def test_the_domains_index_fills_years_in_which_the_home_page_was_blind(
    archive: MemoryArchive,
) -> None:
    archive.add("http://a.com/", *yearly(2010, 2012), html=footer(("Privacy", "/p.html")))
    archive.add("http://a.com/", *yearly(2014, 2020), html="<div id=app></div>")
    archive.add("http://a.com/p.html", *yearly(2010, 2012))
    archive.add("http://a.com/privacy-policy", *yearly(2014, 2020))
    machine = archive.drive(Discovery("a.com"))
    assert spans(machine) == [
        ("http://a.com/p.html", 2010, 2012),
        ("http://a.com/privacy-policy", 2014, 2020),
    ]


def test_a_home_page_that_redirects_is_followed_inside_the_archive(archive: MemoryArchive) -> None:
    archive.add("http://a.com/", "2015-01-01", status=301, location="https://a.com/")
    archive.add("https://a.com/", *yearly(2016, 2020), status=302, location="https://a.com/en/")
    archive.add("https://a.com/en/", *yearly(2016, 2020), html=footer(("Privacy", "privacy")))
    archive.add("https://a.com/en/privacy", *yearly(2016, 2020))
    machine = archive.drive(Discovery("a.com"))
    assert spans(machine) == [("https://a.com/en/privacy", 2016, 2020)]


def test_another_language_seen_once_does_not_split_the_history(archive: MemoryArchive) -> None:
    english, german = (
        footer(("Privacy", "/privacy")),
        footer(("Datenschutz", "/de/datenschutz")),
    )
    archive.add("http://a.com/", *yearly(2010, 2014), html=english)
    archive.add("http://a.com/", "2015-03-01", html=german)
    archive.add("http://a.com/", *yearly(2016, 2018), html=english)
    archive.add("http://a.com/privacy", *yearly(2010, 2018))
    archive.add("http://a.com/de/datenschutz", *yearly(2010, 2018))
    machine = archive.drive(Discovery("a.com"))
    assert spans(machine) == [("http://a.com/privacy", 2010, 2018)]
    assert [p.url for p in machine.passed_over()] == ["http://a.com/de/datenschutz"]


def test_given_urls_are_taken_and_their_redirects_followed(archive: MemoryArchive) -> None:
    archive.add("http://a.com/x", "2010-01-01")
    archive.add("http://a.com/x", "2012-01-01", status=301, location="/y")
    archive.add("http://a.com/y", "2012-01-01")
    machine = archive.drive(Discovery("a.com", given=["a.com/x#top"]))
    assert spans(machine) == [("http://a.com/x", 2010, 2010), ("http://a.com/y", 2012, 2012)]
    assert archive.log == ["index policy", "replay moved", "index policy"]
    with pytest.raises(ValueError, match="no http"):
        Discovery("a.com", given=["mailto:me@a.com"])


def test_an_error_page_for_a_home_page_steps_aside_to_its_neighbour(archive: MemoryArchive) -> None:
    archive.add("http://a.com/", "2010-01-01", html="<meta http-equiv=refresh content='0;url=/e'>")
    archive.add("http://a.com/", "2010-06-01", html=footer(("Privacy", "/privacy")))
    archive.add("http://a.com/e", "2010-01-01", status=404)
    archive.add("http://a.com/privacy", "2010-01-01")
    machine = archive.drive(Discovery("a.com"))
    assert spans(machine) == [("http://a.com/privacy", 2010, 2010)]


def test_a_site_that_the_archive_does_not_hold_ends_at_once(archive: MemoryArchive) -> None:
    machine = archive.drive(Discovery("nowhere.example"))
    assert machine.done
    assert machine.policies() == ()
    assert archive.log == ["index home", "index last-resort"]


@pytest.mark.parametrize("broken", [".*", "index .*", "replay .*", "index home", "index policy"])
def test_an_archive_that_fails_is_worked_round(archive: MemoryArchive, broken: str) -> None:
    archive.add("http://a.com/", *yearly(2016, 2020), html=footer(("Privacy", "/privacy")))
    archive.add("http://a.com/privacy", *yearly(2016, 2020))
    archive.broken = broken
    machine = archive.drive(Discovery("a.com"))
    assert machine.done
    found = [p.url for p in machine.policies()]
    assert found == ([] if broken in (".*", "index .*") else ["http://a.com/privacy"])


def test_a_maze_of_redirects_and_legal_pages_ends(archive: MemoryArchive) -> None:
    for year in range(1998, 2026):
        links = [("Legal", f"/legal{year}"), ("Policies", f"/policies{year}")]
        links += [("Privacy", f"/privacy{year}")] * (year % 2)
        archive.add("http://a.com/", f"{year}-01-01", html=footer(*links))
        for path in (f"/legal{year}", f"/policies{year}"):
            archive.add(f"http://a.com{path}", f"{year}-01-01", html=footer(*links))
        target = f"/privacy{year + 1}"
        archive.add(f"http://a.com/privacy{year}", f"{year}-01-01", status=301, location=target)
    machine = archive.drive(Discovery("a.com"))
    assert machine.done
    assert len(archive.log) <= MAX_REQUESTS
    assert machine.policies() == ()


def test_what_was_not_wanted_is_refused() -> None:
    machine = Discovery("a.com")
    (home,) = machine.wanted()
    assert isinstance(home, IndexQuery)
    machine.feed_index(home, [])
    with pytest.raises(ValueError, match="not wanted"):
        machine.feed_index(home, [])
    row = Capture(
        urlkey="com,a)/",
        timestamp="20100101000000",
        original="http://a.com/",
        mimetype="text/html",
        statuscode=200,
        digest="-",
    )
    with pytest.raises(ValueError, match="not wanted"):
        machine.feed_page(
            Replay(capture=row, purpose="home"), url=row.original, status=200, headers=(), body=b""
        )


def test_a_long_index_leaves_memory_flat() -> None:
    machine = Discovery("a.com")
    (home,) = machine.wanted()
    assert isinstance(home, IndexQuery)
    rows = (
        Capture(
            urlkey="com,a)/",
            timestamp=f"{2000 + n // 1000}{1 + n % 1000 // 84:02d}01{n % 86_400:06d}",
            original="http://a.com/",
            mimetype="text/html",
            statuscode=200,
            digest=f"{n:032d}",
        )
        for n in range(19_000)
    )
    tracemalloc.start()
    machine.feed_index(home, rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    assert all(isinstance(wanted, Replay) for wanted in machine.wanted())


def test_a_home_page_of_very_many_captures_is_asked_again_by_the_month() -> None:
    machine = Discovery("a.com")
    (home,) = machine.wanted()
    assert isinstance(home, IndexQuery)
    assert home.limit is not None
    row = Capture(
        urlkey="com,a)/",
        timestamp="20100101000000",
        original="http://a.com/",
        mimetype="text/html",
        statuscode=301,
        digest="-",
    )
    machine.feed_index(home, (row for _ in range(home.limit)))
    (monthly,) = machine.wanted()
    assert isinstance(monthly, IndexQuery)
    assert (monthly.statuscode, monthly.collapse, monthly.limit) == ("200", "timestamp:6", None)


def test_walls_before_some_home_pages_are_looked_past(archive: MemoryArchive) -> None:
    wall = "<h1>Checking your browser</h1>"
    archive.add("http://a.com/", "2018-03-01", "2021-03-01", html=wall)
    archive.add("http://a.com/", "2019-03-01", "2020-03-01", html=footer(("Privacy", "/p")))
    archive.add("http://a.com/p", *yearly(2018, 2021))
    machine = archive.drive(Discovery("a.com"))
    assert spans(machine) == [("http://a.com/p", 2018, 2021)]
    assert archive.log.count("index last-resort") == 0


def test_a_policy_within_the_imprint_is_found_when_all_else_fails(archive: MemoryArchive) -> None:
    archive.add("http://a.de/", *yearly(2010, 2012), html=footer(("Impressum", "/impressum.html")))
    page = "<h1>Impressum</h1><p>A GmbH</p><h2>Datenschutzerklärung</h2><p>Wir erheben…"
    archive.add("http://a.de/impressum.html", *yearly(2010, 2012), html=page)
    machine = archive.drive(Discovery("a.de"))
    assert spans(machine) == [("http://a.de/impressum.html", 2010, 2012)]
    assert archive.log.index("index last-resort") < archive.log.index("index hub")


def test_where_the_domain_is_too_large_the_usual_paths_are_asked(archive: MemoryArchive) -> None:
    archive.add("http://a.com/privacy-policy", *yearly(2010, 2012))
    machine = Discovery("a.com")
    while not machine.done:
        wanted = machine.wanted()[0]
        assert isinstance(wanted, IndexQuery)
        if wanted.match == "domain":
            machine.feed_failure(wanted)
        else:
            machine.feed_index(wanted, archive.index(wanted))
    assert spans(machine) == [("http://a.com/privacy-policy", 2010, 2012)]


def random_site(rng: random.Random) -> MemoryArchive:
    """Pages that link, move, redirect, fail and vanish as they like."""
    archive = MemoryArchive()
    paths = [
        "/",
        "/en/",
        "/legal",
        "/policies/",
        "/privacy",
        "/privacy-policy",
        "/p?id=1",
        "/blog/privacy",
    ]
    hosts = ["http://a.com", "https://www.a.com", "https://docs.a.com", "https://b.com"]
    texts = [
        "Privacy",
        "Privacy policy",
        "Legal",
        "Terms",
        "Datenschutz",
        "Cookies",
        "Our blog on privacy",
    ]
    for _ in range(rng.randrange(2, 40)):
        url = rng.choice(hosts[:2] if rng.random() < 0.7 else hosts) + rng.choice(paths)
        links = [(rng.choice(texts), rng.choice(hosts) + rng.choice(paths)) for _ in range(3)]
        day = f"{rng.randrange(2005, 2025)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
        status = rng.choice([200, 200, 200, 301, 302, 404, 503])
        location = rng.choice(hosts) + rng.choice(paths) if status in (301, 302) else None
        archive.add(url, day, html=footer(*links), status=status, location=location)
    return archive


@pytest.mark.parametrize("seed", range(100))
def test_whatever_the_site_and_the_order_of_answers(seed: int) -> None:
    rng = random.Random(seed)
    archive = random_site(rng)
    first = archive.drive(Discovery("a.com"))
    asked = len(archive.log)
    second = archive.drive(Discovery("a.com"), pick=rng.randrange)
    assert asked <= MAX_REQUESTS
    one, other = ([url_key(p.url) for p in machine.policies()] for machine in (first, second))
    assert one == other
    for policy in first.policies():
        assert policy.captures > 0
        assert policy.first is not None
        assert policy.last is not None
        assert policy.since is None or policy.since <= policy.first <= policy.last
        assert policy.until is None or policy.last < policy.until
    edges = [(p.since, p.until) for p in first.policies()]
    assert all(old[1] == new[0] for old, new in itertools.pairwise(edges))
    archive.broken = rng.choice(["index .*", "replay .*", "index policy", "replay moved"])
    assert archive.drive(Discovery("a.com"), pick=rng.randrange).done


@pytest.mark.parametrize("around", ["{}", "(?:{})", "^(?:{})$"])
def test_the_domains_filter_stands_within_an_adapters_expression(around: str) -> None:
    query = whole_domain("a.com")
    assert query.filter is not None
    pattern = re.compile(around.format(query.filter))
    kept = ["Privacy.html", "legal/PRIVACY_policy", "datenschutz", "politica-de-privacidad"]
    kept += ["politique-de-confidentialite", "aviso-de-confidencialidad", "polityka-prywatnosci"]
    assert all(pattern.fullmatch(f"http://a.com/{path}") for path in kept)
    assert not any(pattern.fullmatch(f"http://a.com/{path}") for path in ("", "terms", "private"))
