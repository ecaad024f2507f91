"""What the triplet losses on the unit sphere share."""

from typing import ClassVar

from torch import Tensor

from resemblance.losses.base import Computed
from resemblance.losses.checks import check_choice, check_range, check_whole_number
from resemblance.losses.comparisons import References, compare_identities
from resemblance.losses.mining import TRIPLET_MININGS, TripletMining, mine
from resemblance.losses.mining_draws import NegativeSampler
from resemblance.losses.mining_windows import count_active
from resemblance.losses.pairs import PairwiseLoss
from resemblance.losses.sphere import directions
from resemblance.losses.triplet_statistics import triplet_statistics


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
        check_whole_number(name, "seed", seed, at_least=0)
        self.margin = margin
        self.mining = mining
        self.seed = seed
        self.sampler = NegativeSampler(seed) if mining == "distance_weighted" else None

    def compare(self, embeddings: Tensor, identities: Tensor, references: References) -> Computed:
        """The formula of the class."""
        unit, others = directions(embeddings, references.embeddings)
        comparisons = compare_identities(identities, references.identities)
        distances = (-self.scale * unit) @ others.T

        def draw(draws: int) -> Tensor:
            assert self.sampler is not None
            squared = 2 + (2 / self.scale) * distances
            return self.sampler(squared, comparisons.impostor, embeddings.shape[1], draws)

        value, active_share, counted = mine(distances, comparisons, self.margin, self.mining, draw)
        distances = distances.detach()

        def find() -> dict[str, Tensor]:
            return triplet_statistics(
                embeddings,
                self._similarities(distances),
                comparisons,
                counted or count_active(distances, comparisons, self.margin),
                active_share=active_share(),
            )

        return Computed(value, find)

    def _similarities(self, distances: Tensor) -> Tensor:
        """From −s·cos to the loss's own similarity."""
        raise NotImplementedError
