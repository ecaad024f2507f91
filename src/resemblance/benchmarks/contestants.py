"""Who competes: our losses, pytorch-metric-learning set up to compute the same value, and plain torch."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from pytorch_metric_learning import distances, miners, reducers
from pytorch_metric_learning import losses as library
from torch import Tensor, nn
from torch.nn.functional import normalize

from resemblance.benchmarks import plain
from resemblance.benchmarks.cases import EMBEDDING_SIZE, Case
from resemblance.losses import AngularLoss, CosFaceLoss, MetricLoss, TripletLoss

OURS, LIBRARY, PLAIN = "ours", "pytorch-metric-learning", "plain torch"
WITH_STATISTICS = "ours, statistics read"
"""What a training step pays, which reads them each time; the others compute none."""

MARGIN = 0.2  # of the triplet losses, in squared distance
ANGLE = 45.0
SCALE, COSINE_MARGIN = 64.0, 0.35
_MINING = {"batch-all": "all", "semi-hard": "semihard", "batch-hard": "hard"}
_ROWS = 100_000  # class weights drawn at a time


@dataclass(frozen=True)
class Contestant:
    """One way to compute a loss."""

    loss: Callable[[Tensor, Tensor], Tensor]
    weight: nn.Parameter | None = None
    """Class weights, [C, D] or, in the library, [D, C]."""
    classes_last: bool = False
    """Whether the weights are those of the library."""

    def forward_backward(self, embeddings: Tensor, identities: Tensor) -> Tensor:
        """The value, detached; gradients lie in ``grad`` of the embeddings and the weight."""
        value = self.loss(embeddings, identities)
        value.backward()
        return value.detach()

    def gradients(self, embeddings: Tensor) -> list[Tensor]:
        """Of the embeddings [B, D] and of the class weights, [C, D] for all, where there are any."""
        found = [embeddings.grad, None if self.weight is None else self.weight.grad]
        if self.classes_last and found[1] is not None:
            found[1] = found[1].T
        return [gradient for gradient in found if gradient is not None]

    def clear(self, embeddings: Tensor) -> None:
        """Forget the gradients, so that the next call allocates them as a training step does."""
        embeddings.grad = None
        if self.weight is not None:
            self.weight.grad = None


def contestants(case: Case) -> list[str]:
    """The names of those who compete in a case, ours first."""
    return [OURS, LIBRARY] + ([] if case.series == "angular" else [PLAIN]) + [WITH_STATISTICS]


def build(name: str, case: Case, device: str) -> Contestant:
    """The contestant, with class weights that are the same numbers for all of a case."""
    if case.series == "cosface":
        assert case.classes
        return _margin_softmax(name, case.classes, device)
    if name in (OURS, WITH_STATISTICS):
        return Contestant(partial(_VALUE[name], _ours(case)))
    if name == LIBRARY:
        return Contestant(_from_library(case))
    if case.series == "batch-hard":
        return Contestant(partial(plain.batch_hard, margin=MARGIN))
    return Contestant(partial(plain.triplet_table, margin=MARGIN, semihard=case.series == "semi-hard"))


def _value(loss: MetricLoss, embeddings: Tensor, identities: Tensor) -> Tensor:
    value: Tensor = loss(embeddings, identities).value
    return value


def _value_with_statistics(loss: MetricLoss, embeddings: Tensor, identities: Tensor) -> Tensor:
    value, statistics = loss(embeddings, identities)
    len(statistics)  # they are found on the first look
    return torch.as_tensor(value)


_VALUE = {OURS: _value, WITH_STATISTICS: _value_with_statistics}


def _ours(case: Case) -> MetricLoss:
    if case.series == "angular":
        return AngularLoss(ANGLE)
    return TripletLoss(MARGIN, _MINING[case.series])  # type: ignore[arg-type]  # one of the names


def _from_library(case: Case) -> Callable[[Tensor, Tensor], Tensor]:
    if case.series == "angular":
        angular = library.AngularLoss(alpha=ANGLE)
        # It leaves the negatives as they are: only on normalised input does it compute the paper's formula.
        return lambda embeddings, identities: angular(normalize(embeddings), identities)
    squared = distances.LpDistance(power=2)  # normalises by itself; its default is the distance, not its square
    if case.series == "batch-all":  # mean over the triplets with a positive hinge
        all_triplets = library.TripletMarginLoss(margin=MARGIN, distance=squared, reducer=reducers.AvgNonZeroReducer())
        return lambda embeddings, identities: all_triplets(embeddings, identities)
    triplet = library.TripletMarginLoss(margin=MARGIN, distance=squared, reducer=reducers.MeanReducer())
    miner = (
        miners.TripletMarginMiner(margin=MARGIN, type_of_triplets="semihard", distance=squared)
        if case.series == "semi-hard"
        else miners.BatchHardMiner(distance=squared)
    )
    return lambda embeddings, identities: triplet(embeddings, identities, miner(embeddings, identities))


def _margin_softmax(name: str, classes: int, device: str) -> Contestant:
    if name in (OURS, WITH_STATISTICS):
        loss = CosFaceLoss(classes, EMBEDDING_SIZE, SCALE, COSINE_MARGIN).to(device)
        _fill(loss.weight)
        return Contestant(partial(_VALUE[name], loss), loss.weight)
    if name == LIBRARY:
        theirs = library.CosFaceLoss(classes, EMBEDDING_SIZE, margin=COSINE_MARGIN, scale=SCALE).to(device)
        _fill(theirs.W.T)
        return Contestant(theirs, theirs.W, classes_last=True)
    weight = nn.Parameter(torch.empty(classes, EMBEDDING_SIZE, device=device))
    _fill(weight)
    return Contestant(partial(plain.cosface, weight=weight, scale=SCALE, margin=COSINE_MARGIN), weight)


@torch.no_grad()
def _fill(weight: Tensor) -> None:
    """Draw class weights [C, D] in place and block by block, so that no copy of them shows in the peak."""
    generator = torch.Generator().manual_seed(len(weight))
    for block in weight.split(_ROWS):
        block.copy_(torch.randn(block.shape, generator=generator))
