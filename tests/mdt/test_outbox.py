"""Mail: durable, never twice, never about whom; and what the teams' clock does by itself."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from re import search
from smtplib import SMTPServerDisconnected
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from app.audit.keys import chain_key
from app.database.transactions import open_engine
from app.mdt.outbox import MailServer, send_next
from app.mdt.reading import lists, referred
from app.mdt.steps.clock import as_clock, tend
from app.mdt.steps.taking import Teams
from app.mdt.workflow.locality import Localities, Staff, read_localities
from app.mdt.workflow.notice import Notice, NoticeKind, mail_of, next_attempt, reminder_due
from app.mdt.workflow.refusal import Refusal
from app.settings import Settings
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role
from app.worker.working import Worker
from tests.conftest import PATIENCE
from tests.mdt.conftest import FATHER, WOMAN, Wulfrun
from tests.mdt.test_action import Discussed
from tests.mdt.test_invitation import guest


class Receiver:
    """A small SMTP server that takes mail, or refuses so many first."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.refuse = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()

        await say("220 receiver")
        while line := (await reader.readline()).decode().strip():
            verb = line.upper().split(" ")[0]
            if verb == "DATA":
                await say("354 go on")
                body = await reader.readuntil(b"\r\n.\r\n")
                if self.refuse:
                    self.refuse -= 1
                    await say("451 not now")
                else:
                    self.taken.append(body[:-5])
                    await say("250 taken")
            elif verb == "QUIT":
                await say("221 bye")
                break
            else:
                await say("250 go on")
        writer.close()
        await writer.wait_closed()


def sent_by(wulfrun: Wulfrun, receiver: Receiver, at: datetime) -> list[Notice]:
    """Everything that is due, sent over a real connection."""

    async def sending() -> list[Notice]:
        listening = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        server = MailServer("127.0.0.1", port, "mdt@example.org", "https://record.example.org", tls=False)
        engine = open_engine(wulfrun.url, pool_size=1)
        try:
            found = []
            while (one := await asyncio.to_thread(send_next, engine, server, at=at)) is not None:
                found.append(one)
            return found
        finally:
            engine.dispose()
            listening.close()
            await listening.wait_closed()

    found: list[Notice] = wulfrun.run(sending())
    return found


@contextmanager
def teams(settings: Settings, **changes: Any) -> Iterator[Teams]:
    known = read_localities(settings.localities_folder).by_id
    changed = {name: one.model_copy(update=changes) for name, one in known.items()}
    yield Teams(localities=Localities(changed), parties=frozenset(), key=chain_key(settings), new_id=uuid4)


def ticks(wulfrun: Wulfrun, settings: Settings, at: datetime, **changes: Any) -> None:
    engine = open_engine(wulfrun.url, pool_size=1)
    try:
        with teams(settings, **changes) as known:
            tend(engine, known, at=at)
    finally:
        engine.dispose()


def told(wulfrun: Wulfrun, kind: str) -> list[str]:
    rows = wulfrun.sql("SELECT recipient FROM mdt_outbox WHERE kind = %s ORDER BY created_at, recipient", kind)
    return [row[0] for row in rows]


def test_whoever_referred_is_told_of_what_is_late_alike_whether_or_not_anybody_may_read_it(
    wulfrun: Wulfrun, settings: Settings
) -> None:
    """A referral that every triager is kept from is not lost; and that nobody may read it is told to no one."""
    everyone = ["RL4", "RL4C", "LA508", "RRE", "M92001", "WH100", "8A999"]
    kept = wulfrun.refer(FATHER, "nurse", agreement={"stance": "objects", "objects_to": everyone})
    read = wulfrun.refer(WOMAN, "acute-clinician")
    [clock] = wulfrun.asks("chair", lists.referrals, kept.locality)  # a clock, and nothing to read
    assert (clock["id"], clock["person"]) == (kept.id, None)
    assert isinstance(wulfrun.asks("chair", referred.referral, kept.id), Refusal)
    due = max(kept.triage_due, read.triage_due)

    ticks(wulfrun, settings, datetime.combine(min(kept.triage_due, read.triage_due), time(12), UTC))
    assert told(wulfrun, "referral-late") == []
    late = datetime.combine(due + timedelta(days=1), time(12), UTC)
    ticks(wulfrun, settings, late)
    ticks(wulfrun, settings, late + timedelta(hours=1))
    rows = wulfrun.sql("SELECT subject FROM mdt_outbox WHERE kind = 'referral-late'")
    assert {row[0] for row in rows} == {"nurse", "acute-clinician"}
    assert len(rows) == 2  # once each, and nobody else
    mail = wulfrun.sql("SELECT subject, link FROM mdt_outbox WHERE kind = 'triage-late'")
    assert [tuple(row) for row in mail] == [("chair", "/referrals")] * 2  # of both alike, and of neither whose it is
    wulfrun.later(days=(late.date() - wulfrun.at.date()).days)
    assert wulfrun.asks("chair", lists.triage_tally) == (2, 2)
    back = wulfrun.does("nurse", "referrals", "withdraw", kept.id, version=1, reason="He chose his GP alone")
    assert back["state"] == "withdrawn"


def test_mail_says_that_there_is_something_to_see_and_never_about_whom(wulfrun: Wulfrun) -> None:
    discussed = Discussed(wulfrun)
    made = wulfrun.does(
        "chair", "invitations", "new", **guest(discussed.meeting, discussed.item, email="hal.okafor@example.org")
    )
    discussed.assign()
    receiver = Receiver()
    sent = sent_by(wulfrun, receiver, wulfrun.at)
    assert {notice.kind for notice in sent} == {"referral-decided", "invited", "action-offered"}
    assert all(notice.sent_at for notice in sent)
    for mail in map(message_from_bytes, receiver.taken):
        words = mail.as_string()
        assert search(r"https://record\.example\.org/(actions|meetings|referrals)/", words)
        secrets = ("Tranter", "Walter", FATHER, str(wulfrun.person(FATHER)), "window", "Northgate", "Falls")
        assert not any(secret in words for secret in secrets)
    assert any(str(made["id"]) not in mail.decode() for mail in receiver.taken)
    assert sent_by(wulfrun, receiver, wulfrun.at) == []


def test_what_a_server_does_not_take_is_sent_later(wulfrun: Wulfrun) -> None:
    wulfrun.on_caseload()
    receiver = Receiver()
    receiver.refuse = 1
    [first] = sent_by(wulfrun, receiver, wulfrun.at)
    assert (first.attempts, first.sent_at, first.due_at - wulfrun.at) == (1, None, timedelta(minutes=1))
    assert sent_by(wulfrun, receiver, wulfrun.at) == []
    [second] = sent_by(wulfrun, receiver, wulfrun.at + timedelta(minutes=1))
    assert second.sent_at is not None
    assert len(receiver.taken) == 1


def test_what_is_never_taken_is_given_up_and_stays_to_be_seen() -> None:
    noon = datetime(2026, 7, 8, 12, tzinfo=UTC)
    waits = [next_attempt(attempts, noon) for attempts in range(1, 9)]
    assert all(later is not None and later > noon for later in waits[:-1])
    assert waits[-1] is None


def test_a_server_that_is_away_loses_nothing(wulfrun: Wulfrun) -> None:
    wulfrun.on_caseload()
    server = MailServer("127.0.0.1", 1, "mdt@example.org", "https://record.example.org", tls=False)

    def away(_mail: EmailMessage) -> None:
        raise SMTPServerDisconnected

    engine = open_engine(wulfrun.url, pool_size=1)
    try:
        one = send_next(engine, server, at=wulfrun.at, send=away)
        assert one is not None
        assert (one.attempts, one.sent_at) == (1, None)
    finally:
        engine.dispose()
    assert "password" not in repr(server._replace(password="password"))


def test_a_process_that_dies_while_sending_sends_again_with_the_same_id(wulfrun: Wulfrun) -> None:
    wulfrun.on_caseload()
    seen: list[str] = []

    def dies(mail: EmailMessage) -> None:
        seen.append(str(mail["Message-ID"]))
        if len(seen) == 1:
            raise KeyboardInterrupt

    engine = open_engine(wulfrun.url, pool_size=1)
    server = MailServer("127.0.0.1", 1, "mdt@example.org", "https://record.example.org", tls=False)
    try:
        with pytest.raises(KeyboardInterrupt):
            send_next(engine, server, at=wulfrun.at, send=dies)
        again = send_next(engine, server, at=wulfrun.at, send=dies)
    finally:
        engine.dispose()
    assert again is not None
    assert again.sent_at is not None
    assert seen[0] == seen[1]


def test_the_worker_tends_the_teams_and_sends_their_mail(wulfrun: Wulfrun, settings: Settings) -> None:
    wulfrun.on_caseload()
    receiver = Receiver()

    async def working() -> None:
        listening = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        mailing = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_tls": False, "smtp_sender": "mdt@example.org"}
        engine = open_engine(wulfrun.url, pool_size=3)
        worker = Worker(settings.model_copy(update=mailing), engine)
        running = asyncio.create_task(worker.run())
        async with asyncio.timeout(PATIENCE):
            while not receiver.taken or not wulfrun.sql("SELECT id FROM mdt_meeting"):
                await asyncio.sleep(0.05)
        worker.stop()
        await running
        engine.dispose()
        listening.close()
        await listening.wait_closed()

    wulfrun.run(working())
    assert message_from_bytes(receiver.taken[0])["To"] == "nell.rushton@example.org"


def test_mail_needs_a_sender() -> None:
    with pytest.raises(ValidationError, match="PISANO_SMTP_SENDER"):
        Settings(smtp_host="mail.example.org")


def test_whoever_has_no_address_is_told_of_in_the_outbox(wulfrun: Wulfrun) -> None:
    Discussed(wulfrun).assign()
    rows = wulfrun.sql("SELECT recipient, given_up_at IS NOT NULL FROM mdt_outbox WHERE kind = 'action-offered'")
    assert rows == [("", True)]


@pytest.mark.parametrize(
    ("late", "day"), [(-10, None), (-4, None), (-3, -3), (-1, -3), (0, 0), (2, 0), (3, 3), (6, 3), (7, 7), (90, 7)]
)
def test_of_reminders_that_were_missed_the_latest_is_sent(late: int, day: int | None) -> None:
    assert reminder_due(late) == day


def test_owners_are_reminded_and_the_manager_and_the_chair_told(wulfrun: Wulfrun, settings: Settings) -> None:
    owner = {"name": "Nell Rushton", "organisation": "RL4C", "account": "nurse"}
    Discussed(wulfrun).assign(owner=owner, due="2026-07-20")
    boss = Staff(
        account="boss", name="Bo", organisation=OdsCode("RL4C"), role=Role("mdt-chair"), email="bo@example.org"
    )
    for day in (16, 17, 18, 20, 23, 27, 27):
        ticks(wulfrun, settings, datetime(2026, 7, day, 9, tzinfo=UTC), managers=(boss,))
    assert told(wulfrun, "action-soon") == ["nell.rushton@example.org"]
    assert told(wulfrun, "action-due") == ["nell.rushton@example.org"]
    assert told(wulfrun, "action-overdue") == ["nell.rushton@example.org"] * 2
    assert told(wulfrun, "action-escalated") == ["bo@example.org", "carol.deeming@example.org"]


def test_the_clock_plans_invites_and_locks_and_does_nothing_twice(wulfrun: Wulfrun, settings: Settings) -> None:
    for _ in range(2):
        ticks(wulfrun, settings, datetime(2026, 7, 1, 9, tzinfo=UTC))
    meetings = wulfrun.sql("SELECT locality, sitting, state FROM mdt_meeting ORDER BY 1, 2")
    assert ("northgate", date(2026, 7, 8), "planned") in meetings
    assert len(meetings) == 9
    assert len(set(told(wulfrun, "invited"))) == 6
    for _ in range(2):
        ticks(wulfrun, settings, datetime(2026, 7, 7, 13, tzinfo=UTC))
    [[state]] = wulfrun.sql("SELECT state FROM mdt_meeting WHERE locality = 'northgate' AND sitting = '2026-07-08'")
    assert state == "locked"


def test_an_owner_whose_account_is_gone_is_noticed(wulfrun: Wulfrun, settings: Settings) -> None:
    action = Discussed(wulfrun).assign()
    wulfrun.sql("UPDATE account SET organisation = 'RL4' WHERE username = 'housing-officer'")
    try:
        ticks(wulfrun, settings, wulfrun.at)
    finally:
        wulfrun.sql("UPDATE account SET organisation = 'WH100' WHERE username = 'housing-officer'")
    assert wulfrun.state("action", action) == "unowned"
    assert told(wulfrun, "action-returned") == ["nell.rushton@example.org"]


def test_the_clock_sees_nobody(wulfrun: Wulfrun, settings: Settings) -> None:
    wulfrun.on_caseload()
    with teams(settings) as known:
        inquiry = as_clock(known.localities.by_id["northgate"], wulfrun.at)
    assert wulfrun.run(wulfrun.place.record.view(inquiry, wulfrun.person(FATHER))) is None


def test_everyone_invited_is_told_of_a_cancellation(wulfrun: Wulfrun) -> None:
    meeting = wulfrun.meeting("northgate")
    wulfrun.does("coordinator", "meetings", "invite-core", meeting["id"], version=1)
    wulfrun.does("chair", "meetings", "cancel", meeting["id"], version=1, reason="Snow")
    assert len(told(wulfrun, "meeting-cancelled")) == 6


def test_a_mail_names_what_it_is_and_nothing_else() -> None:
    noon = datetime(2026, 7, 8, 12, tzinfo=UTC)
    for kind in NoticeKind:
        notice = Notice(
            id=uuid4(), key="k", kind=kind, recipient="a@example.org", link="/actions/1", created_at=noon,
            due_at=noon,
        )  # fmt: skip
        mail = mail_of(notice, sender="mdt@example.org", address="https://record.example.org")
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail.get_content().strip().endswith("https://record.example.org/actions/1")
