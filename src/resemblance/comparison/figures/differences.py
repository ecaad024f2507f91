"""A forest of differences: each pair with its simultaneous interval, and the zone in which they count as none."""

from matplotlib.figure import Figure

from resemblance.comparison.figures.heading import headed
from resemblance.comparison.figures.marks import one_line
from resemblance.comparison.findings import Findings, Verdict
from resemblance.comparison.shown import left_out, shown_pairs
from resemblance.comparison.study import TestSet
from resemblance.comparison.telling import operating_point
from resemblance.tracking.figures.style import BLUE, FAINT, GREY, INK, styled

_ROW = 0.27
_MARKS = {
    Verdict.BETTER: ("o", BLUE, BLUE),
    Verdict.EQUIVALENT: ("s", GREY, GREY),
    Verdict.UNDECIDED: ("o", "white", INK),
}


@styled
def differences_figure(findings: Findings, test_set: TestSet) -> Figure:
    """The pairs of one figure, in the order of the standings; of very many those of :func:`shown_pairs`.

    Args:
        findings: of the figure, with two contestants or more.
        test_set: that it was found on.

    Raises:
        ValueError: without a pair.
    """
    if not findings.differences:
        raise ValueError(f"There is no pair to draw for {findings.label}.")
    pairs = shown_pairs(findings)
    rows = len(pairs)
    figure = Figure(figsize=(7, 1.7 + _ROW * rows), layout="constrained")
    axes = figure.add_subplot()
    axes.axvspan(-findings.delta, findings.delta, color=FAINT, alpha=0.6, lw=0, zorder=0)
    axes.axvline(0, color=GREY, lw=1, ls=(0, (2, 2)), zorder=1)
    for row, one in enumerate(pairs):
        marker, face, edge = _MARKS[one.verdict]
        if one.low is not None and one.high is not None:
            axes.plot([one.low, one.high], [row, row], color=edge, lw=1.3, zorder=2)
        axes.plot(one.estimate, row, marker, ms=5.5, mfc=face, mec=edge, zorder=3)
    names = [f"{one_line(one.first)} − {one_line(one.second)}" for one in pairs]
    axes.set_yticks(range(rows), names, fontsize=8.5)
    axes.set_ylim(rows - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    marks = ["filled circle: better", "square: equivalent", "ring: undecided", f"grey zone: ±{findings.delta:g}"]
    axes.set_xlabel("difference, with simultaneous 95 % interval", loc="right")  # the longer names leave little room
    about = [operating_point(findings, test_set), *([told] if (told := left_out(findings)) else [])]
    headed(figure, f"Differences of {findings.label}", ". ".join(about), marks)
    return figure
