"""Contrastive loss of Siamese networks.

R. Hadsell, S. Chopra, Y. LeCun: Dimensionality Reduction by Learning an Invariant Mapping. CVPR 2006.
Hard negatives: E. Simo-Serra and others: Discriminative Learning of Deep Convolutional Feature Point
Descriptors. ICCV 2015.
"""

import math
from typing import ClassVar, Literal, get_args

import torch
from torch import Tensor
from torch.nn.functional import relu

from resemblance.errors import ConfigurationError
from resemblance.losses.base import Computed, Need
from resemblance.losses.checks import check_choice, check_range
from resemblance.losses.comparisons import References, compare_identities, selected_mean
from resemblance.losses.pairs import PairwiseLoss
from resemblance.losses.sphere import directions
from resemblance.losses.statistics import batch_statistics
from resemblance.similarity import NegativeL1, NegativeSquaredL2, Similarity, lp_distances

PairDistance = Literal["squared_l2", "l1", "l2"]
PairMining = Literal["all", "hard"]


def default_margin(distance: PairDistance, embedding_size: int | None) -> float:
    """1 for ``squared_l2`` and ``l2``; √(2·D/π) for ``l1``.

    L1 distances grow with √D: random unit vectors of D = 128 lie 10.7 to 14 apart, so that a margin of 1 would leave
    no impostor pair to push. √(2·D/π) is the expected L1 norm of a difference of Euclidean length 1 in a random
    direction: all three margins stand for the same 60° on the unit sphere.

    Raises:
        ConfigurationError: for ``l1`` without an embedding size.
    """
    if distance != "l1":
        return 1.0
    if embedding_size is None:
        raise ConfigurationError("ContrastiveLoss with distance='l1' needs a margin, or embedding_size to derive it.")
    return math.sqrt(2 * embedding_size / math.pi)


class ContrastiveLoss(PairwiseLoss):
    """Mean over genuine pairs of the pull plus mean over impostor pairs of the push.

    Every image is compared with every reference but itself. Within a batch each unordered pair so enters both means
    twice, which changes neither.

    * ``squared_l2`` and ``l1``: pull ½·d, push ½·max(0, m − d), with d = ‖x − y‖₂² or d = ‖x − y‖₁;
    * ``l2`` (Hadsell): pull ½·d², push ½·max(0, m − d)², with d = ‖x − y‖₂.

    Genuine pairs are few among all the pairs of a batch, and Siamese networks were trained on as many of one kind as
    of the other: each kind therefore has a mean of its own. The value is twice the expected mean over pairs so drawn.

    Args:
        distance: ``squared_l2``, ``l1`` or ``l2``.
        margin: m > 0, in the unit of the distance; None takes :func:`default_margin`.
        mining: ``all`` pairs; or ``hard``, all genuine pairs and as many impostor pairs, the nearest of the batch
            (hard negative mining at 1 : 1; a batch without genuine pairs keeps all its impostor pairs).
        normalized: whether embeddings are L2-normalised first.
        embedding_size: D, needed for the default margin of ``l1``.

    Statistics:
        ``active_share``: share of the batch's impostor pairs inside the margin, mined or not; zero at the first step
        means that nothing will ever push. Similarities are −‖x − y‖₂² (also for ``l2``) or −‖x − y‖₁.

    Raises:
        ConfigurationError: for an unknown distance or mining, a margin that is not above zero, or a default margin
            without an embedding size.
    """

    needs: ClassVar[tuple[Need, ...]] = ("embedding_size",)

    def __init__(
        self,
        distance: PairDistance = "squared_l2",
        margin: float | None = None,
        mining: PairMining = "all",
        normalized: bool = True,
        embedding_size: int | None = None,
    ) -> None:
        super().__init__()
        check_choice("ContrastiveLoss", "distance", distance, get_args(PairDistance))
        check_choice("ContrastiveLoss", "mining", mining, get_args(PairMining))
        if margin is not None:
            check_range("ContrastiveLoss", "margin", margin, above=0)
        self.distance = distance
        self.margin = default_margin(distance, embedding_size) if margin is None else margin
        self.mining = mining
        self.normalized = normalized
        self.similarity: Similarity = (NegativeL1 if distance == "l1" else NegativeSquaredL2)(normalized=normalized)

    def compare(self, embeddings: Tensor, identities: Tensor, references: References) -> Computed:
        """The formula of the class."""
        genuine, impostor = comparisons = compare_identities(identities, references.identities)
        distances = self._distances(embeddings, references.embeddings)
        inside = relu(self.margin - distances)
        pull, push = (distances.square(), inside.square()) if self.distance == "l2" else (distances, inside)
        mined = _nearest(distances, impostor, genuine) if self.mining == "hard" else impostor
        value = selected_mean(pull, genuine) / 2 + selected_mean(push, mined) / 2
        measured = distances.detach()

        def find() -> dict[str, Tensor]:
            within = impostor & (measured < self.margin)
            return batch_statistics(
                embeddings,
                -measured.square() if self.distance == "l2" else -measured,
                comparisons,
                active_share=within.count_nonzero() / impostor.count_nonzero().clamp_min(1),
                empty=~(genuine.any() | impostor.any()),
            )

        return Computed(value, find)

    def _distances(self, x: Tensor, y: Tensor) -> Tensor:
        if self.normalized:
            x, y = directions(x, y)
        distances = lp_distances(x, y, p=1 if self.distance == "l1" else 2)
        return distances.square() if self.distance == "squared_l2" else distances


def _nearest(distances: Tensor, impostor: Tensor, genuine: Tensor) -> Tensor:
    """Of the pairs in the mask ``impostor`` the nearest, as many as ``genuine`` holds; all where it holds none."""
    wanted = int(genuine.sum())
    if wanted == 0:
        return impostor
    count = min(wanted, int(impostor.sum()))
    ranked = distances.detach().masked_fill(~impostor, torch.inf).flatten().topk(count, largest=False).indices
    return torch.zeros_like(impostor).flatten().index_fill(0, ranked, True).view_as(impostor)
