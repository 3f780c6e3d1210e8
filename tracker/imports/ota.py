"""A versions (or snapshots) repository of Open Terms Archive.

``Service/Privacy Policy.md``: the text that the service's declaration took from its page, a commit
a version, dated by the fetch (https://docs.opentermsarchive.org). A commit that records a technical
upgrade changes how the text was taken, and not the policy. Snapshots are the same with the page.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from crawler.urls import registrable, site_of
from storage.records import How
from storage.sites import NO_DOMAIN
from tracker.declarations import TERMS, read_declaration
from tracker.errors import TrackerError
from tracker.imports.intake import Collected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tracker.imports.git_history import Bodies, FileState, GitHistory

NAME = "Open Terms Archive"
KINDS = {
    "md": ("text/markdown; charset=utf-8", How.TEXT),
    "html": ("text/html; charset=utf-8", How.IMPORT),
    "pdf": ("application/pdf", How.IMPORT),
}
TECHNICAL = re.compile(r"(?:Apply technical or declaration upgrade|Refilter)\b", re.IGNORECASE)

BY_TEXT = "the address that its text gives most often"

_HOST = re.compile(r"(?:https?://|@)((?:[a-z0-9-]+\.)+[a-z]{2,})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a service's policy stands: its site and URL, and how that is known."""

    domain: str
    url: str
    how: str


@dataclass(slots=True)
class Places:
    """Finds the site of a service: declared, tracked under its name, or named by its own text."""

    declared: dict[str, Place] = field(default_factory=dict)
    tracked: Callable[[str], Place | None] = lambda _service: None
    found: dict[str, Place] = field(default_factory=dict)

    def of(self, service: str, text: str) -> Place:
        """The place of a service; its first text may name it."""
        if service not in self.found:
            self.found[service] = (
                self.declared.get(service) or self.tracked(service) or _named(service, text)
            )
        return self.found[service]


def collected(
    history: GitHistory, bodies: Bodies, places: Places, terms: str = TERMS
) -> Iterator[tuple[int, Collected]]:
    """What the repository holds of one type of terms, with the number of its commit.

    Raises:
        TrackerError: Git fails.
    """
    patterns = [f":(glob)**/{terms}.{kind}" for kind in KINDS]
    for number, state in history.states(*patterns):
        service = state.path.rpartition("/")[0].rpartition("/")[2]
        if service:
            yield number, _collected(state, service, bodies.read(state.blob), history, places)


def _collected(
    state: FileState, service: str, body: bytes, history: GitHistory, places: Places
) -> Collected:
    content_type, how = KINDS[state.path.rpartition(".")[2]]
    place = places.of(service, body.decode("utf-8", "replace"))
    if how is How.TEXT and TECHNICAL.match(state.subject):
        how = How.UPGRADE
    return Collected(
        domain=place.domain,
        name=service,
        url=place.url,
        when=state.when,
        body=body,
        content_type=content_type,
        how=how,
        address=history.address(state),
        notes=(
            ("Git-Commit", state.commit),
            ("Git-Path", state.path),
            ("Git-Subject", state.subject),
        ),
    )


def declared_in(folder: Path, remark: Callable[[str], None]) -> dict[str, Place]:
    """The places that a folder of declarations names (``declarations/GitHub.json``), by service.

    Raises:
        TrackerError: there is no declaration.
    """
    files = sorted((folder / "declarations").glob("*.json")) or sorted(folder.glob("*.json"))
    found = {}
    for file in files:
        if file.name.endswith((".history.json", ".filters.json")):
            continue
        try:
            declaration = read_declaration(file)
        except TrackerError as error:
            remark(str(error))
            continue
        place = Place(domain=declaration.domain, url=declaration.urls[0], how="declared")
        found[file.stem] = found[declaration.name] = place
    if not found:
        raise TrackerError(f"{folder} holds no declaration of a privacy policy")
    return found


def _named(service: str, text: str) -> Place:
    """The domain that the text gives most often, if the service is called so; else no real one."""
    try:
        domain = site_of(service)
    except ValueError:
        domain = ""
    if "." in domain:
        return Place(domain=domain, url=f"https://{domain}/", how="its name is a domain")
    called = re.sub(r"\W|_", "", service.casefold())
    hosts = Counter(registrable(host.lower()) for host in _HOST.findall(text))
    for host, _ in hosts.most_common(1):
        label = host.partition(".")[0].replace("-", "")
        if called and (label.startswith(called) or called.startswith(label)):
            return Place(domain=host, url=f"https://{host}/", how=BY_TEXT)
    slug = re.sub(r"[^a-z0-9]+", "-", service.casefold()).strip("-")
    if not service.isascii() or not slug:
        slug = f"{slug}-{sha256(service.encode()).hexdigest()[:8]}".strip("-")
    domain = f"{slug}.{NO_DOMAIN}"
    return Place(domain=domain, url=f"https://{domain}/", how="unknown")
