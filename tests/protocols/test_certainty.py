"""No figure of a test set is stated without doubt, least of all where nothing in it varies."""

import pytest
import torch

from resemblance.embeddings import Embeddings, EpisodeList, PairList
from resemblance.metrics import sample_episodes
from resemblance.protocols import (
    FixedEpisodes,
    Identification,
    OneShot,
    OpenSet,
    PairVerification,
    Retrieval,
    Verification,
)
from resemblance.protocols.estimates import SAYS_NOTHING
from resemblance.similarity import CosineSimilarity


def listed(identities):
    first, second = torch.triu_indices(len(identities), len(identities), offset=1)
    return PairList(first, second, identities[first] == identities[second], "list", torch.arange(len(first)) % 4)


@pytest.mark.parametrize("spread", ["collapsed", "perfect"])
def test_an_interval_has_a_width(spread):
    identities = torch.arange(80) // 4
    vectors = torch.ones(80, 20) if spread == "collapsed" else torch.eye(20)[identities]
    drawn = sample_episodes(identities, ways=4, shots=1, episodes=12)
    protocols = [
        Verification(fars=(0.1,)),
        PairVerification(listed(identities), 0.5, fars=(0.1,)),
        Identification(),
        OpenSet(fpirs=(0.1,)),
        Retrieval(),
        OneShot(ways=(3,), episodes=50),
        FixedEpisodes(EpisodeList(drawn.support, drawn.queries, drawn.answers, "runs")),
    ]
    for protocol in protocols:
        result = protocol(Embeddings(vectors, identities), CosineSimilarity())
        scalars = result.scalars
        assert scalars
        assert {key for key, scalar in scalars.items() if scalar.degrees is not None} == set(result.replicates)
        for key, scalar in scalars.items():
            assert 0 <= scalar.low <= scalar.value <= scalar.high <= 1, key
            assert scalar.high - scalar.low >= 3 / 80, key
            assert "rule of three" in scalar.method, key


def test_an_interval_that_covers_nearly_everything_is_told():
    """One of two subjects has all genuine comparisons; the AUC can do without neither."""
    identities = torch.tensor([0] * 6 + [1])
    vectors = torch.randn(7, 4, generator=torch.Generator().manual_seed(0))
    scalars = Verification(fars=())(Embeddings(vectors, identities), CosineSimilarity()).scalars
    for scalar in scalars.values():
        assert scalar.high - scalar.low > 0.9
        assert SAYS_NOTHING in scalar.note
    many = Embeddings(torch.randn(80, 4, generator=torch.Generator().manual_seed(0)), torch.arange(80) // 4)
    assert SAYS_NOTHING not in (Verification(fars=())(many, CosineSimilarity()).scalars["verification/auc"].note or "")
