"""The figure of `audit verify` is taken of a trail that is whole."""

from sqlalchemy import Engine

from app.audit.checking.sealing import verified
from app.bench.trail import fill, measure
from tests.audit.acts import KEY


def test_the_trail_that_is_measured_is_one_that_verifies(engine: Engine) -> None:
    sealed = fill(engine, 83, KEY)
    assert sealed[-1].events < 83
    assert verified(engine, KEY, sealed).faults == ()
    checked = measure(engine, 83, KEY, sealed, rounds=1)
    assert checked.rows == 83
    assert checked.of_streaming > 0
