import pytest
import torch
from scipy import stats

from resemblance.protocols.acquisition import ONLY_IN, with_failures
from resemblance.protocols.thin import thin
from resemblance.results import Result, Scalar

COUNTS = {"subjects": 9, "genuine": 200, "impostor": 1000, "impostor_errors": 10}
MEASURED = Result(
    {
        "verification/tar_at_far_1e_2": Scalar(0.9, "TAR@FAR=1e-2 (list)", COUNTS, 0.8, 0.95, "dyadic", "thin", 7.5),
        "verification/auc": Scalar(0.97, "AUC"),
    },
    replicates={"verification/tar_at_far_1e_2": torch.tensor([0.9, 0.8], dtype=torch.float64)},
)


def proportion_ends(errors, total):
    found = stats.binomtest(errors, total).proportion_ci(method="wilson")
    return found.low, found.high


def test_few_failures_are_marked():
    fta = with_failures(Result(), acquired=97, failed=3).scalars["acquisition/fta"]
    assert fta.note == f"thinly supported: fewer than 30 errors; {ONLY_IN}"
    assert with_failures(Result(), acquired=97, failed=0).scalars["acquisition/fta"].note == thin(0)


def test_without_failures_far_is_fmr_and_nothing_is_said_twice():
    found = with_failures(MEASURED, acquired=50, failed=0)
    assert set(found.scalars) == {*MEASURED.scalars, "acquisition/fta"}
    fta = found.scalars["acquisition/fta"]
    assert (fta.value, fta.low) == (0, 0)
    assert 0.05 < fta.high < 0.08


def test_far_and_frr_count_the_failures():
    found = with_failures(MEASURED, acquired=150, failed=50)
    fta = found.scalars["acquisition/fta"]
    assert (fta.value, dict(fta.counts)) == (0.25, {"images": 200, "errors": 50})
    ends = proportion_ends(50, 200)
    assert (fta.low, fta.high) == pytest.approx(ends)
    assert fta.method == "Wilson over images as if independent"
    assert fta.note == ONLY_IN
    far, frr = found.scalars["verification/far_at_fmr_1e_2"], found.scalars["verification/frr_at_fmr_1e_2"]
    assert (far.label, frr.label) == ("FAR@FMR=1e-2 (list)", "FRR@FMR=1e-2 (list)")
    fmr, fnmr = 10 / 1000, 1 - 0.9
    assert far.value == pytest.approx(fmr * (1 - 0.25))
    assert (far.low, far.high) == pytest.approx((fmr * (1 - ends[1]), fmr * (1 - ends[0])))
    assert far.method.startswith("FMR given by the threshold; FTA: Wilson")
    assert frr.value == pytest.approx(0.25 + fnmr * (1 - 0.25))
    assert (frr.low, frr.high) == (pytest.approx(1 - 0.95 * 0.75), pytest.approx(1 - 0.8 * 0.75))
    assert frr.method == "dyadic, the failures to acquire held fixed"
    assert frr.note == "thin"
    assert (frr.degrees, far.degrees) == (7.5, None)
    assert frr.counts["genuine_errors"] == 20
    assert "impostor_errors" not in frr.counts
    torch.testing.assert_close(
        found.replicates["verification/frr_at_fmr_1e_2"], torch.tensor([0.325, 0.4], dtype=torch.float64)
    )
