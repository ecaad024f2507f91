"""Influence on averages against leaving subjects out, and sums over pairs of subjects against loops."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resemblance.metrics.subject_means import ComparedSubjects, combined, probe_influence
from resemblance.metrics.uncertainty import Influence


@st.composite
def comparisons(draw, people=6):
    """Subjects of impostor comparisons, any of them more than once, and a value for each."""
    pairs = draw(st.lists(st.tuples(st.integers(0, people - 1), st.integers(1, people - 1)), min_size=2, max_size=40))
    first = np.array([pair[0] for pair in pairs])
    second = np.array([(pair[0] + pair[1]) % people for pair in pairs])
    values = draw(st.lists(st.sampled_from([0.0, 1.0, 0.25]), min_size=len(pairs), max_size=len(pairs)))
    return first, second, np.array(values), people


@given(comparisons())
def test_impostor_comparisons_against_loops(drawn):
    first, second, values, people = drawn
    compared = ComparedSubjects(torch.tensor([0]), torch.from_numpy(first), torch.from_numpy(second), people)
    found = compared.impostor(torch.from_numpy(values))
    total, mean = len(values), values.mean()
    for subject in range(people):
        mine = (first == subject) | (second == subject)
        if mine.all():
            assert found.subjects < 2
            continue
        left_out = values[~mine].mean()
        assert found.by_subject[subject].item() == pytest.approx(mean - left_out, abs=1e-12)
    twice = 0.0
    for one in range(people):
        for other in range(one):
            between = ((first == one) & (second == other)) | ((first == other) & (second == one))
            twice += ((values[between] - mean).sum() / total) ** 2
    assert found.counted_twice == pytest.approx(twice, abs=1e-12)


@given(comparisons())
def test_variance_counts_each_two_comparisons_that_share_a_subject(drawn):
    """Σ U² − Σ D², without the jackknife's factors, is the sum of u_p u_q over all such p and q."""
    first, second, values, people = drawn
    compared = ComparedSubjects(torch.tensor([0]), torch.from_numpy(first), torch.from_numpy(second), people)
    found = compared.impostor(torch.from_numpy(values))
    rest = 1 - compared.impostor_spread.by_subject / len(values)
    plain = torch.where(rest > 0, found.by_subject * rest, 0)  # who takes part in all has a sum of zero
    centred = (values - values.mean()) / len(values)
    expected = 0.0
    for p in range(len(values)):
        for q in range(len(values)):
            if {first[p], second[p]} & {first[q], second[q]}:
                expected += centred[p] * centred[q]
    assert float(plain.square().sum()) - found.counted_twice == pytest.approx(expected, abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0.0, 1.0])), min_size=1, max_size=30))
def test_probes_against_leaving_out(drawn):
    subjects, values = (np.array(column) for column in zip(*drawn, strict=True))
    found = probe_influence(torch.from_numpy(values), torch.from_numpy(subjects), 5)
    assert found.counted_twice == 0
    if len(set(subjects.tolist())) == 1:
        assert found.subjects == 1
        return
    assert found.subjects == len(set(subjects.tolist()))
    for subject in range(5):
        left_out = values[subjects != subject].mean()
        assert found.by_subject[subject].item() == pytest.approx(values.mean() - left_out, abs=1e-12)


def test_jackknife_is_unbiased_where_some_subjects_have_most_probes():
    random = np.random.default_rng(0)
    subjects = np.repeat(np.arange(20), [40] + [4] * 19)
    means, variances = [], []
    for _ in range(6000):
        values = random.normal(size=20)[subjects]
        means.append(values.mean())
        variances.append(probe_influence(torch.from_numpy(values), torch.from_numpy(subjects), 20).variance)
    assert np.mean(variances) == pytest.approx(np.var(means), rel=0.06)


def test_combined():
    one = Influence(torch.tensor([1.0, 2.0]).double(), 0.0, 2)
    other = Influence(torch.tensor([3.0, -1.0]).double(), 0.5, 5)
    found = combined([(2.0, one), (-1.0, other)], bias=0.1)
    assert found.by_subject.tolist() == [-1, 5]
    assert (found.counted_twice, found.subjects, found.bias) == (0.5, 2, 0.1)
    with pytest.raises(ValueError, match="Only one"):
        combined([(1.0, other), (1.0, other)])
