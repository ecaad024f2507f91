"""One figure of several contestants becomes findings: who is better, by how much, and how sure that is.

A verdict claims something of other seeds and other subjects. The interval of a difference of two means over n seeds,
paired by seed, therefore has the variance

    2 · MSE / n  (over seeds)  +  the variance over subjects that no number of seeds takes away,

degrees of freedom between those of the two, and Tukey's critical value for all differences at once. Where the
variances over seeds are not alike, each pair has its own, and Holm's steps take the place of Tukey's value. Verdicts
come from that interval alone. docs/statistics.md has the measured coverage.
"""

import math

import numpy as np

from resemblance.comparison.differences import difference, judged
from resemblance.comparison.findings import Findings
from resemblance.comparison.measured import Measured
from resemblance.comparison.pairs import all_pairs
from resemblance.comparison.procedure import procedure_for, procedure_sentence
from resemblance.comparison.resolution import resolution
from resemblance.comparison.standings import best_first, standings
from resemblance.comparison.subjects import moved


def compare_figure(measured: Measured, delta: float) -> Findings:
    """All that can be said of one figure.

    With one seed there are no intervals over seeds, no p-values, and no verdict but *undecided*; the same holds for a
    pair whose difference is the same with every seed, the same run twice above all.

    Args:
        measured: the figure with all seeds, and with replicates where there are any.
        delta: differences within ±δ count as none; with 0 nothing is called equivalent.

    >>> values = np.array([[0.97, 0.98, 0.96, 0.97, 0.97], [0.90, 0.92, 0.91, 0.90, 0.92]])
    >>> found = compare_figure(Measured("auc", "AUC", ("cosface", "triplet"), (0, 1, 2, 3, 4), values), delta=0.01)
    >>> (only,) = found.differences
    >>> f"{only.first} {only.verdict}: {only.estimate:.3f} ({only.low:.3f} to {only.high:.3f}), p = {only.p:.4f}"
    'cosface better: 0.060 (0.048 to 0.072), p = 0.0002'

    Raises:
        ValueError: for a δ below 0, or one that is no number.
    """
    if not 0 <= delta < math.inf:
        raise ValueError(f"δ is the difference up to which two figures count as equal, 0 or more, not {delta}.")
    seeds = len(measured.seeds)
    moves = None if measured.replicates is None else moved(measured.values, measured.replicates)
    degrees = _subject_degrees(measured)
    order = best_first(measured)
    names = [measured.contestants[i] for i in order]
    pairs = all_pairs(measured.values[order], None if moves is None else moves[order], degrees)
    procedure = procedure_for(pairs)
    found = None if procedure is None else judged(pairs, procedure)
    shown: tuple[float | None, str] = (None, "Nothing could have been shown: no difference has an interval.")
    if found is not None:
        shown = resolution(found.together.half, pairs.spread.at(pairs.tested), seeds, measured.covers_subjects)
    return Findings(
        key=measured.key,
        label=measured.label,
        delta=delta,
        higher_is_better=measured.higher_is_better,
        seeds=measured.seeds,
        procedure=procedure_sentence(pairs, seeds, measured.covers_subjects),
        resolution=shown[0],
        resolution_note=shown[1],
        standings=tuple(standings(measured, moves, degrees)),
        differences=tuple(
            difference((names[i], names[j]), pairs, index, found, delta, measured)
            for index, (i, j) in enumerate(zip(pairs.first, pairs.second, strict=True))
        ),
        notes=_notes(measured, order),
    )


def _subject_degrees(measured: Measured) -> float:
    """Those that are known, else those that so many replicates have at most."""
    if measured.subject_degrees is not None:
        return measured.subject_degrees
    return math.inf if measured.replicates is None else measured.replicates.shape[2] - 1.0


def _notes(measured: Measured, order: np.ndarray) -> tuple[str, ...]:
    still = [measured.contestants[i] for i in order if np.ptp(measured.values[i]) == 0]
    if not still or len(measured.seeds) < 2:
        return ()
    return (f"The same figure with every seed, and therefore without an interval over seeds: {', '.join(still)}.",)
