"""What verification protocols report of genuine and impostor scores, whichever comparisons they come from."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from resemblance.metrics import (
    UnmeasurableRateError,
    auc,
    equal_error_rate,
    tar_at_far,
    tar_at_impostor_errors,
)
from resemblance.protocols.rates import rate_key, rate_label
from resemblance.results import Curve, Result, Scalar, Table

RULE_OF_30 = 30
"""Errors below which a rate is too uncertain to compare anything by."""
THIN = f"thinly supported: fewer than {RULE_OF_30} impostor errors"
ROC_POINTS = 500
HISTOGRAM_BINS = 100
Refusal = tuple[str, str]
"""A figure that was asked for and is not reported, and the reason."""


def comparison_result(
    name: str,
    genuine: Tensor,
    impostor: Tensor,
    *,
    subjects: int,
    fars: tuple[float, ...],
    of: str = "",
    refused: Sequence[Refusal] = (),
) -> Result:
    """AUC, EER, TAR at each rate that can be measured, and the ROC.

    Args:
        name: the protocol's, before every key.
        genuine: scores [G], ascending, so that no metric has to sort them again.
        impostor: scores [I], ascending.
        subjects: identities among the compared images.
        fars: false accept rates; one below 1/I goes to the table ``NAME/refused`` with the reason.
        of: what the labels name beside the figure, such as a pair list.
        refused: what the caller has left out, to stand in the same table.
    """
    suffix = f" ({of})" if of else ""
    counts = {"subjects": subjects, "genuine": len(genuine), "impostor": len(impostor)}
    scalars = {
        f"{name}/auc": Scalar(auc(genuine, impostor), f"AUC{suffix}", counts),
        f"{name}/eer": Scalar(equal_error_rate(genuine, impostor), f"EER{suffix}", counts),
    }
    refusals = list(refused)
    for far in fars:
        label = f"TAR@FAR={rate_label(far)}{suffix}"
        try:
            point = tar_at_far(genuine, impostor, far)
        except UnmeasurableRateError as error:
            refusals.append((label, str(error)))
            continue
        errors = point.impostor_errors
        scalars[f"{name}/tar_at_far_{rate_key(far)}"] = Scalar(
            point.tar,
            label,
            {**counts, "impostor_errors": errors},
            note=THIN if errors < RULE_OF_30 else None,
        )
    return Result(scalars, {f"{name}/roc": roc_curve(genuine, impostor)}, refused_table(name, refusals))


def refused_table(name: str, rows: Sequence[Refusal]) -> dict[str, Table]:
    """``NAME/refused``: each figure that was asked for and not reported, with the reason; nothing if there is none."""
    return {f"{name}/refused": Table(("figure", "reason"), tuple(rows))} if rows else {}


def roc_curve(genuine: Tensor, impostor: Tensor) -> Curve:
    """Exact TAR at up to 500 rates k/I, spread evenly over log FAR from the smallest measurable rate to 1."""
    exponents = torch.linspace(0, 1, ROC_POINTS, dtype=torch.float64)
    allowed = torch.pow(float(len(impostor)), exponents).round().long().clamp(1, len(impostor)).unique()
    tar = tar_at_impostor_errors(genuine, impostor, allowed)
    return Curve(tuple((allowed.double() / len(impostor)).tolist()), tuple(tar.tolist()), "FAR", "TAR")


def score_histograms(name: str, genuine: Tensor, impostor: Tensor, score: str) -> dict[str, Curve]:
    """``NAME/genuine_scores`` and ``NAME/impostor_scores``: densities over the middles of 100 common bins.

    Args:
        name: the protocol's, before the keys.
        genuine: scores [G], ascending.
        impostor: scores [I], ascending.
        score: the similarity's name, for the axis.
    """
    low, high = min(genuine[0].item(), impostor[0].item()), max(genuine[-1].item(), impostor[-1].item())
    if low == high:  # a network that maps all faces to one point
        margin = max(0.5, 1e-3 * abs(low))
        low, high = low - margin, high + margin
    edges = np.linspace(low, high, HISTOGRAM_BINS + 1)
    middles = tuple(((edges[1:] + edges[:-1]) / 2).tolist())
    curves = {}
    for kind, scores in (("genuine", genuine), ("impostor", impostor)):
        reached = np.searchsorted(scores.double().numpy(), edges[1:-1])
        share = np.diff(reached, prepend=0, append=len(scores)) / len(scores)
        density = share / ((high - low) / HISTOGRAM_BINS)
        curves[f"{name}/{kind}_scores"] = Curve(middles, tuple(density.tolist()), score, "density")
    return curves
