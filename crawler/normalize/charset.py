"""Bytes to text: leftover compression undone, then the character set as browsers find it.

Order of the WHATWG's encoding sniffing (BOM, transport header, ``<meta>``, detection), with one
departure: archives store pages as UTF-8 under the header and the meta of the original, so that what
is declared is believed only where the bytes bear it out.
"""

from __future__ import annotations

import codecs
import re
import zlib

import zstandard

from crawler.errors import NormalizeError

MAX_BODY_BYTES = 16 * 1024 * 1024
_SNIFFED = 4096
_MIN_ZEROS = 4
# "x^", the fourth header of zlib, is as likely to begin a text.
_ZLIB = (b"\x78\x01", b"\x78\x9c", b"\x78\xda")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARKS = tuple(mark for mark, _ in _BOMS)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
# Browsers read these labels as the wider set on the right (WHATWG Encoding, section 4.2).
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "big5": "big5hkscs",
    "utf-16": "utf-16-le",
}
_LEGACY = [
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp1257",
    "cp932",
    "euc_jp",
    "euc_kr",
    "big5",
    "gb18030",
    "koi8_r",
]
# What cp1252 leaves undefined is, to a browser, the control character of the same number.
_HOLES = {byte: chr(byte) for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}


def unpack(body: bytes) -> bytes:
    """Undo a compression that an archive left on a body, as far as the limit on its size allows.

    Raises:
        NormalizeError: it unpacks to more than ``MAX_BODY_BYTES``, or not at all.
    """
    for _ in range(3):
        if body[:3] == b"\x1f\x8b\x08":
            body = _inflate(body, 31)
        elif body[:4] == b"\x28\xb5\x2f\xfd":
            body = _unzstd(body)
        elif body[:2] in _ZLIB:
            body = _inflate(body, 15)
        else:
            break
    if len(body) > MAX_BODY_BYTES:
        raise NormalizeError(f"the body has {len(body)} bytes, more than {MAX_BODY_BYTES}")
    return body


def _inflate(body: bytes, window: int) -> bytes:
    inflater = zlib.decompressobj(window)
    try:
        text = inflater.decompress(body, MAX_BODY_BYTES + 1)
    except zlib.error as error:
        raise NormalizeError(f"the body is compressed and broken: {error}") from error
    if not text and not inflater.eof:
        raise NormalizeError("the body is compressed and cut off")
    return text


def _unzstd(body: bytes) -> bytes:
    reader = zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(body)
    try:
        return reader.read(MAX_BODY_BYTES + 1)
    except zstandard.ZstdError as error:
        raise NormalizeError(f"the body is compressed and broken: {error}") from error


def decode_to_utf8(body: bytes, content_type: str | None = None) -> tuple[str, bytes]:
    """The text of a body as ``decode`` gives it, and that text in UTF-8: mostly the body itself."""
    if not body.startswith(_MARKS) and _unmarked_utf16(body) is None:
        try:
            return body.decode("utf-8"), body
        except UnicodeDecodeError:
            pass
    text = decode(body, content_type)
    return text, text.encode("utf-8", "replace")


def decode(body: bytes, content_type: str | None = None) -> str:
    """The text of a body in the character set that it is most plausibly in; never fails.

    ``content_type`` is the transport's header, with or without ``charset=``.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    if wide := _unmarked_utf16(body):
        return body.decode(wide, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        broken = error
    declared = _declared(body, content_type)
    if declared is not None and declared != "utf-8":
        return _decode(body, declared)
    if _is_mostly_utf8(body, broken):
        return body.decode("utf-8", "replace")
    return _decode(body, _detected(body))


def _unmarked_utf16(body: bytes) -> str | None:
    """UTF-16 by the zeros of its ASCII (of markup, in any script), which stand at every other byte.

    Few stand at the others: those of U+3000, the space of Chinese and Japanese, and its like.
    """
    head = body[:_SNIFFED]
    even, odd = head[::2].count(0), head[1::2].count(0)
    wide = max(even, odd)
    if wide < _MIN_ZEROS or wide * 100 < len(head) or min(even, odd) * 4 > wide:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _declared(body: bytes, content_type: str | None) -> str | None:
    head = body[:_SNIFFED]
    labels = [m[1] for m in [_HEADER.search(content_type or "")] if m]
    labels += [
        m[1].decode("ascii", "replace") for m in (_XML.search(head), _META.search(head)) if m
    ]
    for label in labels:
        try:
            name = codecs.lookup(label).name
        except LookupError:
            continue
        return _WIDER.get(name, name)
    return None


def _is_mostly_utf8(body: bytes, broken: UnicodeDecodeError) -> bool:
    """UTF-8 with a few broken sequences: a cut tail, a pasted word of another set."""
    if broken.start >= len(body) - 4:
        return True
    lost = body.decode("utf-8", "replace").count("\ufffd")
    high = len(body) - len(body.translate(None, bytes(range(128, 256))))
    return lost * 20 <= high


def _decode(body: bytes, name: str) -> str:
    try:
        text = body.decode(name, "replace")
    except (LookupError, ValueError):
        text, name = body.decode("cp1252", "replace"), "cp1252"
    if name == "cp1252" and "\ufffd" in text:
        return "".join(_HOLES.get(byte) or bytes((byte,)).decode("cp1252") for byte in body)
    return text


def _detected(body: bytes) -> str:
    from charset_normalizer import from_bytes  # slow to import, and needed by one page in thousands

    sample = b" ".join(re.findall(rb"[^\x00-\x20<>]*[\x80-\xff][^\x00-\x20<>]*", body))[:20_000]
    best = from_bytes(sample or body[:20_000], cp_isolation=_LEGACY).best()
    return best.encoding if best is not None else "cp1252"
