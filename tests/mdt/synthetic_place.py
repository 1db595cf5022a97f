"""Places whose true effect is known: people of gamma-distributed risk, seen by a team at their worst."""

import numpy as np

from app.mdt.impact.matching import Cohort


def synthetic_place(seed: int, *, people: int, seen: int, ratio: float) -> Cohort:
    """A year before and a year after; `ratio` is what the team does to admissions, 1 nothing at all.

    Referral looks at what is recorded (admissions, the recent ones most, frailty, and how deprived the area is) and at
    chance. The more deprived have more risk, and of one in ten nobody knows the area. Some die, the frailer the more,
    and are followed until then.
    """
    rng = np.random.default_rng(seed)
    age, sex, frailty = rng.normal(78, 8, people), rng.integers(0, 2, people), rng.integers(0, 3, people)
    decile, unknown = rng.integers(1, 11, people).astype(float), rng.random(people) < 0.1
    risk = rng.gamma(0.5, 0.5, people) * np.exp(0.3 * (frailty - 1) - 0.05 * (decile - 5.5))
    earlier = np.stack([rng.poisson(risk * share) for share in (6 / 12, 4 / 12, 2 / 12)], 1).astype(float)
    before = earlier.sum(1)
    need = 0.7 * np.minimum(before, 6) + 0.5 * (earlier[:, 2] > 0) + 0.2 * frailty - 0.05 * decile
    treated = np.zeros(people, bool)
    treated[np.argsort(-need - rng.gumbel(0, 1, people))[:seen]] = True
    died = rng.random(people) < 0.05 * (1 + frailty)
    years = np.where(died, rng.uniform(0.05, 1, people), 1.0)
    after = rng.poisson(risk * np.where(treated, ratio, 1.0) * years).astype(float)
    known = np.where(unknown, decile[~unknown].mean(), decile)
    return Cohort(
        who=np.arange(people),
        treated=treated,
        stratum=(sex * 3 + frailty).astype(np.int64),
        covariates=np.column_stack([age, known, unknown, earlier]),
        names=(
            "age", "deprivation", "deprivation not known", "months -12 to -7", "months -6 to -3", "months -2 to 0",
        ),
        before=before,
        years_before=np.ones(people),
        after=after,
        years_after=years,
    )  # fmt: skip
