"""Whether thresholds chosen on validation identities give the FAR that they were chosen for."""

from matplotlib.figure import Figure

from resemblance.results import RULE_OF_30, Result
from resemblance.tracking.calibration import calibration_rows, factor
from resemblance.tracking.figures.style import BLUE, GREY, INK, basis, halo, small_rates, styled, titled
from resemblance.tracking.percent import percent


@styled
def calibration_figure(result: Result, protocol: str = "verification") -> Figure:
    """The FAR of the test identities against the FAR that each threshold was chosen for, both on a log scale.

    A point on the diagonal keeps the promise; beside it stands by what factor it is off. A hollow one rests on fewer
    than 30 false accepts; one without any is drawn on the edge, as "none".

    Args:
        result: of the test set.
        protocol: before the key ``…/calibration``.

    Raises:
        KeyError: if there is no such table.
    """
    rows = calibration_rows(result.tables[f"{protocol}/calibration"])
    figure = Figure(figsize=(7, 5.6), layout="constrained")
    axes = figure.add_subplot()
    rates = [row["target_far"] for row in rows]
    ends = [row[name] for row in rows for name in ("test_far", "test_far_low", "test_far_high") if row.get(name, 0) > 0]
    low, high = min(rates + ends) / 2, min(1.0, max(rates + ends) * 2)
    axes.plot([low, high], [low, high], color=GREY, linewidth=1, linestyle=(0, (1, 2.5)), label="as chosen")
    for row in rows:
        target, far = row["target_far"], row["test_far"]
        drawn = max(far, low)
        if "test_far_low" in row:
            interval = [max(row["test_far_low"], low), max(row["test_far_high"], low)]
            axes.plot([target, target], interval, color=BLUE, linewidth=1.4, gid="interval")
        fill = BLUE if row["impostor_errors"] >= RULE_OF_30 else "white"
        axes.plot([target], [drawn], "o", markersize=8, markerfacecolor=fill, markeredgecolor=BLUE, clip_on=False)
        axes.annotate(
            f"{percent(far)}: {factor(target, far)}" if far > 0 else "none",
            (target, drawn),
            (9, -3 if far > 0 else 5),  # what lies on the edge has its words above the ticks
            textcoords="offset points",
            va="top" if far > 0 else "bottom",
            fontsize=9.5,
            color=INK,
            path_effects=halo(),
            zorder=6,
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(min(rates) / 2, 14 * max(rates))  # room for what stands to the right of the points
    axes.set_ylim(low, high)
    decades = [10.0**exponent for exponent in range(-12, 1)]
    axes.set_xticks([rate for rate in decades if min(rates) / 2 <= rate <= 1])
    axes.set_yticks([rate for rate in decades if low <= rate <= high])
    small_rates(axes)
    axes.yaxis.set_major_formatter(axes.xaxis.get_major_formatter())
    marks = ["bars: 95 % intervals over test subjects"] if "test_far_low" in rows[0] else []
    marks += ["hollow: under 30 errors"] if any(row["impostor_errors"] < RULE_OF_30 for row in rows) else []
    axes.set_xlabel("\n".join(["FAR chosen on validation identities (log scale)", *filter(None, ["; ".join(marks)])]))
    axes.set_ylabel("FAR on test identities (log scale)")
    titled(axes, "Thresholds, from validation to test", basis(result, protocol))
    return figure
