"""Open-set identification against naive loops and definitions, ties included."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resemblance.metrics import cmc
from resemblance.metrics.open_set import (
    allowed_false_positives,
    draw_non_mated,
    fnir,
    fpir,
    threshold_at,
    tpir_at_false_positives,
    tpir_at_fpir,
    tpir_influence,
)
from resemblance.metrics.rates import UnmeasurableRateError

TENTHS = st.integers(-5, 5).map(lambda n: n / 10)  # few values: many ties


@st.composite
def searches(draw):
    mated = draw(st.lists(st.tuples(st.integers(1, 4), TENTHS), min_size=1, max_size=12))
    tops = draw(st.lists(TENTHS, min_size=1, max_size=12))
    ranks, mates = zip(*mated, strict=True)
    return torch.tensor(ranks), torch.tensor(mates), torch.tensor(tops)


@given(searches(), TENTHS, st.integers(1, 4))
def test_rates_at_a_threshold_are_their_definitions(drawn, threshold, rank):
    ranks, mates, tops = drawn
    missed = [r > rank or m < threshold for r, m in zip(ranks.tolist(), mates.tolist(), strict=True)]
    assert fnir(ranks, mates, threshold, rank) == pytest.approx(sum(missed) / len(missed), abs=1e-12)
    assert fpir(tops, threshold) == sum(t >= threshold for t in tops.tolist()) / len(tops)


@given(searches(), st.integers(1, 12), st.integers(1, 4))
def test_the_threshold_is_the_lowest_that_keeps_the_rate(drawn, errors, rank):
    ranks, mates, tops = drawn
    rate = min(errors, len(tops)) / len(tops)
    point = tpir_at_fpir(ranks, mates, tops, rate, rank)
    assert point.fpir_achieved == fpir(tops, point.threshold) <= rate
    assert point.false_positives == round(point.fpir_achieved * len(tops))
    assert point.tpir == 1 - fnir(ranks, mates, point.threshold, rank)
    lower = [score for score in {*tops.tolist(), *mates.tolist()} if score < point.threshold]
    if lower:
        assert fpir(tops, max(lower)) > rate or 1 - fnir(ranks, mates, max(lower), rank) == point.tpir


@given(searches(), st.integers(1, 4))
def test_the_curve_has_the_same_points(drawn, rank):
    ranks, mates, tops = drawn
    allowed = torch.arange(1, len(tops) + 1)
    points = [tpir_at_fpir(ranks, mates, tops, k / len(tops), rank).tpir for k in allowed.tolist()]
    curve = tpir_at_false_positives(ranks, mates, tops, allowed, rank)
    assert curve.tolist() == pytest.approx(points, abs=1e-12)
    assert (curve.diff() >= 0).all()


@given(searches())
def test_a_closed_set_is_the_special_case_without_a_threshold(drawn):
    ranks, mates, tops = drawn
    for rank, rate in enumerate(cmc(ranks, 4).tolist(), start=1):
        assert 1 - fnir(ranks, mates, -math.inf, rank) == pytest.approx(rate, abs=1e-12)
        assert tpir_at_fpir(ranks, mates, tops, 1.0, rank).tpir == pytest.approx(rate, abs=1e-12)


def test_ties_with_a_stranger_count_against_the_mate():
    """A network that maps all faces to one point."""
    point = tpir_at_fpir(torch.ones(4, dtype=torch.int64), torch.ones(4), torch.ones(10), 0.5)
    assert (point.tpir, point.fpir_achieved) == (0, 0)
    assert point.threshold > 1
    assert threshold_at(torch.ones(10), 10) == -math.inf


def test_a_rate_below_one_search_is_refused():
    with pytest.raises(UnmeasurableRateError, match=r"FPIR=0\.001 can't be measured with 50 non-mated searches"):
        allowed_false_positives(1e-3, 50)
    for rate in (0, -1, 1.5):
        with pytest.raises(ValueError, match="above 0 and is at most 1"):
            allowed_false_positives(rate, 50)
    assert allowed_false_positives(0.29, 100) == 29


@pytest.mark.parametrize(
    ("ranks", "mates", "tops", "message"),
    [
        ([], [], [0.5], "no mated searches"),
        ([1], [0.5], [], "no non-mated searches"),
        ([0], [0.5], [0.5], "begin with 1, not 0"),
        ([1], [math.nan], [0.5], "1 mated searches are NaN"),
        ([1], [0.5], [math.inf], "1 non-mated searches are NaN or infinite"),
        ([1, 2], [0.5], [0.5], "can't have 2 ranks"),
    ],
)
def test_what_is_no_search_is_refused(ranks, mates, tops, message):
    with pytest.raises(ValueError, match=message):
        tpir_at_fpir(torch.tensor(ranks, dtype=torch.int64), torch.tensor(mates), torch.tensor(tops), 1.0)


@given(st.lists(st.booleans(), min_size=2, max_size=20).filter(any), st.floats(0.01, 0.99), st.integers(0, 5))
def test_the_draw_leaves_somebody_on_each_side(can_probe, share, seed):
    can_probe = torch.tensor(can_probe)
    outside = draw_non_mated(can_probe, share, seed)
    assert outside.any()
    assert (can_probe & ~outside).any()
    assert torch.equal(outside, draw_non_mated(can_probe, share, seed))
    able = int(can_probe.sum())
    assert int((outside & can_probe).sum()) in (min(round(share * able), able - 1), 1)


def draw_scores(generator, people=120, images=6):
    """Mated and non-mated searches of subjects who are not equally easy, and the subject of each."""
    subjects = torch.arange(2 * people).repeat_interleave(images)
    effect = torch.randn(2 * people, generator=generator)[subjects]
    scores = 0.8 * effect + torch.randn(len(subjects), generator=generator)
    mated = subjects < people
    ranks = 1 + (torch.rand(int(mated.sum()), generator=generator) < 0.1).long()
    return ranks, scores[mated] + 2.5, scores[~mated], (subjects[mated], subjects[~mated]), 2 * people


@pytest.mark.parametrize(("rate", "people", "positives"), [(0.1, 120, 72), (0.025, 120, 18), (0.02, 40, 4)])
def test_the_interval_covers_with_the_variation_of_the_threshold(rate, people, positives):
    """95 of 100 intervals hold the TPIR of the population, and far fewer with the threshold as given."""
    from resemblance.metrics.subject_means import probe_influence
    from resemblance.metrics.uncertainty import interval

    generator = torch.Generator().manual_seed(0)
    ranks, mates, tops, *_ = draw_scores(generator, people=100_000)
    truth = tpir_at_fpir(ranks, mates, tops, rate).tpir
    held = given_threshold = 0
    for _ in range(600):
        ranks, mates, tops, who, count = draw_scores(generator, people)
        point = tpir_at_fpir(ranks, mates, tops, rate)
        assert point.false_positives == positives
        found = interval(point.tpir, tpir_influence(ranks, mates, tops, rate, who, count))
        held += found.low <= truth <= found.high
        hits = (ranks == 1) & (mates.double() >= point.threshold)
        found = interval(point.tpir, probe_influence(hits, who[0], count))
        given_threshold += found.low <= truth <= found.high
    assert 0.92 <= held / 600 <= 0.98
    assert given_threshold / 600 < 0.9
