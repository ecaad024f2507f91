"""Any loss of pytorch-metric-learning, with its miners, distances and reducers.

K. Musgrave, S. Belongie, S.-N. Lim: PyTorch Metric Learning. arXiv 2008.09164, 2020.
"""

import copy
from functools import partial
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from resemblance.errors import ConfigurationError
from resemblance.losses.base import Computed, MetricLoss, Need
from resemblance.losses.checks import check_device, check_labels, check_size, check_whole_number
from resemblance.losses.comparisons import compare_identities
from resemblance.losses.pml_parts import Part, build_part, said
from resemblance.losses.sphere import SMALLEST_NORM
from resemblance.losses.statistics import batch_statistics
from resemblance.losses.step_seeds import StepSeeds
from resemblance.similarity import CosineSimilarity, NegativeL1, NegativeSquaredL2, Similarity


class PmlLoss(MetricLoss):
    """``name(**args)(embeddings, identities, miner(embeddings, identities))`` of pytorch-metric-learning.

    Only that library's own losses, miners, distances and reducers can be named. ``num_classes`` and the embedding size
    are handed over to those that require them. Miner, distance and reducer are a name, or a name with its arguments:
    ``{name: PairMarginMiner, args: {pos_margin: 0.9}}``. A distance that is named serves the loss and the miner;
    otherwise each has the library's default. What the library refuses is refused at construction, where a small batch
    is tried.

    Some miners and losses draw. What they draw at a step follows from ``seed`` and the number of the step, so that
    processes draw alike for the batch of all of them, a resumed training goes on with the same draws, and nobody
    else's draws change.

    The library keeps its own conventions: see ``docs/losses.md`` for where its losses are not the papers'.

    Args:
        num_identities: C.
        embedding_size: D.
        name: the class of the loss.
        args: its arguments.
        miner: what selects pairs or triplets for it; None leaves that to the loss.
        distance: in place of its default.
        reducer: in place of its default.
        seed: ≥ 0, of what miner and loss draw in training; class weights are initialised from the global generator.

    Attributes:
        similarity: of its distance: the cosine; −‖x − y‖₂² for L2 distances of any power; −‖x − y‖₁ for L1 without
            normalisation. Everything else is judged by the cosine, unbounded dot products among it.
        compares_images: false for a softmax over class weights without a miner, whose value is a mean over images.
        min_images_per_identity: 1 for losses with class weights or proxies, else 2.

    Statistics:
        Similarities are those between images. ``active_share`` is 1 where the value is above zero and else 0: the
        library does not tell more.

    Raises:
        ConfigurationError: for names that do not exist, arguments or combinations that the library refuses, and a
            negative seed.
        ValueError: from the call, for embeddings of another size or on another device than the weights, or labels
            outside 0 … C − 1 of class weights.
    """

    needs: ClassVar[tuple[Need, ...]] = ("num_identities", "embedding_size")

    def __init__(
        self,
        num_identities: int,
        embedding_size: int,
        name: str,
        args: dict[str, Any] | None = None,
        miner: str | dict[str, Any] | None = None,
        distance: str | dict[str, Any] | None = None,
        reducer: str | dict[str, Any] | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        check_whole_number("PmlLoss", "seed", seed, at_least=0)
        self.num_identities = num_identities
        self.embedding_size = embedding_size
        known = {"num_identities": num_identities, "embedding_size": embedding_size}
        parts: dict[str, Any] = {}
        if distance is not None:
            parts["distance"] = build_part("distance", Part.of("distance", distance))
        miner_parts = dict(parts)
        if reducer is not None:
            parts["reducer"] = build_part("reducer", Part.of("reducer", reducer))
        self.loss: nn.Module = build_part("loss", Part.of("loss", {"name": name, "args": args}), parts, known)
        self.miner: nn.Module | None = None
        if miner is not None:
            self.miner = build_part("miner", Part.of("miner", miner), miner_parts, known)
        self.seeds = StepSeeds(seed)
        self.similarity = _similarity(self.loss)
        weighted = _has_class_weights(self.loss)
        # Class variables of the base; here they depend on the loss that was named.
        self.min_images_per_identity = 1 if weighted else 2  # type: ignore[misc]
        self.compares_images = not (weighted and miner is None and _is_mean_over_images(self.loss))  # type: ignore[misc]
        self._try_out(num_identities)

    def compute(self, embeddings: Tensor, identities: Tensor) -> Computed:
        """What the library computes."""
        check_size("PmlLoss", embeddings, self.embedding_size)
        for weight in self.parameters():
            check_device("PmlLoss", embeddings, weight)
        if self.min_images_per_identity == 1:  # labels are rows of its class weights
            check_labels("PmlLoss", identities, self.num_identities)
        # The library divides a zero vector by 1e-12 and would send 10¹² times the gradient back into it.
        directed = torch.linalg.vector_norm(embeddings, dim=1, keepdim=True) > SMALLEST_NORM
        embeddings = torch.where(directed, embeddings, embeddings.detach())
        with self.seeds.drawing(embeddings.device):
            mined = () if self.miner is None else (self.miner(embeddings, identities),)
            value = self.loss(embeddings, identities, *mined)
        return Computed(value, partial(self._statistics, embeddings, identities, value.detach()))

    def _statistics(self, embeddings: Tensor, identities: Tensor, value: Tensor) -> dict[str, Tensor]:
        genuine, impostor = comparisons = compare_identities(identities)
        return batch_statistics(
            embeddings,
            self.similarity(embeddings, embeddings),
            comparisons,
            active_share=value > 0,
            empty=self.compares_images & ~(genuine.any() & impostor.any()),
        )

    def _try_out(self, num_identities: int) -> None:
        """One small batch, on a copy: some parts refuse each other only when they are called."""
        identities = torch.arange(min(num_identities, 8)).repeat_interleave(2)
        generator = torch.Generator().manual_seed(0)
        embeddings = torch.randn(len(identities), self.embedding_size, generator=generator)
        named = " with ".join(type(part).__name__ for part in (self.loss, self.miner) if part is not None)
        try:
            value = copy.deepcopy(self).compute(embeddings.requires_grad_(), identities).value
        except Exception as error:  # the library raises whatever its parts raise
            raise ConfigurationError(f"{named} can't be trained: {said(error)}.") from error
        if not isinstance(value, Tensor) or value.ndim != 0:
            raise ConfigurationError(f"{named} gives no single value to train with; choose another reducer.")


def _similarity(loss: nn.Module) -> Similarity:
    from pytorch_metric_learning.distances import LpDistance

    distance = loss.distance
    if isinstance(distance, LpDistance) and distance.p == 2:
        return NegativeSquaredL2(normalized=bool(distance.normalize_embeddings))
    if isinstance(distance, LpDistance) and distance.p == 1 and not distance.normalize_embeddings:
        return NegativeL1(normalized=False)  # normalised, it would divide by the L1 norm
    return CosineSimilarity()


def _has_class_weights(loss: nn.Module) -> bool:
    from pytorch_metric_learning.losses import P2SGradLoss, WeightRegularizerMixin

    return isinstance(loss, (P2SGradLoss, WeightRegularizerMixin))


def _is_mean_over_images(loss: nn.Module) -> bool:
    from pytorch_metric_learning.losses import LargeMarginSoftmaxLoss, NormalizedSoftmaxLoss, SoftTripleLoss
    from pytorch_metric_learning.reducers import MeanReducer

    softmax = isinstance(loss, (LargeMarginSoftmaxLoss, NormalizedSoftmaxLoss, SoftTripleLoss))
    return softmax and type(loss.reducer) is MeanReducer
