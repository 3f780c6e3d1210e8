"""Policy texts rendered as pages: three templates, with the noise that real captures carry.

What is true is known by construction: which text stood on the page at each capture.
"""

from __future__ import annotations

import html
import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_LINK = re.compile(r"!?\[([^\[\]]*)\]\(([^()\s]*)[^()]*\)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>])")
_EMPHASIS = re.compile(r"\*{1,3}|(?<!\w)_{1,2}|_{1,2}(?!\w)")
_TAG = re.compile(r"<[^>]*>")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,3}\\?[.)])\s+")
PROMOTIONS = (
    "Summer sale: save up to 40 % on annual plans until Sunday.",
    "New: our mobile app is here. Get it from your store today!",
    "Join us at our yearly conference and meet the people behind the product.",
    "We are hiring in twelve cities. Have a look at our open positions.",
    "Refer a friend and both of you get a month on us.",
)
_WELCOMES = (
    "Your trust matters to us, so here is in plain words what becomes of what you tell us.",
    "Thank you for being with us! Below you can read how we look after what is yours.",
)
_STORIES = (
    "How one bakery doubled its orders",
    "Seven habits of calm teams",
    "What we learned from a million checkouts",
    "Inside our newest data centre",
    "A field guide to better newsletters",
    "Meet the maker: hand-bound books",
)
_UNAVAILABLE = (
    "<html><body><h1>503 Service Unavailable</h1><p>No server is available.</p></body></html>"
)
_CHECKING = (
    "<html><head><title>Just a moment...</title></head><body><h2>Checking your browser</h2>"
    "<p>Please enable JavaScript and cookies to continue.</p></body></html>"
)
_SHELL = "<html><body><div id='root'></div><script>boot()</script></body></html>"
_NOT_FOUND = (
    "<html><head><title>Page not found</title></head><body><h1>404</h1><p>Sorry, we could not find"
    " the page you were looking for.</p><a href='/'>Home</a></body></html>"
)
_WALLS = (_UNAVAILABLE, _CHECKING, _SHELL, _NOT_FOUND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One capture: when, its body, and which text of the series it shows (None: an error page).

    ``url`` is where it stood; empty is where all of the series stand.
    """

    moment: datetime
    body: bytes
    text: int | None
    url: str = ""


def series(
    texts: list[str], *, template: int, seed: int, start: datetime | None = None
) -> list[Rendered]:
    """Render texts one after another, each for three to five captures some days apart.

    Every third series greets its readers in one of two wordings, an A/B test that a coin decides.
    """
    rng = random.Random(seed)
    moment = start or datetime(2018, 1, 1, 3, 0, tzinfo=UTC)
    welcomed = seed % 3 == 0
    captures: list[Rendered] = []
    for number, text in enumerate(texts):
        blocks = _blocks(text)
        for _ in range(rng.randint(3, 5)):
            moment += timedelta(days=rng.uniform(2, 15))
            if rng.random() < 0.04:
                wall = rng.choice(_WALLS).encode()
                captures.append(Rendered(moment=moment, body=wall, text=None))
                moment += timedelta(hours=rng.uniform(1, 30))
            welcome = [("p", rng.choice(_WELCOMES))] if welcomed else []
            page = TEMPLATES[template](welcome + blocks, rng)
            captures.append(Rendered(moment=moment, body=_encoded(page, rng), text=number))
    return captures


def page(text: str, *, template: int, rng: random.Random) -> bytes:
    """Render one capture of a text, in UTF-8."""
    return TEMPLATES[template](_blocks(text), rng).encode()


def wall(rng: random.Random) -> bytes:
    """An error page, a wall or a script's shell, as served under status 200."""
    return rng.choice(_WALLS).encode()


def _encoded(page: str, rng: random.Random) -> bytes:
    """Encode a page as servers have over the years; the page says how, if any."""
    encoding = rng.choices(("utf-8", "utf-16", "windows-1252"), (8, 1, 2))[0]
    meta = "" if encoding == "utf-16" else f'<meta charset="{encoding}">'
    return page.replace("<head>", f"<head>{meta}").encode(encoding, errors="xmlcharrefreplace")


def shown(markdown: str) -> str:
    """Return what of a text its rendering shows: images and bare rules are not drawn."""
    return "\n\n".join(html.unescape(_TAG.sub("", inner)) for _, inner in _blocks(markdown))


def _blocks(markdown: str) -> list[tuple[str, str]]:
    """Read Markdown of Open Terms Archive's kind as (tag, HTML text) blocks."""
    blocks: list[tuple[str, str]] = []
    for line in markdown.split("\n"):
        text = line.strip()
        if re.fullmatch(r"[=\-]{3,}", text) and blocks and blocks[-1][0] == "p":
            blocks[-1] = ("h2", blocks[-1][1])
            continue
        heading = re.match(r"(#{1,6})\s+(.*)", text)
        if heading:
            tag, text = f"h{max(2, len(heading[1]))}", heading[2]
        elif _ITEM.match(text):
            tag, text = "li", _ITEM.sub("", text)
        else:
            tag = "p"
        inner = _inline(text)
        if re.search(r"\w", _TAG.sub("", inner)):
            blocks.append((tag, inner))
    return blocks


def _inline(text: str) -> str:
    plain = html.escape(_EMPHASIS.sub("", _ESCAPE.sub(r"\1", text)), quote=False)
    return _LINK.sub(lambda m: f'<a href="{html.escape(m[2])}">{m[1]}</a>' if m[1] else "", plain)


def _body(blocks: list[tuple[str, str]], rng: random.Random, promotion: str) -> str:
    """Write the blocks, formatted a little differently each time, at times with a promotion."""
    parts: list[str] = []
    in_list = False
    spot = len(blocks) // 3 if rng.random() < 0.3 else -1
    dressed = rng.random() < 0.2
    for place, (tag, text) in enumerate(blocks):
        if (tag == "li") != in_list:
            parts.append("</ul>" if in_list else "<ul>")
            in_list = not in_list
        if place == spot and not in_list:
            parts.append(f"<p>{promotion}</p>")
        inner = f'<span class="t{rng.randrange(99)}">{text}</span>' if dressed else text
        parts.append(f"<{tag}>{inner}</{tag}>")
    if in_list:
        parts.append("</ul>")
    return "\n".join(parts)


def _nonce(rng: random.Random) -> str:
    return f"{rng.getrandbits(64):016x}"


def _cookies(rng: random.Random) -> str:
    if rng.random() < 0.5:
        return ""
    return (
        f'<div class="x{_nonce(rng)[:6]}"><div><p>We and our partners use cookies to give you the'
        " best experience and to measure audiences. You can change your choice at any time.</p>"
        "<button>Accept all</button><button>Reject all</button><button>Manage choices</button>"
        "</div></div>"
    )


def _menu(rng: random.Random) -> str:
    items = ["Products", "Pricing", "Customers", "Blog", "Support", "About"]
    rng.shuffle(items)
    login = rng.choice(("Sign in", "Log in", "My account (2)"))
    links = "".join(f'<li><a href="/{i.lower()}">{i}</a></li>' for i in items[: rng.randint(3, 6)])
    return f"<ul>{links}<li><a href='/login?s={_nonce(rng)}'>{login}</a></li></ul>"


def _stories(rng: random.Random) -> str:
    chosen = rng.sample(_STORIES, 3)
    return "".join(
        f'<li><a href="/blog/{_nonce(rng)}">{title}</a> {rng.randint(2, 9)} min read</li>'
        for title in chosen
    )


def _plain_article(blocks: list[tuple[str, str]], rng: random.Random) -> str:
    promotion = rng.choice(PROMOTIONS)
    banner = f'<div class="banner">{promotion}</div>' if rng.random() < 0.5 else ""
    return (
        f'<!doctype html><html lang="en"><head><title>Privacy Policy</title>'
        f'<meta name="csrf" content="{_nonce(rng)}"><script nonce="{_nonce(rng)}">var a=1</script>'
        f"</head><body>{banner}<header><nav>{_menu(rng)}</nav></header><main><article>"
        f"<h1>Privacy Policy</h1>{_body(blocks, rng, promotion)}</article></main>"
        f"<aside><h3>Related</h3><ul>{_stories(rng)}</ul></aside>{_cookies(rng)}"
        f"<footer><p>© {rng.randint(2015, 2026)} Example Ltd. All rights reserved.</p>{_menu(rng)}"
        f"</footer></body></html>"
    )


def _nested_boxes(blocks: list[tuple[str, str]], rng: random.Random) -> str:
    """No landmark elements, classes that change with every build, a table for the layout."""
    box = f'<div class="c{_nonce(rng)[:5]}" data-v-{_nonce(rng)[:8]}>'
    promotion = rng.choice(PROMOTIONS)
    banner = f"{box}<span>{promotion}</span><a href='#'>Dismiss</a></div>"
    return (
        f'<html lang="en"><head><title>Privacy</title></head><body>{_cookies(rng)}{box}'
        f"{banner if rng.random() < 0.5 else ''}{box}{_menu(rng)}</div>"
        f"<table><tr><td>{box}{_menu(rng)}</div></td><td>{box}{box}<h1>Privacy Policy</h1>"
        f"{_body(blocks, rng, promotion)}</div></div></td></tr></table>"
        f"{box}<p>Was this helpful?</p><a href='#y'>Yes</a> <a href='#n'>No</a>"
        f"<p>{rng.randint(3, 999)} of {rng.randint(1000, 2000)} found this helpful</p></div>"
        f"{box}<h4>You may also like</h4><ul>{_stories(rng)}</ul></div>"
        f"{box}<p>© Example Inc. {rng.randint(2015, 2026)}</p>{_menu(rng)}</div></div>"
        f"<img src='/p.gif?{_nonce(rng)}'></body></html>"
    )


def _accordions(blocks: list[tuple[str, str]], rng: random.Random) -> str:
    """Each section folded away under its heading, as help centres do."""
    promotion = rng.choice(PROMOTIONS)
    sections: list[list[tuple[str, str]]] = [[]]
    for block in blocks:
        if block[0].startswith("h") and sections[-1]:
            sections.append([])
        sections[-1].append(block)
    folded = []
    spot = rng.randrange(len(sections)) if rng.random() < 0.3 else -1
    for number, section in enumerate(sections):
        inner = _body(section, random.Random(2), promotion)
        if number == spot:
            inner += f"<p>{promotion}</p>"
        if section and section[0][0].startswith("h") and len(section) > 1:
            summary, inner = section[0][1], _body(section[1:], random.Random(2), promotion)
            folded.append(
                f'<details{" open" if rng.random() < 0.3 else ""} id="s-{_nonce(rng)[:4]}">'
                f"<summary>{summary}</summary>{inner}</details>"
            )
        else:
            folded.append(inner)
    return (
        f'<!doctype html><html lang="en"><head><title>Privacy | Help</title></head><body>'
        f'<div role="navigation">{_menu(rng)}</div><div id="content" role="main">'
        f"<h1>Privacy Policy</h1>{''.join(folded)}</div>"
        f"<section><h2>More from our blog</h2><ul>{_stories(rng)}</ul></section>"
        f'<div role="contentinfo">{_menu(rng)}<p>Build {_nonce(rng)}</p></div>{_cookies(rng)}'
        f"</body></html>"
    )


TEMPLATES = (_plain_article, _nested_boxes, _accordions)
