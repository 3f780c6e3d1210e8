"""Search: what people write, what is found in either database, and what of it is marked."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import search, sites, versions
from storage.records import Version, VersionSegment, version_id
from storage.search import Said, Term, Where
from storage.versions import DerivedVersion
from tests.unit.test_storage_derived import MADE_BY, START, snapshot
from tracker.errors import RequestError
from tracker.searching import excerpt, marked, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storage.database import Connection, Database

COOKIES = "We use cookies and e-mail for advertising."
FACES = "We collect biometric data, such as your face."
SÃO = "São Paulo's law applies; the café's too."


@pytest.fixture
def conn(db: Database) -> Iterator[Connection]:
    with db.write() as writing:
        keep(writing, "early.example", [(COOKIES,), (COOKIES, FACES), (FACES,)])
        keep(writing, "late.example", [(SÃO,), (SÃO, COOKIES), (SÃO,), (COOKIES, FACES)])
        yield writing


def keep(conn: Connection, domain: str, texts: Sequence[tuple[str, ...]]) -> None:
    """A site whose n-th version, 100 days after the one before, consists of these segments."""
    site = sites.add(conn, domain).id
    derived = []
    for number, own in enumerate(texts, 1):
        text = "\n\n".join(own)
        digest = sha256(f"{number}{text}".encode()).hexdigest()
        seen = START + timedelta(days=100 * number)
        version = Version(
            id=version_id(domain, digest, 0),
            number=number,
            url=f"https://{domain}/privacy",
            first_seen=seen,
            last_seen=seen + timedelta(days=50),
            captures=1,
            archive_url=f"https://archive.example/{domain}/{number}",
            stated_date=None,
            language="en",
            words=len(text.split()),
            text_sha256=digest,
        )
        kept = snapshot(conn, site, seen, text)
        category = "First Party Collection/Use"
        segments = tuple(
            VersionSegment(text=part, kind="paragraph", categories=(category,) * (part == FACES))
            for part in own
        )
        derived.append(DerivedVersion(version=version, snapshot_id=kept, segments=segments))
    versions.replace(conn, site, derived, made_by=MADE_BY)


def told(found: list[Said]) -> list[tuple[str, str, int, int, int]]:
    return [(said.site, said.text, said.first, said.last, said.versions) for said in found]


def spans(conn: Connection, query: str, where: Where | None = None) -> list[Said]:
    return search.spans(conn, parse(query), where or Where(), limit=10)


def test_a_text_is_found_once_with_the_span_it_stood_in(conn: Connection) -> None:
    assert told(spans(conn, "biometric")) == [
        ("early.example", FACES, 2, 3, 2),
        ("late.example", FACES, 4, 4, 1),
    ]
    [early, late] = spans(conn, "COOKIES advertising")
    assert told([early, late]) == [
        ("early.example", COOKIES, 1, 2, 2),
        ("late.example", COOKIES, 2, 4, 2),
    ]
    assert (early.newest, early.before_first) == (3, None)
    assert late.before_first == START + timedelta(days=150)
    assert late.archive_url == "https://archive.example/late.example/2"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ('"biometric data"', 2),
        ('"data biometric"', 0),
        ("biom*", 2),
        ("biom", 0),
        ('"such as yo"*', 2),
        ('"such as yo*"', 2),
        ("biometric cookies", 0),
        ("e-mail", 2),
        ('mail"cookies"', 0),
        ("face's", 0),
    ],
)
def test_words_phrases_and_prefixes(conn: Connection, query: str, count: int) -> None:
    assert len(spans(conn, query)) == count


def test_a_search_is_narrowed_to_sites_category_and_period(conn: Connection) -> None:
    late = sites.add(conn, "late.example").id
    assert [said.site for said in spans(conn, "face", Where(site_ids=(late,)))] == ["late.example"]
    assert len(spans(conn, "face", Where(category="First Party Collection/Use"))) == 2
    assert spans(conn, "face", Where(category="Data Security")) == []
    third = START + timedelta(days=300)
    assert told(spans(conn, "cookies", Where(since=third))) == [("late.example", COOKIES, 2, 4, 2)]
    assert told(spans(conn, "cookies", Where(until=START + timedelta(days=120)))) == [
        ("early.example", COOKIES, 1, 2, 2)
    ]
    in_between = Where(since=third, until=third + timedelta(days=50))
    assert spans(conn, "cookies", in_between) == []
    [early] = search.firsts(conn, parse("we"), Where(until=START + timedelta(days=150)), limit=9)
    assert (early.site, early.first, early.last) == ("early.example", 1, 3)


def test_who_said_it_first(conn: Connection) -> None:
    found = search.firsts(conn, parse("data"), Where(), limit=10)
    assert told(found) == [
        ("early.example", FACES, 2, 3, 2),
        ("late.example", FACES, 4, 4, 1),
    ]
    assert len(search.firsts(conn, parse("data"), Where(), limit=1)) == 1


@pytest.mark.parametrize("enough", [1, 2, 20_000])
@pytest.mark.parametrize("days", [(), (2, 150), (2_000,)])
def test_however_few_texts_are_looked_at_first_the_oldest_are_found(
    conn: Connection, monkeypatch: pytest.MonkeyPatch, enough: int, days: tuple[int, ...]
) -> None:
    oldest = told(spans(conn, "we"))
    sites_first = told(search.firsts(conn, parse("we"), Where(), limit=9))
    monkeypatch.setattr(search, "ENOUGH_TEXTS", enough)
    monkeypatch.setattr(search, "FEW_TEXTS", 0)
    monkeypatch.setattr(search, "DAYS", days)
    for limit in range(1, 5):
        found = search.spans(conn, parse("we"), Where(), limit=limit)
        assert told(found) == oldest[:limit]
        found = search.firsts(conn, parse("we"), Where(), limit=limit)
        assert told(found) == sites_first[:limit]
    for since in (START + timedelta(days=day) for day in (100, 349, 351, 400, 451)):
        here = Where(since=since)
        every = search.spans(conn, parse("we"), Where(), limit=9)
        each_site = search.firsts(conn, parse("we"), Where(), limit=9)
        for limit in range(1, 5):
            found = search.spans(conn, parse("we"), here, limit=limit)
            assert found == [said for said in every if said.last_seen >= since][:limit]
            found = search.firsts(conn, parse("we"), here, limit=limit)
            assert found == [said for said in each_site if said.last_seen >= since][:limit]


@pytest.mark.parametrize("query", ["", "  ", "*", '"', 'the "end', '""'])
def test_a_query_that_asks_for_nothing(query: str) -> None:
    with pytest.raises(RequestError):
        parse(query)


@given(st.text(), st.text())
def test_whatever_is_typed_is_a_query_or_a_clear_error(query: str, text: str) -> None:
    try:
        terms = parse(query)
    except RequestError:
        return
    assert "".join(piece for piece, _ in marked(text, terms)) == text


def test_what_was_found_is_marked() -> None:
    terms = (Term(words=("sao", "paulo")), Term(words=("caf",), prefix=True))
    assert [piece for piece, hit in marked(SÃO, terms) if hit] == ["São", "Paulo", "café"]


def test_an_excerpt_holds_the_first_hit_of_a_long_text() -> None:
    text = f"{'before ' * 50}cookies {'after ' * 50}"
    shown = excerpt(text, parse("cookies"), context=3)
    assert "".join(piece for piece, _ in shown).split() == (
        ["…"] + ["before"] * 3 + ["cookies"] + ["after"] * 6 + ["…"]
    )
    assert [piece for piece, hit in shown if hit] == ["cookies"]
