"""Two processes with half a batch each train as one with the whole batch does: every loss, through Lightning."""

import functools

import pytest
import torch

from resemblance.trainers import quiet_lightning
from tests.distributed.cases import ALONE, EXACT, configurations
from tests.distributed.training import (
    gradients_of_an_uneven_batch,
    train,
    weights_left_out_of_a_batch_without_pairs,
)

TOLERANCE = 1e-5


@functools.cache
def on_one_process():
    return configurations(1)


def result(two_processes, case, rank=0):
    found = two_processes[1 + rank][case]
    assert "error" not in found, found["error"]
    return found


def difference(ours, reference, moved):
    """Largest difference of any tensor, as a share of how far training has moved that tensor."""
    ways = {name: moved[name].double().abs().max().item() for name in reference}
    rounding = 1e-9 * max(ways.values())  # a bias that cancels in every distance moves by rounding errors alone
    return max(
        (ours[name].double() - expected.double()).abs().max().item() / max(ways[name], rounding)
        for name, expected in reference.items()
    )


def movement(states):
    return {name: states["after"][name].double() - before.double() for name, before in states["before"].items()}


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    @functools.cache
    def run(case):
        with quiet_lightning():
            return train(on_one_process()[case], tmp_path_factory.mktemp("one"))

    return run


@pytest.mark.parametrize("case", EXACT)
def test_two_processes_train_as_one_does(two_processes, single, case, record_property):
    reference = single(case)
    moved = movement(reference)
    assert any(tensor.abs().max() > 0 for name, tensor in moved.items() if name.startswith("network."))
    away = difference(result(two_processes, case)["after"], reference["after"], moved)
    record_property("difference", away)
    assert away < TOLERANCE


@pytest.mark.parametrize("case", EXACT)
def test_both_processes_and_the_checkpoint_hold_the_same_weights(two_processes, case):
    first, second = (result(two_processes, case, rank)["after"] for rank in (0, 1))
    saved = torch.load(two_processes[0] / case / "last.ckpt", weights_only=True)["state_dict"]
    assert first.keys() == second.keys() == saved.keys()
    for name, weights in first.items():
        assert torch.equal(weights, second[name]), name
        assert torch.equal(weights, saved[name]), name


@pytest.mark.parametrize("case", EXACT)
def test_processes_may_hold_unequally_many_images(two_processes, case):
    reference = gradients_of_an_uneven_batch(on_one_process()[case])
    assert any(gradient.abs().max() > 0 for gradient in reference.values())
    assert difference(result(two_processes, case)["uneven"], reference, reference) < TOLERANCE


@pytest.mark.parametrize("case", EXACT)
def test_the_loss_that_is_logged_is_that_of_the_whole_batch(two_processes, single, case):
    expected = single(case)["logged"]["train/loss"]
    for rank in (0, 1):
        assert result(two_processes, case, rank)["logged"]["train/loss"] == pytest.approx(expected, rel=TOLERANCE)


@pytest.mark.parametrize("case", EXACT)
def test_a_batch_without_pairs_gives_every_weight_a_gradient(case):
    assert not weights_left_out_of_a_batch_without_pairs(on_one_process()[case])


def test_processes_draw_differently(two_processes):
    """Of augmentation and dropout each process would otherwise make the same as the others."""
    draws = [result(two_processes, "cosface", rank)["draw"] for rank in (0, 1)]
    assert not torch.equal(*draws)


@pytest.mark.parametrize("case", ALONE)
def test_without_gathering_a_loss_of_comparisons_is_only_approximated(two_processes, single, case):
    reference = single(case)
    away = difference(result(two_processes, f"{case}-alone")["after"], reference["after"], movement(reference))
    if case == "cosface":  # a mean over images needs no gathering
        assert away < TOLERANCE
    else:
        assert away > 1e-3
