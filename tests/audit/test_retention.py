"""How long the trail keeps what events say, as the agreements have it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from app.audit.retention import KeptLonger, first_kept
from app.sharing.law import Agreements
from app.sharing.written.duration import Duration
from tests.conftest import the_agreements

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
WULFRUN = the_agreements()


def keeping(*terms: str | None) -> Agreements:
    (document,) = WULFRUN.documents
    assert document.audit is not None
    documents = tuple(
        document.model_copy(
            update={"audit": document.audit.model_copy(update={"keep": Duration.parse(keep) if keep else None})}
        )
        for keep in terms
    )
    return replace(WULFRUN, documents=documents)


def test_the_agreement_says_how_long_the_trail_is_kept() -> None:
    assert first_kept(WULFRUN, None, at=AT) == date(2018, 11, 22)


def test_of_several_agreements_the_one_that_keeps_longest_counts() -> None:
    assert first_kept(keeping("P2Y", "P8Y", None), None, at=AT) == date(2018, 11, 22)


def test_nothing_is_forgotten_that_an_agreement_has_kept() -> None:
    assert first_kept(WULFRUN, date(2015, 1, 1), at=AT) == date(2015, 1, 1)
    with pytest.raises(KeptLonger, match="from 22 November 2018 on"):
        first_kept(WULFRUN, date(2018, 11, 23), at=AT)


def test_where_no_agreement_says_so_somebody_must() -> None:
    with pytest.raises(KeptLonger, match="--before"):
        first_kept(keeping(None), None, at=AT)
    assert first_kept(keeping(None), date(2026, 1, 1), at=AT) == date(2026, 1, 1)
