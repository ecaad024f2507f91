"""Open-set identification over a set: who is enrolled, the figures, and what can't be measured."""

import pytest
import torch

from resemblance.embeddings import Embeddings
from resemblance.errors import ConfigurationError, DataError
from resemblance.metrics.open_set import draw_non_mated
from resemblance.protocols import OpenSet
from resemblance.results import Result
from resemblance.similarity import CosineSimilarity, NegativeL1


def naive_searches(faces, share, seed, enrolled=1):
    """Ranks and mates' scores of mated probes, best scores of the others, in a loop over images."""
    labels = sorted(set(faces.identities.tolist()))
    images = {label: [row for row, other in enumerate(faces.identities.tolist()) if other == label] for label in labels}
    outside = draw_non_mated(torch.tensor([len(images[label]) > enrolled for label in labels]), share, seed)
    strangers = {label for label, out in zip(labels, outside.tolist(), strict=True) if out}
    scores = CosineSimilarity()(faces.vectors.double(), faces.vectors.double()).float()
    gallery = {label: images[label][:enrolled] for label in labels if label not in strangers}
    mated, tops = [], []
    for row, label in enumerate(faces.identities.tolist()):
        best = {person: max(float(scores[row, image]) for image in rows) for person, rows in gallery.items()}
        if label in strangers:
            tops.append(max(best.values()))
        elif row not in gallery[label]:
            rank = 1 + sum(score >= best[label] for person, score in best.items() if person != label)
            mated.append((rank, best[label]))
    return mated, tops, strangers


@pytest.mark.parametrize("enrolled", [1, 2])
def test_figures_are_the_naive_ones(faces, enrolled):
    mated, tops, strangers = naive_searches(faces, 0.4, 3, enrolled)
    protocol = OpenSet(fpirs=(0.2, 0.1), ranks=(1, 3), non_mated=0.4, seed=3, enrolled=enrolled)
    result = protocol(faces, CosineSimilarity())
    for rank, prefix in ((1, ""), (3, "rank_3_")):
        for rate, key in ((0.2, "2e_1"), (0.1, "1e_1")):
            allowed = int(rate * len(tops))
            least = sorted(tops, reverse=True)[allowed]
            found = sum(r <= rank and score > least for r, score in mated)
            scalar = result.scalars[f"open_set/{prefix}tpir_at_fpir_{key}"]
            assert scalar.value == pytest.approx(found / len(mated), abs=1e-12)
            assert scalar.low <= scalar.value <= scalar.high
            assert scalar.counts["mated"] == len(mated)
            assert scalar.counts["non_mated"] == len(tops)
            assert scalar.counts["gallery"] == 40 - len(strangers)
            assert scalar.counts["false_positives"] == allowed
            assert scalar.counts["misses"] == len(mated) - found
            few = [
                kind
                for kind, name in (("false positive", "false_positives"), ("missed", "misses"))
                if scalar.counts[name] < 30
            ]
            assert scalar.note == f"thinly supported: fewer than 30 {' and '.join(few)} searches"
    curve = result.curves["open_set/tpir"]
    assert (curve.x[0], curve.x[-1]) == (1 / len(tops), 1)
    assert curve.y[-1] == sum(r == 1 for r, _ in mated) / len(mated)
    low, high = result.curves["open_set/tpir_low"], result.curves["open_set/tpir_high"]
    tpir = dict(zip(curve.x, curve.y, strict=True))
    assert all(least <= tpir[x] <= most for x, least, most in zip(low.x, low.y, high.y, strict=True))
    assert high.x == low.x
    assert "open_set/refused" not in result.tables
    assert Result.from_json(result.to_json()).scalars == result.scalars


def test_few_misses_are_marked_too(make_embeddings):
    """Good embeddings: 640 searches of strangers, 64 of which return somebody, and hardly a mate that is missed."""
    scalars = OpenSet(fpirs=(0.1,))(make_embeddings(torch.arange(1280) // 8, spread=0.15), CosineSimilarity()).scalars
    scalar = scalars["open_set/tpir_at_fpir_1e_1"]
    assert scalar.counts["false_positives"] == 64
    assert scalar.counts["misses"] < 30
    assert scalar.note == "thinly supported: fewer than 30 missed searches"


def test_the_draw_depends_on_no_order_of_rows(faces):
    first = sorted(range(len(faces)), key=lambda row: (faces.identities[row].item(), row))
    again = Embeddings(faces.vectors[first], faces.identities[first])
    a, b = (OpenSet(fpirs=(0.1,))(one, CosineSimilarity()).scalars for one in (faces, again))
    assert {key: scalar.value for key, scalar in a.items()} == {key: scalar.value for key, scalar in b.items()}
    assert OpenSet(seed=1)(faces, CosineSimilarity()).curves != OpenSet()(faces, CosineSimilarity()).curves


def test_rates_below_one_search_are_refused_in_sight(make_embeddings):
    """A rehearsal: 16 identities with 3 images, 8 of them unknown, 24 searches without a mate."""
    result = OpenSet()(make_embeddings(torch.arange(48) // 3), CosineSimilarity())
    assert list(result.scalars) == ["open_set/tpir_at_fpir_1e_1"]
    assert [row[0] for row in result.tables["open_set/refused"].rows] == ["TPIR@FPIR=1e-2", "TPIR@FPIR=1e-3"]
    assert "24 non-mated searches; the smallest rate is 1/24" in result.tables["open_set/refused"].rows[0][1]


@pytest.mark.parametrize("identities", [[0, 0, 1, 1], [0, 0, 1], [0, 0, 0, 1, 2, 3]])
def test_the_smallest_sets_are_measured_or_refused_in_sight(make_embeddings, identities):
    result = OpenSet(fpirs=(0.9, 0.01))(make_embeddings(identities), CosineSimilarity())
    assert result.tables["open_set/refused"].rows
    assert all(scalar.low <= scalar.value <= scalar.high for scalar in result.scalars.values())


def test_distractors_are_enrolled_too(faces, make_embeddings):
    others = make_embeddings(torch.arange(30) // 2, seed=8)
    alone = OpenSet(fpirs=(0.1,))(faces, CosineSimilarity())
    among = OpenSet(fpirs=(0.1,), distractors=others)(faces, CosineSimilarity())
    a, b = (result.scalars["open_set/tpir_at_fpir_1e_1"] for result in (alone, among))
    assert b.counts["gallery"] == a.counts["gallery"] + 15
    assert b.value <= a.value
    assert among.curves["open_set/tpir"].y[-1] <= alone.curves["open_set/tpir"].y[-1]


def test_without_intervals_there_are_neither_ends_nor_replicates(faces):
    result = OpenSet(fpirs=(0.1,))(faces, NegativeL1(normalized=False), intervals=False)
    assert result.scalars["open_set/tpir_at_fpir_1e_1"].low is None
    assert not result.replicates


@pytest.mark.parametrize(
    ("identities", "message"), [([0, 1, 2], "3 images has no mated probe"), ([0, 0, 0], "at least two identities")]
)
def test_sets_without_mates_or_strangers_are_refused(make_embeddings, identities, message):
    with pytest.raises(DataError, match=message):
        OpenSet()(make_embeddings(identities), CosineSimilarity())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"fpirs": (0.0,)}, "fpirs between 0 and 1"),
        ({"fpirs": (0.1, 0.1)}, "a rate twice"),
        ({"non_mated": 1.0}, "a share between 0 and 1"),
        ({"ranks": ()}, "needs a rank"),
        ({"ranks": (1, 1)}, "each once"),
        ({"enrolled": 0}, "at least one image"),
        ({"fusion": "avg"}, "fusion=max or fusion=mean, not 'avg'"),
    ],
)
def test_settings_that_no_data_fit_are_refused_at_once(settings, message):
    with pytest.raises(ConfigurationError, match=message):
        OpenSet(**settings)


def test_one_stranger_of_nearly_all_searches_overflows_nothing(make_embeddings):
    """The only false positive is that of another stranger, and without the one there would be few searches."""
    images = [2000, 2, 2, 2]
    identities = torch.repeat_interleave(torch.arange(4), torch.tensor(images))
    seed = next(
        seed for seed in range(100) if draw_non_mated(torch.tensor([True] * 4), 0.5, seed).tolist()[:2] == [True, True]
    )
    vectors = torch.eye(4)[identities]
    vectors[2000] = torch.tensor([0.0, 0, 1, 0])
    result = OpenSet(fpirs=(1e-3,), seed=seed)(Embeddings(vectors, identities), CosineSimilarity())
    found = result.scalars["open_set/tpir_at_fpir_1e_3"]
    assert found.counts["false_positives"] == 1
    assert found.low <= found.value <= found.high


def test_a_rank_that_so_few_can_not_miss_is_refused(make_embeddings):
    faces = make_embeddings([person for person in range(6) for _ in range(3)])
    result = OpenSet(fpirs=(0.2,), ranks=(1, 2, 3))(faces, CosineSimilarity())
    assert set(result.scalars) == {"open_set/tpir_at_fpir_2e_1", "open_set/rank_2_tpir_at_fpir_2e_1"}
    assert result.tables["open_set/refused"].rows == (
        ("rank-3 TPIR", "Among 3 enrolled identities a rank of 3 can't be missed."),
    )
    assert "open_set/tpir" in result.curves
    nothing = OpenSet(fpirs=(0.2,), ranks=(5,))(faces, CosineSimilarity())
    assert not nothing.scalars
    assert not nothing.curves
    of_one = OpenSet(fpirs=(0.4,))(make_embeddings([0, 0, 0, 1, 1, 1]), CosineSimilarity())
    assert of_one.scalars["open_set/tpir_at_fpir_4e_1"].counts["gallery"] == 1
