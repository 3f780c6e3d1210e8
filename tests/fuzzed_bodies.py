"""Invented bodies for the normalizer: a grammar of broken pages, and mutations of given ones.

Every choice is drawn from the ``Random`` that is passed in: a seeded one makes a benchmark that can
be repeated, hypothesis's own (``st.randoms()``) lets it search and shrink.
"""

# ruff: noqa: E501, SIM905 - lists of short words read better unbroken
from __future__ import annotations

import gzip
import re
import zlib
from typing import TYPE_CHECKING, NamedTuple

import zstandard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

BLOCKS = (
    "p div section main article nav header footer aside form details summary dialog blockquote pre "
    "ul ol li dl dt dd table thead tbody tr td th caption h1 h2 h3 h6 figure button label hr br menu"
).split()
INLINE = "a b i em strong span font code sup time bdi ruby rt img input q abbr wbr".split()
HIDING = "script style noscript template svg iframe select textarea title base math".split()
NAMES = (
    "class=modal class='cookie-banner hidden' id=a id=privacy role=dialog role=main hidden open "
    "href=/x href=# href='javascript:x' href='https://e.org/a b(c)' href=mailto:a@b.c start=7 "
    "start=99999999999 value=-3 lang=de style='display:none' aria-expanded=false name=a "
    "data-cfemail=42 data-cfemail=422302206c21 data-cfemail=x data-x='a>b' x='\"' y='=' colspan=0"
).replace("a b(c)", "a%b(c)")
ATTRIBUTES = tuple(name.replace("%", " ") for name in NAMES.split())
WORDS = (
    "we collect your data privacy policy cookies last updated 3 May 2021 accept all reject terms of "
    "use share English Deutsch Français home Daten für Ihre Anschrift 個人情報 取り扱い персональные "
    "данные سياسة الخصوصية מדיניות नीति ข้อมูล a 1. 2) - * + # ## | || \\ \\\\ [x] ]( ) > >> ` ``` ~~~ "
    "== -- --- *** ** __ &amp; &lt; &gt; &nbsp; &#0; &#x80; &bogus; • o – 1.1 1.\u00a0x \u00ad \u200b "
    "\u200d \u202e \ufeff \x00 \x0b \x0c \x1b \x85 \u2028 \u0301 e\u0301 \ud83d 🙂 ![a](b) [a](b) []() "
    "<b <!-- --> <![CDATA[ ]]> </p <> < > ' \" = · ﬁ ǆ İ ß 10. 999999999. 1) (a) i. § © ™ \ufffd"
).split(" ")
CONTENT_TYPES = (
    *(None, None, "text/html", "text/html; charset=utf-8", "text/html; charset=windows-1252"),
    *("text/html;charset=bogus", "text/plain", "text/markdown", "application/pdf", "image/png", ""),
)
URLS = (
    *(
        None,
        "https://example.com/privacy",
        "http://example.com/legal#privacy",
        "https://[bad/x#%ff",
    ),
    *("", "data:,x", "//x", "https://example.com/%zz?q=a#"),
)
CHARSETS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "shift_jis", "koi8-r", "utf-7")
_TOKENS = re.compile(r"<[^<>]{0,400}>|[^<>\s]{1,40}|\s+|[<>]")


class Body(NamedTuple):
    """What ``normalize`` is given."""

    data: bytes
    content_type: str | None
    url: str | None


def any_body(random: Random, samples: Sequence[str] = ()) -> Body:
    """One body of any kind; ``samples`` are texts to mutate besides inventing some."""
    if samples and random.random() < 0.5:
        text = mutated(random, random.choice(samples))
    else:
        text = random.choice((html_page, html_page, plain_text))(random)
    data = encoded(random, text)
    if random.random() < 0.1:
        data = random.choice(_SPOILERS)(random, data)
    return Body(data, random.choice(CONTENT_TYPES), random.choice(URLS))


def html_page(random: Random) -> str:
    """Tag soup with a bias to what occurs: nested blocks, now and then closed in their order."""
    out: list[str] = ["<html>"] if random.random() < 0.5 else []
    still_open: list[str] = []
    for _ in range(random.randrange(40)):
        if still_open and random.random() < 0.4:
            out.append(f"</{still_open.pop()}>")
            continue
        tag = random.choice(random.choice((BLOCKS, BLOCKS, INLINE, HIDING)))
        attributes = "".join(f" {random.choice(ATTRIBUTES)}" for _ in range(random.randrange(3)))
        out.append(f"<{'/' * (random.random() < 0.1)}{tag}{attributes}>")
        still_open.append(tag)
        out.append(_words(random))
    return "".join(out)


def plain_text(random: Random) -> str:
    """Lines that Markdown may take for something."""
    starts = (
        "",
        "",
        "- ",
        "  * ",
        "1. ",
        "# ",
        "### ",
        "| a | b |",
        "> ",
        "    ",
        "\t",
        "---",
        "===",
    )
    lines = (random.choice(starts) + _words(random) for _ in range(random.randrange(12)))
    return random.choice(("\n", "\n\n", "\r\n", "\r")).join(lines)


def _words(random: Random) -> str:
    """A few words or, at times, enough of them to be prose."""
    count = random.randrange(4) if random.random() < 0.8 else random.randrange(12, 30)
    return random.choice((" ", " ", "")).join(random.choice(WORDS) for _ in range(count))


def mutated(random: Random, sample: str) -> str:
    """A piece of a sample, some of its tokens dropped, doubled, moved or put out by others."""
    length = random.choice((200, 600, 2_000))
    start = random.randrange(max(1, len(sample) - length))
    tokens = _TOKENS.findall(sample[start : start + length])
    for _ in range(random.randrange(1, 8)):
        if not tokens:
            break
        at, other = random.randrange(len(tokens)), random.randrange(len(tokens))
        match random.randrange(5):
            case 0:
                del tokens[at]
            case 1:
                tokens.insert(at, tokens[other])
            case 2:
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case 3:
                tokens[at] = random.choice(WORDS)
            case _:
                tokens[at] = f"<{random.choice(BLOCKS)} {random.choice(ATTRIBUTES)}>"
    return "".join(tokens)


def encoded(random: Random, text: str) -> bytes:
    """A text in UTF-8 or, at times, in another charset, with or without a mark, or in two."""
    if random.random() < 0.8:
        return text.encode("utf-8", "surrogatepass")
    cut = random.randrange(len(text) + 1) if random.random() < 0.2 else 0
    first, second = random.choice(CHARSETS), random.choice(CHARSETS)
    return text[:cut].encode(first, "replace") + text[cut:].encode(second, "replace")


def _flipped(random: Random, data: bytes) -> bytes:
    spoilt = bytearray(data)
    for _ in range(random.randrange(1, 6)):
        if spoilt:
            spoilt[random.randrange(len(spoilt))] = random.randrange(256)
    return bytes(spoilt)


def _cut(random: Random, data: bytes) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _packed(random: Random, data: bytes) -> bytes:
    pack: Callable[[bytes], bytes] = random.choice(
        (gzip.compress, zlib.compress, zstandard.ZstdCompressor().compress)
    )
    packed = pack(data)
    return random.choice((packed, packed, pack(packed), _flipped(random, packed)))


def _prefixed(random: Random, data: bytes) -> bytes:
    marks = (b"%PDF-1.4\n", b"\x1f\x8b\x08", b"\x78\x9c", b"\xff\xfe", b"\xef\xbb\xbf", b"\x89PNG")
    return random.choice(marks) + data


_SPOILERS: tuple[Callable[[Random, bytes], bytes], ...] = (_flipped, _cut, _packed, _prefixed)


def tiny_pdf(text: str) -> bytes:
    """A PDF of one page with one line of ASCII; an empty text makes a page without any."""
    shown = text.replace("\\", "").replace("(", "").replace(")", "")
    return drawn_pdf(f"BT /F1 12 Tf 72 720 Td ({shown}) Tj ET" if text else "0 0 72 72 re f")


def drawn_pdf(stream: str) -> bytes:
    """A PDF of one page, as a content stream of ASCII draws it; its font is F1."""
    parts = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(stream)}>>stream\n{stream}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    out, offsets = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj{part}endobj\n".encode("ascii", "replace")
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(parts) + 1
    return (
        out
        + (
            f"xref\n0 {size}\n0000000000 65535 f \n{table}"
            f"trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF\n"
        ).encode()
    )
