"""What a sender of HL7 v2 is told of its message: original and enhanced mode."""

from datetime import UTC, datetime

import hl7
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.intake.arriving.hl7_acknowledgement import Outcome, acknowledgement, message_id, obstacle, refusal

AT = datetime(2026, 7, 1, 13, 30, tzinfo=UTC)
KEPT, NOT_KEPT, REFUSED = Outcome.KEPT, Outcome.NOT_KEPT, Outcome.REFUSED


def sent(msh_15: str = "", msh_16: str = "", *, number: str = "N1") -> bytes:
    start = f"MSH|^~\\&|PAS|RL4|PISANO|WLV|20260701143000||ADT^A01^ADT_A01|{number}|P|2.4|||{msh_15}|{msh_16}"
    return f"{start}\rPID|1||H1001^^^RL4^MR||FERRANTE^ROSA\r".encode()


def reply(message: bytes, outcome: Outcome = KEPT) -> bytes | None:
    return acknowledgement(message, outcome, at=AT, control_id="C7")


def code(message: bytes, outcome: Outcome = KEPT) -> str | None:
    told = reply(message, outcome)
    return str(hl7.parse(told.decode()).segment("MSA")[1]) if told else None


def test_an_acknowledgement_is_addressed_to_the_sender_and_names_its_message() -> None:
    assert reply(sent()) == (b"MSH|^~\\&|PISANO|WLV|PAS|RL4|20260701143000+0100||ACK^A01|C7|P|2.4\rMSA|AA|N1\r")


@pytest.mark.parametrize(("outcome", "told"), [(KEPT, "AA"), (NOT_KEPT, "AE"), (REFUSED, "AR")])
def test_original_mode_has_one_reply(outcome: Outcome, told: str) -> None:
    assert code(sent(), outcome) == told
    assert code(sent('""', '""'), outcome) == told


@pytest.mark.parametrize(
    ("msh_15", "kept", "not_kept", "refused"),
    [
        ("AL", "CA", "CE", "CR"),
        ("al", "CA", "CE", "CR"),
        ("NE", None, None, None),
        ("ER", None, "CE", "CR"),
        ("SU", "CA", None, None),
        ("??", "CA", "CE", "CR"),  # who asks for something unknown is answered
    ],
)
def test_enhanced_mode_replies_where_msh_15_asks(
    msh_15: str, kept: str | None, not_kept: str | None, refused: str | None
) -> None:
    message = sent(msh_15, "NE")
    assert [code(message, outcome) for outcome in (KEPT, NOT_KEPT, REFUSED)] == [kept, not_kept, refused]


@pytest.mark.parametrize(
    ("msh_16", "kept", "not_kept"),
    [("AL", "AA", "AE"), ("NE", None, None), ("ER", None, "AE"), ("SU", "AA", None), ("??", "AA", "AE")],
)
@pytest.mark.parametrize("msh_15", ["NE", ""])
def test_enhanced_mode_replies_where_only_msh_16_asks(
    msh_15: str, msh_16: str, kept: str | None, not_kept: str | None
) -> None:
    message = sent(msh_15, msh_16)
    assert [code(message, outcome) for outcome in (KEPT, NOT_KEPT)] == [kept, not_kept]


def test_where_both_ask_the_sender_hears_that_the_message_was_kept() -> None:
    assert code(sent("AL", "AL")) == "CA"
    assert code(sent("ER", "AL")) == "AA"


@given(st.sampled_from(["", "AL", "NE", "ER", "SU"]), st.sampled_from(["", "AL", "NE", "ER", "SU"]))
def test_what_was_not_kept_is_never_accepted(msh_15: str, msh_16: str) -> None:
    for outcome in (NOT_KEPT, REFUSED):
        assert code(sent(msh_15, msh_16), outcome) not in ("AA", "CA")


def test_a_refusal_says_what_to_do() -> None:
    assert b"send it again later" in (reply(sent(), NOT_KEPT) or b"")


def test_nothing_of_the_person_is_echoed() -> None:
    for outcome in Outcome:
        assert b"FERRANTE" not in (reply(sent(), outcome) or b"")


def test_the_senders_own_marks_and_bytes_are_given_back() -> None:
    message = "MSH#*@/+#PAS#Zoë#PISANO#WLV###ADT*A01#N1".encode("latin-1")
    told = reply(message)
    assert told == "MSH#*@/+#PISANO#WLV#PAS#Zoë#20260701143000+0100##ACK*A01#C7#P#2.4\rMSA#AA#N1\r".encode("latin-1")


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (b"", "it does not begin with MSH and a field separator"),
        (b"GET / HTTP/1.1", "it does not begin with MSH and a field separator"),
        (b"<ADT_A01>FERRANTE</ADT_A01>", "it does not begin with MSH and a field separator"),
        (b"PID|1||FERRANTE", "it does not begin with MSH and a field separator"),
        (b"MSH|^^\\&|FERRANTE", r"MSH-2 does not name the marks that part a field; write \S\\R\\E\\T\ "),
        (b"MSH|^~\\&|FERRANTE|RL4", "it has no number in MSH-10"),
        (
            b"MSH|^~\\&|FERRANTE|RL4||||||" + b"9" * 300,
            "a field of MSH is longer than HL7 lets it be, or holds what is no text",
        ),
        (
            b"MSH|^~\\&|FERRANTE\x07|RL4||||||N1",
            "a field of MSH is longer than HL7 lets it be, or holds what is no text",
        ),
        (b"BHS|^~\\&|FERRANTE", "it is a batch; send each message in a frame of its own, or the batch as a file"),
        (b"FHS|^~\\&|FERRANTE", "it is a batch; send each message in a frame of its own, or the batch as a file"),
    ],
)
@pytest.mark.parametrize("outcome", Outcome)
def test_what_is_no_hl7_is_told_why_it_was_refused_and_nothing_of_it_is_echoed(
    message: bytes, why: str, outcome: Outcome
) -> None:
    assert obstacle(message)
    assert reply(message, outcome) == (
        b"MSH|^~\\&|PISANO||||20260701143000+0100||ACK|C7|P|2.4\r"
        + f"MSA|AR||this was not kept: {why.strip()}\r".encode()
    )


def test_marks_in_a_reason_reach_the_sender_as_they_are() -> None:
    told = hl7.parse(refusal("write ^~\\& after MSH|", at=AT, control_id="C7").decode())
    assert told.unescape(str(told.segment("MSA")[3])) == "this was not kept: write ^~\\& after MSH|"


@given(st.binary(max_size=200), st.sampled_from(Outcome))
def test_arbitrary_bytes_are_acknowledged_without_a_surprise(message: bytes, outcome: Outcome) -> None:
    for start in (b"", b"MSH|^~\\&|", b"MSH|^~\\&|PAS|RL4|P|W|1||ADT^A01|N1|"):
        told = reply(start + message, outcome)
        assert told is None or told.startswith(b"MSH")
        assert b"\x1c" not in (told or b"")


def test_a_message_sent_again_is_the_same_and_another_is_not() -> None:
    assert obstacle(sent()) is None
    assert message_id(sent("AL")) == message_id(sent()) == "PAS|RL4|N1|20260701143000"
    assert message_id(sent(number="N2")) != message_id(sent())
