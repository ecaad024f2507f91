"""Verification (1:1) over all pairs of a set of images."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import torch

from resemblance.embeddings import Embeddings
from resemblance.errors import ConfigurationError
from resemblance.metrics import UnmeasurableRateError, allowed_impostor_errors
from resemblance.metrics.all_pairs import AllPairs
from resemblance.metrics.counted import shares_below
from resemblance.metrics.influence import RateInfluence
from resemblance.metrics.log_spaced import spread_counts
from resemblance.metrics.uncertainty import Influence
from resemblance.protocols.all_pairs_influence import ScoreShares, all_pairs_influence
from resemblance.protocols.comparisons import comparison_result, dominated
from resemblance.protocols.counting import EXACT_UP_TO, count_all_pairs
from resemblance.protocols.progress import watched
from resemblance.protocols.rates import check_rates
from resemblance.protocols.score_curves import ROC_POINTS, score_histograms
from resemblance.results import Result
from resemblance.similarity import Similarity


@dataclass(frozen=True)
class Verification:
    """AUC, EER and TAR@FAR over every unordered pair of images, each once.

    Reports ``verification/auc``, ``verification/eer`` and ``verification/tar_at_far_1e_3`` (one for each rate), the
    curves ``verification/roc`` (with ``roc_low`` and ``roc_high``, its 95 % band), ``verification/genuine_scores`` and
    ``verification/impostor_scores`` and, where a rate can't be measured, the table ``verification/refused``.

    The scores are counted, not kept: memory does not grow with the comparisons. All figures are exact where there are
    no more genuine comparisons than ``exact_up_to``, whatever the number of impostors; beyond that each says how exact
    it is.

    Args:
        fars: false accept rates to report TAR at. With I impostor pairs the smallest that exists is 1/I, and below
            30/I the figure is marked as thinly supported.
        exact_up_to: genuine comparisons up to which all figures are exact, at 40 bytes of memory for each of them.

    Raises:
        ConfigurationError: for a rate outside 0 < far < 1 or one that is there twice, or an ``exact_up_to`` below 1.
    """

    needs: ClassVar[tuple[str, ...]] = ()

    fars: tuple[float, ...] = (1e-2, 1e-3)
    exact_up_to: int = EXACT_UP_TO

    def __post_init__(self) -> None:
        check_rates("Verification", self.fars)
        if self.exact_up_to < 1:
            raise ConfigurationError(f"Verification takes an exact_up_to of 1 or more, not {self.exact_up_to}.")

    def __call__(self, embeddings: Embeddings, similarity: Similarity, *, intervals: bool = True) -> Result:
        """The figures of one set.

        Raises:
            DataError: if there are no genuine or no impostor pairs, or the similarity can't judge an embedding.
        """
        pairs = AllPairs(
            embeddings, similarity, watch=partial(watched, told="comparing all pairs") if intervals else None
        )
        scores = count_all_pairs(pairs, self._allowed(pairs.impostor), self.exact_up_to)
        shares = ScoreShares(
            lambda at: shares_below(scores, scores.genuine_rejected, at),
            lambda at: shares_below(scores, scores.impostor_rejected, at),
            scores.lowest,
            scores.greatest,
        )

        def influences(thresholds: Sequence[float]) -> tuple[list[RateInfluence], Influence]:
            rates, on_auc = all_pairs_influence(pairs, thresholds, shares)
            assert on_auc is not None  # the shares are given
            return rates, on_auc

        result = comparison_result(
            "verification",
            scores,
            embeddings.identities,
            subjects=len(pairs.images),
            fars=self.fars,
            influences=influences if intervals else None,
            reservation=dominated(pairs.images * (pairs.images - 1)) if intervals else None,
        )
        return replace(result, curves={**result.curves, **score_histograms("verification", scores, similarity.name)})

    def _allowed(self, impostor: int) -> torch.Tensor:
        """Impostor errors at which TAR will be asked for."""
        asked = []
        for far in self.fars:
            try:
                asked.append(allowed_impostor_errors(far, impostor))
            except UnmeasurableRateError:  # it is refused in sight, later
                continue
        return torch.cat([torch.tensor(asked, dtype=torch.int64), spread_counts(impostor, ROC_POINTS)])
