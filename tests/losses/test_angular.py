import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resemblance.errors import ConfigurationError
from resemblance.losses import AngularLoss, angular
from tests.losses import naive
from tests.losses.batches import assert_same, balanced, generic, tied


@settings(max_examples=40, deadline=None)
@given(batch=generic() | tied(), angle=st.sampled_from((10.0, 36.0, 45.0, 60.0)))
def test_closed_form_has_the_value_and_gradient_of_the_enumerated_triplets(batch, angle):
    embeddings, identities = batch
    assert_same(
        lambda x: AngularLoss(angle)(x, identities).value,
        lambda x: naive.angular(x, identities, angle),
        embeddings,
        tolerance=1e-9,
    )


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), angle=st.floats(1, 60))
def test_f_is_the_angle_constraint_of_the_triangle(seed, angle):
    generator = torch.Generator().manual_seed(seed)
    a, p, n = (naive.unit(row) for row in torch.randn(3, 6, generator=generator, dtype=torch.float64))
    t = math.tan(math.radians(angle)) ** 2
    constraint = (a - p).square().sum() - 4 * t * (n - (a + p) / 2).square().sum()
    assert constraint.item() == pytest.approx((naive.angular_f(a, p, n, angle) + 2 - 6 * t).item(), abs=1e-12)


def test_two_images_an_identity_give_the_papers_sum_over_unordered_pairs():
    embeddings, identities = balanced(4, 2, 8)
    unit = torch.stack([naive.unit(x) for x in embeddings])
    terms = [
        math.log1p(
            sum(naive.angular_f(unit[i], unit[i + 1], unit[n], 40).exp().item() for n in range(8) if n // 2 != i // 2)
        )
        for i in range(0, 8, 2)
    ]
    assert AngularLoss(40)(embeddings, identities).value.item() == pytest.approx(sum(terms) / 4)


@pytest.mark.parametrize("layout", ["opposed positives", "all in one point"])
def test_largest_angle_stays_in_float32(layout):
    identities = torch.arange(256).repeat_interleave(2)
    embeddings = torch.zeros(512, 3)
    embeddings[:, 0] = 1
    if layout == "opposed positives":
        embeddings[1::2] *= -1
    exact = AngularLoss(60)(embeddings.double(), identities).value.item()
    embeddings.requires_grad_()
    value = AngularLoss(60)(embeddings, identities).value
    value.backward()
    assert value.item() == pytest.approx(exact, rel=1e-5)
    assert embeddings.grad.isfinite().all()


@pytest.mark.parametrize("block", [1, 4, 6])
def test_blocks_of_identities_add_up(block, monkeypatch):
    embeddings = torch.cat((balanced(5, 2, 8)[0], balanced(4, 3, 8, seed=1)[0], balanced(1, 5, 8, seed=2)[0]))
    identities = torch.tensor([*([0, 1, 2, 3, 4] * 2), *([5, 6, 7, 8] * 3), *([9] * 5)])

    def results():
        leaf = embeddings.clone().requires_grad_()
        output = AngularLoss()(leaf, identities)
        output.value.backward()
        return output.value.detach(), leaf.grad, output.statistics["active_share"]

    whole = results()
    monkeypatch.setattr(angular, "_BLOCK", block)
    torch.testing.assert_close(results(), whole, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("images", [2, 3, 700])
def test_a_block_holds_no_more_images_than_it_may_or_one_identity(images):
    identities = torch.arange(1400 // images).repeat_interleave(images)
    blocks = list(angular._images_by_identity(identities))
    assert all(rows.numel() <= 512 or len(rows) == 1 for rows in blocks)
    assert torch.cat([rows.flatten() for rows in blocks]).sort().values.tolist() == list(range(len(identities)))


def test_active_share_counts_pairs_beyond_the_knee():
    # Both images of identity 0 in one point, those of identity 1 opposed, all at right angles to each other: f = ∓4.
    embeddings = torch.tensor([[1.0, 0], [1, 0], [0, 1], [0, -1]])
    output = AngularLoss(45)(embeddings, torch.tensor([0, 0, 1, 1]))
    assert output.value.item() == pytest.approx((math.log1p(2 * math.exp(-4)) + math.log1p(2 * math.exp(4))) / 2)
    assert output.statistics["active_share"].item() == 0.5
    assert output.statistics["genuine_similarity"].item() == 0
    assert output.statistics["impostor_similarity"].item() == 0


def test_negatives_are_normalised_too():
    embeddings, identities = balanced(3, 3, 6)
    lengths = torch.linspace(0.1, 20, 9, dtype=torch.float64)[:, None]
    assert AngularLoss()(embeddings * lengths, identities).value.item() == pytest.approx(
        AngularLoss()(embeddings, identities).value.item(), rel=1e-12
    )


@pytest.mark.parametrize("angle", [0, -45, 60.5, 90, "45"])
def test_refuses_angles_out_of_range(angle):
    message = r"^AngularLoss needs angle_degrees to be a number above 0 and of at most 60, not .*\.$"
    with pytest.raises(ConfigurationError, match=message):
        AngularLoss(angle)
