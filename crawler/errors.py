"""What can go wrong between an archive and a document."""


class CrawlError(Exception):
    """Anything that keeps a crawl from its captures; the message says what to do next."""


class JobError(CrawlError):
    """A crawl that makes no sense as it was asked for: a matter of usage."""


class ArchiveError(CrawlError):
    """The archive itself failed or refused; ``transient`` ones are worth another try.

    ``retry_after`` is in seconds, None where the archive named no time.
    """

    def __init__(
        self, message: str, *, transient: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.transient = transient
        self.retry_after = retry_after


class ExcludedError(ArchiveError):
    """The archive keeps a site or a capture from everyone, for good."""


class IndexRefusedError(ArchiveError):
    """The index is closed for now; what it lists may still be had."""


class UnsupportedError(ArchiveError):
    """A question of a kind that this archive does not answer."""


class MementoError(CrawlError):
    """An answer that is no memento of the capture that was asked for."""


class OtherCaptureError(MementoError):
    """The archive sends us to another capture: it has not this one, or cannot reach it just now."""


class NormalizeError(CrawlError):
    """A body that no normalizer can read; becomes the verdict ``unsupported``."""


class SelectorError(CrawlError):
    """A CSS selector that is none, or a rule of selectors that says nothing."""
