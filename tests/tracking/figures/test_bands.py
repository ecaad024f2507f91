from dataclasses import replace

import numpy as np
import pytest
import torch
from matplotlib.collections import PolyCollection

from resemblance.embeddings import Embeddings
from resemblance.protocols import OpenSet, Verification
from resemblance.results import Curve, Result
from resemblance.similarity import CosineSimilarity
from resemblance.tracking.figures import cmc_figure, open_set_figure, roc_figure
from resemblance.tracking.figures.bands import STEPS, band_of, stairs_of, thin_note
from tests.tracking.figures.reading import beyond, intervals, overlapping, points, texts


def banded(result, key, width=0.05):
    curve = result.curves[key]
    kept = slice(None, None, 7)
    edges = {
        f"{key}_{end}": Curve(
            curve.x[kept], tuple(float(np.clip(y + move, 0, 1)) for y in curve.y[kept]), curve.x_label, curve.y_label
        )
        for end, move in (("low", -width), ("high", width))
    }
    return replace(result, curves={**result.curves, **edges})


def test_a_band_is_read_on_the_grids_that_its_ends_have():
    result = Result(
        curves={
            "a/roc_low": Curve((1e-4, 1e-2, 1.0), (0.0, 0.2, 1.0), "", ""),
            "a/roc_high": Curve((1e-3, 1.0), (0.3, 0.9), "", ""),
        }
    )
    x, low, high = band_of(result, "a/roc")
    assert x.tolist() == [1e-3, 1e-2, 1.0]
    assert low == pytest.approx([0.1, 0.2, 1.0])
    assert high == pytest.approx([0.3, 0.5, 0.9])


def test_without_both_ends_there_is_no_band(trained):
    assert band_of(trained, "verification/roc") is None
    one = replace(trained, curves={"verification/roc_low": trained.curves["verification/roc"]})
    assert band_of(one, "verification/roc") is None


@pytest.mark.parametrize(("draw", "key"), [(roc_figure, "verification/roc"), (cmc_figure, "identification/cmc")])
def test_the_band_is_drawn_around_the_trained_curve_only(draw, key, untrained, trained):
    figure = draw(banded(untrained, key), banded(trained, key))
    (axes,) = figure.axes
    (band,) = [item for item in axes.collections if isinstance(item, PolyCollection)]
    curve = trained.curves[key]
    corners = band.get_paths()[0].vertices
    at = corners[corners[:, 0] == curve.x[0]][:, 1]
    assert at.min() == pytest.approx(max(0, curve.y[0] - 0.05), abs=1e-6)
    assert at.max() == pytest.approx(curve.y[0] + 0.05, abs=1e-6)
    assert any("95 % band" in text for text in texts(figure))
    assert not overlapping(figure)
    assert not beyond(figure)


def test_a_band_around_stairs_holds_every_step():
    """Between 0.1 and 1 the stairs stay at 0.4, below the straight line between the ends; the band goes with them."""
    stairs = Curve((0.01, 0.1, 1.0), (0.2, 0.4, 1.0), "", "")
    result = Result(
        curves={
            "a/roc": stairs,
            "a/roc_low": Curve((0.01, 1.0), (0.1, 1.0), "", ""),
            "a/roc_high": Curve((0.01, 1.0), (0.3, 1.0), "", ""),
        }
    )
    x, low, high = stairs_of(result, "a/roc")
    assert x.tolist() == [0.01, 0.1, 1.0]
    assert low == pytest.approx([0.1, 0.4, 1.0])
    assert high == pytest.approx([0.3, 0.65, 1.0])
    assert stairs_of(Result(curves={"a/roc": stairs}), "a/roc") is None


@pytest.mark.parametrize("subjects", [3, 8])
def test_reported_rates_lie_on_the_curve_as_it_is_drawn_and_the_band_goes_on_to_1(subjects):
    """Few comparisons, so that a straight line from rate to rate would miss most points."""
    rates = (0.013, 0.07, 0.2)
    identities = torch.arange(6 * subjects) % subjects
    drawn = torch.Generator().manual_seed(subjects)
    centres = torch.randn(subjects, 8, generator=drawn)
    faces = Embeddings(centres[identities] + 0.9 * torch.randn(6 * subjects, 8, generator=drawn), identities)
    protocols = Verification(fars=rates), OpenSet(fpirs=rates)
    result = protocols[0](faces, CosineSimilarity()) | protocols[1](faces, CosineSimilarity())
    for figure in (roc_figure(None, result), open_set_figure(None, result)):
        (axes,) = figure.axes
        (curve,) = [line for line in axes.lines if line.get_drawstyle() == STEPS]
        x, y = (np.asarray(values) for values in (curve.get_xdata(), curve.get_ydata()))
        assert points(axes)
        for point in points(axes):
            assert point.get_ydata()[0] == pytest.approx(y[x <= point.get_xdata()[0]][-1])
        (band,) = [item for item in axes.collections if isinstance(item, PolyCollection)]
        assert band.get_paths()[0].vertices[:, 0].max() == 1


def test_reported_rates_have_their_intervals(trained):
    key = "verification/tar_at_far_1e_2"
    scalars = {**trained.scalars, key: replace(trained.scalars[key], low=0.6, high=0.8)}
    (axes,) = roc_figure(None, replace(trained, scalars=scalars)).axes
    (bar,) = intervals(axes)
    assert list(bar.get_xdata()) == [1e-2, 1e-2]
    assert list(bar.get_ydata()) == [0.6, 0.8]


@pytest.mark.parametrize(
    ("note", "hollow"),
    [
        ("thinly supported: fewer than 30 impostor errors; exact to +2.1e-7 (scores counted in bins)", True),
        ("58 % of the genuine comparisons are those of one subject", False),
        ("exact to +2.1e-7 (scores counted in bins)", False),
    ],
)
def test_only_thin_support_makes_a_point_hollow(trained, note, hollow):
    key = "verification/tar_at_far_1e_2"
    only = Result({key: replace(trained.scalars[key], note=note)}, trained.curves)
    figure = roc_figure(None, only)
    (point,) = points(figure.axes[0])
    assert (point.get_markerfacecolor() == "white") == hollow
    assert (thin_note(only, "verification/tar_at_far_") == "hollow: fewer than 30 errors") == hollow
    assert any("hollow" in text for text in texts(figure)) == hollow


def test_open_set_identification_is_drawn_over_log_fpir(trained):
    rates = tuple(10 ** (-3 + k / 10) for k in range(31))
    scalar = trained.scalars["identification/rank_1"]
    result = replace(
        trained,
        scalars={
            "open_set/tpir_at_fpir_1e_2": replace(scalar, value=0.4, low=0.3, high=0.5),
            "open_set/tpir_at_fpir_1e_3": replace(scalar, value=0.1, note="thinly supported"),
        },
        curves={"open_set/tpir": Curve(rates, tuple(rate**0.3 for rate in rates), "FPIR", "TPIR")},
    )
    figure = open_set_figure(None, banded(result, "open_set/tpir"))
    (axes,) = figure.axes
    assert axes.get_xscale() == "log"
    assert axes.get_xlim() == pytest.approx((1e-3, 1))
    assert {"40 %", "10 %", "100 identities, 1,100 probes against a gallery of 100"} <= set(texts(figure))
    fills = {float(point.get_xdata()[0]): point.get_markerfacecolor() for point in points(axes)}
    assert fills[1e-3] == "white" != fills[1e-2]
    both = open_set_figure(result, result)
    assert {"untrained", "trained"} <= set(texts(both))
