"""Quality against cost: a point for each contestant."""

from collections.abc import Mapping
from textwrap import fill

from matplotlib.figure import Figure

from resemblance.comparison.evidence.cost import CostColumn, cost_values
from resemblance.comparison.evidence.looks import Look
from resemblance.comparison.figures.heading import LINE
from resemblance.comparison.figures.marks import label, reach, symbol
from resemblance.comparison.findings import Findings
from resemblance.comparison.study import TestSet
from resemblance.comparison.telling import operating_point, trained_on
from resemblance.tracking.figures.bands import noted
from resemblance.tracking.figures.style import SOFT, styled, titled


@styled
def cost_figure(findings: Findings, test_set: TestSet, column: CostColumn, looks: Mapping[str, Look]) -> Figure:
    """A figure against one way to count cost; whoever does not know its cost is left out.

    Args:
        findings: of the figure.
        test_set: that it was found on.
        column: what is across.
        looks: of the contestants by name.

    Raises:
        ValueError: if nobody knows that cost.
    """
    known = {one.name: costs for one in test_set.contestants if (costs := cost_values(one, column.key))}
    if not known:
        raise ValueError(f"No run knows its {column.short}.")
    figure = Figure(figsize=(7, 4.4), layout="constrained")
    axes = figure.add_subplot()
    for standing in findings.standings:
        if standing.contestant not in known:
            continue
        look, costs = looks[standing.contestant], known[standing.contestant]
        mean = sum(costs) / len(costs)
        axes.errorbar(
            mean, standing.mean, xerr=[[mean - min(costs)], [max(costs) - mean]],
            yerr=reach(standing.mean, standing.over_seeds), fmt=symbol(look), color=look.light, ms=8, elinewidth=1.2,
            label=label(standing.contestant),
        )  # fmt: skip
    axes.set_xlabel(noted(column.label, "lying: all seeds; upright: 95 % over seeds"))
    axes.set_ylabel(f"{findings.label} ({'more' if findings.higher_is_better else 'less'} is better)")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=8.5)
    figure.supxlabel(fill(trained_on(test_set), LINE), x=0.02, ha="left", fontsize=9, color=SOFT)
    titled(axes, f"{findings.label} against {column.short}", operating_point(findings, test_set))
    return figure
