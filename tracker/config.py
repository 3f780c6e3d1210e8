"""Configuration: read once, at the edge, into the dataclasses that each package declares.

Option over environment over file over default. Secrets come from the environment alone.
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from crawler.config import ArchiveConfig
from crawler.errors import SelectorError
from tracker.errors import TrackerError
from tracker.notification_config import NotificationsConfig, NotifyRule, SmtpConfig, rule_of
from tracker.schedule_rules import PaceConfig, ScheduleRule, shown_target
from tracker.schedule_rules import rule_of as schedule_rule_of
from tracker.web_config import WebConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.overrides import Override

NAMES = {str: "a text in quotes", float: "a number", int: "a whole number", bool: "true or false"}

HIGHEST_PORT = 65535

DEFAULT_FILE = Path("config.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseConfig:
    """``url``: where everything is kept, a SQLAlchemy URL or a path to a SQLite file."""

    url: str = "sqlite:///tracker.db"

    @property
    def is_default(self) -> bool:
        """Whether nobody has named another place."""
        return self.url == DatabaseConfig().url


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierConfig:
    """``model``: the folder of one's own model (``tracker train``), "" for the one that ships."""

    model: str = ""

    @property
    def path(self) -> Path | None:
        """The folder, None for the model that ships."""
        return Path(self.model).expanduser() if self.model else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveConfig:
    """Asking the archive to capture a policy (``[save]``).

    Attributes:
        when: ``never`` or ``stale``: where updates find no capture of the last ``days``.
        days: how old the newest capture may be.
        per_minute: captures asked for a minute.
        wait_seconds: how long `tracker save` waits for the capture to be made.
    """

    when: str = "never"
    days: int = 30
    per_minute: float = 3.0
    wait_seconds: float = 60.0

    def __post_init__(self) -> None:
        if self.when not in {"never", "stale"}:
            raise TrackerError(f"when is 'never' or 'stale', not {self.when!r}")
        if self.days < 1 or self.per_minute <= 0:
            raise TrackerError("days and per_minute must be above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What ``config.toml`` may say: a section each, any number of those named in `LISTS`."""

    database: DatabaseConfig = field(default_factory=DatabaseConfig)
    archive: ArchiveConfig = field(default_factory=ArchiveConfig)
    classifier: ClassifierConfig = field(default_factory=ClassifierConfig)
    pace: PaceConfig = field(default_factory=PaceConfig)
    notifications: NotificationsConfig = field(default_factory=NotificationsConfig)
    smtp: SmtpConfig = field(default_factory=SmtpConfig)
    save: SaveConfig = field(default_factory=SaveConfig)
    web: WebConfig = field(default_factory=WebConfig)
    overrides: tuple[Override, ...] = ()
    notify: tuple[NotifyRule, ...] = ()
    schedules: tuple[ScheduleRule, ...] = ()


def read(path: Path | None) -> Config:
    """Read a configuration file; without one named, ``config.toml`` here if there is one.

    Raises:
        TrackerError: the file is missing, no TOML, or has a section, key, value or selector that
            is none.
    """
    if path is None:
        if not DEFAULT_FILE.exists():
            return Config()
        path = DEFAULT_FILE
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TrackerError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TrackerError(f"{path} is not valid TOML: {error}") from error
    config = Config()
    lists = {name: into for name, (into, _) in LISTS.items()}
    sections = {
        item.name: getattr(config, item.name)
        for item in fields(Config)
        if item.name not in lists.values()
    }
    changed: dict[str, Any] = {
        into: read_list(_tables(name, document.pop(name, []), path), f"{path}: [[{name}]]")
        for name, (into, read_list) in LISTS.items()
    }
    for name, table in document.items():
        section = sections.get(name)
        if section is None:
            nearest = _nearest(name, [*sections, *lists])
            raise TrackerError(f"{path}: unknown section [{name}]{nearest}")
        if not isinstance(table, dict):
            raise TrackerError(f"{path}: {name} must be a section, written [{name}]")
        changed[name] = _with_values(section, table, f"{path}: [{name}]")
    return replace(config, **changed)


def _tables(name: str, tables: Any, path: Path) -> list[dict[str, Any]]:
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise TrackerError(f"{path}: {name} must be a list of sections, written [[{name}]]")
    return tables


def _overrides(tables: list[dict[str, Any]], where: str) -> tuple[Override, ...]:
    if not tables:
        return ()
    from crawler.overrides import override_of  # brings the normalizer along

    rules = []
    for number, table in enumerate(tables, start=1):
        try:
            rule = override_of(table)
        except SelectorError as error:
            raise TrackerError(f"{where} {number}: {error}") from error
        if rule.site is None and rule.url is None:
            raise TrackerError(f"{where} {number}: needs a 'site' or a 'url'")
        rules.append(rule)
    return tuple(rules)


def _notify(tables: list[dict[str, Any]], where: str) -> tuple[NotifyRule, ...]:
    rules = []
    for number, table in enumerate(tables, start=1):
        try:
            rules.append(rule_of(table))
        except TrackerError as error:
            raise TrackerError(f"{where} {number}: {error}") from error
    return tuple(rules)


def _schedules(tables: list[dict[str, Any]], where: str) -> tuple[ScheduleRule, ...]:
    rules: dict[str, ScheduleRule] = {}
    for number, table in enumerate(tables, start=1):
        try:
            rule = schedule_rule_of(table)
        except TrackerError as error:
            raise TrackerError(f"{where} {number}: {error}") from error
        if rules.setdefault(rule.target, rule) is not rule:
            raise TrackerError(f"{where} {number}: {shown_target(rule.target)} has one already")
    return tuple(rules.values())


LISTS: dict[str, tuple[str, Callable[[list[dict[str, Any]], str], tuple[Any, ...]]]] = {
    "override": ("overrides", _overrides),
    "notify": ("notify", _notify),
    "schedule": ("schedules", _schedules),
}
"""Sections of which there may be many, ``[[name]]``: the field they go into, and who reads them."""


def _with_values(section: Any, table: dict[str, Any], where: str) -> Any:
    kinds = get_type_hints(type(section))
    for key, value in table.items():
        if key not in kinds:
            raise TrackerError(f"{where} unknown key {key!r}{_nearest(key, kinds)}")
        wanted = kinds[key]
        if wanted is float and type(value) is int:
            table[key] = float(value)
        elif type(value) is not wanted:
            raise TrackerError(f"{where} {key} must be {NAMES[wanted]}, not {value!r}")
        elif key == "port" and not 0 <= value <= HIGHEST_PORT:
            raise TrackerError(f"{where} port must lie between 0 and {HIGHEST_PORT}, not {value}")
    try:
        return replace(section, **table)
    except TrackerError as error:
        raise TrackerError(f"{where} {error}") from error


def _nearest(word: str, known: Any) -> str:
    matches = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; did you mean {matches[0]!r}?" if matches else f"; known: {', '.join(known)}"
