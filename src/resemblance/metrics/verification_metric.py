"""Verification as a torchmetrics class."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from resemblance.embeddings import Embeddings
from resemblance.errors import ResemblanceWarning
from resemblance.metrics.all_pairs import AllPairs, laid_out
from resemblance.metrics.curves import auc, equal_error_rate
from resemblance.metrics.embedding_metric import EmbeddingMetric, Plotted, several
from resemblance.metrics.log_spaced import spread_counts
from resemblance.metrics.rate_names import rate_key
from resemblance.metrics.rates import UnmeasurableRateError, tar_at_far, tar_at_impostor_errors
from resemblance.similarity import Similarity


class VerificationROC(EmbeddingMetric):
    """``auc``, ``eer`` and ``tar_at_far_1e_2`` (one for each rate) over all pairs of images.

    While it computes, it holds 4 bytes for each of the N (N − 1) / 2 scores, and a block of them. A rate below 1 in
    the number of impostor pairs can't be measured: it is left out, with a warning that says so.

    Args:
        fars: false accept rate, or several, to report TAR at.
        similarity: what judges; the cosine if not given.
        settings: of :class:`torchmetrics.Metric`.

    Raises:
        ValueError: for a rate outside 0 < far < 1; and from ``compute``, for a set without a genuine or without an
            impostor pair.

    >>> import torch
    >>> metric = VerificationROC(fars=(0.25,))
    >>> metric.update(torch.tensor([[1.0, 0.0], [0.9, 0.1]]), torch.tensor([0, 0]))
    >>> metric.update(torch.tensor([[0.0, 1.0], [0.6, 0.5]]), torch.tensor([1, 1]))
    >>> {name: round(float(value), 4) for name, value in metric.compute().items()}
    {'auc': 0.75, 'eer': 0.5, 'tar_at_far_2_5e_1': 0.5}
    """

    higher_is_better = None  # of the AUC yes, of the EER no

    def __init__(
        self, fars: float | Sequence[float] = (1e-2, 1e-3), similarity: Similarity | None = None, **settings: Any
    ) -> None:
        super().__init__(similarity, **settings)
        self.fars = several(fars, "fars")
        for far in self.fars:
            if not 0 < far < 1:
                raise ValueError(f"A false accept rate lies between 0 and 1, not at {far}.")

    def figures(self, vectors: Tensor, identities: Tensor) -> Mapping[str, float]:
        """AUC, EER and TAR of all rows."""
        genuine, impostor = self._scores(vectors, identities)
        found = {"auc": auc(genuine, impostor), "eer": equal_error_rate(genuine, impostor)}
        for far in self.fars:
            try:
                found[f"tar_at_far_{rate_key(far)}"] = tar_at_far(genuine, impostor, far).tar
            except UnmeasurableRateError as error:
                warnings.warn(str(error), ResemblanceWarning, stacklevel=2)
        return found

    def roc(self, vectors: Tensor, identities: Tensor) -> tuple[Tensor, Tensor]:
        """FAR and exact TAR at up to 500 rates, evenly spread over log FAR from the smallest that exists to 1."""
        genuine, impostor = self._scores(vectors, identities)
        allowed = spread_counts(len(impostor))
        return allowed.double() / len(impostor), tar_at_impostor_errors(genuine, impostor, allowed)

    def _scores(self, vectors: Tensor, identities: Tensor) -> tuple[Tensor, Tensor]:
        """Genuine and impostor scores of every unordered pair, ascending."""
        pairs = AllPairs(Embeddings(vectors, identities), self.similarity)
        genuine = laid_out(pairs.genuine_runs(), pairs.genuine)
        impostor = laid_out(pairs.impostor_runs(), pairs.impostor)
        for scores in (genuine, impostor):
            scores.numpy().sort()  # in place: another copy would double what is held
        return genuine, impostor

    def plot(self, val: Mapping[str, Tensor] | Sequence[Mapping[str, Tensor]] | None = None, ax: Any = None) -> Plotted:
        """Draw the ROC of what was collected, TAR over log FAR; or figures that ``compute`` gave, where handed over."""
        return self._draw_line(self.roc, ax, "FAR", "TAR", "log") if val is None else super().plot(val, ax)
