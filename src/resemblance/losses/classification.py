"""Losses that classify an image among the training identities, one weight vector for each."""

import math
import warnings
from collections.abc import Mapping
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from resemblance.errors import ResemblanceWarning
from resemblance.losses.base import Computed, MetricLoss, Need
from resemblance.losses.checks import check_labels, check_range, check_weights, check_whole_number
from resemblance.losses.class_blocks import Projections, class_logits
from resemblance.losses.sphere import to_unit_sphere
from resemblance.losses.statistics import statistics
from resemblance.similarity import CosineSimilarity

_WANTED_PROBABILITY = 0.9


def minimal_scale(num_identities: int, probability: float) -> float:
    """The smallest s with which a class centre can reach ``probability`` without margin (CosFace, section 3.3).

    s ≥ (C − 1)/C · ln((C − 1)·P/(1 − P)). Below it the loss can't come near zero however well the classes separate.

    >>> round(minimal_scale(500, 0.9), 1)
    8.4
    """
    rivals = num_identities - 1
    return rivals / num_identities * math.log(rivals * probability / (1 - probability))


class ClassificationLoss(MetricLoss):
    """Base: mean of −log( e^t / (e^t + Σ_{j≠y} e^{z_j}) ), the cross-entropy of logits z with a margin on the target's.

    A subclass says how an embedding is scaled before it meets the class weights (:meth:`scaled`), what the margin makes
    of the own class's logit (:meth:`target`), and how its paper initialises the weights (:meth:`reset_parameters`).
    One image per identity is enough and there is no mining: every image is compared with every identity. The classes
    are walked in blocks, so that memory is bounded by their weights and not by images × identities.

    Args:
        num_identities: C ≥ 2, the training identities, labelled 0 … C − 1.
        embedding_size: D.
        label_smoothing: share of the target spread evenly over all identities, in [0, 1); not part of any paper here.

    Attributes:
        weight: [C, D] parameter, or [C, K, D] for K sub-centres an identity, not normalised. It stays in float32 under
            autocast.
        bias: [C] parameter or None.

    Statistics:
        ``genuine_similarity`` and ``impostor_similarity`` are cosines of embeddings with their own and with the other
        identities' weights. ``active_share``: share of the images whose own identity does not win by the margin,
        t ≤ max_{j≠y} z_j.

    Raises:
        ConfigurationError: for a parameter outside its range.
        ValueError: from the call, for identities outside 0 … C − 1, or embeddings of another size or on another device.
    """

    needs: ClassVar[tuple[Need, ...]] = ("num_identities", "embedding_size")
    min_images_per_identity: ClassVar[int] = 1
    compares_images: ClassVar[bool] = False
    normalizes_weights: ClassVar[bool] = True
    bias: Tensor | None

    def __init__(self, num_identities: int, embedding_size: int, label_smoothing: float = 0.0) -> None:
        super().__init__()
        check_whole_number(type(self).__name__, "num_identities", num_identities, at_least=2)
        check_whole_number(type(self).__name__, "embedding_size", embedding_size, at_least=1)
        self._check("label_smoothing", label_smoothing, at_least=0, below=1)
        self.label_smoothing = label_smoothing
        self.similarity = CosineSimilarity()
        self.weight = nn.Parameter(torch.empty(num_identities, embedding_size))
        self.register_parameter("bias", None)

    def scaled(self, embeddings: Tensor) -> Tensor:
        """Embeddings [B, D] as they meet the class weights."""
        raise NotImplementedError

    def target(self, own: Tensor, embeddings: Tensor) -> Tensor:
        """The logit [B] with margin, from the own class's logit [B]."""
        raise NotImplementedError

    def reset_parameters(self) -> None:
        """Initialise the weights as the paper or its code does."""
        raise NotImplementedError

    def compute(self, embeddings: Tensor, identities: Tensor) -> Computed:
        """The formula of the class on one batch."""
        name = type(self).__name__
        check_weights(name, embeddings, self.weight)
        check_labels(name, identities, len(self.weight))
        x = self.scaled(embeddings)
        logits = class_logits(x, identities, self.weight, self.bias, normalized=self.normalizes_weights)
        target = self.target(logits.own, embeddings)
        loss = -logsigmoid(target - logits.rivals)
        if self.label_smoothing:
            # A share of the target moves from the own logit to the mean over all of them.
            mean = (logits.sum - logits.own + target) / len(self.weight)
            loss = loss + self.label_smoothing * (target - mean)
        unseparated = (target <= logits.best_rival).to(target.dtype).mean()
        found = partial(_statistics, embeddings, x, logits.projections, len(self.weight), unseparated)
        return Computed(loss.mean(), found)

    def _check(self, parameter: str, value: object, **bounds: float) -> None:
        check_range(type(self).__name__, parameter, value, **bounds)

    def _check_scale(self, scale: float) -> None:
        self._check("scale", scale, above=0)
        bound = minimal_scale(len(self.weight), _WANTED_PROBABILITY)
        if scale < bound:
            warnings.warn(
                f"{type(self).__name__} with scale={scale:g} and {len(self.weight)} identities can't reach a "
                f"probability of {_WANTED_PROBABILITY} even at the class centres; use a scale of at least {bound:.1f}.",
                ResemblanceWarning,
                stacklevel=4,
            )


@torch.no_grad()
def _statistics(
    embeddings: Tensor, x: Tensor, projections: Projections, classes: int, unseparated: Tensor
) -> Mapping[str, Tensor]:
    lengths = torch.linalg.vector_norm(x, dim=1).clamp_min(torch.finfo(x.dtype).tiny)
    own, total = (projections.own / lengths).mean(), (projections.sum / lengths).mean()
    squares = (projections.squares / lengths / lengths).mean() / classes
    return statistics(
        embeddings,
        genuine_similarity=own,
        impostor_similarity=(total - own) / (classes - 1),
        similarity_deviation=(squares - (total / classes).square()).clamp_min(0).sqrt(),
        active_share=unseparated,
        empty=torch.zeros((), dtype=torch.bool, device=embeddings.device),
    )


class ScaledCosineLoss(ClassificationLoss):
    """Base of the losses whose logits are s·cosθ_j with one fixed s: embeddings and weights are L2-normalised.

    Args:
        num_identities: C ≥ 2.
        embedding_size: D.
        scale: s > 0. Few identities need less than the papers' 64, see :func:`minimal_scale`.
        label_smoothing: as for :class:`ClassificationLoss`.

    Warns:
        ResemblanceWarning: if s is below the bound for a class-centre probability of 0.9.
    """

    def __init__(self, num_identities: int, embedding_size: int, scale: float, label_smoothing: float = 0.0) -> None:
        super().__init__(num_identities, embedding_size, label_smoothing)
        self._check_scale(scale)
        self.scale = scale
        self.reset_parameters()

    def scaled(self, embeddings: Tensor) -> Tensor:
        """s·x/‖x‖₂."""
        return self.scale * to_unit_sphere(embeddings)

    def target(self, own: Tensor, embeddings: Tensor) -> Tensor:
        """The logit s·cosθ_y with the margin of :meth:`target_cosine`."""
        return self.scale * self.target_cosine(own / self.scale, embeddings)

    def target_cosine(self, cosines: Tensor, embeddings: Tensor) -> Tensor:
        """What the margin makes of cosθ_y, [B]."""
        raise NotImplementedError
