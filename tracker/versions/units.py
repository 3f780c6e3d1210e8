"""Texts as multisets of sentences, interned so that near-identical captures cost little."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b

from crawler.wording import plain, split_words, word_key

_SENTENCE = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；])|\s*\|\s*")


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """One distinct Markdown text.

    ``units`` are the ids of its sentences in order; the second occurrence of a sentence has an id
    of its own. ``weight`` is an order-free digest of them, ``words`` their number of words.
    """

    markdown: str
    units: tuple[int, ...]
    members: frozenset[int]
    weight: int
    words: int


class Units:
    """The sentences of one series of texts, each with an id, its words and a random weight.

    Sentences rather than blocks: a paragraph that is split in two, or a list that becomes prose,
    keeps its sentences.
    """

    def __init__(self) -> None:
        self.wordings: list[str] = []
        self.lengths: list[int] = []
        self.weights: list[int] = []
        self._ids: dict[tuple[str, int], int] = {}
        self._lines: dict[str, tuple[str, ...]] = {}
        self._texts: dict[str, Text] = {}
        self._keys: dict[int, str] = {}

    def text(self, markdown: str) -> Text:
        """Return the one Text of this Markdown."""
        known = self._texts.get(markdown)
        if known is None:
            known = self._texts[markdown] = self._read(markdown)
        return known

    def key(self, text: Text) -> str:
        """Return the text's ``word_key``, computed once."""
        known = self._keys.get(id(text))
        if known is None:
            known = self._keys[id(text)] = word_key(text.markdown)
        return known

    def sentences(self, line: str) -> tuple[str, ...]:
        """Return the sentences of one line of Markdown, as their words joined by blanks."""
        known = self._lines.get(line)
        if known is None:
            parts = (" ".join(split_words(part)) for part in _SENTENCE.split(plain(line)))
            known = self._lines[line] = tuple(part for part in parts if part)
        return known

    def _read(self, markdown: str) -> Text:
        ids, seen = [], dict[str, int]()
        for line in markdown.split("\n"):
            if not line:
                continue
            for sentence in self._lines.get(line) or self.sentences(line):
                nth = seen.get(sentence, 0)
                seen[sentence] = nth + 1
                unit = self._ids.get((sentence, nth))
                ids.append(self._intern(sentence, nth) if unit is None else unit)
        return Text(
            markdown=markdown,
            units=tuple(ids),
            members=frozenset(ids),
            weight=sum(map(self.weights.__getitem__, ids)),
            words=sum(map(self.lengths.__getitem__, ids)),
        )

    def _intern(self, sentence: str, nth: int) -> int:
        unit = self._ids[sentence, nth] = len(self.wordings)
        self.wordings.append(sentence)
        self.lengths.append(sentence.count(" ") + 1)
        digest = blake2b(f"{nth} {sentence}".encode("utf-8", "surrogatepass"), digest_size=16)
        self.weights.append(int.from_bytes(digest.digest(), "big"))
        return unit
