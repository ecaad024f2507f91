"""The leaderboard as a picture: a row for each contestant, its seeds as rings, both intervals, the mean on top."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from resemblance.comparison.evidence.looks import Look
from resemblance.comparison.figures.heading import headed
from resemblance.comparison.figures.marks import ROW, label, symbol
from resemblance.comparison.findings import Findings
from resemblance.comparison.study import TestSet
from resemblance.comparison.telling import operating_point
from resemblance.tracking.figures.style import styled


@styled
def leaderboard_figure(findings: Findings, test_set: TestSet, looks: Mapping[str, Look]) -> Figure:
    """The standings of one figure, best on top.

    Args:
        findings: of the figure.
        test_set: that it was found on.
        looks: of the contestants by name.
    """
    rows = len(findings.standings)
    figure = Figure(figsize=(7, 1.5 + ROW * rows), layout="constrained")
    axes = figure.add_subplot()
    for row, standing in enumerate(findings.standings):
        look = looks[standing.contestant]
        if standing.over_subjects is not None:
            axes.plot([standing.over_subjects.low, standing.over_subjects.high], [row, row], color=look.light, lw=1.1)
        if standing.over_seeds is not None:
            ends = [standing.over_seeds.low, standing.over_seeds.high]
            axes.plot(ends, [row, row], color=look.light, lw=5, alpha=0.4, solid_capstyle="butt")
        below = [row + 0.3] * len(standing.values)
        axes.plot(standing.values, below, "o", ms=3.6, mfc="none", mec=look.light, mew=0.9)
        axes.plot(standing.mean, row, symbol(look), ms=8, color=look.light, zorder=4)
    axes.set_yticks(range(rows), [label(standing.contestant) for standing in findings.standings])
    axes.set_ylim(rows - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    better = "more" if findings.higher_is_better else "less"
    seeds = any(standing.over_seeds for standing in findings.standings)
    subjects = any(standing.over_subjects for standing in findings.standings)
    notes = ["thick: 95 % over seeds"] if seeds else []
    notes += ["thin: 95 % over subjects"] if subjects else []
    axes.set_xlabel(f"{better} is better")
    headed(figure, findings.label, operating_point(findings, test_set), [*notes, "rings: seeds"])
    return figure
