"""What verification protocols report of genuine and impostor scores, whichever comparisons they come from."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import ROUND_UP, Context

from torch import Tensor

from resemblance.metrics import UnmeasurableRateError
from resemblance.metrics.counted import CountedScores, counted_auc, counted_equal_error_rate, equal_error_threshold
from resemblance.metrics.influence import RateInfluence
from resemblance.metrics.log_spaced import spread_counts
from resemblance.metrics.uncertainty import Influence
from resemblance.protocols.asked_rates import AskedRate, asked_rate, eer_influence, rates_of_errors, tar_influences
from resemblance.protocols.estimates import Estimate, measured
from resemblance.protocols.rates import rate_key, rate_label
from resemblance.protocols.score_curves import BAND_POINTS, roc_band, roc_curve
from resemblance.protocols.thin import noted, thin
from resemblance.results import Result, Table

DOMINATED = 0.2
"""Share of the genuine comparisons in one subject beyond which it is told."""
Refusal = tuple[str, str]
"""A figure that was asked for and is not reported, and the reason."""
Influences = Callable[[Sequence[float]], tuple[Sequence[RateInfluence], Influence]]
"""Of the subjects on TAR and FAR at each of some thresholds, and on the AUC."""


def comparison_result(
    name: str,
    scores: CountedScores,
    identities: Tensor,
    *,
    subjects: int,
    fars: tuple[float, ...],
    of: str = "",
    refused: Sequence[Refusal] = (),
    influences: Influences | None = None,
    reservation: str | None = None,
) -> Result:
    """AUC, EER, TAR at each rate that can be measured, and the ROC; with intervals and a band where asked for.

    Args:
        name: the protocol's, before every key.
        scores: of the comparisons.
        identities: int64 [N], of the whole test set; they key the replicates.
        subjects: identities among the compared images.
        fars: false accept rates; one below 1/I goes to the table ``NAME/refused`` with the reason.
        of: what the labels name beside the figure, such as a pair list.
        refused: what the caller has left out, to stand in the same table.
        influences: of the subjects; None leaves the intervals out.
        reservation: a note that belongs beside every figure.
    """
    suffix = f" ({of})" if of else ""
    counts = {"subjects": subjects, "genuine": scores.genuine, "impostor": scores.impostor}
    refusals = list(refused)
    asked: dict[str, AskedRate] = {}
    for far in fars:
        try:
            asked[f"tar_at_far_{rate_key(far)}"] = asked_rate(scores, far)
        except UnmeasurableRateError as reason:
            refusals.append((f"TAR@FAR={rate_label(far)}{suffix}", str(reason)))
    area, equal, meeting = counted_auc(scores), counted_equal_error_rate(scores), equal_error_threshold(scores)
    estimates = {
        "auc": Estimate(area.value, f"AUC{suffix}", counts, note=bound(area.error, "±")),
        "eer": _with_errors(
            Estimate(equal.value, f"EER{suffix}", counts, note=bound(equal.error, "±")),
            {"impostor": meeting.impostor_errors, "genuine": meeting.genuine_errors},
        ),
        **{key: _tar_estimate(one, counts, suffix) for key, one in asked.items()},
    }
    if reservation is not None:
        estimates = {key: replace(one, note=noted(one.note, reservation)) for key, one in estimates.items()}
    curves = {"roc": roc_curve(scores, [one.allowed for one in asked.values()])}
    if influences is not None:
        spread = spread_counts(scores.impostor, BAND_POINTS)[:-1]  # at a FAR of 1 TAR is 1
        rates = [*rates_of_errors(scores, spread), *asked.values()]
        (at_eer, *at_rates), on_auc = influences([meeting.threshold, *(one.point.threshold for one in rates)])
        on_tar = tar_influences(scores, rates, at_rates)
        on_all = [on_auc, eer_influence(scores, at_eer, meeting.impostor_errors), *on_tar[len(spread) :]]
        estimates = {
            key: replace(estimate, influence=influence)
            for (key, estimate), influence in zip(estimates.items(), on_all, strict=True)
        }
        curves |= roc_band(rates, on_tar, scores.impostor)
    result = measured({f"{name}/{key}": estimate for key, estimate in estimates.items()}, identities)
    return result | Result(
        curves={f"{name}/{key}": curve for key, curve in curves.items()}, tables=refused_table(name, refusals)
    )


def _tar_estimate(asked: AskedRate, counts: dict[str, int], suffix: str) -> Estimate:
    errors = {
        "impostor": asked.point.impostor_errors,
        "genuine": round((1 - asked.point.tar) * counts["genuine"]),
    }
    label = f"TAR@FAR={rate_label(asked.far)}{suffix}"
    return _with_errors(Estimate(asked.point.tar, label, counts, note=bound(asked.error, "+")), errors)


def _with_errors(estimate: Estimate, errors: dict[str, int]) -> Estimate:
    """The same with the errors of both kinds among its counts, and the reservation about few of them."""
    counts = {**estimate.counts, **{f"{kind}_errors": count for kind, count in errors.items()}}
    return replace(estimate, counts=counts, note=noted(thin(errors), estimate.note))


def dominated(genuine: Tensor) -> str | None:
    """The reservation about a set in which one subject has so many comparisons that the others hardly count.

    Such a figure is that subject's more than the population's, and its interval wide: nobody knows how the next such
    subject would do.

    Args:
        genuine: [S], number of genuine comparisons of each subject.

    >>> import torch
    >>> dominated(torch.tensor([1, 3, 6])), dominated(torch.ones(60))
    ('60 % of the genuine comparisons are those of one subject', None)
    """
    share = float(genuine.max() / genuine.sum())
    if share <= DOMINATED:
        return None
    return f"{100 * share:.0f} % of the genuine comparisons are those of one subject"


def bound(error: float, sign: str) -> str | None:
    """How exact a figure of counted scores is, if it is not.

    >>> bound(0.0, "±"), bound(3.21e-7, "±")
    (None, 'exact to ±3.3e-7 (scores counted in bins)')
    """
    if error == 0:
        return None
    rounded = Context(prec=2, rounding=ROUND_UP).create_decimal_from_float(error)
    return f"exact to {sign}{rounded:e} (scores counted in bins)"


def refused_table(name: str, rows: Sequence[Refusal]) -> dict[str, Table]:
    """``NAME/refused``: each figure that was asked for and not reported, with the reason; nothing if there is none."""
    return {f"{name}/refused": Table(("figure", "reason"), tuple(rows))} if rows else {}
