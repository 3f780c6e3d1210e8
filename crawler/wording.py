"""The words of a policy: what makes two texts the same.

Two texts have the same words where their sequences of words are equal once markup, link targets,
list markers, numbers that head a block, written-out URLs, punctuation, whitespace and letter case
are gone. The number goes because a list that becomes headings writes its "2." out; a URL because
it is a link target, shown or not. Case goes because sites set headings in capitals, by CSS one year
and in the source the next; a hand-made record of real changes (Open Terms Archive) has none that is
a matter of case alone. Other digits stay: a date or an amount that moved is a change.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

_TARGET = re.compile(r"\]\((?:[^()\n]|\([^()\n]*\))*\)")
_MARKER = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]+)?(?:[-*+][ \t]+)?(?:\d{1,3}\\?[.)](?:[ \t]+|$))?", re.MULTILINE
)
_URL = re.compile(r"https?://[^\s<>\])|]+")
_BREAK = re.compile(r"<br ?/?>|&nbsp;")
# Soft hyphens and zero-width characters stand inside words and show as nothing.
_UNSEEN = ("\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff")
_WORD = re.compile(r"[^\W_]+")


def plain(markdown: str) -> str:
    """Return the text case-folded, without link targets and list markers; punctuation stays."""
    text = markdown
    if "](" in text:
        text = _TARGET.sub("] ", text)
    if "://" in text:
        text = _URL.sub(" ", text)
    if "<br" in text or "&nbsp;" in text:
        text = _BREAK.sub(" ", text)
    if not text.isascii():
        for unseen in _UNSEEN:
            if unseen in text:
                text = text.replace(unseen, "")
    return _MARKER.sub("", text).casefold()


def words(markdown: str) -> list[str]:
    """Return the case-folded words of a Markdown text, in order.

    A word is a run of letters and digits; in scripts that write no spaces, a run between
    punctuation marks.
    """
    return split_words(plain(markdown))


def split_words(text: str) -> list[str]:
    """Return the runs of letters and digits of a text that ``plain`` made."""
    return _WORD.findall(text)


# The captures of a series show the same text over and over.
@lru_cache(maxsize=32)
def word_key(markdown: str) -> str:
    """Return the SHA-256 (hex) of the text's words: equal keys are the same wording."""
    return hashlib.sha256(" ".join(words(markdown)).encode("utf-8", "surrogatepass")).hexdigest()
