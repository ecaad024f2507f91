"""Episodes against their definition, and hits against a naive loop in float64."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resemblance.embeddings import EpisodeList
from resemblance.metrics import UnmeasurableEpisodesError, interval_over_episodes, one_shot_hits, sample_episodes
from resemblance.similarity import CosineSimilarity, NegativeL1, NegativeSquaredL2, WeightedL1

SIMILARITIES = [
    CosineSimilarity(),
    NegativeSquaredL2(normalized=False),
    NegativeL1(normalized=False),
    NegativeL1(normalized=True),
    WeightedL1(6),
]


def some_labels(seed=0, people=30, most=6):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.repeat_interleave(torch.arange(people) * 3 - 7, torch.arange(people) % most + 1)
    return labels[torch.randperm(len(labels), generator=generator)]


def naive_hits(vectors, episodes, similarity, fusion):
    similarity = similarity.double()
    vectors = vectors.double()
    hits = []
    for support, queries, answers in zip(
        episodes.support.tolist(), episodes.queries.tolist(), episodes.answers.tolist(), strict=True
    ):
        row = []
        for query, answer in zip(queries, answers, strict=True):
            scores = []
            for rows in support:
                images = vectors[rows]
                if fusion == "mean":
                    if similarity.normalized:
                        images = images / images.norm(dim=1, keepdim=True)
                    images = images.sum(0, keepdim=True) / len(rows)
                scores.append(max(similarity(vectors[query][None], images)[0].float().tolist()))
            row.append(all(scores[answer] > score for place, score in enumerate(scores) if place != answer))
        hits.append(row)
    return hits


@pytest.mark.parametrize("fusion", ["max", "mean"])
@pytest.mark.parametrize("similarity", SIMILARITIES, ids=repr)
def test_hits_are_the_naive_ones(similarity, fusion):
    labels = some_labels()
    vectors = torch.randn(len(labels), 6, generator=torch.Generator().manual_seed(1))
    vectors += 0.7 * torch.randn(100, 6, generator=torch.Generator().manual_seed(2))[labels]
    episodes = sample_episodes(labels, ways=4, shots=2, queries=2, episodes=40)
    expected = naive_hits(vectors, episodes, similarity, fusion)
    similarity.float()
    assert 0 < sum(map(sum, expected)) < 40 * 8
    for block in (1, 3000, 2**22):
        assert one_shot_hits(vectors, episodes, similarity, fusion=fusion, block=block).tolist() == expected


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 2), min_size=24, max_size=24),
    st.integers(2, 4),
    st.integers(1, 2),
    st.integers(0, 1000),
)
def test_hits_with_many_ties(values, ways, shots, seed):
    labels = torch.arange(12) // 3
    vectors = torch.tensor(values, dtype=torch.float32).view(12, 2)
    episodes = sample_episodes(labels, ways=ways, shots=shots, episodes=5, seed=seed)
    similarity = NegativeL1(normalized=False)
    assert one_shot_hits(vectors, episodes, similarity).tolist() == naive_hits(vectors, episodes, similarity, "max")


@pytest.mark.parametrize("similarity", SIMILARITIES, ids=repr)
def test_a_network_that_maps_all_to_one_point_classifies_nothing(similarity):
    labels = some_labels()
    hits = one_shot_hits(torch.ones(len(labels), 6), sample_episodes(labels, ways=5, shots=1), similarity.float())
    assert not hits.any()


def test_numbers_without_meaning_are_right_once_in_n():
    labels = some_labels(people=60)
    vectors = torch.randn(len(labels), 16, generator=torch.Generator().manual_seed(0))
    hits = one_shot_hits(vectors, sample_episodes(labels, ways=5, shots=1), CosineSimilarity())
    assert hits.double().mean() == pytest.approx(0.2, abs=0.05)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 6), st.integers(1, 3), st.integers(1, 2), st.integers(0, 2**31 - 1))
def test_an_episode_holds_what_its_name_says(ways, shots, queries, seed):
    labels = some_labels(seed)
    drawn = sample_episodes(labels, ways=ways, shots=shots, queries=queries, episodes=20, seed=seed)
    assert drawn.support.shape == (20, ways, shots)
    assert drawn.queries.shape == drawn.answers.shape == (20, ways * queries)
    assert (len(drawn), drawn.ways, drawn.shots) == (20, ways, shots)
    classes = labels[drawn.support]
    assert (classes == classes[:, :, :1]).all(), "the support images of a class are of one identity"
    for episode in range(20):
        assert len(set(classes[episode, :, 0].tolist())) == ways
        rows = [*drawn.support[episode].flatten().tolist(), *drawn.queries[episode].tolist()]
        assert len(set(rows)) == len(rows), "no image is there twice"
    assert torch.equal(classes[:, :, 0].gather(1, drawn.answers), labels[drawn.queries])


def test_the_draw_depends_on_labels_and_seed_alone():
    labels = some_labels()
    torch.manual_seed(1)
    first = sample_episodes(labels, ways=5, shots=1, seed=3)
    torch.manual_seed(2)
    again, other = (sample_episodes(labels, ways=5, shots=1, seed=seed) for seed in (3, 4))
    assert torch.equal(first.support, again.support)
    assert torch.equal(first.queries, again.queries)
    assert not torch.equal(first.support, other.support)


def test_every_image_is_drawn_as_often_in_every_place():
    labels = torch.tensor([0, 0, 0, 1, 1, 1, 2, 2, 2, 5])  # the last has a single image
    drawn = sample_episodes(labels, ways=2, shots=1, episodes=30_000)
    for place in (drawn.support[:, 0, 0], drawn.support[:, 1, 0], drawn.queries[:, 0], drawn.queries[:, 1]):
        counts = torch.bincount(place, minlength=10)
        assert counts[9] == 0
        expected = 30_000 / 9
        assert ((counts[:9] - expected) ** 2 / expected).sum() < 26.1  # χ² with 8 degrees of freedom, p = 0.001


def test_what_can_not_be_drawn_is_refused_with_the_numbers():
    labels = torch.tensor([0, 0, 1, 1, 2])
    with pytest.raises(UnmeasurableEpisodesError, match="3-way 1-shot episodes need 3 identities with 2 images or mor"):
        sample_episodes(labels, ways=3, shots=1)
    with pytest.raises(UnmeasurableEpisodesError, match="there are 0"):
        sample_episodes(labels, ways=2, shots=2)
    for wrong in ({"ways": 1}, {"shots": 0}, {"queries": 0}, {"episodes": 0}):
        with pytest.raises(ValueError, match="2 ways or more"):
            sample_episodes(labels, **{"ways": 2, "shots": 1, **wrong})


def test_broken_input_is_refused():
    episodes = EpisodeList(torch.tensor([[[0], [1]]]), torch.tensor([[2]]), torch.tensor([[0]]), "by hand")
    with pytest.raises(ValueError, match="rows 0 to 1 of a set of 1"):
        one_shot_hits(torch.ones(1, 2), episodes, CosineSimilarity())
    with pytest.raises(ValueError, match="NaN"):
        one_shot_hits(torch.full((3, 2), math.nan), episodes, CosineSimilarity())
    with pytest.raises(ValueError, match="fusion is 'max' or 'mean'"):
        one_shot_hits(torch.ones(3, 2), episodes, CosineSimilarity(), fusion="median")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=2, max_size=40))
def test_the_interval_holds_the_mean_and_is_as_wide_as_its_formula(rights):
    accuracies = torch.tensor(rights).double() / 5
    mean = sum(rights) / 5 / len(rights)
    found = interval_over_episodes(accuracies)
    assert 0 <= found.low <= mean + 1e-9
    assert mean - 1e-9 <= found.high <= 1
    if len(set(rights)) > 1:
        half = 1.96 * math.sqrt(sum((r / 5 - mean) ** 2 for r in rights) / (len(rights) - 1) / len(rights))
        assert found.high == pytest.approx(min(1, mean + half), abs=1e-6)
        assert found.low == pytest.approx(max(0, mean - half), abs=1e-6)
    assert interval_over_episodes(accuracies[:1]) is None
