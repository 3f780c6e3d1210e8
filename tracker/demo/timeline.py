"""The invented companies of the sample archive: what each site showed, and when.

A site is a folder of ``pages/`` with its texts and a ``timeline.toml``. The timeline is also the
truth that tests compare a crawl with: its versions are known because we wrote them.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from storage.records import parse_timestamp
from tracker.errors import TrackerError

PAGES = Path(__file__).resolve().parent / "pages"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoVersion:
    """A text of the policy, in force from ``since`` on; ``stated`` is its own date."""

    number: int
    since: datetime
    text: Path
    stated: date
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the site and its policy stood from ``since`` on."""

    since: datetime
    root: str
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Skin:
    """The page template of the site from ``since`` on."""

    since: datetime
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCapture:
    """One record of the archive: ``page`` as it stood at ``timestamp`` under ``url``.

    ``repeat``: the payload is that of the URL's capture before, to the byte (a revisit record).
    ``skin`` overrides the site's skin of the time (error pages), ``to`` is a redirect's target.
    """

    timestamp: str
    page: str
    url: str
    status: int
    skin: str | None
    to: str | None
    noise: frozenset[str]
    repeat: bool

    @property
    def moment(self) -> datetime:
        return parse_timestamp(self.timestamp)

    @property
    def shows_policy(self) -> bool:
        return self.page == "policy" and self.skin is None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSite:
    """One invented company with everything the archive holds of it, oldest capture first."""

    folder: Path
    name: str
    domain: str
    company: str
    language: str
    policy_label: str
    menu: tuple[tuple[str, str], ...]
    footer: tuple[tuple[str, str], ...]
    addresses: tuple[Address, ...]
    skins: tuple[Skin, ...]
    versions: tuple[DemoVersion, ...]
    captures: tuple[DemoCapture, ...]

    def address_at(self, moment: datetime) -> Address:
        return [each for each in self.addresses if each.since <= moment][-1]

    def skin_at(self, moment: datetime) -> str:
        return [each for each in self.skins if each.since <= moment][-1].name

    def version_at(self, moment: datetime) -> DemoVersion:
        return [each for each in self.versions if each.since <= moment][-1]

    def observed(self) -> tuple[tuple[DemoVersion, tuple[DemoCapture, ...]], ...]:
        """The true versions, each with the captures that show it: what a history should say."""
        return tuple(
            (
                version,
                tuple(
                    capture
                    for capture in self.captures
                    if capture.shows_policy and self.version_at(capture.moment) is version
                ),
            )
            for version in self.versions
        )


def load_sites(pages: Path = PAGES) -> tuple[DemoSite, ...]:
    """Read all sites of ``pages``, by domain.

    Raises:
        TrackerError: the folder holds no timelines (an installed package ships only the
            archive), or one of them lacks what every timeline needs.
    """
    timelines = sorted(pages.glob("*/timeline.toml"))
    if not timelines:
        raise TrackerError(f"no timelines in {pages}: build the sample archive from a checkout")
    return tuple(sorted((_load_site(path) for path in timelines), key=lambda site: site.domain))


def _load_site(path: Path) -> DemoSite:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        addresses = tuple(
            Address(since=_midnight(each["from"]), root=each["root"], policy=each["policy"])
            for each in data["addresses"]
        )
        return DemoSite(
            folder=path.parent,
            name=data["name"],
            domain=data["domain"],
            company=data["company"],
            language=data["language"],
            policy_label=data["policy_label"],
            menu=_links(data["menu"]),
            footer=_links(data["footer"]),
            addresses=addresses,
            skins=tuple(
                Skin(since=_midnight(each["from"]), name=each["skin"]) for each in data["skins"]
            ),
            versions=tuple(
                DemoVersion(
                    number=number,
                    since=_midnight(each["from"]),
                    text=path.parent / each["text"],
                    stated=each["stated"],
                    what=each["what"],
                )
                for number, each in enumerate(data["versions"], start=1)
            ),
            captures=tuple(
                _capture(each, addresses, data["paths"])
                for each in sorted(data["captures"], key=lambda each: str(each["at"]))
            ),
        )
    except KeyError as error:
        raise TrackerError(f"{path}: {error} is missing") from error


def _capture(
    data: dict[str, Any], addresses: tuple[Address, ...], paths: dict[str, str]
) -> DemoCapture:
    moment = parse_timestamp(data["at"])
    address = [each for each in addresses if each.since <= moment][-1]
    url = data.get("url")
    if url is None:
        path = address.policy if data["page"] == "policy" else paths[data["page"]]
        url = address.root + path
    return DemoCapture(
        timestamp=data["at"],
        page=data["page"],
        url=url,
        status=data.get("status", 301 if "to" in data else 200),
        skin=data.get("skin"),
        to=data.get("to"),
        noise=frozenset(data.get("noise", ())),
        repeat=data.get("repeat", False),
    )


def _links(pairs: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((label, href) for label, href in pairs)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
