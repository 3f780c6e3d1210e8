"""Messages: what is said, in plain text and in HTML, from templates that can be replaced.

Archived words are hostile and so may be a template that somebody was sent: the sandbox lets
neither reach further than its text.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from storage.records import format_time
from tracker.notify.errors import ChannelError
from tracker.notify.payload import FORM

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tracker.notification_config import NotificationsConfig

WRONG_TEMPLATE = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, OSError)
"""What a template of somebody's own may end in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message, ready to be sent; the same notices give the same one, to the letter.

    ``id`` stays over every try, so that receivers can drop what they have. ``document`` is the
    JSON for programs.
    """

    id: str
    subject: str
    text: str
    html: str
    document: dict[str, Any]
    created: datetime


def message_id(keys: Sequence[str]) -> str:
    """The id of the message that tells these notices: 32 hex digits."""
    return sha256("\n".join(sorted(keys)).encode()).hexdigest()[:32]


def compose(
    name: str,
    payloads: Sequence[Mapping[str, Any]],
    created: datetime,
    config: NotificationsConfig,
) -> Message:
    """Write the message of this id, which tells what some notices carry.

    Raises:
        ChannelError: a template of the user's own is wrong.
    """
    notices = sorted((dict(one) for one in payloads), key=lambda one: str(one["site"]))
    said = {
        "notices": notices,
        "changes": [one for one in notices if one["kind"] == "change"],
        "health": [one for one in notices if one["kind"] != "change"],
        "sites": sorted({one["site"] for one in notices}),
        "base_url": config.base_url.rstrip("/"),
    }
    return Message(
        id=name,
        subject=" ".join(_written(config.templates, "subject.txt.j2", said).split()),
        text=_written(config.templates, "message.txt.j2", said).strip() + "\n",
        html=_written(config.templates, "message.html.j2", said),
        document={"form": FORM, "id": name, "created": format_time(created), "notices": notices},
        created=created,
    )


def trial(created: datetime) -> Message:
    """A message that tells nothing but that the channel works."""
    name = message_id(["test", format_time(created)])
    text = "This is a test of policy-tracker's notifications: they arrive here.\n"
    return Message(
        id=name,
        subject="policy-tracker: a test",
        text=text,
        html=f"<!DOCTYPE html><p>{text}</p>",
        document={
            "form": FORM,
            "id": name,
            "created": format_time(created),
            "notices": [{"form": FORM, "kind": "test"}],
        },
        created=created,
    )


def _written(folder: str, name: str, said: dict[str, Any]) -> str:
    try:
        return _environment(folder).get_template(name).render(said)
    except WRONG_TEMPLATE as error:
        raise ChannelError(f"the template {name} is wrong: {error}") from error


@cache
def _environment(folder: str) -> ImmutableSandboxedEnvironment:
    shipped = PackageLoader("tracker.notify")
    own = [FileSystemLoader(Path(folder).expanduser())] if folder else []
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([*own, shipped]),
        autoescape=lambda name: bool(name and name.endswith(".html.j2")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = lambda moment: str(moment)[:10]
    environment.filters["web"] = _web_address
    return environment


def _web_address(url: str | None) -> str | None:
    """The address if a browser may follow it."""
    return url if url and url.lower().startswith(("http://", "https://")) else None
