import pytest
import torch

from resemblance.benchmarks.cases import GENUINE_COSINE, SERIES, Case, cases, make_input
from resemblance.benchmarks.contestants import LIBRARY, OURS, PLAIN, build, contestants
from resemblance.losses import TripletLoss

SMALL = [*cases("cpu", quick=True), Case("batch-all", 60, 10), Case("semi-hard", 60, 10), Case("batch-hard", 60, 10)]


def value_and_gradients(name, case):
    contestant = build(name, case, "cpu")
    embeddings, identities = make_input(case, "cpu")
    value = contestant.forward_backward(embeddings, identities)
    return value, *contestant.gradients(embeddings)


@pytest.mark.parametrize("case", SMALL, ids=str)
def test_the_contestants_compute_one_value_and_one_gradient(case):
    ours = value_and_gradients(OURS, case)
    assert ours[0] > 0
    assert len(ours) == (3 if case.series == "cosface" else 2)
    for name in contestants(case)[1:]:
        for theirs, reference in zip(value_and_gradients(name, case), ours, strict=True):
            assert (theirs - reference).norm() <= 1e-4 * reference.norm(), name


def test_everybody_competes_and_ours_comes_first():
    for series in SERIES:
        names = contestants(Case(series, 16, 4))
        assert names[0] == OURS
        assert LIBRARY in names
        assert PLAIN in names or series == "angular"


def test_clear_forgets_the_gradients():
    case = Case("cosface", 16, classes=50)
    contestant = build(OURS, case, "cpu")
    embeddings, identities = make_input(case, "cpu")
    contestant.forward_backward(embeddings, identities)
    assert embeddings.grad is not None
    assert contestant.weight.grad is not None
    contestant.clear(embeddings)
    assert embeddings.grad is None
    assert contestant.weight.grad is None


def test_the_input_is_that_of_a_network_that_still_learns():
    case = Case("batch-all", 512, 4)
    embeddings, identities = make_input(case, "cpu")
    again, _ = make_input(case, "cpu")
    torch.testing.assert_close(embeddings, again, rtol=0, atol=0)
    assert identities.bincount().tolist() == [4] * 128
    unit = torch.nn.functional.normalize(embeddings.detach())
    genuine = (identities[:, None] == identities) & ~torch.eye(512, dtype=torch.bool)
    assert (unit @ unit.T)[genuine].mean().item() == pytest.approx(GENUINE_COSINE, abs=0.02)
    shares = [
        TripletLoss(0.2, mining)(embeddings, identities).statistics["active_share"] for mining in ("all", "semihard")
    ]
    assert shares[0].item() == pytest.approx(1 / 3, abs=0.05)
    assert shares[1].item() == pytest.approx(1 / 4, abs=0.05)


def test_a_gpu_gets_millions_of_classes():
    assert max(case.classes or 0 for case in cases("cuda", quick=False)) == 5_000_000
    assert max(case.classes or 0 for case in cases("cpu", quick=False)) == 1_000_000


def test_every_series_has_the_sizes_that_the_requirements_name():
    sizes = {(case.series, case.images, case.images_per_identity, case.classes) for case in cases("cpu", quick=False)}
    for series in ("batch-all", "semi-hard", "batch-hard", "angular"):
        assert {
            (series, 64, 4, None),
            (series, 512, 4, None),
            (series, 4096, 4, None),
            (series, 1800, 40, None),
        } <= sizes
    assert {("cosface", 512, None, classes) for classes in (1_000, 100_000, 1_000_000)} <= sizes
