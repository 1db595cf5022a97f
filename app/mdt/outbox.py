"""Mail that leaves: it was put in the outbox with what it tells of, and is sent until it is taken or given up."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from smtplib import SMTP, SMTPException
from ssl import create_default_context
from typing import NamedTuple

import structlog
from sqlalchemy import Engine

from app.database.transactions import transaction
from app.mdt.notice_store import due_notice, mark_notice
from app.mdt.workflow.notice import Notice, mail_of, next_attempt
from app.settings import Settings

_SECONDS = 20.0

_log = structlog.get_logger()

Send = Callable[[EmailMessage], None]
"""Gives a mail to a server; raises `OSError` or `SMTPException` where it is not taken."""


class MailServer(NamedTuple):
    """By which server mail leaves, as whom, and where its links lead."""

    host: str
    port: int
    sender: str
    address: str
    tls: bool = True
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port})"

    def send(self, mail: EmailMessage) -> None:
        """Give one mail to the server."""
        with SMTP(self.host, self.port, timeout=_SECONDS) as connection:
            if self.tls:
                connection.starttls(context=create_default_context())
            if self.user:
                connection.login(self.user, self.password)
            connection.send_message(mail)


def mail_server(settings: Settings) -> MailServer | None:
    """The server that an operator configured, if any."""
    if settings.smtp_host is None:
        return None
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.smtp_sender,
        address=settings.address,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
    )


def why_mail_waits(settings: Settings) -> str | None:
    """What an operator is told where no notice can leave; `None` where a server is named."""
    if settings.smtp_host is not None:
        return None
    return "no mail server is named: notices wait in the outbox; set PISANO_SMTP_HOST and PISANO_SMTP_SENDER"


def send_next(engine: Engine, server: MailServer, *, at: datetime, send: Send | None = None) -> Notice | None:
    """Send the notice that has waited longest; `None` where none is due.

    A process that dies between sending and marking sends it again, with the same Message-ID.
    """
    with transaction(engine) as connection:
        notice = due_notice(connection, at)
        if notice is None:
            return None
        after = _tried(notice, server, at, send or server.send)
        mark_notice(connection, after)
    return after


def _tried(notice: Notice, server: MailServer, at: datetime, send: Send) -> Notice:
    try:
        send(mail_of(notice, sender=server.sender, address=server.address))
    except (OSError, SMTPException) as failure:
        attempts = notice.attempts + 1
        again = next_attempt(attempts, at)
        _log.warning("a notice was not taken", notice=str(notice.id), attempts=attempts, failure=type(failure).__name__)
        if again is None:
            return replace(notice, attempts=attempts, given_up_at=at)
        return replace(notice, attempts=attempts, due_at=again)
    return replace(notice, attempts=notice.attempts + 1, sent_at=at)
