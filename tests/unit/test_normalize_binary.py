"""What is no text is said to be none, whatever its headers call it."""

from __future__ import annotations

import io
import zipfile
import zlib
from random import Random

import pytest

from crawler.errors import NormalizeError
from crawler.normalize.document import normalize

NOISE = Random(7).randbytes(6_000)


def packed() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("policy.txt", NOISE)
    return out.getvalue()


@pytest.mark.parametrize("content_type", [None, "text/html", "image/png", "application/pdf"])
@pytest.mark.parametrize(
    "body", [NOISE, b"\x89PNG\r\n\x1a\n" + NOISE, zlib.compress(NOISE), packed()]
)
def test_binary_data_is_refused(body: bytes, content_type: str | None) -> None:
    with pytest.raises(NormalizeError, match="binary"):
        normalize(body, content_type=content_type)


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "shift_jis", "euc-kr", "windows-1252"])
def test_text_in_any_charset_is_not(charset: str) -> None:
    text = {"shift_jis": "個人情報の取り扱い", "euc-kr": "개인정보 처리방침"}.get(
        charset, "Datenschutzerklärung"
    )
    body = f"<html><body><h1>{text}</h1><p>{text}: {text} – {text}.</p></body>".replace("–", "-")
    shown = normalize(body.encode(charset), content_type=f"text/html; charset={charset}").markdown
    assert text in shown


def test_control_characters_never_reach_the_text() -> None:
    page = (
        "<title>x\x1b[2J</title><h1>Privacy</h1><p>We \x1b[31m collect \x9b31m data \x07 here.</p>"
    )
    document = normalize(page.encode(), content_type="text/html; charset=utf-8")
    assert "data" in document.markdown
    assert not set("\x1b\x9b\x07") & set(document.markdown + (document.title or ""))
