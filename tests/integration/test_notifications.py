"""Notices on their whole way: to a real mail server, a webhook, apprise; when those fail, too."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import signal
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from storage import outbox, sites
from storage.notices import NewNotice, NoticeKind, NoticeState
from tests.integration.services import ROOT, free_port
from tests.standins.receivers import HookReceiver, Mailbox, mail_server
from tracker.config import Config
from tracker.errors import TrackerError
from tracker.notification_config import NotificationsConfig, NotifyRule, SmtpConfig, rule_of
from tracker.notify.channels import send
from tracker.notify.deliver import FLOOD, GIVE_UP_AFTER, LEASE, deliver
from tracker.notify.errors import ChannelError
from tracker.notify.health import notices_line
from tracker.notify.messages import trial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.database import Database

NOW = datetime(2025, 6, 2, 12, 0, tzinfo=UTC)
DOCUMENTATION = (ROOT / "docs" / "notifications.md").read_text(encoding="utf-8")
SECRET = "a key that nobody guesses"  # noqa: S105 - of this test


# apprise itself asks for a module that Python 3.13 has no more.
apprise_warns = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


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


def configured(*to: str, port: int = 0, **given: Any) -> Config:
    smtp = SmtpConfig(host="127.0.0.1", port=port, security="none", sender="us@example.org")
    rule = rule_of({"name": "desk", "to": list(to), **given})
    return Config(notify=(rule,), smtp=smtp)


def put(db: Database, channel: str, number: int = 1, *, start: int = 0, **given: Any) -> None:
    """So many notices of changes for a channel."""
    with db.write() as conn:
        site = sites.add(conn, "example.com")
        outbox.add(
            conn,
            [
                NewNotice(
                    key=f"{channel} {n}",
                    channel=channel,
                    rule="desk",
                    kind=NoticeKind.CHANGE,
                    site_id=site.id,
                    payload=payload(n),
                    created=NOW,
                    **({"due": NOW} | given),
                )
                for n in range(start, start + number)
            ],
        )


def payload(n: int) -> dict[str, Any]:
    return {
        "form": 1,
        "kind": "change",
        "site": "example.com",
        "name": None,
        "url": "https://example.com/privacy",
        "from": n,
        "to": n + 1,
        "after": "2025-05-01T00:00:00Z",
        "before": "2025-05-09T00:00:00Z",
        "silent": True,
        "late": False,
        "live": False,
        "command": "tracker diff 'example.com@2025-05-01' 'example.com@2025-05-09'",
        "score": 70,
        "words_added": 3,
        "words_removed": 1,
        "categories": ["Data Retention"],
        "stated": ["2020-01-01", "2020-01-01"],
        "after_url": "https://archive.example/1",
        "before_url": "javascript:alert(1)",
        "passages": [[[0, "We keep it for "], [-1, "two"], [1, "<b>ten</b>"], [0, " years."]]],
    }


def states(db: Database) -> list[NoticeState]:
    with db.read() as conn:
        return [notice.state for notice in outbox.listed(conn)]


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


def test_a_receiver_that_is_down_for_a_day_loses_nothing_and_gets_nothing_twice(
    db: Database, clock: Clock, hook: HookReceiver
) -> None:
    channel = f"webhook:{hook.url}"
    config = configured(channel)
    put(db, channel, 3)
    hook.status = 503
    tries = 0
    while clock.now < NOW + timedelta(days=1):
        done = deliver(db, config, clock)
        tries += bool(done.failures)
        assert done.dead == 0
        clock.now += timedelta(minutes=5)
    assert tries < 15
    hook.status = 204
    while clock.now < NOW + timedelta(days=2):
        deliver(db, config, clock)
        clock.now += timedelta(minutes=30)
    told = [one["from"] for posted in hook.posted for one in posted.document["notices"]]
    assert sorted(told) == [0, 1, 2]
    assert set(states(db)) == {NoticeState.SENT}


def test_what_fails_for_two_weeks_is_given_up_and_can_be_tried_again(
    db: Database, clock: Clock, hook: HookReceiver
) -> None:
    channel = f"webhook:{hook.url}"
    config = configured(channel)
    put(db, channel)
    hook.status = 404
    dead = 0
    while not dead:
        dead = deliver(db, config, clock).dead
        clock.now += timedelta(hours=2)
    assert GIVE_UP_AFTER < clock.now - NOW < GIVE_UP_AFTER + timedelta(days=1)
    tries = len(hook.requests())
    assert tries < 80
    hook.status = 204
    assert deliver(db, config, clock).messages == 0
    with db.write() as conn:
        [given_up] = outbox.listed(conn, state=NoticeState.DEAD)
        assert given_up.reason == f"given up after {tries} tries: 127.0.0.1 answers 404"
        assert outbox.revive(conn, clock.now, [given_up.id]) == 1
    assert deliver(db, config, clock).messages == 1


def test_a_receiver_may_say_when_and_is_not_followed_elsewhere(
    db: Database, clock: Clock, hook: HookReceiver
) -> None:
    channel = f"webhook:{hook.url}"
    put(db, channel)
    hook.status, hook.retry_after = 429, 7200
    deliver(db, configured(channel), clock)
    with db.read() as conn:
        assert outbox.listed(conn)[0].due == NOW + timedelta(hours=2, seconds=1)
    clock.now += timedelta(hours=3)
    hook.status, hook.location = 302, f"{hook.url}/elsewhere"
    assert deliver(db, configured(channel), clock).failures == {channel: "127.0.0.1 answers 302"}
    assert [one.path for one in hook.requests()] == ["/", "/"] or len(hook.requests()) == 2


def test_one_channel_that_fails_does_not_hold_up_another(
    db: Database, clock: Clock, hook: HookReceiver
) -> None:
    good, bad = f"webhook:{hook.url}", "webhook:http://127.0.0.1:9/"
    put(db, bad, 3)
    put(db, good, 2)
    done = deliver(db, configured(bad, good), clock)
    assert (done.notices, done.put_off, list(done.failures)) == (2, 1, [bad])


def test_one_message_that_is_not_taken_does_not_hold_up_the_others(
    db: Database, clock: Clock, hook: HookReceiver
) -> None:
    channel = f"webhook:{hook.url}"
    put(db, channel, 4)
    hook.refused = b'"from":0,'
    for _ in range(3):
        deliver(db, configured(channel), clock)
        clock.now += timedelta(minutes=10)
    told = [one["from"] for posted in hook.posted for one in posted.document["notices"]]
    assert told == [1, 2, 3]
    assert len(hook.requests()) == 6


def test_many_at_once_are_one_message_and_so_is_a_digest(
    db: Database, clock: Clock, hook: HookReceiver
) -> None:
    channel = f"webhook:{hook.url}"
    config = configured(channel)
    put(db, channel, FLOOD)
    put(db, channel, 2, start=50, due=NOW + timedelta(hours=1), digest=True)
    assert deliver(db, config, clock).messages == 1
    clock.now += timedelta(hours=2)
    put(db, channel, 1, start=90)
    assert deliver(db, config, clock).messages == 2
    assert [len(posted.document["notices"]) for posted in hook.posted] == [FLOOD, 1, 2]


def test_a_worker_that_dies_while_sending_leaves_the_same_message_to_the_next(
    db: Database, clock: Clock, hook: HookReceiver
) -> None:
    channel = f"webhook:{hook.url}"
    config = configured(channel)
    put(db, channel, 2, due=NOW, digest=True)

    def killed_after_sending(*args: Any) -> None:
        send(*args)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deliver(db, config, clock, send=killed_after_sending)
    put(db, channel, 1, start=9, digest=True)
    done = deliver(db, config, clock)
    assert done.messages == 1
    clock.now += LEASE
    assert deliver(db, config, clock).messages == 1
    first, other, again = hook.posted
    assert first.headers["idempotency-key"] == again.headers["idempotency-key"]
    assert first.body == again.body
    assert other.headers["idempotency-key"] != first.headers["idempotency-key"]


def test_a_channel_that_no_rule_names_any_more_gets_nothing(
    db: Database, clock: Clock, hook: HookReceiver
) -> None:
    put(db, f"webhook:{hook.url}")
    assert deliver(db, configured("mailto:a@example.org"), clock).dead == 1
    assert hook.posted == []


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


SENDER = """
import sys
from datetime import UTC, datetime
from storage.database import open_database
from tracker.config import read
from tracker.notify.deliver import deliver
from pathlib import Path
with open_database(sys.argv[1]) as db:
    deliver(db, read(Path(sys.argv[2])), lambda: datetime.now(UTC))
"""


def test_several_senders_and_a_kill_lose_nothing_and_double_nothing(
    db: Database, database_url: str, hook: HookReceiver, tmp_path: Path
) -> None:
    channel = f"webhook:{hook.url}"
    config = tmp_path / "config.toml"
    config.write_text(f'[[notify]]\nname = "desk"\nto = "{channel}"\n')
    for start in range(0, 40, 4):
        put(db, channel, 4, start=start, due=NOW + timedelta(minutes=start), digest=bool(start % 8))
    command = [sys.executable, "-c", SENDER, database_url, str(config)]
    senders = [subprocess.Popen(command) for _ in range(3)]
    deadline = time.monotonic() + 60
    while not hook.posted and time.monotonic() < deadline:
        time.sleep(0.005)
    senders[0].send_signal(signal.SIGKILL)
    for sender in senders:
        sender.wait(60)
    later = Clock()
    later.now = datetime.now(UTC) + LEASE
    deliver(db, configured(channel), later)
    messages = {posted.headers["idempotency-key"]: posted for posted in hook.posted}
    told = [one["from"] for posted in messages.values() for one in posted.document["notices"]]
    assert sorted(told) == list(range(40))
    assert set(states(db)) == {NoticeState.SENT}
