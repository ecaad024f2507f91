"""One-shot protocols: figures, what they rest on, and what they refuse."""

import math

import pytest
import torch

from resemblance.embeddings import Embeddings, EpisodeList
from resemblance.errors import ConfigurationError, DataError
from resemblance.metrics import one_shot_hits, sample_episodes
from resemblance.protocols import FixedEpisodes, OneShot, run_protocols
from resemblance.results import Result
from resemblance.similarity import CosineSimilarity, NegativeL1


def test_the_figures_are_those_of_the_episodes(faces):
    result = OneShot(ways=(3, 5), shots=(1, 2), episodes=200, queries=2, seed=5)(faces, CosineSimilarity())
    assert list(result.scalars) == [f"one_shot/{w}_way_{k}_shot" for w in (3, 5) for k in (1, 2)]
    episodes = sample_episodes(faces.identities, ways=3, shots=2, queries=2, episodes=200, seed=5)
    hits = one_shot_hits(faces.vectors, episodes, CosineSimilarity())
    scalar = result.scalars["one_shot/3_way_2_shot"]
    assert scalar.value == pytest.approx(int(hits.sum()) / hits.numel(), abs=1e-12)
    counts = {"subjects": 19, "episodes": 200, "ways": 3, "shots": 2, "queries": 1200, "errors": int((~hits).sum())}
    assert dict(scalar.counts) == counts
    half = 1.96 * float(hits.double().mean(1).std()) / math.sqrt(200)
    assert (scalar.low, scalar.high) == pytest.approx((scalar.value - half, scalar.value + half))
    assert scalar.method == "1.96·std/√episodes"
    assert scalar.label == "3-way 2-shot (± over episodes, not training seeds)"
    assert Result.from_json(result.to_json()) == result.without_replicates()


def test_replicates_are_of_one_test_set_and_move_with_its_subjects(faces):
    better = Embeddings(faces.vectors + 3 * torch.eye(40, 8)[faces.identities], faces.identities)
    key = "one_shot/5_way_1_shot"
    protocol = OneShot(ways=(5,))
    first, second = (protocol(each, CosineSimilarity()) for each in (faces, better))
    difference = first.replicates[key] - second.replicates[key]
    assert difference.shape == (1000,)
    assert float(difference.mean()) == pytest.approx(first.scalars[key].value - second.scalars[key].value, abs=0.01)
    assert float(difference.std()) < float(first.replicates[key].std() + second.replicates[key].std())


def test_without_intervals_the_figures_are_the_same(faces):
    with_, without = (OneShot(episodes=50)(faces, CosineSimilarity(), intervals=i) for i in (True, False))
    assert [s.value for s in with_.scalars.values()] == [s.value for s in without.scalars.values()]
    assert not without.replicates
    assert all(scalar.low is None for scalar in without.scalars.values())


def test_too_small_a_set_is_refused_in_sight(make_embeddings):
    result = OneShot()(make_embeddings([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5]), CosineSimilarity())
    assert list(result.scalars) == ["one_shot/5_way_1_shot"]
    ((figure, reason),) = result.tables["one_shot/refused"].rows
    assert figure.startswith("20-way 1-shot")
    assert reason == "20-way 1-shot episodes need 20 identities with 2 images or more, but there are 5."


def test_few_errors_are_marked(make_embeddings):
    result = OneShot(ways=(2,), episodes=50)(make_embeddings(torch.arange(40) // 4, spread=0.0), CosineSimilarity())
    scalar = result.scalars["one_shot/2_way_1_shot"]
    assert (scalar.value, scalar.low, scalar.high) == (1.0, 0.94, 1.0)
    assert scalar.note == "thinly supported: fewer than 30 errors"


def test_the_cosine_stands_beside_a_similarity_that_ranks_otherwise(faces):
    result = run_protocols([OneShot(ways=(5,), episodes=20)], faces, NegativeL1(normalized=False))
    assert set(result.scalars) == {"one_shot/5_way_1_shot", "one_shot_cosine/5_way_1_shot"}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"ways": (1,)}, "ways from 2 up, each once, not \\[1\\]"),
        ({"ways": (5, 5)}, "ways from 2 up, each once"),
        ({"shots": ()}, "shots from 1 up"),
        ({"queries": 0}, "queries from 1 up, not 0"),
        ({"episodes": 1}, "episodes from 2 up, not 1"),
        ({"fusion": "median"}, "fusion=max or fusion=mean, not 'median'"),
    ],
)
def test_wrong_settings_are_refused_at_once(wrong, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        OneShot(**wrong)


def runs_of(identities, episodes=12):
    drawn = sample_episodes(identities, ways=4, shots=1, episodes=episodes, seed=9)
    return EpisodeList(drawn.support, drawn.queries, drawn.answers, "a dozen runs")


def test_a_fixed_list_is_measured_over_its_runs(faces):
    runs = runs_of(faces.identities)
    scalar = FixedEpisodes(runs)(faces, CosineSimilarity()).scalars["one_shot_runs/accuracy"]
    of_runs = one_shot_hits(faces.vectors, runs, CosineSimilarity()).double().mean(1)
    assert scalar.value == pytest.approx(float(of_runs.mean()), abs=1e-12)
    half = 2.200985 * float(of_runs.std()) / math.sqrt(12)  # t with 11 degrees of freedom
    assert scalar.high - scalar.value == pytest.approx(half, rel=1e-5)
    assert scalar.method == "t over 12 runs"
    assert scalar.label == "4-way 1-shot accuracy (a dozen runs)"


def test_runs_without_an_error_are_not_certain(make_embeddings):
    faces = make_embeddings(torch.arange(40) // 4, spread=0.0)
    scalar = FixedEpisodes(runs_of(faces.identities))(faces, CosineSimilarity()).scalars["one_shot_runs/accuracy"]
    assert (scalar.value, scalar.low, scalar.high) == (1.0, 0.75, 1.0)


def test_a_list_of_another_set_is_refused(faces):
    runs = runs_of(faces.identities)
    with pytest.raises(DataError, match="contradict the identities"):
        FixedEpisodes(runs)(Embeddings(faces.vectors, faces.identities.flip(0)), CosineSimilarity())
    with pytest.raises(DataError, match="of a set of 5 images; it belongs to another set"):
        FixedEpisodes(runs)(Embeddings(faces.vectors[:5], faces.identities[:5]), CosineSimilarity())
    with pytest.raises(DataError, match="is empty"):
        FixedEpisodes(EpisodeList(runs.support[:0], runs.queries[:0], runs.answers[:0], "none"))(
            faces, CosineSimilarity()
        )


@pytest.mark.parametrize(
    ("support", "queries", "answers", "sentence"),
    [
        ([[[0], [2]]], [[0, 3]], [[0, 1]], "1 queries that are support images of their own episode"),
        ([[[0, 2], [2, 3]]], [[1, 4]], [[0, 1]], "1 classes whose support images show several identities"),
        ([[[0], [1]]], [[4]], [[0]], "1 episodes in which one identity makes two classes"),
        ([[[0], [2]]], [[1, 3]], [[0, 5]], "answers from 0 to 5, which should be places 0 to 1"),
        ([[[0], [2]]], [[1, 3]], [[0, -1]], "answers from -1 to 0, which should be places 0 to 1"),
        ([[[0]]], [[1]], [[0]], "1 class in each episode, which can't be missed"),
        ([[[0], [2]]], [[1, 3]], [[0]], r"queries \[1, 2\] and answers \[1, 1\], which should be"),
        ([[0, 2]], [[1, 3]], [[0, 1]], r"support \[1, 2\], .*which should be \[E, W, K\]"),
        ([[[], []]], [[1, 3]], [[0, 1]], "is empty"),
    ],
)
def test_episodes_that_ask_for_something_else_are_refused(make_embeddings, support, queries, answers, sentence):
    faces = make_embeddings([0, 0, 1, 1, 1 if sentence.startswith("1 classes") else 0])
    episodes = EpisodeList(torch.tensor(support).long(), torch.tensor(queries), torch.tensor(answers), "by hand")
    with pytest.raises(DataError, match=f"The episode list 'by hand' has .*{sentence}|'by hand' {sentence}"):
        FixedEpisodes(episodes)(faces, CosineSimilarity())


def test_broken_embeddings_are_refused(faces):
    broken = Embeddings(faces.vectors * math.nan, faces.identities)
    for protocol in (OneShot(), FixedEpisodes(runs_of(faces.identities))):
        with pytest.raises(DataError, match="embeddings hold NaN"):
            protocol(broken, CosineSimilarity())
