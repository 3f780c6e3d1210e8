"""Mail by SMTP (RFC 5321), in plain text and HTML (RFC 2046, multipart/alternative)."""

from __future__ import annotations

import smtplib
import ssl
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING

from crawler.archives.base import is_loopback
from tracker.notify.errors import ChannelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.notification_config import SmtpConfig
    from tracker.notify.messages import Message


def send_mail(
    recipient: str, message: Message, smtp: SmtpConfig, environ: Mapping[str, str]
) -> None:
    """Send a message to one mailbox; the server has taken it when this returns.

    Raises:
        ChannelError: the configuration says too little, or the server does not take it.
    """
    if not smtp.host:
        raise ChannelError("mailto: needs a server: host in [smtp]")
    try:
        mail = _mail(recipient, message, smtp.sender or smtp.user)
        with _connected(smtp) as server:
            if smtp.user:
                _log_in(server, smtp, environ)
            server.send_message(mail)
    except smtplib.SMTPResponseException as error:
        said = error.smtp_error
        words = said.decode(errors="replace") if isinstance(said, bytes) else said
        raise ChannelError(f"{smtp.host} refuses: {error.smtp_code} {words}") from error
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise ChannelError(
            f"{smtp.host} refuses {recipient}: {code} {said.decode(errors='replace')}"
        ) from error
    except ssl.SSLError as error:
        raise ChannelError(f"no safe connection to {smtp.host}: {error.strerror}") from error
    except smtplib.SMTPException as error:
        raise ChannelError(f"cannot send mail by {smtp.host}: {error}") from error
    except OSError as error:
        raise ChannelError(f"{smtp.host}:{smtp.port} does not answer: {error}") from error
    except (MessageError, ValueError) as error:
        raise ChannelError(f"cannot be written as a mail: {error}") from error


def _mail(recipient: str, message: Message, sender: str) -> EmailMessage:
    for what, address in (("mailto:", recipient), ("sender in [smtp]", sender)):
        name, mailbox = parseaddr(address)
        if "@" not in mailbox or "," in address:
            raise ChannelError(f"{what} needs one mailbox, ME@HOST, not {name or address!r}")
    mail = EmailMessage()
    mail["Subject"] = message.subject
    mail["From"] = sender
    mail["To"] = recipient
    mail["Date"] = format_datetime(message.created)
    # The same over every try: most mailboxes show one of two alike.
    mail["Message-ID"] = f"<{message.id}@{parseaddr(sender)[1].partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail


def _connected(smtp: SmtpConfig) -> smtplib.SMTP:
    if smtp.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=smtp.timeout_seconds, context=context)
    if smtp.security not in {"starttls", "none"}:
        raise ChannelError(f"security in [smtp] is starttls, tls or none, not {smtp.security!r}")
    server = smtplib.SMTP(smtp.host, smtp.port, timeout=smtp.timeout_seconds)
    if smtp.security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except (smtplib.SMTPException, OSError):
            server.close()
            raise
    return server


def _log_in(server: smtplib.SMTP, smtp: SmtpConfig, environ: Mapping[str, str]) -> None:
    password = environ.get(smtp.password_env, "")
    if not password:
        raise ChannelError(f"the environment variable {smtp.password_env} is not set")
    if smtp.security == "none" and not is_loopback(f"smtp://{smtp.host}"):
        raise ChannelError("a password is never sent in clear: security in [smtp]")
    server.login(smtp.user, password)
