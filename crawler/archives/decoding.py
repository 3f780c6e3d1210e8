"""Taking a body's content encodings off, without trusting what its headers say of them.

Archives replay stored headers: the encoding may be named twice, or be gone from the bytes. A bomb
is cut at a limit.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import brotli
import zstandard

from crawler.errors import MementoError

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BODY = 32 * 1024 * 1024
"""Bytes of a decoded body; no policy comes near it."""

MAX_LAYERS = 3
GZIP, ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"


class TooLargeError(MementoError):
    """A body that is, or unpacks to, more than ``MAX_BODY``."""


def decoded(body: bytes, content_encoding: str, content_type: str, limit: int = MAX_BODY) -> bytes:
    """A body with its content encodings removed.

    What is named but not there is left alone; gzip that is there without being named is removed,
    unless the content is itself an archive file.

    Raises:
        TooLargeError: the result would be larger than ``limit`` bytes.
    """
    named = [name.strip().lower() for name in content_encoding.split(",") if name.strip()]
    for name in reversed(named[-MAX_LAYERS:]):
        body = _DECODERS.get(name, _as_it_is)(body, limit)
    packed = any(word in content_type.lower() for word in ("gzip", "zip", "tar", "octet-stream"))
    for _ in range(MAX_LAYERS):
        if packed or not body.startswith(GZIP):
            break
        body = _gunzip(body, limit)
    if len(body) > limit:
        raise TooLargeError(f"the body is larger than {limit} bytes")
    return body


def _as_it_is(body: bytes, _limit: int) -> bytes:
    return body


def _gunzip(body: bytes, limit: int) -> bytes:
    if not body.startswith(GZIP):
        return body
    return _inflate(body, limit, (zlib.MAX_WBITS | 16,))


def _deflate(body: bytes, limit: int) -> bytes:
    # Servers disagree whether "deflate" has zlib's frame (RFC 9110, section 8.4.1.2) or not.
    return _inflate(body, limit, (zlib.MAX_WBITS, -zlib.MAX_WBITS))


def _inflate(body: bytes, limit: int, windows: tuple[int, ...]) -> bytes:
    for window in windows:
        unpacker = zlib.decompressobj(window)
        try:
            plain = unpacker.decompress(body, limit + 1)
        except zlib.error:
            continue
        if len(plain) > limit:
            raise TooLargeError(f"the body unpacks to more than {limit} bytes")
        return plain
    return body


def _unbrotli(body: bytes, limit: int) -> bytes:
    unpacker = brotli.Decompressor()
    try:
        plain = unpacker.process(body, output_buffer_limit=limit + 1)
    except brotli.error:
        return body
    if len(plain) > limit:
        raise TooLargeError(f"the body unpacks to more than {limit} bytes")
    return bytes(plain) if plain or not body else body


def _unzstd(body: bytes, limit: int) -> bytes:
    if not body.startswith(ZSTD):
        return body
    try:
        with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(body) as stream:
            plain = stream.read(limit + 1)
    except zstandard.ZstdError:
        return body
    if len(plain) > limit:
        raise TooLargeError(f"the body unpacks to more than {limit} bytes")
    return plain


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _deflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
