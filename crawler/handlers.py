"""``warc://`` for Scrapy: WARC files answer like a web archive's server, without one."""

from __future__ import annotations

import json
import logging
from email.utils import format_datetime
from threading import Lock
from typing import TYPE_CHECKING

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import DownloadCancelledError
from scrapy.http import Response
from scrapy.utils.asyncio import run_in_thread

from crawler.archives.base import Question
from crawler.archives.cdx import FIELDS
from crawler.archives.decoding import TooLargeError
from crawler.archives.warc import asked_of, files_of
from crawler.archives.warc_index import WarcIndex
from crawler.errors import ArchiveError
from storage.records import parse_timestamp

if TYPE_CHECKING:
    from pathlib import Path

    from scrapy import Request
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class WarcDownloadHandler(BaseDownloadHandler):
    """Answers from WARC files; each path is indexed once, at its first request."""

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._lock = Lock()
        self._indexes: dict[Path, WarcIndex | ArchiveError] = {}

    async def download_request(self, request: Request) -> Response:
        """Answer one request in a thread: the files may be large."""
        return await run_in_thread(self._answer, request.url)

    def _answer(self, address: str) -> Response:
        try:
            index, asked = self._index(files_of(address)), asked_of(address)
            if isinstance(asked, Question):
                return _index_response(address, index, asked)
            return _replay_response(address, index, *asked)
        except KeyError:
            return Response(address, status=404, body=b"no such capture in these files")
        except TooLargeError as error:
            raise DownloadCancelledError(str(error)) from error
        except (ArchiveError, ValueError) as error:
            return Response(address, status=400, body=str(error).encode())

    def _index(self, path: Path) -> WarcIndex:
        with self._lock:
            if path not in self._indexes:
                try:
                    self._indexes[path] = index = WarcIndex(path)
                    for damage in index.damaged:
                        logger.warning("not read to its end: %s", damage)
                except ArchiveError as error:
                    self._indexes[path] = error
            found = self._indexes[path]
        if isinstance(found, ArchiveError):
            raise found
        return found


def _index_response(address: str, index: WarcIndex, question: Question) -> Response:
    names = (*FIELDS, "memento_url")
    rows = [
        ["-" if (value := getattr(capture, name)) is None else str(value) for name in names]
        for capture in index.find(question)
    ]
    body = json.dumps([list(names), *rows] if rows else []).encode()
    return Response(address, headers={"Content-Type": "application/json"}, body=body)


def _replay_response(address: str, index: WarcIndex, timestamp: str, original: str) -> Response:
    status, headers, body = index.read(timestamp, original)
    response = Response(address, status=status, body=body)
    for name, value in headers:
        response.headers.appendlist(name, value)
    said = format_datetime(parse_timestamp(timestamp), usegmt=True)
    response.headers["Memento-Datetime"] = said
    return response
