"""Texts as MiniLM reads them: numbers of word pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Nine in ten of the corpus's segments are shorter (192: 93 %); what is longer loses its end.
LONGEST = 192


def tokenizer_of(content: bytes) -> Tokenizer:
    """The tokenizer of a tokenizer.json, cutting at `LONGEST` and padding nothing.

    Raises:
        ValueError: `content` is no tokenizer.
    """
    try:
        tokenizer = Tokenizer.from_buffer(content)
    # The Rust library raises bare Exception for whatever it cannot parse.
    except Exception as error:
        raise ValueError(f"not a tokenizer ({error})") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)
    return tokenizer


def pieces(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """The numbers of each text's word pieces, with the marks of beginning and end."""
    return [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]


def padded(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of different lengths as two arrays (n, longest): numbers, and 1 where one stands."""
    lengths = np.array([len(row) for row in rows])
    mask = np.arange(lengths.max(initial=1)) < lengths[:, None]
    numbers = np.zeros(mask.shape, dtype=np.int64)
    numbers[mask] = np.concatenate([np.asarray(row, dtype=np.int64) for row in rows])
    return numbers, mask.astype(np.int64)
