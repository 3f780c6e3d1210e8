"""Pages around a text, in the styles that sites are built in, with noise that differs by capture.

``PAGES`` maps a style's name to a function of the text's HTML and a random source; every call gives
other nonces, banners, counters and link lists around the same text.
"""

# ruff: noqa: E501 - markup reads better unbroken
from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_TOPICS = [
    "Pricing",
    "Features",
    "Customers",
    "Enterprise",
    "Blog",
    "Careers",
    "Partners",
    "Status",
    "Docs",
    "Support",
]
_HEADING = re.compile(r"(?=<h[12][ >])")


def _nonce(random: Random) -> str:
    return f"{random.getrandbits(64):x}"


def _links(random: Random, count: int, tag: str = "li") -> str:
    return "".join(
        f'<{tag}><a href="/{topic.lower()}?b={_nonce(random)[:6]}">{topic} {random.randint(1, 99)}</a></{tag}>'
        for topic in random.choices(_TOPICS, k=count)
    )


def _banner(random: Random, attributes: str) -> str:
    wording = random.choice(
        (
            "We value your privacy. We and our 842 partners store and access information on a device, such as cookies, to personalise content and to measure it. You may change your mind later.",
            "This website uses cookies to ensure that you get the best experience on our website.",
        )
    )
    return (
        f"<div {attributes}><div><p>{wording}</p><div><button type=button>Accept all</button>"
        "<button type=button>Reject all</button><a href='#'>Manage options</a></div></div></div>"
    )


def _semantic(text: str, random: Random) -> str:
    banner = _banner(random, 'id="cookie-banner" role="dialog"') if random.random() < 0.5 else ""
    return f"""<!doctype html><html lang=en><head><title>Privacy Policy | Example</title>
    <script nonce="{_nonce(random)}">var build = "{_nonce(random)}";</script></head>
    <body data-build={_nonce(random)}><a href="#main">Skip to main content</a>
    <header><nav><ul>{_links(random, 7)}</ul></nav></header>{banner}
    <main id=main><article>{text}</article></main>
    <aside><h2>Related articles</h2><ul>{_links(random, 4)}</ul></aside>
    <footer><ul>{_links(random, 20)}</ul><p>© {random.randint(2015, 2026)} Example Inc. All rights
    reserved. {random.randint(100, 9999)} visitors today.</p></footer></body></html>"""


def _div_soup(text: str, random: Random) -> str:
    sections = "".join(f'<div class="s{at}"><div>{part}</div></div>' for at, part in _parts(text))
    modal = _banner(random, f'class="x{_nonce(random)[:5]}"') if random.random() < 0.5 else ""
    return f"""<html><head><title>Example – Privacy</title></head><body>
    {modal}<div class=a1><div class=a2>{_links(random, 8, "span")}</div></div>
    <div class="b{_nonce(random)[:4]}"><div class=b2>{sections}</div></div>
    <div class=c1><div><h4>Company</h4>{_links(random, 9, "div")}</div><div><h4>Product</h4>
    {_links(random, 9, "div")}</div><div>Copyright {random.randint(2015, 2026)} Example GmbH, a company
    registered in Hamburg under HRB {random.randint(1000, 9999)}, all rights reserved worldwide.</div>
    </div></body></html>"""


def _accordion(text: str, random: Random) -> str:
    panels = "".join(
        f'<section class="accordion-item"><div class="collapse" id="p{at}" hidden>{part}</div></section>'
        for at, part in _parts(text)
    )
    return f"""<html><head><title>Privacy</title></head><body><div id=app><div class=topbar>
    <ul class=menu>{_links(random, 6)}</ul></div><div class=breadcrumbs><a href=/>Home</a> <a
    href=/legal>Legal</a></div><ul class=langs><li><a href=/de>Deutsch</a></li><li><a
    href=/fr>Français</a></li><li><a href=/es>Español</a></li><li>English</li></ul><div class=layout>
    <div class="sidebar"><ul>{_links(random, 6)}</ul></div><div class=content>{panels}
    <div class="share-bar"><a href=//f.example/{_nonce(random)}>Share</a> <a href=//x.example>Tweet</a>
    </div><div class=votes><p>Was this article helpful?</p><button>Yes</button><button>No</button><p>
    {random.randint(1, 50)} out of {random.randint(51, 90)} found this helpful</p></div><div
    class=related><h3>Related</h3><ul>{_links(random, 5)}</ul></div></div></div><div class=newsletter>
    <h3>Stay in the loop</h3><p>Sign up for our newsletter.</p><input type=email><button>Subscribe
    </button></div><p><a href=#app>Back to top</a></p></div></body></html>"""


def _tables(text: str, random: Random) -> str:
    return f"""<HTML><HEAD><TITLE>Privacy</TITLE></HEAD><BODY BGCOLOR=white><CENTER><TABLE WIDTH=760
    BORDER=0><TR><TD COLSPAN=2><FONT SIZE=1>{_links(random, 5, "b")}</FONT></TD></TR><TR><TD
    VALIGN=top WIDTH=150>{_links(random, 9, "p")}</TD><TD>{text}</TD></TR><TR><TD COLSPAN=2 ALIGN=center>
    <FONT SIZE=1>{_links(random, 6, "i")}<BR>Copyright &copy; {random.randint(2001, 2010)} Example, Inc.
    All rights reserved. Reproduction in whole or in part in any form or medium without express written
    permission is prohibited.</FONT></TD></TR></TABLE></CENTER></BODY></HTML>"""


def _flat(text: str, random: Random) -> str:
    return f"""<html><head><title>Privacy</title><style>.{_nonce(random)}{{}}</style></head><body>
    <p>{_links(random, 5, "span")}</p>{text}<p>{_links(random, 7, "span")}</p>
    <p>© {random.randint(2015, 2026)} Example</p></body></html>"""


def _builder(text: str, random: Random) -> str:
    rows = "".join(
        f'<div class="elementor-element elementor-element-{_nonce(random)[:7]} elementor-widget">'
        f'<div class="elementor-widget-container">{part}</div></div>'
        for _, part in _parts(text)
    )
    return f"""<!DOCTYPE html><html lang=en-US><head><title>Privacy</title></head><body class="page">
    <div class="elementor-location-header"><div class="elementor-nav-menu"><ul>{_links(random, 9)}</ul>
    </div></div><div class="elementor elementor-{random.randint(1, 999)}">{rows}</div>
    <div class="elementor-location-footer"><p>Example makes tools that help small teams to plan their
    work, to write together and to ship on time, since {random.randint(2001, 2020)}.</p><ul>
    {_links(random, 12)}</ul></div><div class="cky-consent-container"><p>We use cookies to help you
    navigate efficiently and perform certain functions. You will find detailed information about all
    cookies under each consent category below.</p><button>Customise</button><button>Accept All</button>
    </div></body></html>"""


def _parts(text: str) -> list[tuple[int, str]]:
    return [(at, part) for at, part in enumerate(_HEADING.split(text)) if part.strip()]


PAGES: dict[str, Callable[[str, Random], str]] = {
    "semantic": _semantic,
    "div soup": _div_soup,
    "accordion": _accordion,
    "layout tables": _tables,
    "flat": _flat,
    "page builder": _builder,
}
