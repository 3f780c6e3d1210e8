"""Signed webhooks, as Standard Webhooks 1.0 has them (github.com/standard-webhooks).

The signature is HMAC-SHA256 over ``<webhook-id>.<webhook-timestamp>.<body>``; receivers verify it
with a library of that name or with the dozen lines in docs/notifications.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.archives.cdx import retry_after
from crawler.errors import CrawlError
from crawler.plain_http import ask
from crawler.settings import user_agent
from tracker.notify.errors import ChannelError

if TYPE_CHECKING:
    from tracker.notify.messages import Message

TIMEOUT_SECONDS = 30.0


def signature(secret: str, name: str, timestamp: int, body: bytes) -> str:
    """The value of the header ``webhook-signature``.

    ``secret`` is a text of any kind, or ``whsec_`` and a key in base64.

    Raises:
        ChannelError: what follows ``whsec_`` is no base64.
    """
    key = secret.encode()
    if secret.startswith("whsec_"):
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error as error:
            raise ChannelError("the webhooks' secret is whsec_ and no base64") from error
    digest = hmac.new(key, f"{name}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def post(url: str, message: Message, secret: str, variable: str) -> None:
    """Send a message's document; any 2xx takes it. Redirects are not followed.

    ``variable`` names the environment variable of the secret, for the error where it is empty.

    Raises:
        ChannelError: it was not taken.
    """
    host = urlsplit(url).hostname
    if urlsplit(url).scheme not in {"http", "https"} or not host:
        raise ChannelError("webhook: needs an http(s) URL")
    if not secret:
        raise ChannelError(f"the environment variable {variable} is not set: webhooks are signed")
    body = json.dumps(message.document, ensure_ascii=False, separators=(",", ":")).encode()
    now = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": user_agent(""),
        "Idempotency-Key": message.id,
        "webhook-id": message.id,
        "webhook-timestamp": str(now),
        "webhook-signature": signature(secret, message.id, now, body),
    }
    try:
        answer = ask(url, method="POST", headers=headers, body=body, timeout=TIMEOUT_SECONDS)
    except CrawlError as error:
        raise ChannelError(str(error)) from error
    if not 200 <= answer.status < 300:
        raise ChannelError(f"{host} answers {answer.status}", retry_after=retry_after(answer))
