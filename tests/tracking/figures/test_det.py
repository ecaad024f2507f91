from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import norm

from resemblance.results import Curve, Result, Scalar
from resemblance.tracking.figures import det_figure
from tests.tracking.figures.reading import beyond, intervals, overlapping, points, texts


def normal_scores(distance, genuine=2000, impostor=100_000):
    """Genuine scores N(distance, 1), impostor scores N(0, 1): FNMR = Φ(−Φ⁻¹(FMR) − distance)."""
    fmr = np.logspace(np.log10(1 / impostor), 0, 300)
    tar = norm.sf(norm.isf(fmr) - distance)
    counts = {"subjects": 50, "genuine": genuine, "impostor": impostor}
    eer = float(norm.sf(distance / 2))
    return Result(
        {
            "verification/eer": Scalar(eer, "EER", counts, eer * 0.8, eer * 1.3, "dyadic"),
            "verification/auc": Scalar(0.98, "AUC", counts),
        },
        {"verification/roc": Curve(tuple(fmr.tolist()), tuple(tar.tolist()), "FAR", "TAR")},
    )


def test_normal_scores_give_a_straight_line_through_the_eer():
    (axes,) = det_figure(None, normal_scores(3.0)).axes
    line = max(axes.lines, key=lambda line: len(line.get_xdata()))
    x, y = np.array(line.get_xdata()), np.array(line.get_ydata())
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    inside = (x > left) & (x < right) & (y > bottom) & (y < top)
    assert inside.sum() > 100
    assert y[inside] == pytest.approx(-x[inside] - 3.0, abs=1e-6)
    (point,) = points(axes)
    assert point.get_xdata()[0] == point.get_ydata()[0] == pytest.approx(-1.5)


def test_the_eer_interval_lies_along_the_diagonal():
    (axes,) = det_figure(None, normal_scores(2.0)).axes
    (bar,) = intervals(axes)
    eer = norm.sf(1.0)
    assert list(bar.get_xdata()) == list(bar.get_ydata()) == pytest.approx(list(ndtri([eer * 0.8, eer * 1.3])))


def test_ticks_are_rates_and_nothing_overlaps():
    figure = det_figure(normal_scores(0.5), normal_scores(3.0))
    shown = texts(figure)
    assert {"0.1 %", "1 %", "5 %", "20 %", "40 %"} <= set(shown)
    assert {"trained, EER 6.68 % (5.34–8.68)", "untrained, EER 40.1 %", "FMR = FNMR"} <= set(shown)
    (axes,) = figure.axes
    places = dict(zip(axes.get_xticks(), [label.get_text() for label in axes.get_xticklabels()], strict=True))
    assert places[ndtri(0.05)] == "5 %"
    assert not overlapping(figure)
    assert not beyond(figure)


@pytest.mark.parametrize("impostor", [10**2, 10**4, 5 * 10**9])
def test_any_number_of_comparisons_has_room_for_its_ticks(impostor):
    assert not overlapping(det_figure(None, normal_scores(3.0, impostor=impostor)))


def test_no_errors_at_all_lie_on_the_edge_and_the_axis_says_so(trained):
    counts = {"subjects": 5, "genuine": 100, "impostor": 1000}
    perfect = Result(
        {"verification/eer": Scalar(0.0, "EER", counts, 0.0, 0.6, "rule of three")},
        {"verification/roc": Curve((1e-3, 1.0), (1.0, 1.0), "FAR", "TAR")},
    )
    figure = det_figure(None, perfect)
    (axes,) = figure.axes
    assert axes.get_ylim()[0] == pytest.approx(ndtri(1 / 200)), "half a genuine comparison"
    line = next(line for line in axes.lines if line.get_label().startswith("EER 0 % (0–60.0)"))
    assert list(line.get_ydata()) == pytest.approx([axes.get_ylim()[0]] * 2)
    assert any("0 lies on the edge" in text for text in texts(figure))
    assert "no errors: nothing to draw\nboth error rates at most 60 % (rule of three)" in texts(figure)
    assert not any("nothing to draw" in text for text in texts(det_figure(None, normal_scores(3.0))))
    assert not any("0 lies on the edge" in text for text in texts(det_figure(None, _cut(normal_scores(1.0)))))


def _cut(result):
    """Without the last point, where everybody is accepted."""
    curve = result.curves["verification/roc"]
    return replace(result, curves={"verification/roc": replace(curve, x=curve.x[:-1], y=curve.y[:-1])})


def test_a_band_is_drawn():
    result = normal_scores(2.0)
    curve = result.curves["verification/roc"]
    ends = {
        f"verification/roc_{end}": replace(curve, y=tuple(np.clip(np.array(curve.y) + move, 0, 1).tolist()))
        for end, move in (("low", -0.1), ("high", 0.1))
    }
    figure = det_figure(None, replace(result, curves={**result.curves, **ends}))
    assert len(figure.axes[0].collections) == 1
    assert "false match rate (normal deviates)\n95 % band over subjects" in texts(figure)
