import math
import random
from itertools import pairwise

import pytest

from resemblance.results import Curve
from resemblance.tracking.common_fars import COMMON_FARS, on_common_fars


def test_the_grid_is_even_in_log_and_has_the_round_rates() -> None:
    assert len(COMMON_FARS) == 481 <= 500
    assert (COMMON_FARS[0], COMMON_FARS[-1]) == (1e-8, 1)
    gaps = [math.log10(later / earlier) for earlier, later in pairwise(COMMON_FARS)]
    assert gaps == pytest.approx([1 / 60] * 480)
    assert {10.0**-decade for decade in range(9)} <= set(COMMON_FARS)


@pytest.mark.parametrize("seed", range(20))
def test_each_tar_is_that_of_the_largest_measured_far_up_to_the_rate(seed: int) -> None:
    draw = random.Random(seed)
    impostors = draw.choice((7, 1000, 712_800))
    errors = sorted({draw.randrange(impostors + 1) for _ in range(draw.randint(1, 60))} | {impostors})
    fars = tuple(number / impostors for number in errors)
    tars = tuple(sorted(draw.random() for _ in fars))
    found = on_common_fars(Curve(fars, tars, "FAR", "TAR"))
    smallest = min(far for far in fars if far > 0)
    assert [far for far, _ in found] == [far for far in COMMON_FARS if far >= smallest * (1 - 1e-9)]
    for far, tar in found:
        assert tar == max(t for f, t in zip(fars, tars, strict=True) if f <= far * (1 + 1e-9))


def test_a_rate_that_was_measured_has_its_own_tar() -> None:
    """713 of 713,000 is 1e-3, whatever the last binary digit says."""
    curve = Curve(tuple(number / 713_000 for number in range(1, 2000)), tuple(map(float, range(1, 2000))), "FAR", "TAR")
    assert dict(on_common_fars(curve))[1e-3] == 713


def test_a_curve_without_a_rate_above_zero_has_no_points() -> None:
    assert on_common_fars(Curve((0.0,), (0.5,), "FAR", "TAR")) == []
    assert on_common_fars(Curve((), (), "FAR", "TAR")) == []
