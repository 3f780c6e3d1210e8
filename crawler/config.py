"""What the crawler can be told: the ``[archive]`` section of the configuration."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveConfig:
    """Where the captures are, and how hard we may knock.

    Attributes:
        where: ``wayback``, ``wayback:URL``, ``pywb:URL`` or ``warc:PATH``.
        cdx_per_minute: index requests a minute, shared by all processes on one database; 0 for no
            limit, which the Internet Archive is never asked with.
        replay_per_minute: the same for captures' bodies.
        contact: an address or URL for the archive's operators, sent in the user agent.
        pause_seconds: the first wait after a refusal that names no time; each further one doubles
            it. 0 chooses: 60 s, or 1 s on loopback.
        timeout_seconds: how long one answer may take.
        concurrency: requests that may be under way at once.
        live: whether a crawl looks at the site's own page, too, once.
        live_private: whether that page may be in one's own network.
    """

    where: str = "wayback"
    cdx_per_minute: float = 24.0
    replay_per_minute: float = 480.0
    contact: str = ""
    pause_seconds: float = 0.0
    timeout_seconds: float = 60.0
    concurrency: int = 8
    live: bool = False
    live_private: bool = False
