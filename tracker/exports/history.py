"""An export as a Git repository: a commit a version, dated by its first capture.

This is how Open Terms Archive and the Princeton-Leuven corpus publish; ``git log -p`` reads it.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from storage import changes, review_queue, versions
from storage.records import format_time
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import IO

    from storage.database import Connection
    from storage.records import Change, Site, Version
    from storage.review_records import Review

AUTHOR = "policy-tracker <policy-tracker@localhost>"
BRANCH = "refs/heads/main"


def write_git(folder: Path, conn: Connection, chosen: Iterable[Site]) -> None:
    """``SITE/policy.md``, with where every version comes from in its commit's message.

    Raises:
        TrackerError: Git is not installed, or refuses.
    """
    folder.mkdir()
    _run(folder, "init", "--quiet", "--initial-branch=main")
    domains = {site.id: site.domain for site in chosen}
    said = {site_id: review_queue.of_site(conn, site_id) for site_id in domains}
    importing = _started(folder, "fast-import", "--quiet", "--date-format=raw")
    commits = 0
    assert importing.stdin is not None  # noqa: S101 - narrows for the type checker
    try:
        for site_id, version in versions.by_first_seen(conn):
            if site_id in domains:
                text = versions.document(conn, version.id).markdown
                change = changes.to_version(conn, site_id, version.number)
                review = said[site_id].get(version.number)
                message = _message(domains[site_id], version, change, review)
                _commit(importing.stdin, domains[site_id], version, text, message)
                commits += 1
    except BrokenPipeError:
        # Git ended early; what it says is told below.
        pass
    finally:
        _ended(importing, "fast-import")
    # Without a version there is no commit to check out, and the repository is rightly empty.
    if commits:
        _run(folder, "reset", "--quiet", "--hard")


def _message(domain: str, version: Version, change: Change | None, review: Review | None) -> str:
    """What happened, in a line, then its provenance as trailers that ``git log`` can select."""
    if change is None:
        title = f"{domain}: first version"
    else:
        title = f"{domain}: version {version.number}, +{change.words_added} "
        title += f"-{change.words_removed} words{', silent' if change.silent else ''}"
    trailers = {
        "Version": version.id,
        "Policy-URL": version.url,
        "Archived-Capture": version.archive_url,
        "First-Seen": format_time(version.first_seen),
        "Last-Seen": format_time(version.last_seen),
        "Captures": str(version.captures),
        "Text-SHA256": version.text_sha256,
    }
    if change is not None:
        trailers["Changed-After"] = format_time(change.after)
        trailers["Changed-Before"] = format_time(change.before)
    if version.stated_date is not None:
        trailers["Stated-Date"] = version.stated_date.isoformat()
    if change is not None and change.practices:
        trailers["Practices"] = ", ".join(one.category for one in change.practices)
    if review is not None and review.verdict is not None:
        trailers["Review"] = f"{review.verdict} ({review.reviewer})"
    return "\n".join([title, "", *(f"{name}: {value}" for name, value in trailers.items())]) + "\n"


def _commit(stream: IO[bytes], domain: str, version: Version, text: str, message: str) -> None:
    # A capture from before 1970 exists in no archive; Git could not date it.
    when = max(0, int(version.first_seen.timestamp()))
    said, body = message.encode(), text.encode()
    head = f"commit {BRANCH}\ncommitter {AUTHOR} {when} +0000\n"
    stream.write(head.encode())
    stream.write(b"data %d\n%b\n" % (len(said), said))
    stream.write(f"M 100644 inline {domain}/policy.md\n".encode())
    stream.write(b"data %d\n%b\n" % (len(body), body))


def _started(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            ["git", "-C", str(folder), *arguments], stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except FileNotFoundError as error:
        raise TrackerError("this export needs Git: install it, and try again") from error


def _run(folder: Path, *arguments: str) -> None:
    _ended(_started(folder, *arguments), arguments[0])


def _ended(process: subprocess.Popen[bytes], what: str) -> None:
    _, said = process.communicate()
    if process.returncode:
        lines = said.decode(errors="replace").strip().splitlines()
        why = lines[-1] if lines else f"status {process.returncode}"
        raise TrackerError(f"git {what} failed: {why}")
