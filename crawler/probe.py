"""A look at an archive that costs it nothing: is it there, does it answer?"""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from crawler.archives.registry import open_archive
from crawler.errors import ArchiveError

if TYPE_CHECKING:
    from crawler.config import ArchiveConfig

TIMEOUT_SECONDS = 10.0


def probe(config: ArchiveConfig) -> str:
    """Say in a line that the archive can be reached.

    A server's root is asked for, which is neither index nor replay and so charged to no budget.

    Raises:
        CrawlError: there is no such archive.
        ArchiveError: it does not answer.
    """
    archive = open_archive(config.where)
    if archive.local:
        return f"{archive.name}, read in place"
    address = archive.name if "://" in archive.name else f"https://{archive.name}"
    try:
        request = urllib.request.Request(address, method="HEAD")  # noqa: S310 - the registry lets only http(s) pass
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - likewise
            status = answer.status
    except urllib.error.HTTPError as error:
        # Any answer is one: a stand-in may have nothing at its root.
        status = error.code
    except OSError as error:
        raise ArchiveError(
            f"{address} does not answer ({_words(error)}): check the address and the network, or "
            "work without one: --archive warc:PATH",
            transient=True,
        ) from error
    return f"{archive.name} answers (HTTP {status})"


def _words(error: OSError) -> str:
    reason = getattr(error, "reason", error)
    return getattr(reason, "strerror", None) or str(reason)
