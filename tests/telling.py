"""Notices to be sent, and a clock to send them by."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from storage import outbox, sites
from storage.notices import NewNotice, NoticeKind, NoticeState
from tracker.config import Config
from tracker.notification_config import SmtpConfig, rule_of

if TYPE_CHECKING:
    from storage.database import Database

NOW = datetime(2025, 6, 2, 12, 0, tzinfo=UTC)
SECRET = "a key that nobody guesses"  # noqa: S105 - of this test


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


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
