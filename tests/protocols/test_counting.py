"""All pairs counted in one walk, against all their scores laid out."""

import pytest
import torch

from resemblance.embeddings import Embeddings
from resemblance.metrics import auc, equal_error_rate, tar_at_far, tar_at_impostor_errors
from resemblance.metrics.all_pairs import AllPairs
from resemblance.metrics.counted import CountedScores, counted_auc, counted_equal_error_rate, counted_tar
from resemblance.protocols import Verification, all_pairs_scores, counting
from resemblance.protocols.counting import count_all_pairs
from resemblance.similarity import CosineSimilarity, NegativeSquaredL2

every_block = pytest.mark.parametrize("block", [1, 7, 64, None])


@pytest.fixture(params=["fine", "tied", "collapsed"])
def many(request, make_embeddings):
    """120 identities with 4 images each: 720 genuine and 114,240 impostor comparisons."""
    faces = make_embeddings(torch.arange(480) % 120, spread=1.2, dimension=4)
    if request.param == "tied":
        return Embeddings((faces.vectors / 4).round(), faces.identities)
    return faces if request.param == "fine" else Embeddings(torch.ones_like(faces.vectors), faces.identities)


SIMILARITY = NegativeSquaredL2(normalized=False)


@every_block
@pytest.mark.parametrize("settings", [{}, {"highest": 500, "waiting": 10_000}])
def test_all_figures_are_exact_however_few_scores_are_in_memory(many, block, settings):
    genuine, impostor = all_pairs_scores(many, SIMILARITY)
    allowed = torch.tensor([0, 1, 10, 100, 1000, 10_000, 100_000, len(impostor)])
    scores = count_all_pairs(AllPairs(many, SIMILARITY, block), allowed, **settings)
    # A score in millions may be rounded to its neighbour in another block: here there are not so many.
    assert counted_auc(scores) == (pytest.approx(auc(genuine, impostor), abs=1e-12), 0.0)
    assert counted_equal_error_rate(scores) == (pytest.approx(equal_error_rate(genuine, impostor), abs=1e-12), 0.0)
    tar, error = counted_tar(scores, allowed)
    assert tar.tolist() == tar_at_impostor_errors(genuine, impostor, allowed).tolist()
    assert not error.any()
    ends = torch.cat([genuine, impostor])
    assert (scores.lowest, scores.greatest) == (ends.min().item(), ends.max().item())


@every_block
def test_too_many_genuine_scores_leave_a_bound_that_holds(many, block, monkeypatch):
    monkeypatch.setattr(counting, "_SPREAD_ROWS", 12)
    genuine, impostor = all_pairs_scores(many, SIMILARITY)
    low = torch.tensor([1, 3, 30, 300])
    scores = count_all_pairs(AllPairs(many, SIMILARITY, block), low, exact_up_to=50, highest=500, waiting=10_000)
    assert len(scores.values) < 130
    assert (scores.genuine, scores.impostor) == (len(genuine), len(impostor))
    area, equal = counted_auc(scores), counted_equal_error_rate(scores)
    assert abs(area.value - auc(genuine, impostor)) <= area.error + 1e-12
    assert abs(equal.value - equal_error_rate(genuine, impostor)) <= equal.error + 1e-12
    everywhere = torch.arange(0, len(impostor) + 1, 97)
    tar, error = counted_tar(scores, everywhere)
    hidden = tar_at_impostor_errors(genuine, impostor, everywhere) - tar
    assert (hidden >= 0).all()
    assert (hidden <= error + 1e-12).all()
    assert error.max() < 0.06
    # The low rates that were asked for are exact; one whose threshold ties with scores that were not kept may not be.
    tar, error = counted_tar(scores, low)
    hidden = tar_at_impostor_errors(genuine, impostor, low) - tar
    assert (hidden >= 0).all()
    assert (hidden <= error + 1e-12).all()
    if len(impostor.unique()) > 10_000:
        assert not error.any()


def stated_error(scalar):
    """How exact the note says that a figure is."""
    _, stated, rest = (scalar.note or "").partition("exact to ")
    return float(rest.split()[0].strip("±+")) if stated else 0.0


def test_the_bound_stands_beside_the_figure(many):
    few = Verification(fars=(1e-3, 0.3), exact_up_to=50)(many, SIMILARITY)
    exact = Verification(fars=(1e-3, 0.3))(many, SIMILARITY)
    genuine, impostor = all_pairs_scores(many, SIMILARITY)
    for key, scalar in exact.scalars.items():
        assert stated_error(scalar) == 0
        about = few.scalars[key]
        assert abs(about.value - scalar.value) <= stated_error(about) + 1e-12
    at = "verification/tar_at_far_1e_3"
    assert exact.scalars[at].value == tar_at_far(genuine, impostor, 1e-3).tar


def test_neither_mode_depends_on_the_order_of_the_images(shuffled, faces):
    for limit in (10, 10_000):
        ours, theirs = (Verification(exact_up_to=limit)(each, CosineSimilarity()) for each in (faces, shuffled))
        for key, scalar in ours.scalars.items():
            other = theirs.scalars[key]
            assert abs(scalar.value - other.value) <= stated_error(scalar) + stated_error(other) + 1e-9
            assert limit == 10 or stated_error(scalar) == stated_error(other) == 0


def test_the_counts_of_a_list_are_those_of_all_pairs(faces):
    pairs = AllPairs(faces, CosineSimilarity())
    ours = count_all_pairs(pairs, torch.tensor([1]))
    theirs = CountedScores.of(*all_pairs_scores(faces, CosineSimilarity()))
    assert counted_auc(ours) == counted_auc(theirs)
    assert len(pairs) == theirs.genuine + theirs.impostor == len(faces) * (len(faces) - 1) // 2
