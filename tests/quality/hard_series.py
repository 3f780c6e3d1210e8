"""Series that are harder than most: what archives, redesigns and servers do to a policy's captures.

Each maker turns the texts of a policy, in order, into captures of known truth.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.quality.rendered import TEMPLATES, Rendered, page, series, wall

GERMAN: Final = (
    Path(__file__).parents[2] / "tracker" / "demo" / "pages" / "nordlicht" / "policy-5.md"
)
_START = datetime(2016, 3, 1, 5, tzinfo=UTC)
_NOTICE = (
    "<div class='q7'><p>Because of the present situation our support answers later than usual and "
    "deliveries may take up to two weeks more. We thank you for your patience and hope that you "
    "and yours stay well.</p><a href='/notice'>Read more</a></div>"
)

Maker = Callable[[list[str], int], list[Rendered]]


def _plain(texts: list[str], seed: int) -> list[Rendered]:
    return series(texts, template=seed % len(TEMPLATES), seed=seed)


def _every(step: int) -> Maker:
    return lambda texts, seed: _plain(texts, seed)[::step]


def _random_half(texts: list[str], seed: int) -> list[Rendered]:
    rng = random.Random(seed)
    return [capture for capture in _plain(texts, seed) if rng.random() < 0.5]


def _from_the_middle(texts: list[str], seed: int) -> list[Rendered]:
    captures = _plain(texts, seed)
    return captures[len(captures) // 2 + 1 :]


def _walls_at_the_ends(texts: list[str], seed: int) -> list[Rendered]:
    rng = random.Random(seed)
    captures = _plain(texts, seed)
    first, last = captures[0].moment, captures[-1].moment
    ends = [first - timedelta(days=n) for n in range(1, 6)]
    ends += [last + timedelta(days=n) for n in range(1, 6)]
    walls = [Rendered(moment=moment, body=wall(rng), text=None) for moment in ends]
    return captures + walls


def _steady(
    texts: list[str], seed: int, draw: Callable[[int, int, random.Random], bytes], each: int = 6
) -> list[Rendered]:
    """Captures four days apart, ``each`` of every text; ``draw`` gets its number and the place."""
    rng = random.Random(seed)
    return [
        Rendered(
            moment=_START + timedelta(days=4 * place),
            body=draw(place // each, place, rng),
            text=place // each,
        )
        for place in range(each * len(texts))
    ]


def _redesigned(texts: list[str], seed: int) -> list[Rendered]:
    """Another template from the middle of a text's reign on, and one more later."""
    turns = [6 * len(texts) // 3 + 2, 12 * len(texts) // 3 + 2]

    def draw(number: int, place: int, rng: random.Random) -> bytes:
        template = (seed + sum(place >= turn for turn in turns)) % len(TEMPLATES)
        return page(texts[number], template=template, rng=rng)

    return _steady(texts, seed, draw)


def _moved(texts: list[str], seed: int) -> list[Rendered]:
    """Another address, template and title from the middle of a text's reign on.

    For some weeks the archive still captures the old address too, which goes on as it was.
    """
    turn = 6 * len(texts) // 2 + 2

    def moved(place: int) -> bool:
        return place >= turn and not (place < turn + 8 and place % 2)

    def draw(number: int, place: int, rng: random.Random) -> bytes:
        template = (seed + moved(place)) % len(TEMPLATES)
        body = page(texts[number], template=template, rng=rng)
        return (
            body.replace(b">Privacy Policy<", b">Example Privacy Notice<") if moved(place) else body
        )

    captures = _steady(texts, seed, draw)
    return [
        replace(capture, url="https://www.example.com/legal/privacy-notice")
        if moved(place)
        else capture
        for place, capture in enumerate(captures)
    ]


def _mobile_at_times(texts: list[str], seed: int) -> list[Rendered]:
    """Two templates in turn by a coin: what the archive's crawler called itself."""
    return _steady(
        texts,
        seed,
        lambda number, _, rng: page(
            texts[number], template=(seed + (rng.random() < 0.4)) % len(TEMPLATES), rng=rng
        ),
    )


def _other_language_at_times(texts: list[str], seed: int) -> list[Rendered]:
    german = GERMAN.read_text("utf-8")
    captures = _steady(
        texts,
        seed,
        lambda number, place, rng: page(
            german if place % 5 == 3 else texts[number], template=seed % len(TEMPLATES), rng=rng
        ),
    )
    return [
        replace(capture, text=None) if place % 5 == 3 else capture
        for place, capture in enumerate(captures)
    ]


def _truncated_at_times(texts: list[str], seed: int) -> list[Rendered]:
    rng = random.Random(seed)
    return [
        replace(
            capture, body=capture.body[: int(len(capture.body) * rng.uniform(0.2, 0.8))], text=None
        )
        if rng.random() < 0.15
        else capture
        for capture in _mobile_at_times(texts, seed)
    ]


def _noticed_for_months(texts: list[str], seed: int) -> list[Rendered]:
    """A notice above the policy that stands for four months, then goes."""

    def draw(number: int, place: int, rng: random.Random) -> bytes:
        body = page(texts[number], template=seed % len(TEMPLATES), rng=rng)
        shown = 4 <= place < 34
        return body.replace(b"<body>", b"<body>" + _NOTICE.encode()) if shown else body

    return _steady(texts, seed, draw)


def _retracted(texts: list[str], seed: int) -> list[Rendered]:
    """The second text is withdrawn for the first after a month, then comes to stay."""
    order = [0, 1, 0, *range(1, len(texts))]
    captures = _steady(
        [texts[n] for n in order],
        seed,
        lambda place, _, rng: page(texts[order[place]], template=seed % len(TEMPLATES), rng=rng),
        each=9,
    )
    return [replace(capture, text=order[capture.text or 0]) for capture in captures]


MAKERS: Final[dict[str, Maker]] = {
    "every second capture": _every(2),
    "every fifth capture": _every(5),
    "a random half": _random_half,
    "from the middle": _from_the_middle,
    "walls at the ends": _walls_at_the_ends,
    "redesigned twice": _redesigned,
    "moved and redesigned": _moved,
    "mobile at times": _mobile_at_times,
    "German at times": _other_language_at_times,
    "truncated at times": _truncated_at_times,
    "a notice for months": _noticed_for_months,
    "retracted": _retracted,
}
