"""Which flags a partner's message may raise."""

import pytest

from app.vocabulary.flag import TOLD_BY_FEEDS, FlagKind
from app.vocabulary.statement import PersonFlag


@pytest.mark.parametrize("kind", sorted(TOLD_BY_FEEDS))
def test_a_feed_tells_of_a_restricted_location_a_refusal_and_a_death(kind: FlagKind) -> None:
    assert PersonFlag(kind=kind, raised=True).kind is kind


@pytest.mark.parametrize("kind", sorted({*FlagKind} - TOLD_BY_FEEDS))
@pytest.mark.parametrize("raised", [True, False])
def test_no_feed_seals_a_record_or_opens_it_or_says_who_is_a_child(kind: FlagKind, raised: bool) -> None:
    with pytest.raises(ValueError, match=f"no feed tells that somebody is `{kind}`"):
        PersonFlag(kind=kind, raised=raised)
