"""What the classifier reads in a text: hashed words, word beginnings and word pairs.

A text becomes a set of 20-bit numbers. The same code serves training and inference, so whatever
it folds away (case, quotes, digits, addresses) is folded in both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BITS = 20
SPACE = 1 << BITS
# Words of a text that are read once more, by themselves.
BEGINNING = 12

# The training corpus lost apostrophes and typographic quotes ("user's" reads "users"), so all go.
_QUOTES = re.compile("['’‘ʼ`´]")
# Bounded, so that a text of a million "@" takes linear time.
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-][\w.-]{0,253}|https?://\S+|www\.\S+")
_TOKEN = re.compile(r"[^\W\d_]+|\d+")
# The same where no other letters can be, in half the time.
_ASCII_TOKEN = re.compile(r"[a-z]+|[0-9]+")
# Ages stand in policies for children's rules; every other number is folded to its length.
_AGES = frozenset({"13", "16", "18"})
_PREFIX = 5
_CACHE_LIMIT = 200_000
_LOW = np.uint64(0xFFFFFFFF)


class _Hashes(dict[str, int]):
    """Token → hash of the word (upper 32 bits) and of its beginning (lower 32 bits)."""

    def __missing__(self, token: str) -> int:
        word = token
        if token[0].isdecimal() and token not in _AGES:
            word = f"#{min(len(token), 5)}"
        packed = crc32(word.encode()) << 32 | crc32(b"^" + word[:_PREFIX].encode())
        if len(self) < _CACHE_LIMIT:
            self[token] = packed
        return packed


_hashes = _Hashes()


def tokens(text: str) -> list[str]:
    """The words and numbers of `text`, folded; an address or URL becomes one made-up word."""
    text = text.casefold()
    if "@" in text or "www." in text or "://" in text:
        text = _ADDRESS.sub(_address, text)
    ascii_only = text.isascii()
    if "'" in text or "`" in text or not ascii_only:
        text = _QUOTES.sub("", text)
    return (_ASCII_TOKEN if ascii_only else _TOKEN).findall(text)


def _address(match: re.Match[str]) -> str:
    return " zzmail " if "@" in match[0] else " zzurl "


def _mix(left: NDArray[np.uint64], right: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    # Fibonacci hashing: odd multipliers, and the top bits of the product.
    mixed = (left * np.uint64(0x9E3779B97F4A7C15)) ^ (right * np.uint64(0xC2B2AE3D27D4EB4F))
    mixed = (mixed + np.uint64(seed)) * np.uint64(0xD6E8FEB86659FD93)
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    return mixed >> np.uint64(64 - BITS)


def hashes(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """The words of each text in their order, as two parallel arrays (row, packed hashes).

    Texts without a word (a number alone) have no row.
    """
    packed: list[int] = []
    lengths = np.empty(len(texts), dtype=np.int64)
    for i, text in enumerate(texts):
        found = tokens(text)
        if not any(map(str.isalpha, found)):
            found = []
        lengths[i] = len(found)
        packed.extend(map(_hashes.__getitem__, found))
    rows = np.repeat(np.arange(len(texts), dtype=np.int64), lengths)
    return rows, np.array(packed, dtype=np.uint64)


def beginnings(
    rows: NDArray[np.int64], words: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """The first `BEGINNING` words of each row: a heading, or what the segment starts from."""
    starts = np.searchsorted(rows, rows)
    first = np.arange(len(rows)) - starts < BEGINNING
    return rows[first], words[first]


def features_of(
    rows: NDArray[np.int64], words: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The distinct features of each row, as two parallel arrays (row, feature), sorted.

    A feature is below `SPACE`.
    """
    word, stem = words >> np.uint64(32), words & _LOW
    zero = np.zeros(1, dtype=np.uint64)
    near, far = rows[1:] == rows[:-1], rows[2:] == rows[:-2]
    families = (
        (rows, _mix(word, zero, 1)),
        (rows, _mix(stem, zero, 2)),
        (rows[1:][near], _mix(word[:-1], word[1:], 3)[near]),
        (rows[2:][far], _mix(stem[:-2], stem[2:], 4)[far]),
    )
    keys = np.concatenate([(r << BITS) | h.astype(np.int64) for r, h in families])
    # Sorting is 40 times faster here than numpy.unique, which hashes integers.
    keys.sort()
    keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])] if len(keys) else keys
    return keys >> BITS, keys & (SPACE - 1)


def extract(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """``features_of`` the words of `texts`."""
    return features_of(*hashes(texts))
