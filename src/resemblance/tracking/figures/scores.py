"""How far genuine and impostor scores lie apart, before training and after."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from resemblance.results import Curve, Result
from resemblance.tracking.figures.beside import beside
from resemblance.tracking.figures.style import BLUE, INK, SOFT, VERMILION, basis, halo, score_name, styled, titled
from resemblance.tracking.percent import percent, tick_percent

KINDS = (("impostor", VERMILION), ("genuine", BLUE))


@styled
def score_histogram_figure(baseline: Result | None, trained: Result, protocol: str = "verification") -> Figure:
    """Densities of genuine and impostor scores, with thresholds chosen on validation identities where there are any.

    The untrained network stands above where it has them. Each panel has an axis of its own: an untrained network's
    scores often lie so close together that they would be a needle on the axis of the trained one.

    Args:
        baseline: the untrained network, or None.
        trained: what is shown.
        protocol: before the keys ``…/genuine_scores``, ``…/impostor_scores`` and ``…/calibration``.

    Raises:
        KeyError: if there are no such curves.
    """
    shown = [(one.who, one.result) for one in beside(baseline, trained, f"{protocol}/genuine_scores")]
    figure = Figure(figsize=(7, 6.2 if len(shown) == 2 else 4.2), layout="constrained")
    panels = figure.subplots(len(shown), 1, squeeze=False)[:, 0]
    for axes, (who, result) in zip(panels, shown, strict=True):
        _draw(axes, result, protocol, who)
    score = score_name(trained.curves[f"{protocol}/genuine_scores"].x_label)
    label = f"comparison score: {score}" + ("; each panel has its own range" if len(shown) == 2 else "")
    if any(f"{protocol}/calibration" in result.tables for _, result in shown):
        label += "\ndashed: thresholds that validation identities chose for these FARs"
    panels[-1].set_xlabel(label)
    titled(panels[0], f"{protocol.capitalize()}: genuine and impostor scores", basis(trained, protocol), legend=True)
    return figure


def _draw(axes: Axes, result: Result, protocol: str, who: str) -> None:
    curves = [result.curves[f"{protocol}/{kind}_scores"] for kind, _ in KINDS]
    for (kind, colour), curve in zip(KINDS, curves, strict=True):
        axes.fill_between(curve.x, curve.y, step="mid", color=colour, alpha=0.25, linewidth=0)
        axes.step(curve.x, curve.y, where="mid", color=colour, linewidth=1.6, label=kind)
    axes.set_xlim(*_range(curves))
    axes.set_ylim(0, 1.3 * max(max(curve.y) for curve in curves))  # room for the thresholds' names
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(visible=False)
    _mark_thresholds(axes, result, protocol)
    eer = result.scalars.get(f"{protocol}/eer")
    lines = [(who, INK, "bold")] if who else []
    lines += [] if eer is None else [(f"EER {percent(eer.value)}", SOFT, "normal")]
    for place, (text, colour, weight) in enumerate(lines):
        axes.annotate(
            text,
            (0, 1),
            (2, -2 - 16 * place),
            xycoords="axes fraction",
            textcoords="offset points",
            va="top",
            color=colour,
            fontweight=weight,
            path_effects=halo(),
        )


def _mark_thresholds(axes: Axes, result: Result, protocol: str) -> None:
    """A line for each threshold of the calibration table that lies within the panel."""
    table = result.tables.get(f"{protocol}/calibration")
    if table is None:
        return
    columns = [table.columns.index(name) for name in ("threshold", "target_far")]
    thresholds = sorted(tuple(float(row[column]) for column in columns) for row in table.rows)
    low, high = axes.get_xlim()
    inside = [(threshold, far) for threshold, far in thresholds if low < threshold < high]
    for step, (threshold, far) in enumerate(inside):
        top = 1 - 0.085 * step  # each line ends below the name of the one to its left
        axes.axvline(threshold, ymax=top, color=INK, linewidth=1, linestyle=(0, (4, 2)))
        axes.annotate(
            f"FAR {tick_percent(far)}",
            (threshold, top),
            (4, 0),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            va="top",
            fontsize=9,
            color=INK,
            path_effects=halo(),
        )


def _range(curves: list[Curve]) -> tuple[float, float]:
    used = [x for curve in curves for x, y in zip(curve.x, curve.y, strict=True) if y > 0]
    margin = 0.03 * (max(used) - min(used) or 1.0)
    return min(used) - margin, max(used) + margin
