"""The loss that docs/losses.md shows whole works as it stands there."""

import math
import re

import pytest
import torch

from resemblance.errors import ConfigurationError
from resemblance.losses import CrossBatchMemory
from tests.helpers import REPOSITORY
from tests.losses.batches import assert_same, balanced


@pytest.fixture(scope="module")
def documented():
    """Its class."""
    (code,) = re.findall(
        r"```python\n(.*?class BinomialDevianceLoss.*?)```",
        (REPOSITORY / "docs/losses.md").read_text("utf-8"),
        re.DOTALL,
    )
    found = {}
    exec(code, found)
    return found["BinomialDevianceLoss"]


def naive(embeddings, identities, scale, threshold, cost):
    units = embeddings / embeddings.norm(dim=1, keepdim=True)
    terms = {True: [], False: []}
    for i, one in enumerate(units):
        for j, other in enumerate(units):
            if i == j:
                continue
            genuine = bool(identities[i] == identities[j])
            exponent = (-1 if genuine else cost) * scale * (one @ other - threshold)
            terms[genuine].append(torch.log1p(torch.exp(exponent)))
    return sum(torch.stack(of).mean() for of in terms.values())


def test_value_and_gradient_are_those_of_the_loops(documented):
    embeddings, identities = balanced(4, 3, 5)
    loss = documented(2.0, 0.4, 3.0)
    assert_same(lambda x: loss(x, identities).value, lambda x: naive(x, identities, 2.0, 0.4, 3.0), embeddings)


def test_it_reports_refuses_and_takes_a_memory(documented):
    embeddings, identities = balanced(4, 3, 5)
    statistics = documented()(embeddings, identities).statistics
    assert 0 < statistics["active_share"] < 1
    assert not statistics["empty_batch"]
    with pytest.raises(ConfigurationError, match="BinomialDevianceLoss needs cost to be a number above 0"):
        documented(cost=0)
    memory = CrossBatchMemory(documented(), embedding_size=5, size=24)
    assert math.isfinite(memory(embeddings, identities).value)
