"""Save Page Now as the Wayback Machine has it: ``/save/URL``, and SPN2's jobs for accounts.

A captured page is listed in the index at once, with the body of the last capture before it.
"""

from __future__ import annotations

import json
import re
import time
import urllib.parse
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tests.standins import cdx_index
from tests.standins.replay import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.standins.cdx_index import Row
    from tests.standins.faults import Faults

A_DAY = 10
KEYS = "LOW access:secret"


@dataclass(slots=True)
class SavePage:
    """``rows`` is the index, to which captures are added; ``jobs`` those made, with their polls."""

    rows: list[Row]
    jobs: dict[str, tuple[str, int]] = field(default_factory=dict)
    captured: dict[str, int] = field(default_factory=dict)

    def answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, faults: Faults
    ) -> Reply:
        time.sleep(faults.save_seconds)
        if method == "GET" and path.startswith("/save/status/"):
            return self._status(path.removeprefix("/save/status/"), faults)
        if method == "GET" and path.startswith("/save/"):
            return self._anonymous(path.removeprefix("/save/"), faults)
        if method == "POST" and path == "/save":
            if headers.get("authorization") != KEYS:
                return _json(401, {"message": "You need to be logged in to use Save Page Now."})
            return self._job(urllib.parse.parse_qs(body.decode())["url"][0])
        return _json(404, {"message": "Not here."})

    def _anonymous(self, url: str, faults: Faults) -> Reply:
        if faults.unsavable and re.search(faults.unsavable, url):
            return Reply(status=520, body=b"<html>Job failed</html>")
        if self.captured.get(url, 0) >= A_DAY:
            return Reply(status=429, body=b"<html>Too Many Requests</html>")
        if faults.save_polls:
            return Reply(status=200, body=b"<html>Saving page now</html>")
        timestamp = self._capture(url)
        return Reply(status=302, headers=[("Location", f"/web/{timestamp}/{url}")])

    def _job(self, url: str) -> Reply:
        if self.captured.get(url, 0) >= A_DAY:
            document = {
                "status": "error",
                "status_ext": "error:too-many-daily-captures",
                "message": "This URL has been already captured 10 times today.",
            }
            return _json(200, document)
        job = f"spn2-{len(self.jobs):040x}"
        self.jobs[job] = (url, 0)
        return _json(200, {"url": url, "job_id": job})

    def _status(self, job: str, faults: Faults) -> Reply:
        if job not in self.jobs:
            return _json(200, {"status": "error", "message": "No such job."})
        url, polls = self.jobs[job]
        self.jobs[job] = (url, polls + 1)
        if faults.unsavable and re.search(faults.unsavable, url):
            document = {
                "status": "error",
                "job_id": job,
                "status_ext": "error:not-found",
                "message": "The server cannot find the requested resource (HTTP status=404).",
            }
            return _json(200, document)
        if polls < faults.save_polls:
            return _json(200, {"status": "pending", "job_id": job, "resources": []})
        success = {"status": "success", "job_id": job, "original_url": url}
        return _json(200, success | {"timestamp": self._capture(url)})

    def _capture(self, url: str) -> str:
        timestamp = time.strftime("%Y%m%d%H%M%S", time.gmtime())
        self.captured[url] = self.captured.get(url, 0) + 1
        last = cdx_index.nearest(self.rows, url, timestamp)
        if last is not None:
            self.rows.append(replace(last, timestamp=timestamp))
            self.rows.sort(key=lambda row: (row.urlkey, row.timestamp))
        return timestamp


def _json(status: int, document: Mapping[str, object]) -> Reply:
    body = json.dumps(document).encode()
    return Reply(status=status, body=body, headers=[("Content-Type", "application/json")])
