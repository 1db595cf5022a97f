"""`pisano bench agreement`, small: every decision made again is the same after what is known of most changed."""

from sqlalchemy import Engine

from app.audit.chain import ChainKey
from app.bench.agreement import populate, prove
from tests.conftest import unmeasured
from tests.sharing.worlds import wulfrun


def test_random_past_decisions_made_again_give_the_same_answer(engine: Engine) -> None:
    populate(engine, 150)
    with unmeasured():  # the same lines 200 times over, which other tests measure but for the bench's own
        proof = prove(engine, wulfrun.agreements, people=150, decisions=200, key=ChainKey(b"k" * 32))
    assert (proof.the_same, proof.another) == (200, 0)
    assert proof.kinds_of_people > 5
