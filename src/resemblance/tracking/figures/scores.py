"""How far genuine and impostor scores lie apart, before training and after."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from resemblance.results import Curve, Result
from resemblance.tracking.figures.style import BLUE, INK, SOFT, VERMILION, basis, styled, titled

KINDS = (("impostor", VERMILION), ("genuine", BLUE))


@styled
def score_histogram_figure(baseline: Result, trained: Result, protocol: str = "verification") -> Figure:
    """Densities of genuine and impostor scores; the untrained network above where it has them.

    Args:
        baseline: the untrained network.
        trained: what is shown.
        protocol: before the keys ``…/genuine_scores`` and ``…/impostor_scores``.

    Raises:
        KeyError: if there are no such curves.
    """
    both = f"{protocol}/genuine_scores" in baseline.curves
    figure = Figure(figsize=(7, 5.6 if both else 4), layout="constrained")
    panels = figure.subplots(2 if both else 1, 1, squeeze=False)[:, 0]
    if both:
        _draw(panels[0], baseline, protocol, "untrained")
    _draw(panels[-1], trained, protocol, "trained")
    score = trained.curves[f"{protocol}/genuine_scores"].x_label.replace("_", " ")
    panels[-1].set_xlabel(f"{score} of two images")
    lows, highs = zip(*(axes.get_xlim() for axes in panels), strict=True)
    if score == "cosine":  # one unit for both networks: how they use the range is part of the picture
        for axes in panels:
            axes.set_xlim(min(lows), max(highs))
    titled(panels[0], f"{protocol.capitalize()}: genuine and impostor scores", basis(trained, protocol), legend=True)
    return figure


def _draw(axes: Axes, result: Result, protocol: str, who: str) -> None:
    for kind, colour in KINDS:
        curve = result.curves[f"{protocol}/{kind}_scores"]
        axes.fill_between(curve.x, curve.y, step="mid", color=colour, alpha=0.25, linewidth=0)
        axes.step(curve.x, curve.y, where="mid", color=colour, linewidth=1.6, label=kind)
    curves = [result.curves[f"{protocol}/{kind}_scores"] for kind, _ in KINDS]
    axes.set_xlim(*_range(curves))
    axes.set_ylim(0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(visible=False)
    eer = result.scalars.get(f"{protocol}/eer")
    axes.annotate(who, (0, 1), (2, -12), xycoords="axes fraction", textcoords="offset points", va="top", color=INK,
                  fontweight="bold")  # fmt: skip
    if eer is not None:
        axes.annotate(
            f"EER {eer.value:.1%}",
            (0, 1),
            (2, -28),
            xycoords="axes fraction",
            textcoords="offset points",
            va="top",
            color=SOFT,
        )


def _range(curves: list[Curve]) -> tuple[float, float]:
    used = [x for curve in curves for x, y in zip(curve.x, curve.y, strict=True) if y > 0]
    margin = 0.03 * (max(used) - min(used) or 1.0)
    return min(used) - margin, max(used) + margin
