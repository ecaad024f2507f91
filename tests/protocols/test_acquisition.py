import pytest
import torch

from resemblance.protocols.acquisition import with_failures
from resemblance.results import Result, Scalar

COUNTS = {"subjects": 9, "genuine": 200, "impostor": 1000, "impostor_errors": 10}
MEASURED = Result(
    {
        "verification/tar_at_far_1e_2": Scalar(0.9, "TAR@FAR=1e-2 (list)", COUNTS, 0.8, 0.95, "dyadic", "thin"),
        "verification/auc": Scalar(0.97, "AUC"),
    },
    replicates={"verification/tar_at_far_1e_2": torch.tensor([0.9, 0.8], dtype=torch.float64)},
)


def test_without_failures_far_is_fmr_and_nothing_is_said_twice():
    found = with_failures(MEASURED, acquired=50, failed=0)
    assert set(found.scalars) == {*MEASURED.scalars, "acquisition/fta"}
    assert found.scalars["acquisition/fta"].value == 0


def test_far_and_frr_count_the_failures():
    found = with_failures(MEASURED, acquired=150, failed=50)
    fta = found.scalars["acquisition/fta"]
    assert (fta.value, dict(fta.counts)) == (0.25, {"images": 200, "errors": 50})
    far, frr = found.scalars["verification/far_at_fmr_1e_2"], found.scalars["verification/frr_at_fmr_1e_2"]
    assert (far.label, frr.label) == ("FAR@FMR=1e-2 (list)", "FRR@FMR=1e-2 (list)")
    fmr, fnmr = 10 / 1000, 1 - 0.9
    assert far.value == pytest.approx(fmr * (1 - 0.25))
    assert frr.value == pytest.approx(0.25 + fnmr * (1 - 0.25))
    assert (frr.low, frr.high) == (pytest.approx(1 - 0.95 * 0.75), pytest.approx(1 - 0.8 * 0.75))
    assert frr.method == "dyadic, the failures to acquire held fixed"
    assert frr.note == "thin"
    assert frr.counts["genuine_errors"] == 20
    assert "impostor_errors" not in frr.counts
    torch.testing.assert_close(
        found.replicates["verification/frr_at_fmr_1e_2"], torch.tensor([0.325, 0.4], dtype=torch.float64)
    )
