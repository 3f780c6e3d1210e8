"""How the bytes of a body are packed: alone, or as what differs from another body.

Two captures of one page mostly differ in a few numbers used once. Packed with the other body as a
dictionary (zstd's ``--patch-from``, RFC 8878) one takes a hundredth of what it takes alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import zstandard

ALONE_LEVEL = 3
"""zstd's own default: 0.9 ms for a page of 240 KB, and smaller than gzip."""

DELTA_LEVEL = 7
"""1 ms for a page of 240 KB; 9 takes a tenth longer for one percent, 3 is a tenth larger."""

LARGEST_TABLE = 22
"""Logarithm of the entries of a table of matches, for two pages of 8 MB or more: it takes 16 MB."""

COMPACT_LEVEL = 19
"""40 ms for a page of 240 KB, and a tenth smaller: for `storage.compaction`, which has time."""

LIMIT = 256 * 1024 * 1024
"""Bytes; a row that claims more is damaged, and unpacking it would fill the memory."""


class Codec(StrEnum):
    """How a row's data became what they are."""

    PLAIN = "plain"
    ZSTD = "zstd"
    DELTA = "zstd-delta"
    LOST = "lost"
    """Found damaged and given up: the next fetch of the same bytes takes this row's place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A body as a row keeps it."""

    codec: Codec
    data: bytes


def pack(body: bytes, *, level: int = ALONE_LEVEL) -> Packed:
    """Pack a body alone; one that does not shrink stays as it is."""
    data = zstandard.ZstdCompressor(level=level).compress(body)
    if len(data) >= len(body):
        return Packed(codec=Codec.PLAIN, data=body)
    return Packed(codec=Codec.ZSTD, data=data)


def pack_delta(body: bytes, base: bytes, *, level: int = DELTA_LEVEL) -> Packed:
    """Pack a body as what differs from ``base``, which unpacking needs to the byte."""
    # The window must reach from the page's end back over the whole of the base.
    span = max(10, (len(base) + len(body)).bit_length())
    tables: dict[str, int] = {}
    if level == DELTA_LEVEL:
        # zstd's own for this level are twice as large: twice the time, for half a percent.
        log = min(span - 2, LARGEST_TABLE)
        tables = {"hash_log": log, "chain_log": log, "strategy": zstandard.STRATEGY_LAZY2}
    parameters = zstandard.ZstdCompressionParameters.from_level(
        level,
        source_size=len(body),
        dict_size=len(base),
        window_log=min(span, zstandard.WINDOWLOG_MAX),
        write_content_size=True,
        **tables,
    )
    compressor = zstandard.ZstdCompressor(
        dict_data=_dictionary(base), compression_params=parameters
    )
    return Packed(codec=Codec.DELTA, data=compressor.compress(body))


def unpack(codec: str, data: bytes, size: int, base: bytes | None = None) -> bytes | None:
    """The body, of ``size`` bytes, that was packed; None where the data are damaged.

    What comes back may still be wrong: whoever reads compares digests.
    """
    if codec == Codec.PLAIN:
        return data
    try:
        # The decompressor allocates what the frame claims, whatever limit it is given.
        if size > LIMIT or zstandard.frame_content_size(data) != size:
            return None
        if codec == Codec.ZSTD:
            return zstandard.ZstdDecompressor().decompress(data)
        if codec == Codec.DELTA and base is not None:
            window = 1 << zstandard.WINDOWLOG_MAX
            return zstandard.ZstdDecompressor(
                dict_data=_dictionary(base), max_window_size=window
            ).decompress(data)
    except zstandard.ZstdError:
        return None
    return None


def _dictionary(base: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
