"""What the triplet losses share: the loss of mined triplets on the unit sphere, and their statistics."""

from collections.abc import Callable
from typing import ClassVar

from torch import Tensor

from resemblance.losses.base import Computed
from resemblance.losses.checks import check_choice, check_range
from resemblance.losses.comparisons import Comparisons, References, compare_identities
from resemblance.losses.mining import TRIPLET_MININGS, TripletMining, mine, number_of_triplets
from resemblance.losses.mining_draws import NegativeSampler
from resemblance.losses.mining_windows import count_triplets
from resemblance.losses.pairs import PairwiseLoss
from resemblance.losses.sphere import to_unit_sphere
from resemblance.losses.statistics import batch_statistics

Statistics = Callable[[], dict[str, Tensor]]


def triplet_statistics(
    embeddings: Tensor,
    find_distances: Callable[[], Tensor],
    similarities: Callable[[Tensor], Tensor],
    comparisons: Comparisons,
    margin: float,
    active_share: Callable[[], Tensor],
) -> Statistics:
    """The statistics of a triplet loss, to be found when somebody reads them.

    Args:
        embeddings: [B, D].
        find_distances: gives them, [B, M].
        similarities: from these distances to the loss's own similarity.
        comparisons: bool [B, M] each.
        margin: what ``zero_loss_share`` is measured with.
        active_share: as :class:`~resemblance.losses.mining.Mined` has it.
    """

    def find() -> dict[str, Tensor]:
        distances = find_distances()
        valid = number_of_triplets(comparisons)
        active = count_triplets(distances, comparisons, margin, semihard=False).triplets
        return batch_statistics(
            embeddings,
            similarities(distances),
            comparisons,
            active_share=active_share(),
            empty=valid == 0,
            zero_loss_share=(valid - active) / valid.clamp_min(1),
        )

    return find


def directions(embeddings: Tensor, references: References) -> tuple[Tensor, Tensor]:
    """Images [B, D] and references [M, D] on the unit sphere, once where the batch is its own references."""
    images = to_unit_sphere(embeddings)
    return images, images if references.embeddings is embeddings else to_unit_sphere(references.embeddings)


class SphereTripletLoss(PairwiseLoss):
    """Mean of max(0, d(a,p) − d(a,n) + α) over the mined triplets, d = −s·cos.

    A subclass fixes s and the similarity. Distances are taken up to a constant, which cancels in every difference: with
    s = 1 and s = 2 all numbers then differ by an exact factor 2, and rounding can't make the two choose differently.
    """

    scale: ClassVar[int]
    """s."""

    def __init__(self, margin: float, mining: TripletMining, seed: int) -> None:
        super().__init__()
        name = type(self).__name__
        check_range(name, "margin", margin, above=0)
        check_choice(name, "mining", mining, TRIPLET_MININGS)
        check_range(name, "seed", seed, at_least=0)
        self.margin = margin
        self.mining = mining
        self.seed = seed
        self.sampler = NegativeSampler(seed) if mining == "distance_weighted" else None

    def compare(self, embeddings: Tensor, identities: Tensor, references: References) -> Computed:
        """The formula of the class."""
        unit, others = directions(embeddings, references)
        comparisons = compare_identities(identities, references.identities)
        distances = (-self.scale * unit) @ others.T

        def draw(draws: int) -> Tensor:
            assert self.sampler is not None
            squared = 2 + (2 / self.scale) * distances
            return self.sampler(squared, comparisons.impostor, embeddings.shape[1], draws)

        value, active_share = mine(distances, comparisons, self.margin, self.mining, draw)
        statistics = triplet_statistics(
            embeddings, distances.detach, self._similarities, comparisons, self.margin, active_share
        )
        return Computed(value, statistics)

    def _similarities(self, distances: Tensor) -> Tensor:
        """From −s·cos to the loss's own similarity."""
        raise NotImplementedError
