"""Scrapy's settings for crawling archives."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from crawler.archives.base import Budget
from crawler.archives.decoding import MAX_BODY

if TYPE_CHECKING:
    from crawler.config import ArchiveConfig

BOT_NAME = "policy-tracker"
SPIDER_MODULES = ["crawler.spiders"]

TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
DOWNLOAD_HANDLERS = {"warc": "crawler.handlers.WarcDownloadHandler"}

# Only what keeps an archive's bytes as they are: redirects, refusals and encodings are read by
# crawler.archives; the budget and pauses are one middleware's. The robots.txt of an archive's host
# speaks of its web pages to search engines, and those of the archived sites to live crawlers; the
# archive's own exclusions reach us as answers.
DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.PolitenessMiddleware": 900,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
}
ROBOTSTXT_OBEY = False
REDIRECT_ENABLED = False
RETRY_ENABLED = False
COOKIES_ENABLED = False
COMPRESSION_ENABLED = False
TELNETCONSOLE_ENABLED = False
# Opens a port that runs code for whoever reaches it.
REMOTE_CONTROL_ENABLED = False
REFERER_ENABLED = False
HTTPPROXY_ENABLED = True
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_MAXSIZE = MAX_BODY
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = True
DOWNLOAD_DELAY = 0
AUTOTHROTTLE_ENABLED = False
LOG_LEVEL = "WARNING"


def user_agent(contact: str) -> str:
    """How we introduce ourselves: with a way to reach whoever runs this, if one was given."""
    name = f"{BOT_NAME}/{version('policy-tracker')}"
    return f"{name} (+{contact})" if contact else name


USER_AGENT = user_agent("")


def settings_for(config: ArchiveConfig) -> dict[str, Any]:
    """The settings that depend on the job."""
    # The fetcher bounds what is under way of each budget. Scrapy must not make a request wait that
    # has had its turn.
    under_way = len(Budget) * config.concurrency
    return {
        "USER_AGENT": user_agent(config.contact),
        "CONCURRENT_REQUESTS": under_way,
        "CONCURRENT_REQUESTS_PER_DOMAIN": under_way,
        "DOWNLOAD_TIMEOUT": config.timeout_seconds,
    }
