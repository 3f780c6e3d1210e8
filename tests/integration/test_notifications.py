"""Notices on their whole way: to a real mail server, a webhook, apprise; when those fail, too."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest

from storage.notices import NoticeState
from tests.integration.services import ROOT, free_port
from tests.standins.receivers import HookReceiver, Mailbox, mail_server
from tests.telling import NOW, SECRET, Clock, configured, payload, put, states
from tracker.config import Config
from tracker.errors import TrackerError
from tracker.notification_config import NotificationsConfig, NotifyRule, SmtpConfig
from tracker.notify.channels import send
from tracker.notify.deliver import deliver
from tracker.notify.errors import ChannelError
from tracker.notify.health import notices_line
from tracker.notify.messages import trial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.database import Database

DOCUMENTATION = (ROOT / "docs" / "notifications.md").read_text(encoding="utf-8")
# apprise itself asks for a module that Python 3.13 has no more.
apprise_warns = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HookReceiver]:
    monkeypatch.setenv("TRACKER_WEBHOOK_SECRET", SECRET)
    with HookReceiver(tmp_path / "hook.jsonl") as receiver:
        yield receiver


@contextmanager
def mail(**options: Any) -> Iterator[tuple[Mailbox, int]]:
    mailbox, port = Mailbox(), free_port()
    server = mail_server(mailbox, port, **options)
    server.start()
    try:
        yield mailbox, port
    finally:
        server.stop()


def test_a_mail_says_it_in_text_and_in_html(db: Database, clock: Clock) -> None:
    with mail() as (mailbox, port):
        put(db, "mailto:desk@example.org")
        done = deliver(db, configured("mailto:desk@example.org", port=port), clock)
    assert (done.messages, done.notices, done.failures) == (1, 1, {})
    [received] = mailbox.mails
    assert received["To"] == "desk@example.org"
    assert received["Subject"].strip() == (
        "example.com: privacy policy changed silently, 2025-05-01 to 2025-05-09"
    )
    text = received.get_body(["plain"])
    html = received.get_body(["html"])
    assert text is not None
    assert html is not None
    assert "We keep it for [-two-]{+<b>ten</b>+} years." in text.get_content()
    assert "tracker diff 'example.com@2025-05-01' 'example.com@2025-05-09'" in text.get_content()
    assert "<ins" in html.get_content()
    assert "&lt;b&gt;ten" in html.get_content()
    assert "javascript:" not in html.get_content()


def test_mail_by_starttls_with_a_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    try:
        subprocess.run(
            [*command, "-keyout", key, "-out", certificate], check=True, capture_output=True
        )
    except FileNotFoundError:
        pytest.skip("no openssl here")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with mail(
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=lambda *_: _Authenticated(_[-1].password == b"open-sesame"),
    ) as (mailbox, port):
        config = Config(smtp=SmtpConfig(host="localhost", port=port, user="us@example.org"))
        with pytest.raises(ChannelError, match="no safe connection to localhost"):
            send("mailto:desk@example.org", trial(NOW), config)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with pytest.raises(ChannelError, match="TRACKER_SMTP_PASSWORD is not set"):
            send("mailto:desk@example.org", trial(NOW), config)
        monkeypatch.setenv("TRACKER_SMTP_PASSWORD", "wrong-sesame")
        with pytest.raises(ChannelError, match="refuses: 535") as caught:
            send("mailto:desk@example.org", trial(NOW), config)
        assert "sesame" not in str(caught.value)
        monkeypatch.setenv("TRACKER_SMTP_PASSWORD", "open-sesame")
        send("mailto:desk@example.org", trial(NOW), config)
    assert [one["Subject"] for one in mailbox.mails] == ["policy-tracker: a test"]


def _Authenticated(success: bool) -> Any:  # noqa: N802 - stands for aiosmtpd's class
    from aiosmtpd.smtp import AuthResult

    return AuthResult(success=success, handled=success)


def test_a_webhook_is_signed_as_the_standard_says(
    db: Database, clock: Clock, hook: HookReceiver
) -> None:
    channel = f"webhook:{hook.url}/in?key=${{HOOK_KEY}}"
    os.environ["HOOK_KEY"] = "k1"
    try:
        put(db, channel)
        assert deliver(db, configured(channel), clock).messages == 1
    finally:
        del os.environ["HOOK_KEY"]
    [posted] = hook.posted
    name, moment = posted.headers["webhook-id"], posted.headers["webhook-timestamp"]
    signed = f"{name}.{moment}.".encode() + posted.body
    digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
    assert posted.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    documented: dict[str, Any] = {}
    exec(DOCUMENTATION.partition("```python\n")[2].partition("```")[0], documented)  # noqa: S102 - our own page
    assert documented["verified"](SECRET, posted.headers, posted.body)
    assert not documented["verified"](SECRET, posted.headers, posted.body + b" ")
    assert posted.headers["idempotency-key"] == name == posted.document["id"]
    assert posted.path == "/in?key=k1"
    assert posted.document["notices"] == [payload(0)]
    assert abs(int(moment) - time.time()) < 60


@apprise_warns
def test_every_key_of_a_rule_is_documented() -> None:
    for section in (NotifyRule, SmtpConfig, NotificationsConfig):
        for item in fields(section):
            if item.name not in {"timeout_seconds", "base_url"}:
                assert f"`{item.name}`" in DOCUMENTATION or f"] {item.name}`" in DOCUMENTATION


@apprise_warns
def test_apprise_takes_its_urls(db: Database, clock: Clock, hook: HookReceiver) -> None:
    pytest.importorskip("apprise")
    channel = f"{hook.url.replace('http', 'json')}/chat"
    put(db, channel)
    assert deliver(db, configured(channel), clock).messages == 1
    [posted] = hook.posted
    assert posted.document["title"].startswith("example.com: privacy policy changed")
    hook.status = 500
    put(db, channel, start=7)
    assert "did not take it" in deliver(db, configured(channel), clock).failures[channel]
    broken = "nonsense://x"
    put(db, broken)
    failed = deliver(db, configured(broken), clock).failures[broken]
    assert failed == "apprise knows no address of the form nonsense://"


def test_without_apprise_its_addresses_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ChannelError, match="pip install apprise"):
        send("slack://${TOKEN}", trial(NOW), Config(), {"TOKEN": "x"})


@apprise_warns
def test_no_secret_is_ever_shown(hook: HookReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    hook.status = 500
    monkeypatch.setenv("TOKEN", "open-sesame")
    monkeypatch.setenv("HOOK_URL", "webhook:http://open-sesame.invalid/x")
    for address in (
        "webhook:http://${TOKEN}.invalid/",
        "HOOK_URL",
        "json://user:${TOKEN}@127.0.0.1:9/${TOKEN}",
        "${TOKEN}://x",
    ):
        with pytest.raises(ChannelError) as caught:
            send(address, trial(NOW), Config())
        assert "sesame" not in str(caught.value)
        assert caught.value.__suppress_context__


@apprise_warns
def test_templates_of_ones_own_take_their_place(
    db: Database, clock: Clock, hook: HookReceiver, tmp_path: Path
) -> None:
    (tmp_path / "subject.txt.j2").write_text("{{ sites[0] }} hat\n etwas geändert")
    channel = f"{hook.url.replace('http', 'json')}/chat"
    settings = NotificationsConfig(templates=str(tmp_path))
    config = Config(notify=configured(channel).notify, notifications=settings)
    put(db, channel)
    assert deliver(db, config, clock).messages == 1
    assert hook.posted[0].document["title"] == "example.com hat etwas geändert"


@pytest.mark.parametrize(
    "template", ["{{ nothing }}", "{{ 1 / 0 }}", "{% if %}", "{{ ''.__class__.__mro__ }}"]
)
def test_a_template_that_is_wrong_loses_nothing(
    db: Database, clock: Clock, hook: HookReceiver, tmp_path: Path, template: str
) -> None:
    (tmp_path / "message.txt.j2").write_text(template)
    channel = f"webhook:{hook.url}"
    settings = NotificationsConfig(templates=str(tmp_path))
    config = Config(notify=configured(channel).notify, notifications=settings)
    put(db, channel)
    failed = deliver(db, config, clock).failures[channel]
    assert failed.startswith("the template message.txt.j2 is wrong: ")
    assert states(db) == [NoticeState.WAITING]


def test_doctor_says_whether_telling_is_well(db: Database, clock: Clock) -> None:
    config = configured("webhook:${HOOK_URL}", "CHAT_URL")
    put(db, "CHAT_URL", 2)
    with pytest.raises(TrackerError, match=r"needs: \['CHAT_URL', 'HOOK_URL'\]"):
        notices_line(db, config, {})
    known = {"CHAT_URL": "json://x", "HOOK_URL": "https://x"}
    assert notices_line(db, config, known) == "1 rules, 2 notices wait"
    deliver(db, configured("mailto:a@example.org"), clock)
    with pytest.raises(TrackerError, match="2 notices were given up"):
        notices_line(db, config, known)
