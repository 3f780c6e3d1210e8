"""Captures that neighbours told of, and guesses at those of which nothing tells."""

from __future__ import annotations

from crawler.archives.neighbours import neighbours
from crawler.link_walk import LinkWalk


def walk() -> LinkWalk:
    return LinkWalk(
        url="https://example.com/privacy",
        site_id=1,
        archive="a",
        first="20200101080000",
        last="20200131080000",
    )


def days(walk: LinkWalk) -> list[int]:
    return [item.capture.moment.day for item in walk.guesses()]


def test_every_day_is_possible_to_begin_with() -> None:
    assert days(walk()) == list(range(2, 31))
    ids = [item.id for item in walk().guesses()]
    assert len(set(ids)) == len(ids)
    assert max(ids) < 0


def test_between_neighbours_is_nothing() -> None:
    known = walk()
    known.met("20200105120000", "20200110120000", "20200120120000")
    assert days(known) == [2, 3, 4, *range(21, 31)]
    known.met(None, "20200122120000", None)
    assert 22 not in days(known)


def test_nothing_is_nearer_than_what_is_nearest() -> None:
    known = walk()
    known.answered("20200110120000", "20200113120000")
    assert days(known) == [*range(2, 7), *range(14, 31)]


def test_neighbours_stand_in_a_memento_s_header() -> None:
    base = "http://a.example/web"
    header = (
        f'<https://example.com/privacy>; rel="original",'
        f' <{base}/20150101000000/https://example.com/privacy>; rel="first memento"; datetime="x",'
        f' <{base}/20160101000000/http://www.example.com/privacy>; rel="prev next memento",'
        f' <{base}/timemap/link/https://example.com/privacy>; rel="timemap"'
    )
    found = neighbours((("Link", header), ("Content-Type", "text/html")))
    assert sorted(found) == ["first", "next", "prev"]
    assert found["prev"].original == "http://www.example.com/privacy"
    assert found["first"].timestamp == "20150101000000"
    assert neighbours(()) == {}
