"""Influence of subjects from blocks of all pairs against the same from a list of all comparisons."""

import pytest
import torch

from resemblance.embeddings import Embeddings
from resemblance.metrics.all_pairs import AllPairs
from resemblance.metrics.influence import auc_influence, rate_influence, share_below
from resemblance.metrics.subject_means import ComparedSubjects
from resemblance.protocols.all_pairs_influence import ScoreShares, all_pairs_influence
from resemblance.similarity import CosineSimilarity, NegativeL1


def laid_out(embeddings, similarity):
    """All genuine and impostor scores, and whose they are."""
    pairs = AllPairs(embeddings, similarity, block=len(embeddings))
    (block,) = pairs
    first, second = torch.triu_indices(len(embeddings), len(embeddings), 1)
    same = pairs.subjects[first] == pairs.subjects[second]
    scores = block.scores[first, second]
    who = pairs.subjects[first], pairs.subjects[second]
    compared = ComparedSubjects(who[0][same], who[0][~same], who[1][~same], len(pairs.images))
    return scores[same], scores[~same], compared


def shares_of(genuine, impostor):
    ordered = genuine.sort().values, impostor.sort().values
    return ScoreShares(
        lambda at: share_below(ordered[0].double(), at.double()),
        lambda at: share_below(ordered[1].double(), at.double()),
        float(ordered[0][0]),
        float(ordered[0][-1]),
    )


def tied(embeddings):
    """Few different embeddings, hence few different scores."""
    return Embeddings(embeddings.vectors.sign()[:, :4] + 0.1, embeddings.identities)


@pytest.mark.parametrize("block", [1, 3, 50, 1000])
@pytest.mark.parametrize("similarity", [CosineSimilarity(), NegativeL1(normalized=True)], ids=["cosine", "L1"])
@pytest.mark.parametrize("change", [lambda same: same, tied], ids=["", "tied"])
def test_as_from_a_list(faces, similarity, block, change):
    embeddings = change(faces)
    genuine, impostor, compared = laid_out(embeddings, similarity)
    scores = torch.cat([genuine, impostor]).sort().values
    # Among them scores themselves, which are not above themselves, and numbers between two of float32.
    thresholds = [float(scores[i]) for i in (0, 40, 900, -60, -1)] + [float(scores[300]) + 1e-12, -9.0]
    rates, on_auc = all_pairs_influence(
        AllPairs(embeddings, similarity, block), thresholds, shares_of(genuine, impostor)
    )
    for threshold, found in zip(thresholds, rates, strict=True):
        for ours, expected in zip(found, rate_influence(genuine, impostor, compared, threshold), strict=True):
            torch.testing.assert_close(ours.by_subject, expected.by_subject, rtol=1e-12, atol=1e-15)
            assert ours.counted_twice == pytest.approx(expected.counted_twice, rel=1e-12, abs=1e-18)
            assert ours.subjects == expected.subjects
    # The shares of wins come from a table.
    expected = auc_influence(genuine, impostor, compared)
    assert float((on_auc.by_subject - expected.by_subject).norm() / expected.by_subject.norm()) < 1e-3
    assert on_auc.variance == pytest.approx(expected.variance, rel=1e-3)


def test_without_shares_there_is_no_auc(faces):
    rates, on_auc = all_pairs_influence(AllPairs(faces, CosineSimilarity()), [0.5])
    assert len(rates) == 1
    assert on_auc is None


def test_a_network_that_maps_all_to_one_point(faces):
    """All scores equal: every share is one half, and nothing moves."""
    same = Embeddings(torch.ones(len(faces), 4), faces.identities)
    genuine, impostor, compared = laid_out(same, CosineSimilarity())
    _, found = all_pairs_influence(AllPairs(same, CosineSimilarity(), 7), [0.0], shares_of(genuine, impostor))
    expected = auc_influence(genuine, impostor, compared)
    torch.testing.assert_close(found.by_subject, expected.by_subject, rtol=0, atol=1e-6)
