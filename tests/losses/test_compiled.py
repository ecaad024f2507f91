"""What a GPU compiles computes the same where nothing can be compiled."""

import functools
import warnings

import pytest
import torch

from resemblance.errors import ResemblanceWarning
from resemblance.losses import class_blocks, compiled
from tests.losses.batches import random
from tests.losses.dense_classes import gradients


@pytest.fixture
def compiling(monkeypatch):
    """A function that gives what a GPU compiles to a backend of torch.compile, as if the CPU were one."""
    compile_ = torch.compile

    def begin(backend):
        monkeypatch.setattr(torch, "compile", functools.partial(compile_, backend=backend))
        monkeypatch.setattr(compiled, "_on_cuda", lambda tensor: True)
        monkeypatch.setattr(compiled, "_can_compile", True)
        for name in ("_logits", "_accumulate", "_through_normalisation"):
            function = getattr(class_blocks, name).__wrapped__
            monkeypatch.setattr(class_blocks, name, compiled.compiled_on_cuda(function))

    torch.compiler.reset()
    yield begin
    torch.compiler.reset()


def value_and_gradients():
    x, weight = random(4, 3).requires_grad_(), random(7, 3, seed=1).requires_grad_()
    logits = class_blocks.class_logits(x, torch.tensor([0, 6, 6, 2]), weight, block_size=3)
    return [*logits[:4], *gradients(logits[:3], [x, weight])]


@pytest.mark.parametrize("first_to_fail", range(3))
def test_where_nothing_can_be_compiled_the_same_is_computed_and_told_once(compiling, first_to_fail):
    expected, graphs = value_and_gradients(), []

    def backend(graph, inputs):
        if len(graphs) == first_to_fail:
            raise FileNotFoundError("no C compiler\nand more")
        graphs.append(graph)
        return graph

    compiling(backend)
    with pytest.warns(
        ResemblanceWarning, match=r"can't compile .*no C compiler.*; install Triton and a C comp"
    ) as told:
        found = value_and_gradients()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = value_and_gradients()
    assert (len(told), len(graphs)) == (1, first_to_fail)
    for results in (found, again):
        for result, eager in zip(results, expected, strict=True):
            torch.testing.assert_close(result, eager)


def test_what_fails_while_it_runs_is_not_computed_again_on_what_it_has_overwritten(compiling):
    def broken(*inputs):
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    compiling(lambda graph, inputs: broken)
    with pytest.raises(RuntimeError, match="illegal memory access"):
        value_and_gradients()
