"""Figures of counted scores against those of the scores themselves: equal, or within the bound that they come with."""

import math

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from resemblance.metrics import auc, balanced_threshold, equal_error_rate, tar_at_far, tar_at_impostor_errors
from resemblance.metrics.counted import (
    CountedScores,
    counted_auc,
    counted_equal_error_rate,
    counted_tar,
    counted_tar_at_far,
    equal_error_threshold,
    rejected,
    shares_below,
    threshold_at,
)
from resemblance.metrics.counted_thresholds import counted_balanced_threshold

# Few distinct values make many ties.
TIED = st.lists(st.integers(-4, 4).map(lambda n: n / 4), min_size=1, max_size=12)
FINE = st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=12)
SCORES = (TIED | FINE).map(lambda scores: torch.tensor(scores).sort().values)


def counted(genuine, impostor, values, highest):
    """Counts at any values, with so many of the highest impostor scores."""
    both = torch.cat([genuine, impostor])
    return CountedScores(
        values,
        rejected(genuine, values),
        rejected(impostor, values),
        impostor[len(impostor) - highest :],
        both.min().item(),
        both.max().item(),
    )


@st.composite
def binned(draw):
    """Scores, and their counts at values that may or may not be among them."""
    genuine, impostor = draw(SCORES), draw(SCORES)
    values = draw(st.lists(st.sampled_from([*genuine.tolist(), *impostor.tolist(), -0.3, 0.1]), min_size=1, max_size=5))
    highest = draw(st.integers(1, len(impostor)))
    return genuine, impostor, counted(genuine, impostor, torch.tensor(values).unique(), highest)


@given(SCORES, SCORES)
def test_counts_at_all_genuine_scores_give_every_figure_exactly(genuine, impostor):
    scores = CountedScores.of(genuine, impostor)
    assert (scores.genuine, scores.impostor) == (len(genuine), len(impostor))
    assert counted_auc(scores) == (auc(genuine, impostor), 0.0)
    equal = counted_equal_error_rate(scores)
    assert equal.error == 0
    assert equal.value == pytest.approx(equal_error_rate(genuine, impostor), abs=1e-12)
    allowed = torch.arange(len(impostor) + 1)
    tar, error = counted_tar(scores, allowed)
    assert tar.tolist() == tar_at_impostor_errors(genuine, impostor, allowed).tolist()
    assert not error.any()
    for k in range(1, len(impostor)):
        assert counted_tar_at_far(scores, k / len(impostor)) == (tar_at_far(genuine, impostor, k / len(impostor)), 0.0)


@given(SCORES, SCORES, st.data())
def test_few_kept_scores_change_no_rate(genuine, impostor, data):
    highest = data.draw(st.integers(1, len(impostor)))
    scores = counted(genuine, impostor, genuine.unique(), highest)
    for allowed in range(len(impostor)):
        threshold, errors = threshold_at(scores, allowed)
        assert errors == int((impostor > threshold).sum()) <= allowed
        tar = int((genuine > threshold).sum()) / len(genuine)
        assert tar == tar_at_impostor_errors(genuine, impostor, torch.tensor([allowed])).item()
        if allowed < highest:
            assert threshold == impostor[-1 - allowed]


@given(binned())
def test_what_bins_hide_lies_within_the_bound(case):
    genuine, impostor, scores = case
    area, equal = counted_auc(scores), counted_equal_error_rate(scores)
    assert abs(area.value - auc(genuine, impostor)) <= area.error + 1e-12
    assert abs(equal.value - equal_error_rate(genuine, impostor)) <= equal.error + 1e-12
    allowed = torch.arange(len(impostor) + 1)
    tar, error = counted_tar(scores, allowed)
    hidden = tar_at_impostor_errors(genuine, impostor, allowed) - tar
    assert (hidden >= 0).all()
    assert (hidden <= error + 1e-12).all()


@given(binned())
def test_the_bound_of_the_area_is_reached_by_some_order(case):
    genuine, impostor, scores = case
    values = scores.values
    # All genuine scores of a gap above its impostors, or all below.
    worst = []
    for sign in (1, -1):
        moved = [kind.double() for kind in (genuine, impostor)]
        for kind, shift in zip(moved, (1e-3, -1e-3), strict=True):
            inside = ~torch.isin(kind.float(), values)
            gap = torch.searchsorted(values, kind.float()[inside], right=True)
            kind[inside] = gap.double() * 1000 + 500 + sign * shift
            kind[~inside] = torch.searchsorted(values, kind.float()[~inside]).double() * 1000 + 1000
        worst.append(auc(*moved))
    area = counted_auc(scores)
    assert [area.value + area.error, area.value - area.error] == pytest.approx(worst, abs=1e-12)


@given(SCORES, SCORES)
def test_the_balanced_threshold_is_that_of_the_scores(genuine, impostor):
    assert counted_balanced_threshold(CountedScores.of(genuine, impostor)) == balanced_threshold(genuine, impostor)


@given(binned())
def test_a_balanced_threshold_of_bins_is_the_best_that_is_known(case):
    genuine, impostor, scores = case

    def below(score):
        return torch.nextafter(torch.tensor(score), torch.tensor(-math.inf)).item()

    def balanced(threshold):
        return (
            (genuine.double() > threshold).double().mean() + (impostor.double() <= threshold).double().mean()
        ).item()

    known = [v for v in scores.values.tolist() if v in genuine.tolist()]
    assume(known)
    best = max(balanced(below(v)) for v in known)
    assert balanced(counted_balanced_threshold(scores)) == pytest.approx(best)


@given(SCORES, SCORES)
def test_the_threshold_of_the_equal_error_rate(genuine, impostor):
    scores = CountedScores.of(genuine, impostor)
    threshold, errors, missed = equal_error_threshold(scores)
    assert errors == int((impostor > threshold).sum())
    assert missed == int((genuine <= threshold).sum())
    frr = missed / len(genuine)
    assert errors / len(impostor) <= equal_error_rate(genuine, impostor) + 1e-12
    assert equal_error_rate(genuine, impostor) <= frr + 1e-12


@given(SCORES, SCORES)
def test_shares_are_exact_where_they_can_be(genuine, impostor):
    scores = CountedScores.of(genuine, impostor)

    def share(kind, at):
        return [((kind < x).sum() + (kind <= x).sum()).item() / (2 * len(kind)) for x in at]

    # Genuine shares anywhere, impostor shares at the genuine scores.
    both = torch.cat([genuine, impostor])
    assert shares_below(scores, scores.genuine_rejected, both).tolist() == share(genuine, both)
    assert shares_below(scores, scores.impostor_rejected, genuine).tolist() == share(impostor, genuine)


@given(binned(), st.lists(st.floats(-12, 12), min_size=1, max_size=5))
def test_shares_lie_between_the_neighbouring_counts(case, at):
    genuine, impostor, scores = case
    at = torch.tensor(sorted(at), dtype=torch.float64)
    for kind, counts in ((genuine, scores.genuine_rejected), (impostor, scores.impostor_rejected)):
        found = shares_below(scores, counts, at)
        assert (found.diff() >= 0).all()
        for x, share in zip(at.tolist(), found.tolist(), strict=True):
            lower = [v for v in scores.values.tolist() if v < x]
            upper = [v for v in scores.values.tolist() if v > x]
            low = int((kind <= lower[-1]).sum()) if lower else 0
            high = int((kind < upper[0]).sum()) if upper else len(kind)
            assert low / len(kind) - 1e-12 <= share <= high / len(kind) + 1e-12


def test_counts_beyond_63_bits():
    many = 2**31 + 12345
    values = torch.tensor([0.0, 1.0])
    genuine = torch.tensor([0, 0, many, many, 2 * many - 7, 2 * many - 7])
    impostor = torch.tensor([0, 0, 5 * many, 5 * many, 9 * many, 9 * many])
    scores = CountedScores(values, genuine, impostor, torch.tensor([1.0]), 0.0, 1.0)
    wins = many * 5 * many + (many - 7) * (10 * many + 4 * many)
    assert counted_auc(scores).value == wins / (2 * (2 * many - 7) * 9 * many)


def test_the_balanced_threshold_of_more_than_63_bits():
    """Accepting from 0.5 up is better than from 0.75 by one in 10¹⁹: int64 overflows, and float64 finds it worse."""
    genuine, impostor = 7429570811, 7232655914
    lost, rejected = (1435655732, 1917993350), (3010354713, 3479908354)
    gains = [up * genuine - down * impostor for up, down in zip(rejected, lost, strict=True)]
    assert (gains[0] - gains[1], gains[0] > 2**63) == (1, True)
    rounded = [float(up) * genuine - float(down) * impostor for up, down in zip(rejected, lost, strict=True)]
    assert rounded[0] < rounded[1]
    of_genuine = torch.tensor([0, lost[0], lost[0] + 5, lost[1], lost[1] + 5, genuine])
    of_impostor = torch.tensor([0, rejected[0], rejected[0], rejected[1], rejected[1], impostor])
    scores = CountedScores(torch.tensor([0.5, 0.75]), of_genuine, of_impostor, torch.tensor([0.75]), 0.25, 0.75)
    assert counted_balanced_threshold(scores) == torch.nextafter(torch.tensor(0.5), torch.tensor(0.0)).item()


@pytest.mark.parametrize(("genuine", "impostor", "message"), [([], [1.0], "no genuine"), ([1.0], [math.nan], "NaN")])
def test_what_says_nothing_is_refused(genuine, impostor, message):
    with pytest.raises(ValueError, match=message):
        CountedScores.of(torch.tensor(genuine), torch.tensor(impostor))
