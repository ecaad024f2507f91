"""Replicates of figures: spread as their interval, alike in two runs on one test set."""

import numpy as np
import pytest
import torch

from resemblance.metrics.replicates import DRAWS, replicates
from resemblance.metrics.uncertainty import Influence, interval


def influence(values, twice=0.0):
    values = torch.as_tensor(values, dtype=torch.float64)
    return Influence(values, twice, len(values))


class TestReplicates:
    identities = torch.tensor([3, 3, 8, 8, 1, 5]).repeat(20) + 10 * torch.arange(20).repeat_interleave(6)

    def moved(self, seed, scale=1e-3):
        people = len(self.identities.unique())
        return influence(np.random.default_rng(seed).normal(size=people) * scale, twice=1e-6)

    def test_their_spread_is_the_interval(self):
        moved = self.moved(0)
        found = interval(0.9, moved)
        low, high = np.quantile(replicates([0.9], [moved], self.identities)[0], [0.025, 0.975])
        assert low == pytest.approx(found.low, abs=0.1 * (found.high - found.low))
        assert high == pytest.approx(found.high, abs=0.1 * (found.high - found.low))

    def test_identical_runs_differ_by_nothing(self):
        pair = [replicates([0.7, 0.9], [self.moved(1), self.moved(2)], self.identities) for _ in range(2)]
        assert pair[0].shape == (2, DRAWS)
        assert torch.equal(*pair)

    def test_draws_depend_on_the_labels_alone(self):
        """Neither on another figure beside it nor on the global seed."""
        alone = replicates([0.7], [self.moved(1)], self.identities)
        torch.manual_seed(99)
        assert torch.equal(replicates([0.5, 0.7], [self.moved(3), self.moved(1)], self.identities)[1], alone[0])
        assert not torch.equal(replicates([0.7], [self.moved(1)], self.identities + 1)[0], alone[0])

    def test_opposite_influences_give_opposite_replicates(self):
        moved = self.moved(4)
        turned = Influence(-moved.by_subject, moved.counted_twice, moved.subjects)
        drawn = replicates([0.5, 0.5], [moved, turned], self.identities)
        torch.testing.assert_close(drawn[0], 1 - drawn[1])

    @pytest.mark.parametrize("value", [0.0, 1.0])
    def test_a_rate_that_varies_in_no_subject_stays(self, value):
        assert (replicates([value], [self.moved(5)], self.identities) == value).all()
